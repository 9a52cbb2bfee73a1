"""The report, in the shape that programs read: field by field the schema "advisor/report/v1"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.finding import Evidence, Finding, KnobValue, Severity, Subject
from advisor.model.proposal import Proposal, Risk
from advisor.model.report import Choice, Diagnosis, RuleStatus
from advisor.model.snapshot import SourceReport

SCHEMA = "advisor/report/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    id: str
    status: RuleStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    id: str
    rule: str
    severity: Severity
    subject: Subject
    summary: str
    cause: str
    guide: str
    waste_seconds_per_second: float
    evidence: tuple[Evidence, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingView:
    proposal: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One report. Findings and proposals come in the order of what they cost or gain."""

    schema: str = field(default=SCHEMA, init=False)
    generated_at: datetime
    mode: str
    sources: tuple[SourceReport, ...]
    rules: tuple[RuleView, ...]
    findings: tuple[FindingView, ...]
    proposals: tuple[ProposalView, ...]
    next: NextView
    waiting: tuple[WaitingView, ...]

    def proposal(self, proposal_id: str) -> ProposalView | None:
        return next((proposal for proposal in self.proposals if proposal.id == proposal_id), None)

    def finding(self, finding_id: str) -> FindingView | None:
        return next((finding for finding in self.findings if finding.id == finding_id), None)


def report_view(diagnosis: Diagnosis, *, mode: str) -> ReportView:
    """What `diagnosis` says, for every surface alike."""
    return ReportView(
        generated_at=diagnosis.snapshot.taken_at,
        mode=mode,
        sources=diagnosis.snapshot.sources,
        rules=tuple(RuleView(id=rule.rule, status=rule.status, reason=rule.reason) for rule in diagnosis.rules),
        findings=tuple(_finding(finding) for finding in diagnosis.findings),
        proposals=tuple(proposal_view(proposal) for proposal in diagnosis.proposals),
        next=_next(diagnosis.choice),
        waiting=tuple(WaitingView(proposal=one.proposal.id, reason=one.reason) for one in diagnosis.choice.waiting),
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
    )


def _finding(finding: Finding) -> FindingView:
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
    )


def _next(choice: Choice) -> NextView:
    proposal = choice.proposal
    return NextView(
        proposal=proposal.id if proposal is not None else None,
        reason=choice.reason,
        needs_approval=choice.needs_approval,
    )
