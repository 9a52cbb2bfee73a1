"""Horizontal and vertical pod autoscalers, with the defaults that the server or its controller fills in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from advisor.model.kubernetes.kinds import SCALED_OBJECT
from advisor.model.kubernetes.resources import Amounts, ResourceName
from advisor.model.kubernetes.workload import Meta, ObjectRef


class MetricKind(StrEnum):
    RESOURCE = "Resource"
    CONTAINER_RESOURCE = "ContainerResource"
    PODS = "Pods"
    OBJECT = "Object"
    EXTERNAL = "External"


class TargetKind(StrEnum):
    UTILIZATION = "Utilization"
    """Percent of the request, never of the limit."""
    AVERAGE_VALUE = "AverageValue"
    VALUE = "Value"


@dataclass(frozen=True, slots=True, kw_only=True)
class HpaMetric:
    """name: of the resource or the metric. container: of a ContainerResource. value: percent for Utilization."""

    kind: MetricKind
    name: str
    target: TargetKind
    value: Fraction
    container: str = ""

    @property
    def divides_by(self) -> ResourceName | None:
        """The resource whose request it divides by; None when requests do not matter to it."""
        of_pods = self.kind in (MetricKind.RESOURCE, MetricKind.CONTAINER_RESOURCE)
        if not of_pods or self.target is not TargetKind.UTILIZATION:
            return None
        return next((name for name in ResourceName if name.value == self.name), None)


class PolicyKind(StrEnum):
    PERCENT = "Percent"
    PODS = "Pods"


class SelectPolicy(StrEnum):
    MAX = "Max"
    MIN = "Min"
    DISABLED = "Disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPolicy:
    """At most `value` pods, or percent of them, within any `period_seconds`."""

    kind: PolicyKind
    value: int
    period_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingRules:
    """One half of `behavior`. window_seconds: the recommendation that counts is the mildest of so long a past."""

    window_seconds: int
    select: SelectPolicy
    policies: tuple[ScalingPolicy, ...]

    @property
    def is_closed(self) -> bool:
        return self.select is SelectPolicy.DISABLED


DEFAULT_UP = ScalingRules(
    window_seconds=0,
    select=SelectPolicy.MAX,
    policies=(
        ScalingPolicy(kind=PolicyKind.PODS, value=4, period_seconds=15),
        ScalingPolicy(kind=PolicyKind.PERCENT, value=100, period_seconds=15),
    ),
)
DEFAULT_DOWN = ScalingRules(
    window_seconds=300,
    select=SelectPolicy.MAX,
    policies=(ScalingPolicy(kind=PolicyKind.PERCENT, value=100, period_seconds=15),),
)
"""As the documentation has it. The window downwards is a flag of the controller: so far as is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hpa:
    """behavior: as it is written, None where it is not; up and down: what is in force.

    written_metrics: as they are written, in the order of `metrics`; () where they are not, or that is not known.
    tells_kinds: whether `metrics` tells a resource of the whole pod from one of a single container.

    scaled_object: KEDA's, which wrote it, or which it is itself where what KEDA makes of it was not read; "" for none.
    replicas: as the status has them. inactive: the controller's reason for not scaling, "" while it does.
    unread_target: why the target is not known, "" when it is.
    successor: the Rollout that has taken over from the target, None for most.
    unread_metrics: why there may be more than `metrics`, which may then be empty. unread_behavior: likewise.
    """

    meta: Meta
    target: ObjectRef
    min_replicas: int
    max_replicas: int
    metrics: tuple[HpaMetric, ...]
    written_metrics: tuple[Mapping[str, object], ...] = ()
    tells_kinds: bool = True
    up: ScalingRules = DEFAULT_UP
    down: ScalingRules = DEFAULT_DOWN
    behavior: Mapping[str, object] | None = None
    scaled_object: str = ""
    replicas: int | None = None
    inactive: str = ""
    unread_target: str = ""
    successor: ObjectRef | None = None
    unread_metrics: str = ""
    unread_behavior: str = ""
    down_closed_by: str = ""

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        return f"KEDA's ScaledObject {self.meta.name}" if self.is_scaled_object else f"HPA {self.meta.name}"

    @property
    def is_scaled_object(self) -> bool:
        """Whether it stands for what KEDA makes of it, which was not read."""
        return self.meta.kind == SCALED_OBJECT.name

    @property
    def unread(self) -> str:
        """Why some of what it says is not known, "" when all is."""
        return "; ".join(filter(None, [self.unread_metrics, self.unread_behavior]))

    @property
    def may_sleep(self) -> bool:
        """Whether it may take the last pod away: 0 replicas are then a state, and no fault."""
        return self.min_replicas == 0

    @property
    def fewest(self) -> int:
        """The pods from which it scales up while it is awake."""
        return max(self.min_replicas, 1)


class VpaMode(StrEnum):
    OFF = "Off"
    INITIAL = "Initial"
    RECREATE = "Recreate"
    IN_PLACE = "InPlace"
    IN_PLACE_OR_RECREATE = "InPlaceOrRecreate"
    AUTO = "Auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class VpaPolicy:
    """What a vertical autoscaler does with a container. controlled: nothing for mode Off.

    writes_limits: in proportion to the requests, where a limit is written (controlledValues RequestsAndLimits).
    """

    controlled: frozenset[ResourceName] = frozenset(ResourceName)
    writes_limits: bool = True


EVERY_CONTAINER = "*"
"""The name of the policy for containers that no other policy names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpa:
    """policies: by the container's name, `EVERY_CONTAINER` for the rest. recommended: requests by container."""

    meta: Meta
    target: ObjectRef
    mode: VpaMode
    policies: Mapping[str, VpaPolicy] = field(default_factory=dict)
    recommended: Mapping[str, Amounts] = field(default_factory=dict)

    @property
    def acts(self) -> bool:
        """Every mode but Off writes requests, Initial for pods that are made."""
        return self.mode is not VpaMode.OFF

    def policy_of(self, container: str) -> VpaPolicy:
        """Its own, else that of the rest, else the default: both resources."""
        return self.policies.get(container) or self.policies.get(EVERY_CONTAINER) or VpaPolicy()

    def writes(self, container: str) -> frozenset[ResourceName]:
        """The resources whose requests it writes for that container; none while it does not act."""
        return self.policy_of(container).controlled if self.acts else frozenset()
