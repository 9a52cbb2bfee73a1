"""How the demo ended, laid out for every output; the schema is "advisor/demo/v1"."""

from advisor.demo.outcome import DemoOutcome, ScenarioOutcome, Seen
from advisor.model.units import format_duration
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.views.plain_data import plain_mapping


def outcome_document(outcome: DemoOutcome) -> Document:
    """The table of what callers felt first, each change in full below it."""
    columns = ("Scenario", "Change", "Outcome", "Metric", "Before", "After", "p95 before", "p95 after")
    wide = frozenset({"p95 before", "p95 after"})
    table = Table(columns=columns, rows=tuple(_row(one) for one in outcome.scenarios), wide_columns=wide)
    verdict = "as it should" if outcome.ended_as_it_should else "NOT as it should"
    end = Fact(label="Verdict", text=f"the demo ended {verdict} after {format_duration(outcome.seconds)}")
    return Document(
        title="The closed loop on embedded servers",
        data=plain_mapping(outcome.view()),
        sections=(
            Section(heading="What the callers felt", table=table, if_empty="Nothing was tried."),
            *(_scenario(one) for one in outcome.scenarios),
            Section(heading="End", facts=(end,)),
        ),
        rows=table,
    )


def _row(one: ScenarioOutcome) -> tuple[str, ...]:
    return (
        one.name,
        one.step or "none",
        one.outcome or "not found",
        one.metric,
        *(format_duration(seen.mean_seconds) if seen else "" for seen in (one.before, one.after)),
        *(format_duration(seen.p95_seconds) if seen else "" for seen in (one.before, one.after)),
    )


def _scenario(one: ScenarioOutcome) -> Section:
    return Section(
        heading=one.name,
        facts=(
            Fact(label="Change", text=one.change or "none", is_code=bool(one.change)),
            Fact(label="Why it ended so", text=one.reason or "no change was made"),
            Fact(label="Callers before", text=_felt(one.before)),
            Fact(label="Callers after", text=_felt(one.after)),
        ),
    )


def _felt(seen: Seen | None) -> str:
    if seen is None:
        return "not measured"
    mean, p95 = format_duration(seen.mean_seconds), format_duration(seen.p95_seconds)
    return f"mean {mean}, p95 {p95}, {seen.error_ratio:.1%} failed of {seen.requests} requests"
