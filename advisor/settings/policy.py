"""What the advisor may change, when, how much at once, and who must agree."""

import difflib
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from advisor.model.knob import knob_kinds
from advisor.model.proposal import Risk
from advisor.settings.fields.calendar import FreezeDates, Window
from advisor.settings.fields.duration import Seconds, SecondsOrZero
from advisor.settings.fields.name import Name
from advisor.settings.fields.size import Bytes
from advisor.settings.trust import AutonomySettings, RankingSettings, TrustSettings


class Mode(StrEnum):
    OBSERVE = "observe"
    PROPOSE = "propose"
    APPLY = "apply"


class Permission(StrEnum):
    AUTOMATIC = "automatic"
    APPROVE = "approve"
    NEVER = "never"


def _known(name: str) -> str:
    names = [kind.name for kind in knob_kinds()]
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        raise ValueError(f"no knob {name!r}; " + (f"did you mean {close[0]!r}?" if close else ", ".join(names)))
    return name


KnobName = Annotated[str, AfterValidator(_known)]


class KnobPolicy(BaseModel):
    """Policy for one knob."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    permission: Permission = Field(Permission.APPROVE, description="who may let a change of this knob happen")
    minimum: float | None = Field(None, description="lowest value, in the knob's unit")
    maximum: float | None = Field(None, description="highest value, in the knob's unit")
    largest_step_ratio: float | None = Field(
        None, gt=1, le=1000, description="new value at most this many times the old one, and no less than its inverse"
    )
    cooldown_seconds: SecondsOrZero = Field(
        3600.0, description="rest after a change of the same target; doubled after a roll-back"
    )
    change_windows: tuple[Window, ...] | None = Field(
        None, description="when a change of this knob may be begun; not given: policy.change_windows"
    )
    quiet_load_ratio: float | None = Field(
        None, gt=0, le=1000, description="load over the usual load up to which it may be begun; not given: policy's"
    )
    cost_ratio: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="what a change of this knob costs against one that is undone in seconds; see ranking",
    )
    attempts: int = Field(
        3, ge=1, le=1000, description="changes of a target that failed in a row, after which a person must clear it"
    )
    canary: bool = Field(True, description="some instances take a new value first, where the knob has instances")

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("minimum is above maximum; swap them")
        return self


class BlastRadius(BaseModel):
    """How much one change may touch before a person must approve it, whatever the permission."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    largest_instances: int | None = Field(
        None, ge=1, le=100_000, description="instances that take the value; not given: any"
    )
    largest_table_bytes: Bytes | None = Field(None, description="size of the table it works on; not given: any")


class PolicySettings(BaseModel):
    """What may be changed, when, how much at once, and how far experience counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    environment: Name = Field("default", description="failure domain; one change is open in it at a time")
    knobs: dict[KnobName, KnobPolicy] = Field({}, description="policy by knob name; a knob not named asks for approval")
    settle_seconds: SecondsOrZero = Field(60.0, description="rest after any change before the next is begun")
    approval_expires_seconds: Seconds = Field(
        86_400.0, description="a change nobody decides on is dropped after this long"
    )
    two_people: Risk | None = Field(
        None, description="risk from which two people must approve, where a person must; not given: one is enough"
    )
    change_windows: tuple[Window, ...] = Field((), description="parts of the week in which changes may be begun")
    freezes: tuple[FreezeDates, ...] = Field((), description="dates between which nothing is begun")
    daily_changes: int | None = Field(
        10, ge=1, le=100, description="changes begun in any 24 hours, at most; null: any number"
    )
    quiet_load_ratio: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="load over the usual load up to which changes may be begun; not given: any load",
    )
    usual_load_seconds: Seconds = Field(604_800.0, description="history whose median load is the usual one")
    evidence_tolerance: float = Field(
        0.25, gt=0, lt=1, description="share by which evidence must move before advice rolled back is tried again"
    )
    blast_radius: BlastRadius = BlastRadius()
    ranking: RankingSettings = RankingSettings()
    trust: TrustSettings = TrustSettings()
    autonomy: AutonomySettings = AutonomySettings()

    def for_knob(self, knob: str) -> KnobPolicy:
        return self.knobs.get(knob, KnobPolicy())

    def windows_for(self, knob: str) -> tuple[Window, ...]:
        """The windows in which `knob` may be changed; none at all means at any time."""
        own = self.for_knob(knob).change_windows
        return self.change_windows if own is None else own

    def quiet_ratio_for(self, knob: str) -> float | None:
        own = self.for_knob(knob).quiet_load_ratio
        return self.quiet_load_ratio if own is None else own
