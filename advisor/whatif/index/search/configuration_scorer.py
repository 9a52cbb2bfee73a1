"""A set of indexes under trial: what the workload costs with it, and what a change of it would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.whatif.index.search.candidate_pool import Mask
from advisor.whatif.index.search.costs import Objective, WhatIfCosts, WorkloadQuery


@dataclass(frozen=True, slots=True)
class ConfigurationScorer:
    """What every step of the search leans on."""

    queries: Sequence[WorkloadQuery]
    costs: WhatIfCosts
    objective: Objective

    @property
    def least_gain(self) -> float:
        return self.objective.least_gain(self.queries)

    def term(self, query: WorkloadQuery, mask: Mask, *, exact: bool = False) -> float:
        return self.objective.term(query, self.costs.answer(query, mask, exact=exact).cost)

    def score(self, mask: Mask, *, exact: bool = False) -> float:
        """Lower is better. exact: planned even when no call is left."""
        return sum(self.term(query, mask, exact=exact) for query in self.queries) + self.objective.writes(mask)

    def loss(self, mask: Mask, removed: Mask, added: Mask = 0, *, exact: bool = False) -> float:
        """How much worse the score gets by the exchange; only statements that use what is removed are looked at."""
        after = mask & ~removed | added
        total = self.objective.writes(added) - self.objective.writes(removed)
        for query in self.queries:
            now = self.costs.answer(query, mask, exact=exact)
            if now.used & removed:
                total += self.term(query, after, exact=exact) - self.objective.term(query, now.cost)
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
