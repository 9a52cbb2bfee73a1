"""Thresholds of the guide's two chapters on Kubernetes."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds, SecondsOrZero
from advisor.settings.fields.size import Bytes
from advisor.settings.kubernetes.metrics import MetricGuide
from advisor.settings.kubernetes.scaling import ScalingGuide
from advisor.settings.kubernetes.sizing import SizingGuide


class RequestRow(BaseModel):
    """One row of the guide's recommended settings (section "Kubernetes Resource Tuning")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cpu_cores: float = Field(gt=0, le=512, description="cores that a container asks for")
    memory_bytes: Bytes = Field(gt=0, description="memory that it asks for")


class ScalingRow(BaseModel):
    """One of the guide's scaling speeds (section "HPA Threshold Tuning")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_seconds: SecondsOrZero = Field(le=3600, description="stabilizationWindowSeconds")
    percent: int = Field(ge=1, le=10_000, description="of the pods, added or taken away in one period")
    period_seconds: Seconds = Field(ge=1, le=1800, description="periodSeconds")


class KubernetesGuide(BaseModel):
    """Requests of workloads whose usage is not known, and the speed of autoscalers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service_request: RequestRow = Field(
        RequestRow.model_validate({"cpu_cores": 0.5, "memory_bytes": "512MiB"}),
        description="a beginning for containers that run on: the guide's worker service",
    )
    job_request: RequestRow = Field(
        RequestRow.model_validate({"cpu_cores": 0.25, "memory_bytes": "256MiB"}),
        description="a beginning for containers of jobs: the guide's background jobs",
    )
    scale_up: ScalingRow = Field(
        ScalingRow.model_validate({"window_seconds": "0s", "percent": 50, "period_seconds": "30s"}),
        description="the guide's moderate scale-up",
    )
    scale_down: ScalingRow = Field(
        ScalingRow.model_validate({"window_seconds": "5m", "percent": 10, "period_seconds": "1m"}),
        description="the guide's moderate scale-down",
    )
    slow_scale_down: ScalingRow = Field(
        ScalingRow.model_validate({"window_seconds": "10m", "percent": 5, "period_seconds": "2m"}),
        description="the guide's slow scale-down, against flapping",
    )
    scale_up_double_seconds: Seconds = Field(
        60.0, description="an autoscaler that takes longer to double its pods is slow; the guide's moderate takes 30 s"
    )
    scale_down_half_seconds: Seconds = Field(
        300.0, description="one that may halve its pods sooner is fast: the guide's moderate window alone is longer"
    )
    scaling: ScalingGuide = ScalingGuide()
    sizing: SizingGuide = SizingGuide()
    metrics: MetricGuide = MetricGuide()
