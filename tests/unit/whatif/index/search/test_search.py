"""The search on a planner whose costs are written down: no server, every number known."""

from collections.abc import Collection

import pytest

from advisor.model.database.index_design import IndexDesign
from advisor.model.errors import BadDataError
from advisor.sql.relations import TableName
from advisor.whatif.index.pricing.planner_port import PlannedCost
from advisor.whatif.index.search.candidate_pool import NOTHING, CandidatePool
from advisor.whatif.index.search.costs import WhatIfCosts, WorkloadQuery
from advisor.whatif.index.search.search import Outcome, search
from tests.unit.whatif.index.tables import T
from tests.unit.whatif.index.written_down import MB, UNIT, A, B, C, WrittenDown, on


def searched(
    pricing: WrittenDown, *, storage_bytes: int = 100 * MB, most_calls: int = 1000, write_seconds: float | None = None
) -> Outcome:
    queries = [WorkloadQuery(id=text, text=text, tables=frozenset({T})) for text in pricing.costs]
    costs = WhatIfCosts(CandidatePool(pricing), lambda calls: calls < most_calls)
    candidates = {text: list(known) for text, known in pricing.costs.items()}
    return search(
        queries,
        candidates,
        costs,
        storage_bytes=storage_bytes,
        by_time=write_seconds is not None,
        write_score=lambda _design: write_seconds or 0.0,
    )


def test_each_statement_gets_the_index_that_serves_it_best() -> None:
    outcome = searched(WrittenDown({"q": {A: 10, B: 20}, "r": {C: 5}}))
    assert outcome.chosen == (A, C)
    assert outcome.after == {"q": 10 * UNIT, "r": 5 * UNIT}
    assert outcome.used == {"q": (A,), "r": (C,)}


def test_one_index_that_serves_two_is_taken_where_two_do_not_fit() -> None:
    pricing = WrittenDown({"q": {A: 10, C: 20}, "r": {B: 10, C: 20}})
    assert searched(pricing, storage_bytes=10 * MB).chosen == (C,)
    assert searched(WrittenDown(pricing.costs), storage_bytes=20 * MB).chosen == (A, B)


def test_three_narrow_indexes_take_the_room_of_a_wide_one_that_no_exchange_of_one_would_give_up() -> None:
    # WIDE serves three statements from 50 of 60 MB, 3 ln 1000 = 20.7, and D, which would serve the fourth, ln 10 = 2.3,
    # does not fit beside it. Three of 15 MB each leave 12 MB: 3 ln (1000 / 1.5) + 2.3 = 21.8.
    wide, d = on("wide"), on("d")
    pricing = WrittenDown(
        {"q": {wide: 1, A: 1.5}, "r": {wide: 1, B: 1.5}, "s": {wide: 1, C: 1.5}, "t": {d: 100}},
        sizes={wide: 50 * MB, A: 15 * MB, B: 15 * MB, C: 15 * MB, d: 12 * MB},
    )
    assert set(searched(pricing, storage_bytes=60 * MB).chosen) == {A, B, C, d}


def test_nothing_is_advised_where_nothing_fits_or_nothing_helps() -> None:
    assert searched(WrittenDown({"q": {A: 10}}), storage_bytes=9 * MB).chosen == ()
    assert searched(WrittenDown({"q": {}})).chosen == ()


def test_an_index_that_makes_a_statement_dearer_is_not_kept() -> None:
    # The planner would use B for r, and take it for dearer than no index at all.
    assert B not in searched(WrittenDown({"q": {A: 10}, "r": {B: 1100}})).chosen


def test_what_a_short_statement_saves_is_little_beside_what_a_call_costs_anyway() -> None:
    # Half of 200 units saved is 100 of 600, as 400 are for the call; half of 2,000 is 1,000 of 2,400.
    assert searched(WrittenDown({"q": {A: 0.1}}, whole=0.2)).chosen == ()
    assert searched(WrittenDown({"q": {A: 1.0}}, whole=2.0)).chosen == (A,)


def test_what_is_guessed_must_be_worth_more() -> None:
    # A quarter saved, and a half: ln(1 / 0.75) = 0.29, ln 2 = 0.69, where a guess is asked for 2.3 * 0.22 = 0.51.
    for method, wanted in (("clone", (A,)), ("heuristic", ())):
        pricing = WrittenDown({"q": {A: 750}})
        pricing.method = method
        assert searched(pricing).chosen == wanted
        pricing.costs = {"q": {A: 500}}
        assert searched(pricing).chosen == (A,)


def test_an_index_that_makes_a_statement_a_little_cheaper_is_not_worth_having() -> None:
    assert searched(WrittenDown({"q": {A: 850}})).chosen == ()
    assert searched(WrittenDown({"q": {A: 750}})).chosen == (A,)
    # Two that gain a seventh each are worth it together: 2 * 0.16 = 0.32 of 0.22.
    assert searched(WrittenDown({"q": {A: 850}, "r": {A: 850}})).chosen == (A,)


def test_an_index_that_lures_a_statement_into_a_doubtful_plan_is_not_taken_for_a_small_gain() -> None:
    # With A the planner believes that q costs 100, where 40,000 are to be feared: half way 2,000, in logarithms. r gets
    # twice as cheap.
    costs = {"q": {A: 100.0}, "r": {A: 500.0}}
    assert searched(WrittenDown(costs)).chosen == (A,)
    assert searched(WrittenDown(costs, risks={("q", A): 39_900.0})).chosen == ()


