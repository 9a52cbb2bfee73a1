"""A backtest as programs read it: the schema "advisor/backtest/v1"."""

from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.finding import Severity, Subject
from advisor.model.replay import Backtest, Delay, FindingSummary, ObservedOutcome, ReplayedChange
from advisor.surfaces.views.report import ProposalView, RuleView, proposal_view


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSummaryView:
    """One finding over the whole time; waste as in a report, at its worst, and all of it in seconds of waiting."""

    id: str
    rule: str
    severity: Severity
    subject: Subject
    summary: str
    cause: str
    first_at: datetime
    last_at: datetime
    snapshots: int
    waste_seconds_per_second: float
    wasted_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedOutcomeView:
    """The goal's metric as it was recorded around the change; `problem` says why there is no number."""

    signal: str
    unit: str
    better: str
    before: float | None
    after: float | None
    ratio: float | None
    came_true: bool | None
    samples_before: int
    samples_after: int
    knob_before: float | None
    knob_after: float | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedChangeView:
    """A change that would have been made, and what the recording shows around it."""

    at: datetime
    until: datetime
    needs_approval: bool
    reason: str
    repeats: int
    proposal: ProposalView
    then: ObservedOutcomeView


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayView:
    knob: str
    target: str
    proposal: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestView:
    """empty: snapshots in which nothing was recorded."""

    schema: str = field(default="advisor/backtest/v1", init=False)
    environment: str
    start: datetime
    end: datetime
    step_seconds: float
    snapshots: int
    empty: int
    rules: tuple[RuleView, ...]
    findings: tuple[FindingSummaryView, ...]
    changes: tuple[ReplayedChangeView, ...]
    waiting: tuple[DelayView, ...]
    problems: tuple[str, ...]


def backtest_view(done: Backtest, environment: str) -> BacktestView:
    played = done.replay
    pairs = zip(played.changes, done.outcomes, strict=True)
    return BacktestView(
        environment=environment,
        start=done.start,
        end=done.end,
        step_seconds=done.step_seconds,
        snapshots=played.snapshots,
        empty=played.empty,
        rules=tuple(RuleView(id=rule.rule, status=rule.status, reason=rule.reason) for rule in played.rules),
        findings=tuple(_finding(finding) for finding in played.findings),
        changes=tuple(_change(replayed, outcome) for replayed, outcome in pairs),
        waiting=tuple(_delay(delay) for delay in played.delays),
        problems=played.problems,
    )


def _finding(finding: FindingSummary) -> FindingSummaryView:
    return FindingSummaryView(
        id=finding.id,
        rule=finding.rule,
        severity=finding.severity,
        subject=finding.subject,
        summary=finding.summary,
        cause=finding.cause,
        first_at=finding.first_at,
        last_at=finding.last_at,
        snapshots=finding.snapshots,
        waste_seconds_per_second=finding.worst_waste,
        wasted_seconds=finding.wasted_seconds,
    )


def _change(replayed: ReplayedChange, outcome: ObservedOutcome) -> ReplayedChangeView:
    goal, prediction = replayed.proposal.goal, replayed.proposal.prediction
    return ReplayedChangeView(
        at=replayed.at,
        until=replayed.until,
        needs_approval=replayed.needs_approval,
        reason=replayed.reason,
        repeats=replayed.repeats,
        proposal=proposal_view(replayed.proposal),
        then=ObservedOutcomeView(
            signal=str(goal.signal),
            unit=prediction.unit if prediction.signal == goal.signal else "",
            better=goal.better.value,
            before=outcome.before,
            after=outcome.after,
            ratio=outcome.ratio,
            came_true=outcome.came_true,
            samples_before=outcome.samples_before,
            samples_after=outcome.samples_after,
            knob_before=replayed.knob_before,
            knob_after=replayed.knob_after,
            problem=outcome.problem,
        ),
    )


def _delay(delay: Delay) -> DelayView:
    return DelayView(
        knob=delay.proposal.target.knob,
        target=str(delay.proposal.target),
        proposal=delay.proposal.id,
        reason=delay.reason,
        count=delay.count,
        first_at=delay.first_at,
        last_at=delay.last_at,
    )
