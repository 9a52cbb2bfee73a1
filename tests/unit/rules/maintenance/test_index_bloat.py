"""B-trees much larger than their entries."""

import pytest

from advisor.model.database.maintenance import BloatMethod
from advisor.testing.database_states import a_database_state, a_table_maintenance, ask
from advisor_rules.maintenance.index_bloat import INDEX_BLOAT
from tests.unit.rules.maintenance.test_table_bloat import a_bloat

INDEX = a_bloat(index="orders_pkey", dead_bytes=0)
MAINTENANCE = a_table_maintenance("orders")


def test_a_bloated_index_is_to_be_rebuilt_beside_itself() -> None:
    findings, (proposal,) = ask(INDEX_BLOAT, a_database_state(bloat=(INDEX,), maintenance=(MAINTENANCE,)))
    assert findings[0].subject.name == "orders_pkey"
    assert (proposal.target.knob, proposal.current, proposal.proposed) == ("postgres.reindex", "file 4711", "REINDEX")
    assert proposal.apply == 'REINDEX INDEX CONCURRENTLY "public"."orders_pkey";'
    assert proposal.prediction.expected == 40_000_000  # 100 MB less the 60 wasted
    assert proposal.prediction.high == 46_000_000  # and a tenth of those, as it was measured
    assert proposal.goal.minimum_gain_ratio == 0.2


def test_an_estimate_promises_less() -> None:
    guess = a_bloat(index="orders_pkey", method=BloatMethod.ESTIMATED)
    _, (proposal,) = ask(INDEX_BLOAT, a_database_state(bloat=(guess,), maintenance=(MAINTENANCE,)))
    assert proposal.prediction.high == pytest.approx(40_000_000 + 0.33 * 60_000_000)
    assert proposal.prediction.model == "bloat-estimate"


def test_a_dense_index_and_a_table_are_left_alone() -> None:
    dense = a_bloat(index="orders_pkey", wasted_bytes=30_000_000)
    assert ask(INDEX_BLOAT, a_database_state(bloat=(dense, a_bloat()), maintenance=(MAINTENANCE,)))[0] == []
