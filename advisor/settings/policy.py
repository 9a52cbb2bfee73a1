"""What the advisor may do, how a trial is run, and where its records lie."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from advisor.settings.duration import Seconds


class Mode(StrEnum):
    OBSERVE = "observe"
    PROPOSE = "propose"
    APPLY = "apply"


class Permission(StrEnum):
    AUTOMATIC = "automatic"
    APPROVE = "approve"
    NEVER = "never"


class KnobPolicy(BaseModel):
    """Policy for one knob."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    permission: Permission = Field(Permission.APPROVE, description="who may let a change of this knob happen")
    minimum: float | None = Field(None, description="lowest value, in the knob's unit")
    maximum: float | None = Field(None, description="highest value, in the knob's unit")
    cooldown_seconds: Seconds = Field(
        3600.0, description="rest after a change of the same target; doubled after a roll-back"
    )


class PolicySettings(BaseModel):
    """Permissions and rests."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    environment: str = Field("default", min_length=1, description="failure domain; one change is open in it at a time")
    knobs: dict[str, KnobPolicy] = Field({}, description="policy by knob name; a knob not named asks for approval")
    settle_seconds: Seconds = Field(60.0, description="rest after any change before the next is begun")
    approval_expires_seconds: Seconds = Field(
        86_400.0, description="a change nobody decides on is dropped after this long"
    )

    def for_knob(self, knob: str) -> KnobPolicy:
        return self.knobs.get(knob, KnobPolicy())


class TrialSettings(BaseModel):
    """How a change is judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    warm_up_seconds: Seconds = Field(
        120.0, description="after applying; pools fill, caches warm, plans change: not judged"
    )
    baseline_seconds: Seconds = Field(900.0, description="window before the change")
    trial_seconds: Seconds = Field(900.0, description="first window after the warm-up")
    longest_seconds: Seconds = Field(
        3600.0, description="an undecided trial is extended to this at most, then rolled back"
    )
    confidence: float = Field(0.98, gt=0.5, lt=1, description="of the interval that must lie beyond the goal")
    smallest_effective_samples: float = Field(
        6.0, ge=3, description="points left after autocorrelation, in each window"
    )
    error_ratio_harm: float = Field(0.1, ge=0, description="error ratio may rise by this share of the baseline")
    error_ratio_slack: float = Field(0.005, ge=0, description="and by this much absolutely: half a percent of requests")
    latency_harm: float = Field(0.1, ge=0, description="p95 latency may rise by this share")
    latency_slack_seconds: Seconds = Field(0.005, description="and by this much absolutely")
    throughput_harm: float = Field(0.1, ge=0, le=1, description="requests per second may fall by this share")
    load_shift: float = Field(
        0.5, gt=0, description="a load that moved by more than this share makes the windows incomparable"
    )
    hold_seconds: Seconds = Field(
        60.0, description="dead man's switch: a value on trial falls back this long after the last renewal"
    )
    apply_seconds: Seconds = Field(
        60.0, description="every instance must show the new value within this, else all go back"
    )
    build_seconds: Seconds = Field(3600.0, description="an index must be built within this")
    restore_attempts: int = Field(5, ge=1, description="failed roll-backs after which a person is called")


class JournalSettings(BaseModel):
    """Where changes are recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr = Field(
        SecretStr("sqlite:///advisor.db"),
        description="SQLAlchemy URL: a SQLite file, or postgresql+psycopg:// in a cluster",
    )


class DaemonSettings(BaseModel):
    """The daemon's clockwork."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interval_seconds: Seconds = Field(15.0, description="from one cycle to the next")
    window_seconds: Seconds = Field(300.0, description="rates in a snapshot are over this long")
    lease_seconds: Seconds = Field(15.0, description="a leader that is silent for this long has lost the lead")


class WebSettings(BaseModel):
    """The daemon's door."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen_address: str = Field(
        "127.0.0.1:9595", description="host:port; loopback only, as long as no token is configured"
    )
