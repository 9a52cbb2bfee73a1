"""How far predictions can be trusted; the schema "advisor/calibration/v1"."""

from dataclasses import dataclass, field

from advisor.model.track_record import KnobRecord, ModelRecord, TrackRecord
from advisor.settings.trust import TrustSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """One what-if model. trusted: None while too few of its predictions were measured to say."""

    model: str
    count: int
    inside: int
    coverage: float
    bias_ratio: float | None
    error_ratio: float | None
    trusted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobView:
    knob: str
    judged: int
    kept: int
    rolled_back: int
    kept_ratio: float
    error_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationView:
    """smallest_count and smallest_coverage: what the policy asks of a model before its changes may be automatic."""

    schema: str = field(default="advisor/calibration/v1", init=False)
    environment: str
    smallest_count: int
    smallest_coverage: float
    models: tuple[ModelView, ...]
    knobs: tuple[KnobView, ...]


def calibration_view(environment: str, record: TrackRecord, trust: TrustSettings) -> CalibrationView:
    return CalibrationView(
        environment=environment,
        smallest_count=trust.smallest_count,
        smallest_coverage=trust.smallest_coverage,
        models=tuple(_model(model, trust) for model in record.models),
        knobs=tuple(_knob(knob) for knob in record.knobs),
    )


def _model(record: ModelRecord, trust: TrustSettings) -> ModelView:
    enough = record.count >= trust.smallest_count
    return ModelView(
        model=record.model,
        count=record.count,
        inside=record.inside,
        coverage=record.coverage,
        bias_ratio=record.bias_ratio,
        error_ratio=record.error_ratio,
        trusted=record.coverage >= trust.smallest_coverage if enough else None,
    )


def _knob(record: KnobRecord) -> KnobView:
    return KnobView(
        knob=record.knob,
        judged=record.judged,
        kept=record.kept,
        rolled_back=record.rolled_back,
        kept_ratio=record.kept_ratio,
        error_ratio=record.error_ratio,
    )
