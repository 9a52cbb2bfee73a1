"""Which values of a workload a partial index may be made for."""

import pytest

from advisor.model.database.index_advice import WorkloadStatement
from advisor.sql.relations import Relations
from advisor.whatif.index.search.lasting import with_lasting_literals
from advisor.whatif.index.search.workload import read_all
from tests.unit.whatif.index.tables import T

RELATIONS = Relations(columns={T: ("tenant", "state", "gone", "archived", "at")}, search_path=("public",))


def carried(*conditions: str) -> list[list[str]]:
    """By statement, what an index may carry."""
    texts = [f"SELECT at FROM t WHERE {condition}" for condition in conditions]
    read, _ = read_all([WorkloadStatement(id=str(n), text=text) for n, text in enumerate(texts)], RELATIONS)
    accesses = [one.shape.accesses[0] for one in with_lasting_literals(read)]
    return [[c.predicate for c in access.conditions if c.predicate] for access in accesses]


def test_a_value_that_one_statement_asks_for_is_passing() -> None:
    assert carried("tenant = 42 AND state = 'open'") == [[]]
    assert carried("tenant = 42 AND state = 'open'", "tenant = 7") == [[], []]


def test_a_value_that_two_statements_ask_for_is_lasting_however_it_is_written() -> None:
    assert carried("state = 'open' AND tenant = 1", "tenant = 2 AND (state = 'open'::text)") == [
        ["state = 'open'"],
        ["state = 'open'::text"],
    ]


@pytest.mark.parametrize("condition", ["gone IS NULL", "NOT archived", "archived = true", "gone IS NOT NULL"])
def test_what_holds_no_value_is_lasting(condition: str) -> None:
    ((found,),) = carried(condition)
    assert found == condition
