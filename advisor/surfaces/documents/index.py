"""Advice on indexes, for people."""

from advisor.model.database.index_advice import DrawnConstants, IndexAdvice, IndexSuggestion
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.views.index import cost_ratio, indexes_view, mean_ratio
from advisor.surfaces.views.plain_data import plain_mapping

_SHOWN_LETTERS = 90


def index_document(advice: IndexAdvice) -> Document:
    suggestions = _suggestions(advice)
    sections = (
        Section(
            heading="Indexes to build", table=suggestions, if_empty="No index would help enough.", facts=_totals(advice)
        ),
        *(_detail(suggestion) for suggestion in advice.indexes),
        *([Section(heading="Chosen with other constants", table=_other(advice))] if advice.other else ()),
        Section(heading="Indexes that could go", table=_drops(advice), if_empty="None."),
        Section(heading="Statements", table=_statements(advice), if_empty="None was planned."),
        Section(heading="Not planned, or not priced", table=_skipped(advice), if_empty="Every statement was planned."),
    )
    return Document(title="Index advice", data=plain_mapping(indexes_view(advice)), sections=sections, rows=suggestions)


def _totals(advice: IndexAdvice) -> tuple[Fact, ...]:
    size = sum(suggestion.size_bytes for suggestion in advice.indexes)
    mean = mean_ratio(advice)
    return (
        Fact(label="Size together", text=quantity(size, "bytes")),
        Fact(label="Planner's cost, before and after", text=f"{advice.cost_before:,.0f} to {advice.cost_after:,.0f}"),
        Fact(label="Mean ratio of the statements' costs", text="unknown" if mean is None else f"{mean:.3f}"),
        Fact(
            label="Effort",
            text=f"{advice.what_if_calls} what-if plans in {quantity(advice.elapsed_seconds, 's')};"
            f" ended by: {advice.ended_by}",
        ),
        *(Fact(label="Planner lacks", text=note) for note in advice.planner_notes),
        *(Fact(label="Left alone", text=reason) for reason in advice.left_alone),
    )


def _suggestions(advice: IndexAdvice) -> Table:
    return Table(
        columns=("Table", "Index", "Size", "Helps", "Cost ratio", "Writes", "Method", "Statement"),
        rows=tuple(
            (
                f"{one.design.schema}.{one.design.table}",
                one.design.name,
                quantity(one.size_bytes, "bytes"),
                str(len(one.queries)),
                f"{cost_ratio(one.queries):.3g}",
                _writes(one),
                one.method,
                ";\n".join(one.ddl),
            )
            for one in advice.indexes
        ),
        wide_columns=frozenset({"Statement", "Method"}),
    )


def _writes(suggestion: IndexSuggestion) -> str:
    known = suggestion.write_seconds_per_second
    return "unknown" if known is None else f"{known * 1000:.3g} ms/s"


def _detail(suggestion: IndexSuggestion) -> Section:
    return Section(
        heading=suggestion.design.name,
        facts=(
            Fact(label="Build", text=";\n".join(suggestion.ddl) + ";", is_code=True),
            Fact(label="Undo", text=";\n".join(suggestion.undo_ddl) + ";", is_code=True),
            Fact(label="Helps", text=", ".join(helped.id for helped in suggestion.queries)),
            *(Fact(label="Note", text=note) for note in suggestion.notes),
            *(Fact(label="Rests on", text=f"{_drawn(one)}: not chosen if {_if(one)}") for one in suggestion.rests_on),
        ),
    )


def _other(advice: IndexAdvice) -> Table:
    return Table(
        columns=("Index", "Rests on", "If"),
        rows=tuple((other.index, _drawn(one), _if(one)) for other in advice.other for one in other.rests_on),
    )


def _drawn(constants: DrawnConstants) -> str:
    """What is not on record."""
    return f"constants of statement {constants.statement} ({', '.join(constants.conditions)})"


def _if(constants: DrawnConstants) -> str:
    return "; or if ".join(constants.otherwise)


def _drops(advice: IndexAdvice) -> Table:
    return Table(
        columns=("Table", "Index", "Size", "Reason", "Statement"),
        rows=tuple(
            (f"{one.schema}.{one.table}", one.name, quantity(one.size_bytes, "bytes"), one.reason, one.ddl)
            for one in advice.drop
        ),
        wide_columns=frozenset({"Statement"}),
    )


def _statements(advice: IndexAdvice) -> Table:
    return Table(
        columns=("Statement", "Cost before", "Cost after", "Text"),
        rows=tuple(
            (one.id, f"{one.cost_before:,.0f}", f"{one.cost_after:,.0f}", _short(one.text)) for one in advice.statements
        ),
        wide_columns=frozenset({"Text"}),
    )


def _skipped(advice: IndexAdvice) -> Table:
    return Table(
        columns=("Statement", "Reason", "Text"),
        rows=tuple((one.id, one.reason, _short(one.text)) for one in advice.skipped),
        wide_columns=frozenset({"Text"}),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_LETTERS else line[: _SHOWN_LETTERS - 1] + "…"
