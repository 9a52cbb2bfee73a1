"""From all that the planner would like to have, down to what the storage allows."""

import heapq
from dataclasses import dataclass, field

from advisor.whatif.index.search.candidate_pool import NOTHING, Mask, singles
from advisor.whatif.index.search.configuration_scorer import ConfigurationScorer
from advisor.whatif.index.search.variants import lesser

_UNKNOWN = float("-inf")


@dataclass(slots=True)
class _Exchanges:
    """Ways to get smaller, by what each was last known to lose for a byte. What is lost only grows as indexes go: so
    the last known figure is a lower bound, and one that is still the least after a fresh look is the least of all."""

    bench: ConfigurationScorer
    heap: list[tuple[float, int, Mask, Mask]] = field(default_factory=list)
    count: int = 0

    def add_for(self, one: Mask) -> None:
        pool = self.bench.costs.pool
        self.push(_UNKNOWN, one, NOTHING)
        for design in pool.of(one):
            for smaller in lesser(design):
                added = pool.add([smaller])
                if added and pool.size_bytes(added) < pool.size_bytes(one):
                    self.push(_UNKNOWN, one, added)

    def push(self, key: float, removed: Mask, added: Mask) -> None:
        self.count += 1
        heapq.heappush(self.heap, (key, self.count, removed, added))

    def best(self, mask: Mask) -> tuple[Mask, Mask] | None:
        """The exchange that loses least for each byte it saves."""
        pool = self.bench.costs.pool
        while self.heap:
            _, _, removed, added = heapq.heappop(self.heap)
            if removed & ~mask:
                continue
            added &= ~mask
            saved = pool.size_bytes(removed) - pool.size_bytes(added)
            key = self.bench.loss(mask, removed, added) / max(1, saved)
            if not self.heap or key <= self.heap[0][0]:
                return removed, added
            self.push(key, removed, added)
        return None


def relaxed(bench: ConfigurationScorer, wished: Mask, storage_bytes: int) -> Mask:
    """`wished`, cut until it fits."""
    pool = bench.costs.pool
    exchanges = _Exchanges(bench)
    for one in singles(wished):
        exchanges.add_for(one)
    mask = wished
    while pool.size_bytes(mask) > storage_bytes:
        chosen = exchanges.best(mask)
        if chosen is None:
            return NOTHING
        removed, added = chosen
        mask = mask & ~removed | added
        for one in singles(added):
            exchanges.add_for(one)
    return mask
