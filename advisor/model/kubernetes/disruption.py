"""PodDisruptionBudgets: how many pods of a kind may be evicted. A rollout does not ask them; an eviction does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from advisor.model.kubernetes.share import Share


class Operator(StrEnum):
    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What a label must be: one of `values`, none of them, there, or not there."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def is_met(self, labels: Mapping[str, str]) -> bool:
        match self.operator:
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return labels.get(self.key) not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case Operator.DOES_NOT_EXIST:
                return self.key not in labels


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionBudget:
    """selector: all must be met, none means every pod of the namespace; None selects nothing."""

    name: str
    namespace: str
    selector: tuple[Requirement, ...] | None
    least_available: Share | None = None
    most_unavailable: Share | None = None

    def covers(self, namespace: str, labels: Mapping[str, str]) -> bool:
        if self.selector is None or namespace != self.namespace:
            return False
        return all(requirement.is_met(labels) for requirement in self.selector)

    def never_allows_any(self, pods: int) -> bool:
        """Whether it refuses every eviction while all of `pods` are healthy: no node of theirs can be drained."""
        if self.most_unavailable is not None:
            return self.most_unavailable.of(pods) < 1
        return self.least_available is not None and self.least_available.of(pods) >= pods
