"""How an autoscaler's target follows from the load: the guide's section "HPA Threshold Tuning"."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds


class ScalingGuide(BaseModel):
    """The guide's CPU targets by load pattern, and what the replay of recorded demand is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steady_percent: int = Field(70, ge=1, le=100, description="CPU target of steady, daily and growing loads")
    bursty_percent: int = Field(60, ge=1, le=100, description="CPU target of bursts and flash crowds")
    cost_sensitive_percent: int = Field(80, ge=1, le=100, description="CPU target of workloads labelled cost-sensitive")
    critical_percent: int = Field(50, ge=1, le=100, description="CPU target of workloads labelled critical")
    label: str = Field(
        "tuning-advisor/importance",
        max_length=317,
        description="label of the pods that says critical or cost-sensitive",
    )
    smallest_percent: int = Field(40, ge=1, le=100, description="no CPU target is proposed below this")
    largest_percent: int = Field(80, ge=1, le=100, description="no CPU target is proposed above this")
    step_percent: int = Field(5, ge=1, le=100, description="between two targets that are replayed")
    overload_price: float = Field(
        10.0, gt=0, description="what an hour of overload may cost, in hours of the mean number of pods"
    )
    critical_overload_price: float = Field(100.0, gt=0, description="the same for workloads labelled critical")
    cost_sensitive_overload_price: float = Field(
        1.0, gt=0, description="the same for workloads labelled cost-sensitive"
    )
    least_gain_ratio: float = Field(
        0.1, gt=0, lt=1, description="of today's cost (pods and overload) that another setting saves at least"
    )
    least_certainty: float = Field(0.95, ge=0.5, le=1, description="share of resampled days in which it saves anything")
    least_days: int = Field(3, ge=2, le=90, description="whole days of demand below which nothing is replayed")
    largest_misfit_ratio: float = Field(
        0.25, gt=0, le=1, description="pod-hours of today's setting, played beside seen, above which no replay counts"
    )
    pod_start_seconds: Seconds = Field(60.0, le=3600, description="from a pod's making until it is ready")
    at_max_ratio: float = Field(
        0.05, gt=0, le=1, description="share of the time at maxReplicas, above its target, that is too much"
    )
    flapping_seconds: Seconds = Field(900.0, description="pods that are made again so soon after a fall were flapping")
    flapping_a_day: float = Field(8.0, gt=0, description="such falls a day that are too many")
