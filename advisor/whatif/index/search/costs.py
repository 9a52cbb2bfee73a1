"""What each statement would cost under a set of indexes: asks the planner as seldom as it can, and counts."""

import math
from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from advisor.model.errors import BadDataError
from advisor.sql.relations import TableName
from advisor.whatif.index.pricing.planner_port import PlannedCost
from advisor.whatif.index.search.candidate_pool import NOTHING, CandidatePool, Mask, bits

_CALL_COST = 400.0
"""What is taken for the price of a call besides its plan, in the planner's units, of which small gains are a share.

To send, parse, plan and start a statement took 0.1 ms, as long as it took to read 40 units' worth of a table in memory,
or 250 units' worth of its rows by an index: pages that are in memory are priced as if half of them were not. Without it
a plan of 190 units that becomes one of 91 looks like half saved, and is a twentieth slower. On the three schemas of
benchmarks/applications/ 19 indexes that saved next to nothing were advised at 0, 9 at 150, and one at 400.
"""
DEARER = 1.001
_DEARER_PENALTY = 1.0
_DEARER_WEIGHT = 2.0
_PLAINLY_DEARER = 0.1
"""From which share on users mind: an index is not to be kept because a statement was 1.003 times as dear without it."""
_LEAST_OF_THE_LOAD = 1e-3
_LEAST_SECONDS = 1e-5
"""A second's worth of a server's time: about one second a day."""
_LEAST_LOGARITHM = 0.22  # ln(1 / 0.8)
_GUESSED = 2.3  # ln(1 / 0.6) / ln(1 / 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadQuery:
    """One statement of the workload. text: what is planned. weight: its share of what counts (see Objective)."""

    id: str
    text: str
    tables: frozenset[TableName]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One plan: the answer for every set between what it used and what it might have used.

    cost: in doubt, which is what the search compares. planner_cost: as it is.
    """

    visible: Mask
    used: Mask
    cost: float
    planner_cost: float


def _doubted(planned: PlannedCost) -> float:
    """Between the planner's cost and what may come at worst, half way in logarithms.

    TPC-H's statements came out there: with look-ups in loops queries 3, 5, 7, 8 and 9 were planned at 0.92, 0.75, 0.35,
    0.58 and 0.39 of their cost, with the whole risk at 1.09, 2.03, 2.02, 0.77 and 3.57, and took 0.71, 0.68, 0.93, 0.82
    and 0.87 of their time.
    """
    return math.sqrt(planned.cost * (planned.cost + planned.risk))


@dataclass(slots=True)
class WhatIfCosts:
    """A cache before the planner, by the text that is planned.

    may_ask: asked before every what-if call with the number of calls so far; once it says no, costs are taken from
    what is known: the cheapest known plan that uses only what is there. The planner's own price is never lower.
    out_of_time: then nothing is asked any more, whatever it is for.
    """

    pool: CandidatePool
    may_ask: Callable[[int], bool]
    out_of_time: Callable[[], bool] = lambda: False
    calls: int = 0
    _known: dict[str, list[Answer]] = field(default_factory=dict)
    _bounds: dict[str, dict[Mask, Answer]] = field(default_factory=dict)

    def answer(self, query: WorkloadQuery, mask: Mask, *, exact: bool = False) -> Answer:
        """The plan of `query` with the indexes of `mask`. exact: planned even when no call is left.

        A plan that leaves some of its indexes unused is also the plan without those: so one answer serves every
        set that holds what it used and nothing that it was not offered.
        """
        visible = mask & self.pool.on_tables(query.tables)
        found = self._find(query, visible)
        if found is None and query.text in self._known:
            refused = self.out_of_time() if exact else not self.may_ask(self.calls) or self.out_of_time()
            if refused:
                return self._at_most(query, visible)
        return found or self.ask(query, mask)

    def _find(self, query: WorkloadQuery, visible: Mask) -> Answer | None:
        for answer in self._known.get(query.text, ()):
            if not answer.used & ~visible and not visible & ~answer.visible:
                return answer
        return None

    def ask(self, query: WorkloadQuery, mask: Mask) -> Answer:
        """Plan it in any case. What the planner refuses gains nothing. Raises BadDataError for the first of a query."""
        visible = mask & self.pool.on_tables(query.tables)
        self.calls += 1
        try:
            planned = self.pool.pricing.plan(query.text, frozenset(self.pool.of(visible)), query.tables)
        except BadDataError:
            if query.text not in self._known:
                raise
            answer = replace(self._at_most(query, visible), visible=visible)
        else:
            answer = Answer(visible, self.pool.mask_of(planned.used), _doubted(planned), planned.cost)
        insort(self._known.setdefault(query.text, []), answer, key=lambda known: known.planner_cost)
        self._bounds[query.text] = {}
        return answer

    def grant(self, calls: int) -> None:
        """As many calls from now on, whatever was asked before."""
        most = self.calls + calls
        self.may_ask = lambda so_far: so_far < most

    def is_planned(self, query: WorkloadQuery) -> bool:
        """Whether the planner takes it, and there is time to ask it."""
        if query.text not in self._known:
            if self.out_of_time():
                return False
            try:
                self.ask(query, NOTHING)
            except BadDataError:
                return False
        return True

    def expected_rows(self, query: WorkloadQuery) -> float | None:
        """That the planner expects a call to return or change, as things are; None where it does not say, or no time is
        left."""
        if self.out_of_time():
            return None
        self.calls += 1
        try:
            return self.pool.pricing.plan(query.text, frozenset(), query.tables).rows
        except BadDataError:
            return None

    def bound(self, query: WorkloadQuery, mask: Mask) -> float:
        """By what is known; asks nobody. No more than this, but for the risk of a plan that is not known."""
        return self._at_most(query, mask & self.pool.on_tables(query.tables)).cost

    def known_cost(self, query: WorkloadQuery | None) -> float:
        """The planner's, of a statement as things are; 0 for one that is not planned."""
        return self._at_most(query, NOTHING).planner_cost if query is not None else 0.0

    def lowest(self, query: WorkloadQuery) -> float:
        """The cost of the cheapest plan that was ever seen."""
        return self.best(query).cost

    def best(self, query: WorkloadQuery) -> Answer:
        """The cheapest plan that was ever seen."""
        return min(self._known[query.text], key=lambda known: known.cost)

    def _at_most(self, query: WorkloadQuery, visible: Mask) -> Answer:
        """The cheapest known plan that finds all it uses. The first answer of each statement was for no index at all,
        so there is always one."""
        bounds = self._bounds[query.text]
        found = bounds.get(visible)
        if found is None:
            found = bounds[visible] = next(one for one in self._known[query.text] if not one.used & ~visible)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What the search makes small.

    by_time: the weights are measured seconds, and the score is the seconds that remain, reads and writes. Otherwise
    nobody knows how often each statement runs: each counts the same whatever its cost, and the score is the sum of the
    logarithms of cost after to cost before, so that ten times cheaper is worth as much for a quick statement as for
    a slow one. A statement that gets a tenth dearer counts 1 for that, as users mind, below a tenth a part of that, and
    then twice what it lost.
    write_score: what each index adds to the score by its writes, by number of the design. is_guessed: no planner says
    what an index would save.
    """

    base: Mapping[str, float]
    by_time: bool
    is_guessed: bool = False
    write_score: Callable[[int], float] = lambda _number: 0.0

    def term(self, query: WorkloadQuery, cost: float) -> float:
        ratio = self._ratio(query, cost)
        size = ratio if self.by_time else math.log(ratio)
        if ratio > DEARER:
            size = _DEARER_PENALTY * min(1.0, (ratio - DEARER) / _PLAINLY_DEARER) + _DEARER_WEIGHT * size
        return query.weight * size

    def is_dearer(self, query: WorkloadQuery, cost: float) -> bool:
        return self._ratio(query, cost) > DEARER

    def _ratio(self, query: WorkloadQuery, cost: float) -> float:
        return (cost + _CALL_COST) / (self.base[query.id] + _CALL_COST)

    def least_gain(self, queries: Sequence[WorkloadQuery]) -> float:
        """What an index must be worth: a thousandth of the load, and a second a day; or that one statement gets a fifth
        cheaper, or some do together: the planner's own errors are larger than less. What is guessed, more."""
        least = _LEAST_LOGARITHM
        if self.by_time:
            least = max(_LEAST_SECONDS, _LEAST_OF_THE_LOAD * sum(query.weight for query in queries))
        return least * (_GUESSED if self.is_guessed else 1.0)

    def writes(self, mask: Mask) -> float:
        return sum(self.write_score(number) for number in bits(mask))


def bases(costs: WhatIfCosts, queries: Sequence[WorkloadQuery]) -> dict[str, Answer]:
    """Each statement's plan as things are. To be asked first of all."""
    return {query.id: costs.answer(query, NOTHING) for query in queries}