def test_a_doubt_counts_half_in_logarithms() -> None:
    # q may cost 10 or 40,000, sqrt(10 * 40,000) = 632 of 1,000; or up to 100,000, sqrt(10 * 100,000) = 1,000: no gain.
    costs = {"q": {A: 10.0}}
    assert searched(WrittenDown(costs, risks={("q", A): 39_990.0})).chosen == (A,)
    assert searched(WrittenDown(costs, risks={("q", A): 99_990.0})).chosen == ()


def test_a_gain_may_be_worth_a_doubt() -> None:
    # q may take twice as long, sqrt(10 * 400,000) = 2,000, and r a hundredth of what it took.
    assert searched(WrittenDown({"q": {A: 10}, "r": {A: 10}}, risks={("q", A): 399_990.0})).chosen == (A,)


def test_what_a_statement_may_lose_counts_twice() -> None:
    # r gets 18 times cheaper, ln 18 = 2.9. A fifth dearer in doubt is worth that, 1 + 2 ln 1.2 = 1.4; three times is
    # not, 1 + 2 ln 3 = 3.2. In doubt: sqrt(10 * 144,000) = 1,200 and sqrt(10 * 900,000) = 3,000.
    costs = {"q": {A: 10.0}, "r": {A: 1000 / 18}}
    assert searched(WrittenDown(costs, risks={("q", A): 143_990.0})).chosen == (A,)
    assert searched(WrittenDown(costs, risks={("q", A): 899_990.0})).chosen == ()


@pytest.mark.parametrize(("write_seconds", "wanted"), [(0.5, (A,)), (1.5, ())])
def test_an_index_whose_writes_cost_more_than_its_reads_gain_is_not_advised(
    write_seconds: float, wanted: tuple[IndexDesign, ...]
) -> None:
    # The statement takes 1 s a second and would take 0.01: 0.99 to gain.
    assert searched(WrittenDown({"q": {A: 10}}), write_seconds=write_seconds).chosen == wanted


def test_one_answer_serves_every_set_between_what_it_used_and_what_it_was_offered() -> None:
    pricing = WrittenDown({"q": {A: 10, B: 20, C: 30}})
    pool = CandidatePool(pricing)
    costs = WhatIfCosts(pool, lambda _calls: True)
    query = WorkloadQuery(id="q", text="q", tables=frozenset({T}))
    everything = pool.add([A, B, C])
    costs.ask(query, everything)
    for designs in ([A], [A, B], [A, C], [A, B, C]):
        assert costs.answer(query, pool.mask_of(designs)).cost == 10 * UNIT
    assert pricing.asked == 1
    assert costs.answer(query, pool.mask_of([B, C])).cost == 20 * UNIT
    assert pricing.asked == 2


def test_without_a_call_left_costs_come_from_what_is_known_and_are_never_too_low() -> None:
    pricing = WrittenDown({"q": {A: 10, B: 20}})
    pool = CandidatePool(pricing)
    costs = WhatIfCosts(pool, lambda calls: calls < 2)
    query = WorkloadQuery(id="q", text="q", tables=frozenset({T}))
    costs.ask(query, 0)
    costs.ask(query, pool.add([A, B]))
    assert costs.answer(query, pool.mask_of([B])).cost == 1000 * UNIT
    assert pricing.asked == 2


def test_few_calls_give_a_worse_answer_but_one_that_fits() -> None:
    pricing = WrittenDown({f"q{n}": {on(f"c{n}"): 10, on(f"c{n}", "d"): 8} for n in range(8)})
    outcome = searched(pricing, storage_bytes=45 * MB, most_calls=3)
    assert len(outcome.chosen) <= 4
    assert all(outcome.after[text] <= 1000 * UNIT for text in pricing.costs)


def test_the_same_question_gets_the_same_answer() -> None:
    costs = {f"q{n}": {on(f"c{n % 3}"): 10.0 + n, on(f"c{n % 5}", "d"): 12.0} for n in range(12)}
    assert searched(WrittenDown(costs), storage_bytes=35 * MB) == searched(WrittenDown(costs), storage_bytes=35 * MB)


class Refusing(WrittenDown):
    """Plans nothing that has this index in it."""

    def __init__(self, costs: dict[str, dict[IndexDesign, float]], refused: IndexDesign) -> None:
        super().__init__(costs)
        self.refused = refused

    def plan(self, text: str, visible: frozenset[IndexDesign], tables: Collection[TableName]) -> PlannedCost:
        if self.refused in visible:
            raise BadDataError("canceling statement due to statement timeout", where="EXPLAIN")
        return super().plan(text, visible, tables)


def test_a_plan_that_is_refused_gains_nothing_and_ends_nothing_else() -> None:
    found = searched(Refusing({"one": {A: 10}, "two": {B: 10}}, A))
    assert (found.chosen, found.after) == ((B,), {"one": 1000 * UNIT, "two": 10 * UNIT})


def test_once_the_time_is_over_nothing_is_asked_any_more() -> None:
    pricing = WrittenDown({"one": {A: 10}})
    over: list[bool] = []
    costs = WhatIfCosts(CandidatePool(pricing, out_of_time=lambda: bool(over)), lambda _: True, lambda: bool(over))
    query = WorkloadQuery(id="one", text="one", tables=frozenset({T}))
    costs.ask(query, NOTHING)
    added = costs.pool.add([A])
    over.append(True)
    assert costs.answer(query, added, exact=True).cost == 1000 * UNIT
    assert costs.pool.add([B]) == NOTHING
    assert (pricing.asked, costs.pool.refused) == (1, {B: "no time was left to try it"})


def test_indexes_of_many_partitions_are_tried_a_few_at_a_time() -> None:
    pool = CandidatePool(WrittenDown({}), {T: 200})
    assert list(pool.batches([A, B, C])) == [[A, B], [C]]
    assert list(CandidatePool(WrittenDown({})).batches([A, B, C])) == [[A, B, C]]
