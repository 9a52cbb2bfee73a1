"""Advice on indexes; the schema "advisor/indexes/v1"."""

import math
from dataclasses import dataclass, field

from advisor.model.database.index_advice import (
    DrawnConstants,
    DropSuggestion,
    HelpedStatement,
    IndexAdvice,
    IndexSuggestion,
    OtherIndex,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPrediction:
    cost_ratio: float
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexView:
    """One index to build. ddl, undo_ddl: statements, each ended by a semicolon but the last. rests_on: constants that
    are not on record, and with others of which it is not chosen."""

    ddl: str
    undo_ddl: str
    table: str
    name: str
    size_bytes: int
    queries: tuple[HelpedStatement, ...]
    method: str
    prediction: CostPrediction
    write_seconds_per_second: float | None
    notes: tuple[str, ...]
    rests_on: tuple[DrawnConstants, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadView:
    """What was planned, in the planner's units. queries: how many."""

    queries: int
    cost_before: float
    cost_after: float
    geometric_mean_ratio: float | None
    statements: tuple[HelpedStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedView:
    query: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexesView:
    """other: indexes that are chosen in place of these, if constants that are not on record are others."""

    schema: str = field(default="advisor/indexes/v1", init=False)
    indexes: tuple[IndexView, ...]
    drop: tuple[DropSuggestion, ...]
    workload: WorkloadView
    skipped: tuple[SkippedView, ...]
    left_alone: tuple[str, ...]
    what_if_calls: int
    elapsed_seconds: float
    ended_by: str
    planner_notes: tuple[str, ...]
    other: tuple[OtherIndex, ...]


def indexes_view(advice: IndexAdvice) -> IndexesView:
    return IndexesView(
        indexes=tuple(_index(suggestion) for suggestion in advice.indexes),
        drop=advice.drop,
        workload=WorkloadView(
            queries=len(advice.statements),
            cost_before=advice.cost_before,
            cost_after=advice.cost_after,
            geometric_mean_ratio=mean_ratio(advice),
            statements=advice.statements,
        ),
        skipped=tuple(SkippedView(query=one.id, text=one.text, reason=one.reason) for one in advice.skipped),
        left_alone=advice.left_alone,
        what_if_calls=advice.what_if_calls,
        elapsed_seconds=advice.elapsed_seconds,
        ended_by=advice.ended_by,
        planner_notes=advice.planner_notes,
        other=advice.other,
    )


def _index(suggestion: IndexSuggestion) -> IndexView:
    design = suggestion.design
    return IndexView(
        ddl=";\n".join(suggestion.ddl),
        undo_ddl=";\n".join(suggestion.undo_ddl),
        table=f"{design.schema}.{design.table}",
        name=design.name,
        size_bytes=suggestion.size_bytes,
        queries=suggestion.queries,
        method=suggestion.method,
        prediction=CostPrediction(cost_ratio=cost_ratio(suggestion.queries), model=f"index-{suggestion.method}"),
        write_seconds_per_second=suggestion.write_seconds_per_second,
        notes=suggestion.notes,
        rests_on=suggestion.rests_on,
    )


def cost_ratio(statements: tuple[HelpedStatement, ...]) -> float:
    """What the planner asks for these statements with the index, over what it asks without it."""
    before = sum(statement.cost_before for statement in statements)
    return sum(statement.cost_after for statement in statements) / before if before > 0 else 1.0


def mean_ratio(advice: IndexAdvice) -> float | None:
    """Geometric mean of the statements' cost ratios; None where no cost is known."""
    logs = [math.log(s.cost_after / s.cost_before) for s in advice.statements if min(s.cost_before, s.cost_after) > 0]
    return math.exp(sum(logs) / len(logs)) if logs else None
