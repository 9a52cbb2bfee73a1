"""From a set of indexes to a better one: takes one in, and out what it makes needless, outweighs or turns to harm."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from advisor.whatif.index.search.candidate_pool import NOTHING, Mask, bits, singles
from advisor.whatif.index.search.configuration_scorer import ConfigurationScorer
from advisor.whatif.index.search.costs import WorkloadQuery
from advisor.whatif.index.search.variants import first_key

_GROWTH = 1.25
_ENOUGH, _ENOUGH_BY_BYTE = 0.2, 0.5
_CALLS_A_STEP = 7


@dataclass(slots=True)
class Improver:
    """Better and better sets of at most `storage_bytes`.

    helped: by number of a design, the statements that it may help. by_byte: takes what gains most for a byte, not what
    gains most. Gains that were measured are kept: they rarely grow as indexes are taken in, so that a design whose last
    gain was small is looked at late or never.
    """

    bench: ConfigurationScorer
    storage_bytes: int
    helped: Mapping[int, list[WorkloadQuery]]
    by_byte: bool = False
    last_gain: dict[int, float] = field(default_factory=dict)

    def improved(self, mask: Mask, pool: Mask) -> Mask:
        """Until nothing of `pool` is worth it. When calls run out a step is half a guess: it must hold once planned."""
        mask = self._without_harm(mask, self.bench.queries)
        while (better := self._step(mask, pool & ~mask)) is not None:
            if self.bench.score(mask, exact=True) - self.bench.score(better, exact=True) < self.bench.least_gain:
                break
            mask = better
        return mask

    def _without_harm(self, mask: Mask, queries: Sequence[WorkloadQuery]) -> Mask:
        """Without indexes that make one of `queries` dearer and are not worth that."""
        bench = self.bench
        for query in queries:
            while bench.objective.is_dearer(query, (found := bench.costs.answer(query, mask)).cost):
                loss, one = min(((bench.loss(mask, one), one) for one in singles(found.used)), default=(0.0, NOTHING))
                if loss >= 0:
                    break
                mask &= ~one
        return mask

    def _step(self, mask: Mask, pool: Mask) -> Mask | None:
        """The exchange that is worth most of those looked at, if one gains enough.

        Hopes are mostly far too high, so none is looked at whose hope is not five times the gain at hand, nor any more
        after seven calls a statement: what that saves is better spent on the next step.
        """
        score, least = self.bench.score(mask), self.bench.least_gain
        hopes = ((self._hope(mask, number), number) for number in bits(pool))
        heap = [(-self._worth(hope, number), number) for hope, number in hopes if hope > least]
        heapq.heapify(heap)
        best, best_worth, enough = None, 0.0, _ENOUGH_BY_BYTE if self.by_byte else _ENOUGH
        calls = self.bench.costs.calls + _CALLS_A_STEP * len(self.bench.queries)
        while heap and -heap[0][0] * enough > best_worth and (best is None or self.bench.costs.calls < calls):
            _, number = heapq.heappop(heap)
            gain = self.last_gain[number] = self._gain(mask, number)
            if gain <= least or self._worth(gain, number) <= best_worth:
                continue
            after = self._exchanged(mask, number)
            if self.bench.costs.pool.size_bytes(after) > self.storage_bytes:
                continue
            net = score - self.bench.score(after)
            if net > least and self._worth(net, number) > best_worth:
                best, best_worth = after, self._worth(net, number)
        return best

    def _worth(self, gain: float, number: int) -> float:
        return gain / max(1, self.bench.costs.pool.sizes[number]) if self.by_byte else gain

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
        return gained - bench.objective.write_score(number)

    def _exchanged(self, mask: Mask, number: int) -> Mask:
        """`mask` with the design, without what it makes needless, and without what must make room for it."""
        bench, pool = self.bench, self.bench.costs.pool
        with_it = mask | 1 << number
        losses = {one: self._loss(with_it, one, number) for one in singles(mask)}
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
        return self._without_harm(kept & ~needless, self.helped[number])

    def _loss(self, mask: Mask, one: Mask, number: int) -> float:
        """Asked anew where the new index begins with the same key and may do its work, else by what is known."""
        pool = self.bench.costs.pool
        is_rival = first_key(pool.of(one)[0]) == first_key(pool.designs[number])
        return self.bench.loss(mask, one) if is_rival else self.bench.loss_bound(mask, one)
