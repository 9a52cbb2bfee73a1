"""What is said to alerts: a look's findings and proposals, or why there are none. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from advisor.model.alert import Alert, AlertAnswer, AlertKind, AnswerOutcome, TargetedLook, notes_of
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.report import Diagnosis, RuleStatus
from advisor.surfaces.alerts.pending import Pending

_MOST_REASONS = 5
_GUIDE = "Monitoring and Alerting"


def answer_to(pending: Pending, outcome: AnswerOutcome, now: datetime, why: str = "") -> AlertAnswer:
    """An answer without a look."""
    focus = pending.task.focus
    return AlertAnswer(
        at=now,
        outcome=outcome,
        alerts=pending.alerts,
        count=pending.count,
        not_sent=pending.not_sent,
        application=focus.names[0] if focus.names else "",
        rules=tuple(sorted(focus.rules)),
        why=why,
        notes=notes_of(pending.alerts, pending.not_sent, now),
    )


def looked(pending: Pending, look: TargetedLook, now: datetime) -> AlertAnswer:
    """What the targeted look came to; without a name that is known here, the numbers of others are no answer."""
    diagnosis, application = look.diagnosis, look.application
    if pending.task.focus.names and not application:
        why = f"no such application is known: {', '.join(pending.task.focus.names)}"
        return answer_to(pending, AnswerOutcome.UNKNOWN_APPLICATION, now, why)
    outcome = AnswerOutcome.PROPOSED if diagnosis.proposals else AnswerOutcome.NO_KNOB
    answer = answer_to(pending, outcome, now, _why(diagnosis))
    return replace(answer, application=application, findings=diagnosis.findings, proposals=diagnosis.proposals)


def no_data(pending: Pending, now: datetime) -> AlertAnswer:
    """The sender could not judge its own rule: that is a finding, and no number is made of it."""
    name, alert = pending.task.name, pending.alerts[0]
    finding = Finding(
        rule="alert-without-data",
        key=name,
        severity=Severity.WARNING,
        subject=Subject(kind="alert", name=name),
        summary=f"no data for {name}",
        cause=_cause(alert),
        guide=_GUIDE,
        evidence=(Evidence(signal=alert.expression or name, value="missing", unit=""),),
        waste_seconds_per_second=0.0,
    )
    why = "what is not measured cannot be tuned; until it is, no trial of this application is kept"
    return replace(answer_to(pending, AnswerOutcome.NO_DATA, now, why), findings=(finding,))


def ending(alert: Alert, now: datetime) -> str:
    """The note on a change whose alert has ended."""
    lasted = alert.lasted(now)
    after = f" after {timedelta(seconds=round(lasted.total_seconds()))}" if lasted else ""
    what = "has ended" if alert.kind is AlertKind.THRESHOLD else "has data again"
    return f"the alert {alert.title} {what}{after}"


def _why(diagnosis: Diagnosis) -> str:
    """Why nothing is proposed: what the rules say of their findings and of what they lack, or that all is well."""
    if diagnosis.proposals:
        return ""
    if not diagnosis.rules:
        return "none of the rules that it is about is asked any more"
    reasons = [f"{one.summary}: {diagnosis.answers[one.id].reason}" for one in diagnosis.findings]
    reasons += [
        f"{rule.rule} could not judge: {rule.reason}" for rule in diagnosis.rules if rule.status is RuleStatus.SKIPPED
    ]
    healthy = [rule.rule for rule in diagnosis.rules if rule.status is RuleStatus.HEALTHY]
    if healthy and not diagnosis.findings:
        reasons.append(f"found nothing now: {', '.join(healthy)}")
    more = len(reasons) - _MOST_REASONS
    return "; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")


def _cause(alert: Alert) -> str:
    error = alert.annotation("Error")
    if alert.kind is AlertKind.QUERY_ERROR:
        return f"the sender's query failed: {error}" if error else "the sender's query failed"
    return "the sender found no samples for it"
