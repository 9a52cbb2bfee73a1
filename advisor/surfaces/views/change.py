"""A change as programs read it: the schemas "advisor/change/v1" and, for a list, "advisor/changes/v1"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.change import ChangeRecord, NamedSeries, Pause, State
from advisor.model.finding import KnobValue
from advisor.model.signal import Sample
from advisor.surfaces.views.course import (
    MarkView,
    ProbationView,
    SwitchBackView,
    VerdictView,
    mark_views,
    probation_view,
    switch_back_view,
    verdict_view,
)
from advisor.surfaces.views.report import ProposalView, proposal_view


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseView:
    state: State
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """The points of one signal in one window; `problem` says why there are none or too few."""

    signal: str
    problem: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailView:
    signal: str
    better: str
    maximum_harm_ratio: float
    slack: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    goal: str
    better: str
    minimum_gain_ratio: float
    apply_seconds: float
    warm_up_seconds: float
    baseline_seconds: float
    trial_seconds: float
    longest_seconds: float
    no_gain_seconds: float
    guardrails: tuple[GuardrailView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """Where a canary is. taking, keeping: by the label `instance`. since: when it was put on trial, or is being put."""

    number: int
    last: bool
    summary: str
    taking: tuple[str, ...]
    keeping: tuple[str, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change, from its proposal to its end. plan_hash: tells what is shown here from any other plan."""

    schema: str = field(default="advisor/change/v1", init=False)
    id: str
    environment: str
    state: State
    open: bool
    knob: str
    old: KnobValue
    new: KnobValue
    unit: str
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    approved_by: str
    plan_hash: str
    epoch: int
    restore_attempts: int
    proposal: ProposalView
    plan: PlanView
    canary: StageView | None
    """None where all instances take the value at once."""
    phases: tuple[PhaseView, ...]
    baseline: tuple[SeriesView, ...]
    trial: tuple[SeriesView, ...]
    verdict: VerdictView | None
    switch_back: SwitchBackView | None
    """None where the new value stays all through the trial."""
    marks: tuple[MarkView, ...]
    probation: ProbationView | None
    """Of a kept one; None where it is not watched on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One change in a list."""

    id: str
    state: State
    open: bool
    rule: str
    knob: str
    target: str
    subject: Mapping[str, str]
    old: KnobValue
    new: KnobValue
    unit: str
    created_at: datetime
    settled_at: datetime | None
    reason: str
    probation_until: datetime | None
    """None unless it is watched on now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesView:
    """The journal, newest first, and the pause in force. next: where the page after this one begins; None: the last."""

    schema: str = field(default="advisor/changes/v1", init=False)
    environment: str
    paused: Pause | None
    changes: tuple[ChangeLine, ...]
    next: int | None = None


def change_view(record: ChangeRecord) -> ChangeView:
    proposal = record.proposal
    return ChangeView(
        id=record.id,
        environment=record.environment,
        state=record.state,
        open=record.is_open,
        knob=proposal.target.knob,
        old=proposal.current,
        new=proposal.proposed,
        unit=proposal.unit,
        created_at=record.created_at,
        expires_at=record.expires_at,
        settled_at=record.settled_at,
        approved_by=record.approved_by,
        plan_hash=record.plan_hash,
        epoch=record.epoch,
        restore_attempts=record.restore_attempts,
        proposal=proposal_view(proposal),
        plan=_plan(record),
        canary=_canary(record),
        phases=tuple(PhaseView(state=phase.state, at=phase.at, reason=phase.reason) for phase in record.phases),
        baseline=tuple(_series(one) for one in record.baseline),
        trial=tuple(_series(one) for one in record.trial),
        verdict=verdict_view(record.verdict),
        switch_back=switch_back_view(record),
        marks=mark_views(record),
        probation=probation_view(record),
    )


def _plan(record: ChangeRecord) -> PlanView:
    plan, goal = record.plan, record.proposal.goal
    return PlanView(
        goal=str(goal.signal),
        better=goal.better.value,
        minimum_gain_ratio=goal.minimum_gain_ratio,
        apply_seconds=plan.apply_seconds,
        warm_up_seconds=plan.warm_up_seconds,
        baseline_seconds=plan.baseline_seconds,
        trial_seconds=plan.trial_seconds,
        longest_seconds=plan.longest_seconds,
        no_gain_seconds=plan.no_gain_seconds,
        guardrails=tuple(
            GuardrailView(
                signal=str(guardrail.signal),
                better=guardrail.better.value,
                maximum_harm_ratio=guardrail.maximum_harm_ratio,
                slack=guardrail.slack,
            )
            for guardrail in plan.guardrails
        ),
    )


def _canary(record: ChangeRecord) -> StageView | None:
    stage = record.stage
    if stage is None:
        return None
    return StageView(
        number=len(stage.cohorts),
        last=stage.is_last,
        summary=str(stage),
        taking=stage.taking,
        keeping=stage.keeping,
        since=record.applying_since if record.state is State.APPLYING else record.trial_since,
    )


def _series(named: NamedSeries) -> SeriesView:
    return SeriesView(signal=str(named.signal), problem=named.series.problem, samples=named.series.samples)


def changes_view(
    environment: str, records: Sequence[ChangeRecord], paused: Pause | None, *, next_page: int | None = None
) -> ChangesView:
    lines = tuple(change_line(record) for record in records)
    return ChangesView(environment=environment, paused=paused, changes=lines, next=next_page)


def change_line(record: ChangeRecord) -> ChangeLine:
    proposal = record.proposal
    return ChangeLine(
        id=record.id,
        state=record.state,
        open=record.is_open,
        rule=proposal.rule,
        knob=proposal.target.knob,
        target=str(proposal.target),
        subject=proposal.target.as_dict(),
        old=proposal.current,
        new=proposal.proposed,
        unit=proposal.unit,
        created_at=record.created_at,
        settled_at=record.settled_at,
        reason=record.why,
        probation_until=record.probation.until if record.probation is not None and record.is_on_probation else None,
    )
