"""Tables whose rows have changed since the planner last looked."""

from dataclasses import replace

import pytest

from advisor.testing.database_states import a_database_state, a_statement, a_table, a_table_maintenance, ask
from advisor_rules.maintenance.stale_statistics import STALE_STATISTICS

TABLE = a_table("orders")
STALE = a_table_maintenance("orders", changed_since_analyze=30_000)


def test_a_table_of_which_a_third_has_changed_is_found() -> None:
    load = a_statement("SELECT * FROM orders WHERE id = $1", calls=1000, mean_seconds=0.5)
    findings, (proposal,) = ask(STALE_STATISTICS, a_database_state(load, tables=(TABLE,), maintenance=(STALE,)))
    assert findings[0].evidence[0].value == 0.3  # 30,000 of 100,000
    # 1,000 x 0.5 s in 1,000 s, of which a twentieth is taken to be saved.
    assert proposal.gain_seconds_per_second == pytest.approx(0.5 * 0.05)
    assert (proposal.target.knob, proposal.current, proposal.proposed) == (
        "postgres.analyze",
        "2026-01-01T11:00:00+00:00",
        "ANALYZE",
    )
    assert proposal.apply == 'ANALYZE "public"."orders";'
    assert proposal.automatic


def test_a_table_never_analysed_is_found() -> None:
    never = a_table_maintenance("orders", analyzed_at=None, changed_since_analyze=100_000)
    findings, (proposal,) = ask(
        STALE_STATISTICS, a_database_state(tables=(replace(TABLE, rows=-1),), maintenance=(never,))
    )
    assert "never analysed" in findings[0].summary
    assert proposal.current == "never"


@pytest.mark.parametrize(
    "maintenance",
    [
        a_table_maintenance("orders", changed_since_analyze=19_999),
        a_table_maintenance("orders", live_rows=9_999, changed_since_analyze=9_999),
        a_table_maintenance(
            "orders", analyzed_at=None
        ),  # statistics were reset; the table has been analysed: it has rows
    ],
)
def test_fresh_and_small_tables_are_left_alone(maintenance: object) -> None:
    assert ask(STALE_STATISTICS, a_database_state(tables=(TABLE,), maintenance=(maintenance,)))[0] == []


def test_a_replica_is_left_alone() -> None:
    assert ask(STALE_STATISTICS, a_database_state(tables=(TABLE,), maintenance=(STALE,), is_in_recovery=True))[0] == []


def test_other_evidence_makes_another_proposal() -> None:
    """One that was rolled back waits until the evidence changes: a later ANALYZE is other evidence."""
    first = ask(STALE_STATISTICS, a_database_state(tables=(TABLE,), maintenance=(STALE,)))[1][0]
    later = replace(STALE, analyzed_at=STALE.vacuumed_at.replace(minute=30) if STALE.vacuumed_at else None)
    assert ask(STALE_STATISTICS, a_database_state(tables=(TABLE,), maintenance=(later,)))[1][0].id != first.id
