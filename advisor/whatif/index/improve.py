"""From a set of indexes to a better one: takes one in, and out what it makes needless or what it outweighs."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from advisor.whatif.index.costs import WorkloadQuery
from advisor.whatif.index.pool import NOTHING, Mask, bits, singles
from advisor.whatif.index.standing import Workbench

_LEAST_GAIN = 1e-3
_GROWTH = 1.25


@dataclass(slots=True)
class Improver:
    """Better and better sets of at most `storage_bytes`.

    helped: by number of a design, the statements that it may help. Gains that were measured are kept: they rarely
    grow as indexes are taken in, so that a design whose last gain was small is looked at late or never.
    """

    bench: Workbench
    storage_bytes: int
    helped: Mapping[int, list[WorkloadQuery]]
    last_gain: dict[int, float] = field(default_factory=dict)

    def improved(self, mask: Mask, pool: Mask) -> Mask:
        """Until nothing of `pool` is worth taking in."""
        while (better := self._step(mask, pool & ~mask)) is not None:
            mask = better
        return mask

    def _step(self, mask: Mask, pool: Mask) -> Mask | None:
        """The exchange that gains most, if one does."""
        score = self.bench.score(mask)
        heap = [(-hope, n) for n in bits(pool) if (hope := self._hope(mask, n)) > self._least()]
        heapq.heapify(heap)
        best, best_net = None, self._least()
        while heap and -heap[0][0] > best_net:
            _, number = heapq.heappop(heap)
            gain = self.last_gain[number] = self._gain(mask, number)
            if gain <= best_net:
                continue
            after = self._exchanged(mask, number)
            if self.bench.costs.pool.size_bytes(after) > self.storage_bytes:
                continue
            net = score - self.bench.score(after)
            if net > best_net:
                best, best_net = after, net
        return best

    def _least(self) -> float:
        return _LEAST_GAIN * sum(query.weight for query in self.bench.queries)

    def _hope(self, mask: Mask, number: int) -> float:
        """What the design can gain at most: as if each statement it helps came down to the best ever seen."""
        bench = self.bench
        most = sum(
            max(0.0, bench.term(q, mask) - bench.objective.term(q, bench.costs.lowest(q))) for q in self.helped[number]
        )
        return min(most, _GROWTH * self.last_gain[number]) if number in self.last_gain else most

    def _gain(self, mask: Mask, number: int) -> float:
        bench, one = self.bench, 1 << number
        gained = sum(bench.term(q, mask) - bench.term(q, mask | one) for q in self.helped[number])
        return gained - bench.objective.upkeep(number)

    def _exchanged(self, mask: Mask, number: int) -> Mask:
        """`mask` with the design, without what it makes needless, and without what must make room for it."""
        bench, pool = self.bench, self.bench.costs.pool
        with_it = mask | 1 << number
        losses = {one: bench.loss_bound(with_it, one) for one in singles(mask)}
        kept = with_it
        while True:
            excess = pool.size_bytes(kept) - self.storage_bytes
            left = [one for one in losses if one & kept]
            if excess <= 0 or not left:
                break
            # Of those that alone are large enough the one that loses least, else the one that loses least for a byte.
            enough = [one for one in left if pool.size_bytes(one) >= excess]
            by_byte = min(left, key=lambda one: (losses[one] / max(1, pool.size_bytes(one)), one))
            alone = min(enough, key=lambda one: (losses[one], one), default=by_byte)
            kept &= ~(alone if losses[alone] <= losses[by_byte] else by_byte)
        needless = NOTHING
        for one in singles(kept & mask):
            if bench.loss_bound(kept & ~needless, one) <= 0:
                needless |= one
        return kept & ~needless
