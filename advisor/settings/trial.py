"""How a change is judged."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.canary import CanarySettings
from advisor.settings.fields.duration import Seconds, SecondsOrZero
from advisor.settings.policy import KnobName
from advisor.settings.switch_back import SwitchBackSettings

Day = Annotated[int, Field(ge=1, le=365)]


class TrialSettings(BaseModel):
    """How a change is judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    warm_up_seconds: SecondsOrZero = Field(
        120.0, description="after applying; pools fill, caches warm, plans change: not judged"
    )
    baseline_seconds: Seconds = Field(3600.0, description="window before the change that must have been watched")
    baseline_wait_seconds: SecondsOrZero = Field(
        14_400.0,
        description="beyond warm-up and baseline, so long is waited for a past that the judge can use; then it expires",
    )
    history_seconds: Seconds = Field(
        86_400.0, description="so much of the time before the change is compared with, as far as it is on record"
    )
    earlier_days: tuple[Day, ...] = Field(
        (1, 2, 3, 4, 5, 6, 7), description="days before whose same hours show what the time of day does by itself"
    )
    trial_seconds: Seconds = Field(900.0, description="first window after the warm-up")
    longest_seconds: Seconds = Field(
        43_200.0, description="an undecided trial is extended to this at most, then rolled back"
    )
    no_gain_seconds: SecondsOrZero = Field(
        7_200.0,
        description="that there is no gain is not said before: one may begin so late; the longest window at most",
    )
    no_gain_seconds_by_knob: dict[KnobName, SecondsOrZero] = Field(
        {}, description="the same for single knobs; of those that gain at once, such as an index, it is 0"
    )
    confidence: float = Field(0.98, gt=0.5, lt=1, description="of the interval that must lie beyond the goal")
    harm_confidence: float = Field(
        0.997, gt=0.5, lt=1, description="that a guardrail's harm is within its bound, before anything is kept"
    )
    smallest_effective_samples: float = Field(
        4.0, ge=3, le=1000, description="points left after autocorrelation, in each window"
    )
    smallest_calls: int = Field(
        50,
        ge=1,
        le=1_000_000_000,
        description="calls of a rare query that the first window must hold; it is stretched for them",
    )
    largest_stretch: float = Field(
        2.0, ge=1, le=100, description="a trial of something rare is stretched at most so much"
    )
    smallest_requests: int = Field(
        200, ge=1, le=1_000_000_000, description="requests the application must have served in the trial"
    )
    error_ratio_harm: float = Field(0.1, ge=0, le=100, description="error ratio may rise by this share of the baseline")
    error_ratio_slack: float = Field(
        0.005, ge=0, le=1, description="and by this much absolutely: half a percent of requests"
    )
    latency_harm: float = Field(0.1, ge=0, le=100, description="p95 latency may rise by this share")
    latency_slack_seconds: SecondsOrZero = Field(0.005, description="and by this much absolutely")
    throughput_harm: float = Field(
        0.5, ge=0, le=1, description="requests per second may fall by this share; callers come and go by themselves"
    )
    statement_harm: float = Field(
        0.5, ge=0, le=100, description="mean time of any statement on a changed table may rise by this share"
    )
    statement_slack_seconds: SecondsOrZero = Field(0.001, description="and by this much absolutely")
    load_shift: float = Field(
        0.1, gt=0, le=100, description="share by which a load may lie outside the baseline's range and still count"
    )
    probation: bool = Field(
        True,
        description="what was kept is watched on until its longest window is over, and taken back if its gain goes",
    )
    hold_seconds: Seconds = Field(
        60.0, description="dead man's switch: a value on trial falls back this long after the last renewal"
    )
    apply_seconds: Seconds = Field(
        60.0, description="every instance must show the new value within this, else all go back"
    )
    rollout_seconds: Seconds = Field(
        900.0, description="pods that are replaced must all be new and ready within this, else they go back"
    )
    build_seconds: Seconds = Field(3600.0, description="an index must be built within this")
    restore_attempts: int = Field(5, ge=1, le=1000, description="failed roll-backs after which a person is called")
    canary: CanarySettings = CanarySettings()
    switch_back: SwitchBackSettings = SwitchBackSettings()
