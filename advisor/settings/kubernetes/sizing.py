"""How requests and limits follow from usage: the guide's section "Kubernetes Resource Tuning"."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds
from advisor.settings.fields.size import Bytes


class SizingGuide(BaseModel):
    """Margins, steps, and when a size is wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cpu_margin_ratio: float = Field(
        0.15,
        ge=0,
        le=4,
        description="above the 95th CPU percentile at most, for the request: less where the 99th is less",
    )
    cpu_least_margin_ratio: float = Field(
        0.05, ge=0, le=4, description="above the 95th CPU percentile at least; no more than cpu_margin_ratio counts"
    )
    memory_margin_ratio: float = Field(0.15, ge=0, le=4, description="above the weighted memory peak, for the request")
    limit_margin_ratio: float = Field(0.2, ge=0, le=4, description="above the highest use seen, for a limit")
    peak_half_life_seconds: Seconds = Field(259_200.0, description="a memory peak counts half after so long")
    oom_raise_ratio: float = Field(
        0.5, gt=0, le=4, description="above the limit at which it was killed: what it needed there is not seen"
    )
    largest_increase_ratio: float = Field(0.5, gt=0, le=10, description="the guide's step: at most so much more")
    largest_decrease_ratio: float = Field(0.25, gt=0, lt=1, description="the guide's step: at most so much less")
    under_ratio: float = Field(1.1, ge=1, le=10, description="target / request above which it asks for too little")
    over_ratio: float = Field(0.75, gt=0, lt=1, description="target / request below which it asks for too much")
    throttled_ratio: float = Field(
        0.25, gt=0, le=1, description="share of periods throttled, in the busiest tenth of the hours, that is too much"
    )
    least_hours: int = Field(12, ge=1, le=2160, description="hours of usage below which nothing is sized")
    least_coverage: float = Field(0.5, gt=0, le=1, description="share of the steps with a value below which nothing is")
    smallest_cpu_cores: float = Field(0.01, gt=0, le=512, description="no request is proposed below this")
    smallest_memory_bytes: Bytes = Field(33_554_432, gt=0, description="no request is proposed below this")
    leak_growth_ratio_per_day: float = Field(
        0.1, gt=0, le=100, description="memory that grows by such a share a day without load or warm-up leaks"
    )
    crash_loop_restarts: int = Field(5, ge=1, le=10_000, description="restarts a day from which nothing is sized")
    price_core_month: float = Field(0.0, ge=0, description="of one requested core, in the currency below; 0: not shown")
    price_gib_month: float = Field(0.0, ge=0, description="of one requested GiB of memory; 0: not shown")
    currency: str = Field("USD", pattern="^[A-Z]{3}$", description="of the prices")
