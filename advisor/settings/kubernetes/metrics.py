"""What an autoscaler should look at: the guide's section "HPA Threshold Tuning", memory and custom metrics."""

from pydantic import BaseModel, ConfigDict, Field


class MetricGuide(BaseModel):
    """The guide's targets, and when a metric follows the load at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stable_memory_percent: int = Field(80, ge=1, le=100, description="the guide's row for memory that is stable")
    growing_memory_percent: int = Field(70, ge=1, le=100, description="its row for memory that grows over time")
    varying_memory_percent: int = Field(75, ge=1, le=100, description="its row for memory that varies much")
    cpu_percent: int = Field(
        70, ge=1, le=100, description="CPU in place of memory that does not follow the load: its row for a steady load"
    )
    memory_varies_ratio: float = Field(
        0.2, gt=0, le=10, description="95th percentile of the hours above their median from which memory varies much"
    )
    memory_grows_ratio_per_day: float = Field(
        0.02, gt=0, le=10, description="more memory each day, beside the load or with it, from which it grows"
    )
    least_load_share: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="share of a busy hour's memory that goes with the load, below which more pods do not lower it",
    )
    least_load_swing: float = Field(
        1.5, gt=1, le=100, description="busy hours / quiet hours of CPU below which nothing can be told of memory"
    )
    requests_ratio: float = Field(
        0.7, gt=0, lt=1, description="requests a second that a pod should serve / those at which they queue in it"
    )
