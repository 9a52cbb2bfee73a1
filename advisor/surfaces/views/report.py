"""The report, in the shape that programs read: field by field the schema "advisor/report/v1"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.finding import Evidence, Finding, KnobValue, Severity, Subject
from advisor.model.plot import Plot
from advisor.model.proposal import Proposal, Reservation, Risk
from advisor.model.report import Answer, Choice, Diagnosis, RuleStatus
from advisor.model.snapshot import SourceReport
from advisor.surfaces.views.statement import StatementView, statement_views
from advisor.surfaces.views.workload import WorkloadView, workload_views

SCHEMA = "advisor/report/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    id: str
    status: RuleStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """proposals: those that answer it; where there is none, no_proposal says why. seconds: what its rates are taken
    over. tables: what it is about, or its statement reads."""

    id: str
    rule: str
    severity: Severity
    subject: Subject
    summary: str
    cause: str
    guide: str
    waste_seconds_per_second: float
    evidence: tuple[Evidence, ...]
    proposals: tuple[str, ...] = ()
    no_proposal: str = ""
    statement: StatementView | None = None
    tables: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionView:
    signal: str
    unit: str
    low: float
    expected: float
    high: float
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    id: str
    finding: str
    rule: str
    knob: str
    target: Mapping[str, str]
    current: KnobValue
    proposed: KnobValue
    unit: str
    rationale: str
    risk: Risk
    automatic: bool
    gain_seconds_per_second: float
    prediction: PredictionView
    apply: str
    undo: str
    alternatives: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    reserved: Reservation | None = None
    plots: tuple[Plot, ...] = ()

    @property
    def headline(self) -> str:
        """The knob and what it belongs to: "db.pool_size (app voiceassist)"."""
        return f"{self.knob} ({', '.join(f'{label} {name}' for label, name in self.target.items())})"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextView:
    """The one change to make next; `proposal` is None when there is none, and the reason says why."""

    proposal: str | None
    reason: str
    needs_approval: bool
    probation: str
    """What was kept and is still watched on, and until when; "" for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    proposal: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One report. Findings and proposals come in the order of what they cost or gain.

    looked_seconds: between its two looks at the databases; 0 where they were looked at once, and rates are since the
    counters began, `counted_seconds` ago (None without a database).
    """

    schema: str = field(default=SCHEMA, init=False)
    generated_at: datetime
    mode: str
    sources: tuple[SourceReport, ...]
    rules: tuple[RuleView, ...]
    findings: tuple[FindingView, ...]
    proposals: tuple[ProposalView, ...]
    next: NextView
    waiting: tuple[WaitingView, ...]
    looked_seconds: float = 0.0
    counted_seconds: float | None = None
    workloads: tuple[WorkloadView, ...] = ()

    def proposal(self, proposal_id: str) -> ProposalView | None:
        return next((proposal for proposal in self.proposals if proposal.id == proposal_id), None)

    def finding(self, finding_id: str) -> FindingView | None:
        return next((finding for finding in self.findings if finding.id == finding_id), None)


def report_view(diagnosis: Diagnosis, *, mode: str) -> ReportView:
    """What `diagnosis` says, for every surface alike."""
    now, totals = diagnosis.snapshot, diagnosis.totals
    statements = dict(statement_views(now))
    if totals is not None:
        statements = {**statement_views(totals), **statements}
    return ReportView(
        generated_at=diagnosis.snapshot.taken_at,
        mode=mode,
        sources=diagnosis.snapshot.sources,
        rules=tuple(RuleView(id=rule.rule, status=rule.status, reason=rule.reason) for rule in diagnosis.rules),
        findings=tuple(_finding(finding, diagnosis, statements) for finding in diagnosis.findings),
        proposals=tuple(proposal_view(proposal) for proposal in diagnosis.proposals),
        next=_next(diagnosis.choice),
        waiting=tuple(WaitingView(proposal=one.proposal.id, reason=one.reason) for one in diagnosis.choice.waiting),
        looked_seconds=max((look.window_seconds for look in now.databases.values()), default=0.0) if totals else 0.0,
        counted_seconds=max((look.window_seconds for look in (totals or now).databases.values()), default=None),
        workloads=workload_views(now, diagnosis.findings),
    )


def proposal_view(proposal: Proposal) -> ProposalView:
    prediction = proposal.prediction
    return ProposalView(
        id=proposal.id,
        finding=proposal.finding,
        rule=proposal.rule,
        knob=proposal.target.knob,
        target=proposal.target.as_dict(),
        current=proposal.current,
        proposed=proposal.proposed,
        unit=proposal.unit,
        rationale=proposal.rationale,
        risk=proposal.risk,
        automatic=proposal.automatic,
        gain_seconds_per_second=proposal.gain_seconds_per_second,
        prediction=PredictionView(
            signal=str(prediction.signal),
            unit=prediction.unit,
            low=prediction.low,
            expected=prediction.expected,
            high=prediction.high,
            model=prediction.model,
        ),
        apply=proposal.apply,
        undo=proposal.undo,
        alternatives=proposal.alternatives,
        doubts=proposal.doubts,
        reserved=proposal.reserved,
        plots=proposal.plots,
    )


def _finding(finding: Finding, diagnosis: Diagnosis, statements: Mapping[str, StatementView]) -> FindingView:
    answer, statement = diagnosis.answers.get(finding.id, Answer()), statements.get(finding.key)
    subject = finding.subject
    if subject.kind == "table":
        tables: tuple[str, ...] = (f"{subject.namespace}.{subject.name}" if subject.namespace else subject.name,)
    elif subject.kind == "index":
        tables = _tables_of_index(subject, diagnosis)
    else:
        tables = statement.tables if statement is not None else ()
    return FindingView(
        id=finding.id,
        rule=finding.rule,
        severity=finding.severity,
        subject=finding.subject,
        summary=finding.summary,
        cause=finding.cause,
        guide=finding.guide,
        waste_seconds_per_second=finding.waste_seconds_per_second,
        evidence=finding.evidence,
        proposals=answer.proposals or tuple(one.id for one in diagnosis.proposals if one.finding == finding.id),
        no_proposal=answer.reason,
        statement=statement,
        tables=tables,
        seconds=statement.seconds if statement is not None else diagnosis.snapshot.window_seconds,
    )


def _tables_of_index(subject: Subject, diagnosis: Diagnosis) -> tuple[str, ...]:
    indexes = (index for look in diagnosis.snapshot.databases.values() for index in look.indexes)
    place = (subject.namespace, subject.name)
    return tuple(f"{index.schema}.{index.table}" for index in indexes if (index.schema, index.name) == place)


def _next(choice: Choice) -> NextView:
    proposal = choice.proposal
    return NextView(
        proposal=proposal.id if proposal is not None else None,
        reason=choice.reason,
        needs_approval=choice.needs_approval,
        probation=choice.probation,
    )
