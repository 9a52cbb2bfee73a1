"""How far predictions can be trusted, for people."""

from advisor.surfaces.documents.document import Document, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.views.calibration import CalibrationView, ModelView
from advisor.surfaces.views.plain_data import plain_mapping


def calibration_document(view: CalibrationView) -> Document:
    models = Table(
        columns=("Model", "Measured", "Came true", "Coverage", "Bias", "Median error", "Trusted"),
        rows=tuple(
            (
                model.model,
                str(model.count),
                str(model.inside),
                quantity(model.coverage, "ratio"),
                _times(model.bias_ratio),
                quantity(model.error_ratio, "ratio"),
                _trusted(model, view.smallest_count),
            )
            for model in view.models
        ),
    )
    knobs = Table(
        columns=("Knob", "Judged", "Kept", "Rolled back", "Kept ratio", "Median error"),
        rows=tuple(
            (
                knob.knob,
                str(knob.judged),
                str(knob.kept),
                str(knob.rolled_back),
                quantity(knob.kept_ratio, "ratio"),
                quantity(knob.error_ratio, "ratio"),
            )
            for knob in view.knobs
        ),
    )
    return Document(
        title=f"Calibration in environment {view.environment}",
        data=plain_mapping(view),
        sections=(
            Section(heading="What-if models", table=models, if_empty="No prediction was measured yet."),
            Section(heading="Knobs", table=knobs, if_empty="No change was judged yet."),
        ),
        rows=models,
    )


def _times(bias_ratio: float | None) -> str:
    return "unknown" if bias_ratio is None else f"x{bias_ratio:.3g}"


def _trusted(model: ModelView, smallest_count: int) -> str:
    if model.trusted is None:
        return f"too few to say ({smallest_count} are needed)"
    return "yes" if model.trusted else "no: its changes ask a person"
