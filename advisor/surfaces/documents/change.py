"""Changes for people: the list, and one change's whole life."""

import math

from advisor.model.change import ChangeRecord, Pause
from advisor.model.verdict import MetricComparison
from advisor.surfaces.documents.course import course_sections, probation_fact, switch_back_fact
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity, setting
from advisor.surfaces.views.change import ChangesView, ChangeView, SeriesView, change_line
from advisor.surfaces.views.plain_data import plain_mapping, to_the_second

_LEAST_RATIO = 0.001
_WIDEST = 1000.0
"""An interval whose ends lie further apart than so many times tells nothing, whatever its digits."""


def changes_document(view: ChangesView) -> Document:
    columns = ("Change", "State", "Knob", "Old", "New", "Created", "Settled", "Why", "Rule", "Target")
    rows = tuple(
        (
            change.id,
            f"{change.state.value}, on probation" if change.probation_until is not None else change.state.value,
            change.knob,
            setting(change.old, change.unit, change.subject),
            setting(change.new, change.unit, change.subject),
            to_the_second(change.created_at),
            to_the_second(change.settled_at) if change.settled_at is not None else "",
            change.reason,
            change.rule,
            change.target,
        )
        for change in view.changes
    )
    # The knobs of several pools are alike but for the target.
    shown = {"Target"} if any("pool" in change.subject for change in view.changes) else set()
    table = Table(columns=columns, rows=rows, wide_columns=frozenset({"Settled", "Rule", "Target"} - shown))
    pause = (_pause_section(view.paused),) if view.paused is not None else ()
    return Document(
        title=f"Changes in environment {view.environment}",
        data=plain_mapping(view),
        sections=(*pause, Section(heading="Changes", table=table, if_empty="No change was ever made.")),
        rows=table,
    )


def change_step(record: ChangeRecord) -> Document:
    """Where a change is now, in one line."""
    line = change_line(record)
    step = f"{setting(line.old, line.unit, line.subject)} -> {setting(line.new, line.unit, line.subject)}"
    at = to_the_second(record.phases[-1].at if record.phases else record.created_at)
    title = f"{at} {line.id} {line.state.value} {line.knob} {step}: {line.reason}"
    return Document(title=title, data=plain_mapping(line), sections=(), rows=Table(columns=(), rows=()))


def _pause_section(pause: Pause) -> Section:
    return Section(
        heading="Paused",
        facts=(
            Fact(label="Since", text=to_the_second(pause.since)),
            Fact(label="Reason", text=pause.reason),
            Fact(
                label="Roll-backs",
                text="held back too (freeze)" if pause.freeze else "one that is owed still happens",
            ),
        ),
    )


def change_document(view: ChangeView) -> Document:
    phases = Table(
        columns=("State", "At", "Reason"),
        rows=tuple((phase.state.value, to_the_second(phase.at), phase.reason) for phase in view.phases),
    )
    return Document(
        title=f"Change {view.id}: {view.proposal.headline}",
        data=plain_mapping(view),
        sections=(
            _summary(view),
            Section(heading="Phases", table=phases, if_empty="None yet."),
            _verdict(view),
            *course_sections(view),
            Section(heading="Samples", table=_samples(view), if_empty="None were read yet."),
        ),
        rows=phases,
    )


def _summary(view: ChangeView) -> Section:
    plan = view.plan
    gain = quantity(plan.minimum_gain_ratio, "ratio")
    old, new = (setting(value, view.unit, view.proposal.target) for value in (view.old, view.new))
    return Section(
        heading=f"State: {view.state.value}",
        facts=(
            Fact(label="Change", text=f"{old} -> {new}"),
            *_canary(view),
            *switch_back_fact(view.switch_back),
            *probation_fact(view.probation),
            Fact(label="Found by", text=view.proposal.rule),
            Fact(label="Why", text=view.proposal.rationale),
            Fact(label="Approved by", text=view.approved_by or "nobody"),
            Fact(label="Goal", text=f"{plan.goal} {plan.better} by at least {gain}"),
            Fact(label="Guarded by", text=", ".join(one.signal for one in plan.guardrails) or "nothing"),
            Fact(label="Apply by hand", text=view.proposal.apply, is_code=True),
            Fact(label="Undo", text=view.proposal.undo, is_code=True),
        ),
    )


def _canary(view: ChangeView) -> tuple[Fact, ...]:
    stage = view.canary
    if stage is None:
        return ()
    since = f" since {to_the_second(stage.since)}" if stage.since is not None and view.open else ""
    return (
        Fact(label="Canary", text=f"stage {stage.number}{since}: {stage.summary}"),
        Fact(label="Compared", text=", ".join(stage.taking) or "all instances"),
        *((Fact(label="Beside them", text=", ".join(stage.keeping)),) if stage.keeping else ()),
    )


def _verdict(view: ChangeView) -> Section:
    verdict = view.verdict
    if verdict is None:
        return Section(heading="Verdict", facts=(Fact(label="Verdict", text="none yet"),))
    columns = ("Metric", "Role", "Before", "After", "Ratio", "Interval", "Samples", "Effective samples")
    return Section(
        heading=f"Verdict: {verdict.outcome.value} ({verdict.reason.value})",
        facts=(
            Fact(label="Why", text=verdict.explanation),
            *((Fact(label="At work", text=verdict.mechanism.told),) if verdict.mechanism is not None else ()),
            *((Fact(label="Without a change", text=verdict.placebo.told),) if verdict.placebo is not None else ()),
        ),
        table=Table(columns=columns, rows=tuple(_comparison(metric) for metric in verdict.metrics)),
        if_empty="No metric could be compared.",
    )


def _comparison(metric: MetricComparison) -> tuple[str, ...]:
    before, after = (metric.mean_before, metric.mean_after) if metric.is_measured else (metric.before, metric.after)
    mark = "" if metric.is_measured else " (judged)"
    return (
        metric.signal,
        metric.role,
        f"{before:.4g}{mark}" if math.isfinite(before) else "unknown",
        f"{after:.4g}{mark}" if math.isfinite(after) else "unknown",
        _ratio(metric),
        _interval(metric),
        f"{metric.samples_before} / {metric.samples_after}",
        f"{metric.effective_before:.1f} / {metric.effective_after:.1f}",
    )


def _ratio(metric: MetricComparison) -> str:
    """Of a share of errors that was nothing before there is none."""
    if metric.is_at_floor:
        return "at most 0.01"
    return f"{metric.ratio:.3g}" if math.isfinite(metric.ratio) else "none"


def _interval(metric: MetricComparison) -> str:
    """Counts are judged on their own, and have none."""
    if not math.isfinite(metric.ratio_low) or not math.isfinite(metric.ratio_high):
        return "none"
    if metric.ratio_high > _WIDEST * max(metric.ratio_low, _LEAST_RATIO):
        return "too few points to tell"
    low = 0.0 if metric.is_at_floor else metric.ratio_low
    return f"{low:.3g} to {metric.ratio_high:.3g} at {metric.confidence:.0%}"


def _samples(view: ChangeView) -> Table:
    rows = [_window("baseline", series) for series in view.baseline]
    rows.extend(_window("trial", series) for series in view.trial)
    return Table(columns=("Window", "Signal", "Points", "From", "To", "Problem"), rows=tuple(rows))


def _window(name: str, series: SeriesView) -> tuple[str, ...]:
    samples = series.samples
    first, last = (to_the_second(samples[0].at), to_the_second(samples[-1].at)) if samples else ("", "")
    return (name, series.signal, str(len(samples)), first, last, series.problem)
