"""Advice on indexes; the schema "advisor/indexes/v1"."""

import math
from collections.abc import Mapping

from advisor.model.database.index_advice import HelpedStatement, IndexAdvice, IndexSuggestion
from advisor.surfaces.views.plain_data import plain


def index_data(advice: IndexAdvice) -> Mapping[str, object]:
    """As JSON shows it."""
    return {
        "schema": "advisor/indexes/v1",
        "indexes": [_suggestion_data(suggestion) for suggestion in advice.indexes],
        "drop": [plain(drop) for drop in advice.drop],
        "workload": {
            "queries": len(advice.statements),
            "cost_before": plain(advice.cost_before),
            "cost_after": plain(advice.cost_after),
            "geometric_mean_ratio": plain(mean_ratio(advice)),
            "statements": [plain(statement) for statement in advice.statements],
        },
        "skipped": [{"query": one.id, "text": one.text, "reason": one.reason} for one in advice.skipped],
        "left_alone": list(advice.left_alone),
        "what_if_calls": advice.what_if_calls,
        "elapsed_seconds": advice.elapsed_seconds,
        "ended_by": advice.ended_by,
        "planner_notes": list(advice.planner_notes),
    }


def _suggestion_data(suggestion: IndexSuggestion) -> Mapping[str, object]:
    design = suggestion.design
    return {
        "ddl": ";\n".join(suggestion.ddl),
        "undo_ddl": ";\n".join(suggestion.undo_ddl),
        "table": f"{design.schema}.{design.table}",
        "name": design.name,
        "size_bytes": suggestion.size_bytes,
        "queries": [plain(helped) for helped in suggestion.queries],
        "method": suggestion.method,
        "prediction": {"cost_ratio": plain(cost_ratio(suggestion.queries)), "model": f"index-{suggestion.method}"},
        "write_seconds_per_second": plain(suggestion.write_seconds_per_second),
        "notes": list(suggestion.notes),
    }


def cost_ratio(statements: tuple[HelpedStatement, ...]) -> float:
    """What the planner asks for these statements with the index, over what it asks without it."""
    before = sum(statement.cost_before for statement in statements)
    return sum(statement.cost_after for statement in statements) / before if before > 0 else 1.0


def mean_ratio(advice: IndexAdvice) -> float | None:
    """Geometric mean of the statements' cost ratios; None where no cost is known."""
    logs = [math.log(s.cost_after / s.cost_before) for s in advice.statements if min(s.cost_before, s.cost_after) > 0]
    return math.exp(sum(logs) / len(logs)) if logs else None
