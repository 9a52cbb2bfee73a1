"""The statements that cost most, as a table for people."""

from advisor.model.units import format_duration
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.views.plain_data import plain_mapping, to_the_second
from advisor.surfaces.views.statement import short_sql
from advisor.surfaces.views.statement_ranking import RankedView, RankingView

_SHORT_LETTERS = 90
_STEADY = 0.2
"""A mean that moved by less than this share is told as steady."""
_COLUMNS = ("#", "Time", "Calls", "Mean", "Trend", "Plan", "Statement", "Not planned", "Rows a call", "Tables", "Text")
_WIDE = frozenset({"Not planned", "Rows a call", "Tables", "Text"})


def ranking_document(view: RankingView) -> Document:
    """`view` laid out; its data is the view itself."""
    rows = tuple(_row(one) for one in view.statements)
    section = Section(
        heading="Statements by time",
        facts=(Fact(label="Measured", text=_measured(view)),),
        table=Table(columns=_COLUMNS, rows=rows, wide_columns=_WIDE),
        if_empty="No statement was seen.",
    )
    return Document(
        title=f"Statements of {to_the_second(view.generated_at)}",
        data=plain_mapping(view),
        sections=(section,),
        rows=_flat(view),
    )


def _measured(view: RankingView) -> str:
    if not view.statements:
        return "nothing"
    if not view.looked_seconds:
        return f"since the counters began, {format_duration(view.statements[0].seconds)} ago; no trend with one look"
    before = max(one.before_seconds for one in view.statements)
    looked = format_duration(view.looked_seconds)
    text = f"the {looked} between two looks"
    if before:
        text += f"; the trend is of the mean time against the {format_duration(before)} before"
    quiet = sum(1 for one in view.statements if not one.is_present)
    return f"{text}; the last {quiet} did not run between them and are told of the time before" if quiet else text


def _row(one: RankedView) -> tuple[str, ...]:
    return (
        str(one.rank),
        f"{one.share:.1%}",
        quantity(float(f"{one.calls_per_second:.3g}"), "1/s"),
        format_duration(one.mean_seconds),
        _trend(one),
        one.trouble or ("not planned" if one.no_plan else "-"),
        short_sql(one.text, _SHORT_LETTERS),
        one.no_plan,
        f"{one.rows_per_call:.3g}",
        ", ".join(one.tables),
        " ".join(one.text.split()),
    )


def _trend(one: RankedView) -> str:
    if not one.is_present:
        return "not now"
    if one.trend_ratio is None:
        return "-" if not one.before_seconds else "new"
    if abs(one.trend_ratio - 1) < _STEADY:
        return "steady"
    slower = one.trend_ratio > 1
    return f"{one.trend_ratio if slower else 1 / max(one.trend_ratio, 1e-3):.2g}x {'slower' if slower else 'faster'}"


def _flat(view: RankingView) -> Table:
    columns = ("rank", "database", "share", "calls", "mean_seconds", "trend_ratio", "trouble", "text")
    rows = tuple(tuple(_cell(getattr(one, column)) for column in columns) for one in view.statements)
    return Table(columns=columns, rows=rows)


def _cell(value: object) -> str:
    return "" if value is None else str(value)
