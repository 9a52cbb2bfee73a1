"""From a set of indexes that makes a statement dearer to one that does not, at the least loss for the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from advisor.model.index_design import IndexDesign
from advisor.whatif.index.costs import WorkloadQuery
from advisor.whatif.index.pool import NOTHING, Mask, singles
from advisor.whatif.index.relax import relaxed
from advisor.whatif.index.standing import Workbench
from advisor.whatif.index.variants import merged

_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Mender:
    """own: each statement's own candidates, by its id.

    An index that was made for one statement may tempt the planner into a plan for another that only looks cheaper. What
    helps is another index in its place that begins with the same key: one that was made for the tempted statement, or
    one that does the work of both.
    """

    bench: Workbench
    storage_bytes: int
    own: Mapping[str, Mask]

    def mended(self, mask: Mask) -> Mask:
        """The best that was found; it may still harm, where nothing helps that is worth it or no call is left.

        What heals one statement may harm the next: so the most promising set is looked at first, whatever it came from.
        """
        scores = {mask: self.bench.score(mask)}
        waiting = {mask}
        for _ in range(_MOST_ROUNDS):
            best = min(waiting, key=lambda one: (scores[one], one), default=mask)
            harmed = [query for query in self.bench.queries if self.bench.is_dearer(query, best)]
            if not harmed or best not in waiting:
                break
            waiting.remove(best)
            for option in self._options(best, harmed[0]):
                if option not in scores:
                    scores[option] = self.bench.score(option)
                    waiting.add(option)
        return min(scores, key=lambda one: (scores[one], one))

    def _options(self, mask: Mask, query: WorkloadQuery) -> Iterator[Mask]:
        """Sets within the storage that harm this statement less."""
        harm = self.bench.term(query, mask)
        for option in dict.fromkeys(self._changed(mask, query)):
            if self.bench.term(query, option) < harm:
                fitting = relaxed(self.bench, option, self.storage_bytes)
                if self.bench.term(query, fitting) < harm:
                    yield fitting

    def _changed(self, mask: Mask, query: WorkloadQuery) -> Iterator[Mask]:
        """One index of the statement's plan gone or exchanged; where that is not enough, another one gone as well."""
        bench, pool = self.bench, self.bench.costs.pool
        for used in singles(bench.costs.answer(query, mask).used & mask):
            without = mask & ~used
            for added in (NOTHING, *singles(self._in_place_of(pool.of(used)[0], query) & ~mask)):
                option = without | added
                yield option
                if bench.is_dearer(query, option):
                    for other in singles(bench.costs.answer(query, option).used & without):
                        yield option & ~other

    def _in_place_of(self, design: IndexDesign, query: WorkloadQuery) -> Mask:
        """What begins with the same key and serves this statement, or this one and the others."""
        pool = self.bench.costs.pool
        alike = [other for other in pool.of(self.own[query.id]) if _begin_alike(other, design)]
        both = [one for other in alike if not other.include for one in merged([other, design])]
        return pool.add([*alike, *both])


def _begin_alike(one: IndexDesign, other: IndexDesign) -> bool:
    return (one.schema, one.table, one.access_method, one.keys[0], one.predicate) == (
        other.schema,
        other.table,
        other.access_method,
        other.keys[0],
        other.predicate,
    )
