"""PodDisruptionBudgets: how many pods of a kind may be evicted. A rollout does not ask them; an eviction does."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.model.kubernetes.selector import Selector, is_selected
from advisor.model.kubernetes.share import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionBudget:
    """selector: all must be met, none means every pod of the namespace; None selects nothing."""

    name: str
    namespace: str
    selector: Selector | None
    least_available: Share | None = None
    most_unavailable: Share | None = None

    def covers(self, namespace: str, labels: Mapping[str, str]) -> bool:
        if self.selector is None or namespace != self.namespace:
            return False
        return is_selected(labels, self.selector)

    def never_allows_any(self, pods: int) -> bool:
        """Whether it refuses every eviction while all of `pods` are healthy: no node of theirs can be drained."""
        if self.most_unavailable is not None:
            return self.most_unavailable.of(pods) < 1
        return self.least_available is not None and self.least_available.of(pods) >= pods
