"""What a namespace allows: LimitRanges and ResourceQuotas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from advisor.model.kubernetes.resources import Amounts, ResourceName


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRange:
    """Bounds for one container, and for all of a pod together; defaults for who says nothing.

    largest_ratio: the limit at most so many times the request, by resource.
    """

    name: str
    namespace: str
    default_requests: Amounts = field(default_factory=Amounts)
    default_limits: Amounts = field(default_factory=Amounts)
    smallest: Amounts = field(default_factory=Amounts)
    largest: Amounts = field(default_factory=Amounts)
    largest_ratio: Mapping[ResourceName, Fraction] = field(default_factory=dict)
    largest_pod: Amounts = field(default_factory=Amounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What all pods of a namespace together may ask for; used: None where nobody has counted, as in a manifest."""

    name: str
    namespace: str
    hard_requests: Amounts = field(default_factory=Amounts)
    hard_limits: Amounts = field(default_factory=Amounts)
    used_requests: Amounts | None = None

    def room(self, name: ResourceName) -> Fraction | int | None:
        """What may still be asked for; None where the quota does not say or nobody has counted."""
        hard, used = self.hard_requests.of(name), self.used_requests.of(name) if self.used_requests else None
        return None if hard is None or used is None else hard - used
