"""Which indexes hang on the constants of single statements, each with its own: on a planner whose costs are known."""

from collections.abc import Iterable

from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.database.index_design import IndexDesign
from advisor.sql.relations import Relations
from advisor.whatif.index.close_calls import CloseCalls
from advisor.whatif.index.search.candidate_pool import NOTHING, CandidatePool
from advisor.whatif.index.search.costs import Objective, WhatIfCosts, WorkloadQuery
from advisor.whatif.index.search.ways import OtherStatement
from advisor.whatif.index.search.workload import read_all
from tests.unit.whatif.index.tables import T
from tests.unit.whatif.index.written_down import A, B, WrittenDown


def other(statement: str, text: str) -> OtherStatement:
    """The statement as it is planned with another draw."""
    statements = [WorkloadStatement(id=statement, text="SELECT 1 FROM t WHERE a > $1")]
    (read,), _ = read_all(statements, Relations(columns={T: ("a",)}))
    query = WorkloadQuery(id=statement, text=text, tables=frozenset({T}))
    return OtherStatement(read=read, query=query, values=(), otherwise="more rows meet them")


def hanging(
    costs: dict[str, dict[IndexDesign, float]], advised: Iterable[IndexDesign], **others: tuple[str, ...]
) -> set[tuple[IndexDesign, tuple[str, ...]]]:
    """Each with the statements whose draws decide. costs: by text; what is no other draw is a statement."""
    drawn = {name: [other(name, text) for text in texts] for name, texts in others.items()}
    again = {text for texts in others.values() for text in texts}
    known = WhatIfCosts(CandidatePool(WrittenDown(costs)), lambda _calls: True)
    offered = known.pool.add([A, B])
    queries = [WorkloadQuery(id=text, text=text, tables=frozenset({T})) for text in costs if text not in again]
    for query in (*queries, *(one.query for ones in drawn.values() for one in ones)):
        known.ask(query, NOTHING)
        known.ask(query, offered)
    calls = CloseCalls(known, queries, known.pool.mask_of(advised), drawn, Objective(base={}, by_time=False))
    return {(call.design, tuple(one.read.statement.id for one in call.statements)) for call in calls.found()}


def test_an_index_hangs_on_one_statement_though_it_stands_where_all_have_other_constants() -> None:
    # In logarithms q gains 0.36 by A and r 0.16; with others 0.05 and 0.36. Worth its place is 0.22: together they are,
    # both ways, and with others for q alone 0.21 are left.
    costs = {"q": {A: 700.0}, "r": {A: 850.0}, "q, more": {A: 950.0}, "r, more": {A: 700.0}}
    assert hanging(costs, [A], q=("q, more",), r=("r, more",)) == {(A, ("q",))}
    assert hanging({**costs, "q, more": {A: 900.0}}, [A], q=("q, more",), r=("r, more",)) == set()  # 0.11 and 0.16


def test_nothing_hangs_on_constants_that_are_all_known() -> None:
    assert hanging({"q": {A: 700.0}, "r": {B: 750.0}}, [A, B]) == set()


def test_one_that_another_index_of_the_table_would_replace_hangs_on_the_constants_that_speak_for_it() -> None:
    costs = {"q": {A: 100.0, B: 110.0}, "q, more": {A: 200.0, B: 150.0}}
    assert hanging(costs, [A], q=("q, more",)) == {(A, ("q",)), (B, ("q",))}
    # With both draws A is plainly the better one.
    assert hanging({"q": {A: 100.0, B: 110.0}, "q, more": {A: 100.0, B: 150.0}}, [A], q=("q, more",)) == set()


def test_one_that_is_left_out_hangs_on_the_constants_with_which_it_would_be_worth_its_place() -> None:
    costs = {"q": {B: 900.0}, "q, more": {B: 300.0}}
    assert hanging(costs, [], q=("q, more",)) == {(B, ("q",))}
    assert hanging({"q": {B: 900.0}, "q, more": {B: 850.0}}, [], q=("q, more",)) == set()


def test_one_that_makes_a_statement_dearer_with_others_hangs_on_them_whatever_it_gains() -> None:
    costs = {"q": {A: 10.0}, "r": {}, "r, more": {A: 1002.0}}
    assert hanging(costs, [A], r=("r, more",)) == {(A, ("r",))}
    assert hanging({**costs, "r, more": {A: 1000.0}}, [A], r=("r, more",)) == set()
