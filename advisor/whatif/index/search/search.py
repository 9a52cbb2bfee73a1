"""The search: what the planner wishes for, cut to what fits, bettered, then tidied. The same for the same input."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest

from advisor.model.database.index_design import IndexDesign
from advisor.whatif.index.search.candidate_pool import NOTHING, Mask, singles
from advisor.whatif.index.search.configuration_scorer import ConfigurationScorer
from advisor.whatif.index.search.costs import DEARER, Answer, Objective, WhatIfCosts, WorkloadQuery, bases
from advisor.whatif.index.search.improve import Improver
from advisor.whatif.index.search.relax import relaxed
from advisor.whatif.index.search.variants import first_key, lesser, merged

_LEAST_SAVED_COST = 10.0
"""In the planner's units, of all statements together: the price of two pages and a bit, which nobody can measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """before and after: each statement's cost by its id. used: which of the chosen indexes its plan uses."""

    chosen: tuple[IndexDesign, ...]
    before: Mapping[str, float]
    after: Mapping[str, float]
    used: Mapping[str, tuple[IndexDesign, ...]]


def search(
    queries: Sequence[WorkloadQuery],
    candidates: Mapping[str, Sequence[IndexDesign]],
    costs: WhatIfCosts,
    *,
    storage_bytes: int,
    by_time: bool,
    write_score: Callable[[IndexDesign], float],
) -> Outcome:
    """The best set of indexes that was found.

    candidates: by id of the statement they are meant for. by_time: whether the statements' weights are seconds; else
    nobody knows how often they run. write_score: what writers spend on an index, in the same measure (see Objective).
    """
    before = bases(costs, queries)
    bench = ConfigurationScorer(
        queries,
        costs,
        Objective(
            base={query: answer.cost for query, answer in before.items()},
            by_time=by_time,
            is_guessed=costs.pool.pricing.method == "heuristic",
            write_score=lambda number: write_score(costs.pool.designs[number]),
        ),
    )
    own = {query.id: NOTHING for query in queries}
    wished = NOTHING
    batches = [[(query, batch) for batch in costs.pool.batches(candidates[query.id])] for query in queries]
    for turn in zip_longest(*batches):  # each statement's first before anybody's second, as time may run out
        for query, batch in filter(None, turn):
            offered = costs.pool.add(batch)
            own[query.id] |= offered
            wished |= costs.answer(query, offered).used
    promising, helped = _promising(costs, wished, own), _Helped(bench, own)
    improver = Improver(bench, storage_bytes, helped)
    starts = [_tidied(bench, relaxed(bench, wished, storage_bytes), before)]
    if costs.pool.size_bytes(wished) > storage_bytes:
        filler = Improver(bench, storage_bytes, helped, by_byte=True)
        starts.append(filler.improved(NOTHING, _narrow(costs, promising)))
    start = min(starts, key=lambda start: bench.score(start, exact=True))
    mask = _tidied(bench, improver.improved(start, promising), before)
    return _outcome(bench, _tidied(bench, _joined(bench, mask, storage_bytes), before), before)


def _promising(costs: WhatIfCosts, wished: Mask, own: Mapping[str, Mask]) -> Mask:
    """What is worth taking in: wishes, what is made of them, and every plain index on one or two columns."""
    pool = costs.pool
    wishes = pool.of(wished)
    found = wished | pool.add(merged(wishes)) | pool.add(less for design in wishes for less in lesser(design))
    for mask in own.values():
        for one in singles(mask):
            design = pool.of(one)[0]
            if not design.include and not design.predicate and len(design.keys) <= 2:
                found |= one
    return found


def _narrow(costs: WhatIfCosts, promising: Mask) -> Mask:
    """Of these, what holds one or two keys and nothing besides."""
    pool = costs.pool
    return pool.mask_of(one for one in pool.of(promising) if not one.include and len(one.keys) <= 2)


class _Helped(dict[int, list[WorkloadQuery]]):
    """Statements that have a candidate with the same first key, by number of a design."""

    def __init__(self, bench: ConfigurationScorer, own: Mapping[str, Mask]) -> None:
        super().__init__()
        self._pool = bench.costs.pool
        self._by_first_key = defaultdict(list)
        for query in bench.queries:
            for key in {first_key(design) for design in self._pool.of(own[query.id])}:
                self._by_first_key[key].append(query)

    def __missing__(self, number: int) -> list[WorkloadQuery]:
        self[number] = self._by_first_key[first_key(self._pool.designs[number])]
        return self[number]


def _tidied(bench: ConfigurationScorer, mask: Mask, before: Mapping[str, Answer]) -> Mask:
    """Without what serves nobody, makes a statement dearer, or costs more by its writes than it gains; no cost of it is
    a bound, each is that of a plan."""
    while True:
        needed, harmful = NOTHING, NOTHING
        for query in bench.queries:
            answer = bench.costs.answer(query, mask, exact=True)
            needed |= answer.used
            if answer.planner_cost > before[query.id].planner_cost * DEARER:
                harmful |= answer.used
        if harmful:
            mask &= ~min(singles(harmful), key=lambda one: (bench.loss_bound(mask, one), one))
        elif mask & ~needed:
            mask &= needed
        elif burdens := [found for found in _losses(bench, mask) if _is_burden(bench, mask, *found)]:
            mask &= ~min(burdens)[1]
        else:
            return mask


def _is_burden(bench: ConfigurationScorer, mask: Mask, loss: float, one: Mask) -> bool:
    """Whether the statements together would hardly notice, were the index not there. Asks nothing anew."""
    if loss < bench.least_gain:
        return True
    saved = 0.0
    for query in bench.queries:
        now = bench.costs.answer(query, mask, exact=True)
        if now.used & one:
            saved += bench.costs.answer(query, mask & ~one, exact=True).planner_cost - now.planner_cost
    return saved < _LEAST_SAVED_COST


def _joined(bench: ConfigurationScorer, mask: Mask, storage_bytes: int) -> Mask:
    """With one index in place of two on the same keys, unless one of them is worth a place of its own."""
    pool = bench.costs.pool
    for one, other in combinations(list(singles(mask)), 2):
        pair = one | other
        first, second = pool.of(pair)
        if pair & ~mask or first.keys != second.keys:
            continue
        added = pool.add(merged((first, second)))
        after = mask & ~pair | added
        fits = added.bit_count() == 1 and pool.size_bytes(after) <= max(storage_bytes, pool.size_bytes(mask))
        if fits and bench.loss(mask, pair, added) < bench.least_gain:
            mask = after
    return mask


def _outcome(bench: ConfigurationScorer, mask: Mask, before: Mapping[str, Answer]) -> Outcome:
    pool = bench.costs.pool
    answers = {query.id: bench.costs.answer(query, mask, exact=True) for query in bench.queries}
    return Outcome(
        chosen=tuple(pool.of(mask)),
        before={query: answer.planner_cost for query, answer in before.items()},
        after={query: answer.planner_cost for query, answer in answers.items()},
        used={query: tuple(pool.of(answer.used)) for query, answer in answers.items()},
    )


def _losses(bench: ConfigurationScorer, mask: Mask) -> list[tuple[float, Mask]]:
    """What each index is worth."""
    return [(bench.loss(mask, one, exact=True), one) for one in singles(mask)]
