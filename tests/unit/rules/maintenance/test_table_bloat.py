"""Tables much larger than their rows."""

from dataclasses import replace
from typing import Any

import pytest

from advisor.model.database.maintenance import Bloat, BloatMethod, OpenTransaction
from advisor.testing.database_states import NOON, a_database_state, a_table_maintenance, ask
from advisor_rules.maintenance.table_bloat import TABLE_BLOAT


def a_bloat(**changes: Any) -> Bloat:
    """100 MB of which 60 are wasted, 50 by dead rows, as measured."""
    bloat = Bloat(
        schema="public",
        table="orders",
        index="",
        size_bytes=100_000_000,
        wasted_bytes=60_000_000,
        dead_bytes=50_000_000,
        method=BloatMethod.MEASURED,
        measured_at=NOON,
        file=4711,
    )
    return replace(bloat, **changes)


DEAD = a_table_maintenance("orders", dead_rows=100_000)


def test_dead_rows_are_to_be_vacuumed() -> None:
    findings, (proposal,) = ask(TABLE_BLOAT, a_database_state(bloat=(a_bloat(),), maintenance=(DEAD,)))
    assert findings[0].summary == "public.orders takes 100 MB and needs 40 MB (pgstattuple)"
    assert (proposal.target.knob, proposal.proposed) == ("postgres.vacuum", "VACUUM")
    assert proposal.prediction.expected == 0
    assert proposal.prediction.high == 0.25  # half of the 100,000 dead among 200,000
    assert "TRUNCATE false" in proposal.apply


def test_a_file_that_is_mostly_air_is_rewritten_by_a_person() -> None:
    _, (proposal,) = ask(
        TABLE_BLOAT, a_database_state(bloat=(a_bloat(dead_bytes=0),), maintenance=(a_table_maintenance("orders"),))
    )
    assert not proposal.automatic
    assert "pg_repack" in str(proposal.proposed)


@pytest.mark.parametrize(
    "changes",
    [
        {"wasted_bytes": 39_000_000},  # 39%
        {"size_bytes": 20_000_000, "wasted_bytes": 9_999_999},
        {"index": "orders_pkey"},
    ],
)
def test_a_little_waste_is_left_alone(changes: dict[str, Any]) -> None:
    assert ask(TABLE_BLOAT, a_database_state(bloat=(a_bloat(**changes),), maintenance=(DEAD,)))[0] == []


def test_an_estimate_is_believed_from_fresh_statistics_only() -> None:
    guess = a_bloat(method=BloatMethod.ESTIMATED)
    assert "(estimate)" in ask(TABLE_BLOAT, a_database_state(bloat=(guess,), maintenance=(DEAD,)))[0][0].summary
    for stale in (replace(DEAD, changed_since_analyze=10_000), replace(DEAD, analyzed_at=None)):
        assert ask(TABLE_BLOAT, a_database_state(bloat=(guess,), maintenance=(stale,)))[0] == []


def test_what_a_transaction_keeps_is_not_vacuumed_in_vain() -> None:
    holder = OpenTransaction(
        pid=7,
        role="app",
        application="report",
        client="local",
        state="active",
        open_seconds=900,
        state_seconds=900,
        statement="SELECT",
        horizon_age=50,
    )
    findings, proposals = ask(
        TABLE_BLOAT, a_database_state(bloat=(a_bloat(),), maintenance=(DEAD,), transactions=(holder,))
    )
    assert "report (pid 7) keeps them" in findings[0].cause
    assert proposals == []
