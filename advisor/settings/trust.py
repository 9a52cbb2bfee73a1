"""How far experience counts: in the ranking, against a what-if model that errs, and for or against a knob."""

from pydantic import BaseModel, ConfigDict, Field


class RankingSettings(BaseModel):
    """worth = gain x chance / cost; see docs/policy.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    chance_low_risk: float = Field(0.9, gt=0, le=1, description="chance that a change of low risk is kept")
    chance_medium_risk: float = Field(0.6, gt=0, le=1, description="chance that a change of medium risk is kept")
    chance_high_risk: float = Field(0.3, gt=0, le=1, description="chance that a change of high risk is kept")
    prior_changes: float = Field(
        4.0, ge=0, le=100_000, description="how many changes of its own a knob must have seen to outweigh these chances"
    )


class TrustSettings(BaseModel):
    """When a what-if model has been wrong too often for its proposals to be carried out without a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    smallest_count: int = Field(
        5, ge=1, le=100_000, description="measured predictions below which a model is not judged"
    )
    smallest_coverage: float = Field(
        0.5, ge=0, le=1, description="share of predictions that came true below which a model is not trusted"
    )


class AutonomySettings(BaseModel):
    """Whether a knob's own record moves its permission, and what it takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    may_raise: bool = Field(False, description="whether a good record turns approve into automatic")
    may_lower: bool = Field(False, description="whether a bad record turns automatic into approve")
    smallest_count: int = Field(5, ge=1, le=100_000, description="judged changes of the knob before its record counts")
    raise_kept_ratio: float = Field(0.9, gt=0, le=1, description="share of them kept, at least, to be raised")
    raise_error_ratio: float = Field(
        0.5,
        gt=0,
        le=1000,
        description="median prediction error of the knob, at most, to be raised (0.5: half the effect)",
    )
    lower_kept_ratio: float = Field(0.5, ge=0, lt=1, description="share of them kept below which it is lowered")
