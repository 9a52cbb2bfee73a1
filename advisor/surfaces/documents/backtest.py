"""A backtest for people: what would have been done and what followed, what waited and why, what was found."""

from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.views.backtest import BacktestView, FindingSummaryView, ReplayedChangeView
from advisor.surfaces.views.plain_data import plain_mapping, rfc3339


def backtest_document(view: BacktestView) -> Document:
    changes = _changes(view)
    return Document(
        title=f"Backtest from {rfc3339(view.start)} to {rfc3339(view.end)}",
        data=plain_mapping(view),
        sections=(
            _about(view),
            Section(heading="Would have been changed", table=changes, if_empty="Nothing."),
            Section(heading="Would have waited", table=_waiting(view), if_empty="Nothing."),
            Section(heading="Findings", table=_findings(view), if_empty="Nothing was found wrong."),
            Section(heading="Rules", table=_rules(view), if_empty="No rule was run."),
        ),
        rows=changes,
    )


def _about(view: BacktestView) -> Section:
    seen = f"{view.snapshots} every {quantity(view.step_seconds, 's')}"
    if view.empty:
        seen += f", {view.empty} of them with nothing recorded"
    meaning = (
        "Before and after are what was recorded around the moment, in the windows of a trial. They show what a change "
        "did only where the knob moved for real."
    )
    return Section(
        heading="About this replay",
        facts=(
            Fact(label="Snapshots", text=seen),
            Fact(label="Reading it", text=meaning),
            *(Fact(label="Problem", text=problem) for problem in view.problems),
        ),
    )


def _changes(view: BacktestView) -> Table:
    columns = (
        "At",
        "Change",
        "Step",
        "Expected",
        "Before",
        "After",
        "Knob moved",
        "Came true",
        "Approval",
        "Repeats",
        "Why",
    )
    rows = tuple(_change(replayed) for replayed in view.changes)
    return Table(columns=columns, rows=rows, wide_columns=frozenset({"Came true", "Approval", "Repeats", "Why"}))


def _change(replayed: ReplayedChangeView) -> tuple[str, ...]:
    proposal, then = replayed.proposal, replayed.then
    forecast = proposal.prediction
    low, high = quantity(forecast.low, forecast.unit), quantity(forecast.high, forecast.unit)
    return (
        rfc3339(replayed.at),
        proposal.headline,
        f"{quantity(proposal.current, proposal.unit)} -> {quantity(proposal.proposed, proposal.unit)}",
        f"{quantity(forecast.expected, forecast.unit)} ({low} to {high})",
        quantity(then.before, then.unit),
        then.problem or quantity(then.after, then.unit),
        _moved(replayed),
        {True: "yes", False: "no", None: ""}[then.came_true],
        "a person" if replayed.needs_approval else "automatic",
        str(replayed.repeats),
        replayed.reason,
    )


def _moved(replayed: ReplayedChangeView) -> str:
    before, after = replayed.then.knob_before, replayed.then.knob_after
    if before is None or after is None:
        return "not recorded"
    return "no" if before == after else f"yes, {before:g} -> {after:g}"


def _waiting(view: BacktestView) -> Table:
    rows = tuple(
        (one.target, one.reason, str(one.count), rfc3339(one.first_at), rfc3339(one.last_at)) for one in view.waiting
    )
    columns = ("Change", "Why it waits", "Times", "First", "Last")
    return Table(columns=columns, rows=rows, wide_columns=frozenset({"First", "Last"}))


def _findings(view: BacktestView) -> Table:
    columns = ("Severity", "Rule", "Subject", "Summary", "First", "Last", "Seen", "Cost", "Cause")
    rows = tuple(_finding(finding, view) for finding in view.findings)
    return Table(columns=columns, rows=rows, wide_columns=frozenset({"First", "Last", "Cause"}))


def _finding(finding: FindingSummaryView, view: BacktestView) -> tuple[str, ...]:
    return (
        finding.severity.value,
        finding.rule,
        f"{finding.subject.kind} {finding.subject.name}",
        finding.summary,
        rfc3339(finding.first_at),
        rfc3339(finding.last_at),
        f"{finding.snapshots} of {view.snapshots}",
        f"{quantity(finding.wasted_seconds, 's')} of waiting",
        finding.cause,
    )


def _rules(view: BacktestView) -> Table:
    return Table(
        columns=("Rule", "Status", "Detail"),
        rows=tuple((rule.id, rule.status.value, rule.reason) for rule in view.rules),
    )
