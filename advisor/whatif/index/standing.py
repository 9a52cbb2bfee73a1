"""A set of indexes under trial: what the workload costs with it, and what a change of it would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.whatif.index.costs import Objective, WhatIfCosts, WorkloadQuery
from advisor.whatif.index.pool import Mask


@dataclass(frozen=True, slots=True)
class Workbench:
    """What every step of the search leans on."""

    queries: Sequence[WorkloadQuery]
    costs: WhatIfCosts
    objective: Objective

    @property
    def least_gain(self) -> float:
        return self.objective.least_gain(self.queries)

    def term(self, query: WorkloadQuery, mask: Mask) -> float:
        return self.objective.term(query, self.costs.answer(query, mask).cost)

    def score(self, mask: Mask) -> float:
        """Lower is better."""
        return sum(self.term(query, mask) for query in self.queries) + self.objective.writes(mask)

    def exact_score(self, mask: Mask) -> float:
        """The same, planned even when no call is left."""
        total = sum(self.objective.term(query, self.costs.exact(query, mask).cost) for query in self.queries)
        return total + self.objective.writes(mask)

    def loss(self, mask: Mask, removed: Mask, added: Mask = 0) -> float:
        """How much worse the score gets by the exchange; only statements that use what is removed are looked at."""
        after = mask & ~removed | added
        total = self.objective.writes(added) - self.objective.writes(removed)
        for query in self.queries:
            now = self.costs.answer(query, mask)
            if now.used & removed:
                total += self.term(query, after) - self.objective.term(query, now.cost)
        return total

    def worth(self, mask: Mask, one: Mask) -> float:
        """As the loss of one index, exactly, even when no call is left."""
        total = -self.objective.writes(one)
        for query in self.queries:
            now = self.costs.exact(query, mask)
            if now.used & one:
                after = self.costs.exact(query, mask & ~one)
                total += self.objective.term(query, after.cost) - self.objective.term(query, now.cost)
        return total

    def loss_bound(self, mask: Mask, removed: Mask) -> float:
        """As loss, by what is known already."""
        after = mask & ~removed
        total = -self.objective.writes(removed)
        for query in self.queries:
            bound = self.costs.bound(query, mask)
            worse = self.costs.bound(query, after)
            if worse > bound:
                total += self.objective.term(query, worse) - self.objective.term(query, bound)
        return total
