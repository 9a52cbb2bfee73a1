"""JSON Schema (2020-12) of every shape that `-o json` and the HTTP API print, made from the views themselves."""

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from advisor.surfaces.views.backtest import BacktestView
from advisor.surfaces.views.calibration import CalibrationView
from advisor.surfaces.views.change import ChangesView, ChangeView
from advisor.surfaces.views.check import CheckView
from advisor.surfaces.views.index import IndexesView
from advisor.surfaces.views.pause import PauseView
from advisor.surfaces.views.report import ReportView
from advisor.surfaces.views.rule import RuleBookView, RuleDetailView
from advisor.surfaces.views.statement_ranking import RankingView
from advisor.surfaces.views.trial_check import TrialChecksView

SHAPES: Mapping[str, type] = {
    "advisor/backtest/v1": BacktestView,
    "advisor/calibration/v1": CalibrationView,
    "advisor/change/v1": ChangeView,
    "advisor/changes/v1": ChangesView,
    "advisor/check/v1": CheckView,
    "advisor/indexes/v1": IndexesView,
    "advisor/pause/v1": PauseView,
    "advisor/report/v1": ReportView,
    "advisor/rule/v1": RuleDetailView,
    "advisor/rules/v1": RuleBookView,
    "advisor/statements/v1": RankingView,
    "advisor/trial-check/v1": TrialChecksView,
}
"""By the name that stands in the field `schema` of the shape."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _AsPrinted(GenerateJsonSchema):
    """As `plain_data` prints views: a number that is none becomes null, and every field is there."""

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return {"type": ["number", "null"]}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        return True

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        made = super().dataclass_schema(schema)
        doc = schema["cls"].__doc__ or ""
        if not doc.startswith(f"{schema['cls'].__name__}("):  # what Python writes where there is none
            made["description"] = " ".join(inspect.cleandoc(doc).split())
        fixed = {field.name: field.default for field in dataclasses.fields(schema["cls"]) if not field.init}
        for name, described in made.get("properties", {}).items():
            described.pop("default", None)
            if name in fixed:
                made["properties"][name] = {"const": fixed[name]}
        return made


def json_schema(view: type) -> dict[str, Any]:
    """The schema of one view, whole in itself."""
    made = TypeAdapter(view).json_schema(mode="serialization", schema_generator=_AsPrinted)
    return {"$schema": _DIALECT, **made}


def components(views: Iterable[type]) -> dict[str, Any]:
    """The schemas of these views and of all that stands in them, by class, as an OpenAPI document refers to them."""
    asked = [(view.__name__, "serialization", TypeAdapter(view)) for view in views if dataclasses.is_dataclass(view)]
    _, made = TypeAdapter.json_schemas(
        [(name, mode, adapter) for name, mode, adapter in asked],  # type: ignore[misc]
        ref_template="#/components/schemas/{model}",
        schema_generator=_AsPrinted,
    )
    return dict(made["$defs"])
