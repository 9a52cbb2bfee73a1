"""Alerts of others: what was taken of a notification, and what a look came to.

The schemas "advisor/alert-receipt/v1" and "advisor/alert-answer/v1".
"""

from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.alert import Alert, AlertAnswer
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.surfaces.views.report import ProposalView, proposal_view


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAlertView:
    """One that could not be read, by its place in the group, from 0."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReceipt:
    """What became of each alert of a notification.

    unmatched: no rule is about them. own: about the advisor itself. refused: the first that could not be read, and
    more_refused the number of the others. not_sent: left out by the sender.
    """

    schema: str = field(default="advisor/alert-receipt/v1", init=False)
    queued: int
    resolved: int
    duplicates: int
    unmatched: int
    own: int
    refused: tuple[RefusedAlertView, ...]
    more_refused: int
    not_sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One alert as its sender told it; starts_at, ends_at: null where not known."""

    name: str
    status: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime | None
    ends_at: datetime | None
    values: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFindingView:
    """What a look found that was begun because of an alert."""

    id: str
    rule: str
    severity: Severity
    subject: Subject
    summary: str
    cause: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAnswerView:
    """What the advisor says to them; `why` where it proposes nothing."""

    schema: str = field(default="advisor/alert-answer/v1", init=False)
    at: datetime
    outcome: str
    title: str
    alerts: tuple[AlertView, ...]
    count: int
    not_sent: int
    application: str
    rules: tuple[str, ...]
    findings: tuple[AlertFindingView, ...]
    proposals: tuple[ProposalView, ...]
    why: str
    change: str
    notes: tuple[str, ...]


def alert_answer_view(answer: AlertAnswer) -> AlertAnswerView:
    return AlertAnswerView(
        at=answer.at,
        outcome=answer.outcome.value,
        title=answer.title,
        alerts=tuple(_alert_view(alert) for alert in answer.alerts),
        count=answer.count,
        not_sent=answer.not_sent,
        application=answer.application,
        rules=answer.rules,
        findings=tuple(_finding_view(finding) for finding in answer.findings),
        proposals=tuple(proposal_view(proposal) for proposal in answer.proposals),
        why=answer.why,
        change=answer.change_id,
        notes=answer.notes,
    )


def _finding_view(finding: Finding) -> AlertFindingView:
    return AlertFindingView(
        id=finding.id,
        rule=finding.rule,
        severity=finding.severity,
        subject=finding.subject,
        summary=finding.summary,
        cause=finding.cause,
        evidence=finding.evidence,
    )


def _alert_view(alert: Alert) -> AlertView:
    return AlertView(
        name=alert.name,
        status=alert.status.value,
        labels=dict(alert.labels),
        annotations=dict(alert.annotations),
        starts_at=alert.starts_at,
        ends_at=alert.ends_at,
        values=dict(alert.values),
    )
