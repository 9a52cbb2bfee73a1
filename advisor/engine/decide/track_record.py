"""What the journal's history says about what-if models and knobs. Pure."""

import math
from collections.abc import Sequence
from statistics import fmean, median

from advisor.model.change import ChangeRecord, State
from advisor.model.effect import came_true, measured_effect, prediction_error, was_judged
from advisor.model.track_record import KnobRecord, ModelRecord, TrackRecord


def calibrate(history: Sequence[ChangeRecord]) -> TrackRecord:
    """The records of every model that was measured and of every knob that was judged. history: newest first."""
    measured: dict[str, list[ChangeRecord]] = {}
    judged: dict[str, list[ChangeRecord]] = {}
    for record in history:
        if measured_effect(record) is not None and not record.is_open:
            measured.setdefault(record.proposal.prediction.model, []).append(record)
        if was_judged(record):
            judged.setdefault(record.proposal.target.knob, []).append(record)
    return TrackRecord(
        models=tuple(_model(name, measured[name]) for name in sorted(measured)),
        knobs=tuple(_knob(name, judged[name]) for name in sorted(judged)),
    )


def _model(name: str, records: Sequence[ChangeRecord]) -> ModelRecord:
    return ModelRecord(
        model=name,
        count=len(records),
        inside=sum(came_true(record) is True for record in records),
        bias_ratio=_bias(records),
        error_ratio=_error(records),
    )


def _knob(name: str, records: Sequence[ChangeRecord]) -> KnobRecord:
    kept = sum(record.state is State.KEPT for record in records)
    return KnobRecord(
        knob=name,
        kept=kept,
        rolled_back=len(records) - kept,
        error_ratio=_error(records),
        latest_error=next((error for record in records if (error := prediction_error(record)) is not None), None),
    )


def _bias(records: Sequence[ChangeRecord]) -> float | None:
    """Geometric, as 2 times too much and 2 times too little must cancel out."""
    logarithms = [
        math.log(effect.after / record.proposal.prediction.expected)
        for record in records
        if (effect := measured_effect(record)) is not None
        and effect.after > 0
        and record.proposal.prediction.expected > 0
    ]
    return math.exp(fmean(logarithms)) if logarithms else None


def _error(records: Sequence[ChangeRecord]) -> float | None:
    errors = [abs(error) for record in records if (error := prediction_error(record)) is not None]
    return median(errors) if errors else None
