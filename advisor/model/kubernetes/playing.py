"""Questions to and answers from the model of the autoscaler: a demand, a pod, and the settings to play it under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from advisor.model.kubernetes.autoscaler import MetricKind, ScalingRules, TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What all pods of a workload together need, step by step.

    demands: by the name of a metric; cores for cpu, bytes for memory, the metric's own unit for others; series of one
    length. Each value holds for `step_seconds` (> 0) from its place on.
    """

    step_seconds: float
    demands: Mapping[str, Sequence[float]]

    @property
    def steps(self) -> int:
        return min(map(len, self.demands.values()), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedPod:
    """One pod of the workload.

    start_seconds: from its making until it is ready and takes its share of the demand.
    capacity: what one pod can serve of a metric before its callers feel it; a metric that is not named has no bound.
    limit: what one pod can use of a resource at most, so that usage above it is not seen by the autoscaler.
    """

    start_seconds: float
    capacity: Mapping[str, float]
    limit: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTarget:
    """One metric of an autoscaler.

    value: percent of `request` for Utilization, else an amount: for AverageValue of one pod, for Value of them all.
    request: what one pod asks for of the resource; only for Utilization.
    """

    name: str
    kind: MetricKind
    target: TargetKind
    value: float
    request: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HpaPlan:
    """An autoscaler's settings. up, down: None where `behavior` is not written at all.

    tolerance_up, tolerance_down: the share by which a metric may be off its target before anything moves (0 to 1).
    """

    targets: tuple[PlayedTarget, ...]
    min_replicas: int
    max_replicas: int
    up: ScalingRules | None = None
    down: ScalingRules | None = None
    tolerance_up: float = 0.1
    tolerance_down: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerTimes:
    """Flags of the controller manager and the lag of its metrics; the defaults are the documentation's.

    lag_seconds: how old the demand is that the controller sees: half of the metrics server's 15 s window, and as much
    again until it is asked.
    """

    sync_seconds: float = 15.0
    down_window_seconds: float = 300.0
    cpu_initialization_seconds: float = 300.0
    metric_window_seconds: float = 15.0
    lag_seconds: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSyncs:
    """When a controller really synced, and what it found, one element a sync.

    instants: seconds, 0 and later, rising. ready: how many pods served and were measured.
    """

    instants: tuple[float, ...]
    ready: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One load under one plan.

    replicas, ready: after each sync. overload_seconds: in which the demand was more than the ready pods' capacity.
    pod_hours: of all pods, ready or not. moves: how often the number changed.
    """

    replicas: tuple[int, ...]
    ready: tuple[int, ...]
    overload_seconds: float
    pod_hours: float
    moves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HpaQuestion:
    """Which of `candidates` fits a workload best.

    days: recorded demands, one Load a day. guide: what the guide's static table says; it is never left for a plan that
    may be worse than it. overload_price: what an hour of overload may cost, in pod-hours of the mean number of pods.
    """

    days: tuple[Load, ...]
    pod: PlayedPod
    today: HpaPlan
    guide: HpaPlan
    candidates: tuple[HpaPlan, ...]
    times: ControllerTimes = field(default_factory=ControllerTimes)
    overload_price: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HpaForecast:
    """A plan on an average day: (low, expected, high) from resampled days; seconds, hours.

    peak: the day with the largest demand as it would have gone, for people to see: a value every five minutes.
    """

    plan: HpaPlan
    overload_seconds: tuple[float, float, float]
    pod_hours: tuple[float, float, float]
    moves: float
    peak: Played


@dataclass(frozen=True, slots=True, kw_only=True)
class HpaChoice:
    """best: the guide's own where nothing is surely as good in both.

    gain_ratio: what `best` saves of today's cost, pod-hours and the price of overload together; below 0: it costs more.
    certainty: the share of resamples of the days (0 to 1) in which it costs no more than today.
    """

    best: HpaForecast
    guide: HpaForecast
    today: HpaForecast
    gain_ratio: float = 0.0
    certainty: float = 0.0
