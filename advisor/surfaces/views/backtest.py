"""A backtest as programs read it: the schema "advisor/backtest/v1"."""

from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.finding import Severity, Subject
from advisor.model.replay import Aftermath, Backtest, Deed, Delay, Sighting
from advisor.surfaces.views.report import ProposalView, RuleView, proposal_view


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingView:
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
class AftermathView:
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
class DeedView:
    """A change that would have been made, and what the recording shows around it."""

    at: datetime
    until: datetime
    needs_approval: bool
    reason: str
    repeats: int
    proposal: ProposalView
    then: AftermathView


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
    findings: tuple[SightingView, ...]
    changes: tuple[DeedView, ...]
    waiting: tuple[DelayView, ...]
    problems: tuple[str, ...]


def backtest_view(done: Backtest, environment: str) -> BacktestView:
    played = done.replay
    pairs = zip(played.deeds, done.aftermaths, strict=True)
    return BacktestView(
        environment=environment,
        start=done.start,
        end=done.end,
        step_seconds=done.step_seconds,
        snapshots=played.snapshots,
        empty=played.empty,
        rules=tuple(RuleView(id=rule.rule, status=rule.status, reason=rule.reason) for rule in played.rules),
        findings=tuple(_sighting(sighting) for sighting in played.sightings),
        changes=tuple(_deed(deed, aftermath) for deed, aftermath in pairs),
        waiting=tuple(_delay(delay) for delay in played.delays),
        problems=played.problems,
    )


def _sighting(sighting: Sighting) -> SightingView:
    return SightingView(
        id=sighting.id,
        rule=sighting.rule,
        severity=sighting.severity,
        subject=sighting.subject,
        summary=sighting.summary,
        cause=sighting.cause,
        first_at=sighting.first_at,
        last_at=sighting.last_at,
        snapshots=sighting.snapshots,
        waste_seconds_per_second=sighting.worst_waste,
        wasted_seconds=sighting.wasted_seconds,
    )


def _deed(deed: Deed, aftermath: Aftermath) -> DeedView:
    goal, prediction = deed.proposal.goal, deed.proposal.prediction
    return DeedView(
        at=deed.at,
        until=deed.until,
        needs_approval=deed.needs_approval,
        reason=deed.reason,
        repeats=deed.repeats,
        proposal=proposal_view(deed.proposal),
        then=AftermathView(
            signal=str(goal.signal),
            unit=prediction.unit if prediction.signal == goal.signal else "",
            better=goal.better.value,
            before=aftermath.before,
            after=aftermath.after,
            ratio=aftermath.ratio,
            came_true=aftermath.came_true,
            samples_before=aftermath.samples_before,
            samples_after=aftermath.samples_after,
            knob_before=deed.knob_before,
            knob_after=deed.knob_after,
            problem=aftermath.problem,
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
