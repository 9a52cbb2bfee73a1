"""How well what-if models and knobs have done so far."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """One what-if model against what was measured.

    count: measured predictions (> 0); inside: how many of them lay in the predicted range.
    bias_ratio: geometric mean of measured / predicted value; 1 is none, 2 says that twice as much comes as is said.
    None when no pair was positive.
    error_ratio: median of the absolute prediction error of the effect (0 is perfect, 1 an effect that did not come);
    None when no effect was predicted.
    """

    model: str
    count: int
    inside: int
    bias_ratio: float | None
    error_ratio: float | None

    @property
    def coverage(self) -> float:
        return self.inside / self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobRecord:
    """One knob's judged changes: kept, or rolled back by a verdict.

    error_ratio: as for a model. latest_error: the prediction error of its last change that was measured, with its
    sign; None when none was.
    """

    knob: str
    kept: int
    rolled_back: int
    error_ratio: float | None
    latest_error: float | None = None

    @property
    def judged(self) -> int:
        return self.kept + self.rolled_back

    @property
    def kept_ratio(self) -> float:
        return self.kept / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """Both, in the order of their names."""

    models: tuple[ModelRecord, ...] = ()
    knobs: tuple[KnobRecord, ...] = ()

    def model(self, name: str) -> ModelRecord | None:
        return next((record for record in self.models if record.model == name), None)

    def knob(self, name: str) -> KnobRecord | None:
        return next((record for record in self.knobs if record.knob == name), None)
