"""What a report says of one proposal or finding, in the words that all its layouts share."""

from advisor.model.finding import Evidence, Severity
from advisor.model.knob import Carrier, kind_of
from advisor.surfaces.documents.quantity import quantity, setting
from advisor.surfaces.views.fold import FindingGroup
from advisor.surfaces.views.report import FindingView, ProposalView, ReportView
from advisor.surfaces.views.statement import short_sql

_SIGNALS = {"query.mean_seconds": "the statement's mean time", "query.calls_per_second": "the statement's calls"}
_ITS_TURN = "one change at a time"
_BRIEF_LETTERS = 60


def headline(proposal: ProposalView) -> str:
    """What is changed, by its name."""
    if proposal.unit == "index":
        target = proposal.target
        return f"index {target.get('index')} on {target.get('schema')}.{target.get('table')}"
    return brief(proposal) if is_by_hand(proposal) else proposal.headline


def brief(proposal: ProposalView) -> str:
    """The change in a few words."""
    if is_by_hand(proposal):
        return short_sql(proposal.apply.rstrip(";"), _BRIEF_LETTERS)
    if proposal.unit == "index":
        return f"index {proposal.target.get('index')}"
    return f"{proposal.knob} {step(proposal)}"


def is_by_hand(proposal: ProposalView) -> bool:
    """Whether there is no knob for it at all."""
    return kind_of(proposal.knob).carrier is Carrier.PERSON


def step(proposal: ProposalView) -> str:
    before, after = (setting(one, proposal.unit, proposal.target) for one in (proposal.current, proposal.proposed))
    return f"{before} -> {after}"


def expected(view: ReportView, proposal: ProposalView) -> str:
    """The forecast with its interval, beside what is measured now."""
    forecast = proposal.prediction
    if forecast.model == "none":
        return "no number is promised"
    name = forecast.signal.partition("{")[0]
    low, likely, high = (quantity(value, forecast.unit) for value in (forecast.low, forecast.expected, forecast.high))
    finding = view.finding(proposal.finding)
    measured = next((one.value for one in finding.evidence if one.signal == name), None) if finding else None
    now = f", now {quantity(measured, forecast.unit)}" if isinstance(measured, int | float) else ""
    what = _SIGNALS.get(name, forecast.signal)
    return f"{what} becomes {likely} (between {low} and {high}{now}; {forecast.model})"


def rationale(view: ReportView, proposal: ProposalView) -> str:
    """Without the statement, which stands beside it."""
    finding = view.finding(proposal.finding)
    if finding is None or finding.statement is None:
        return proposal.rationale
    return proposal.rationale.replace(f"; helps: {finding.statement.text[:200]}", "")


def approval(view: ReportView, proposal: ProposalView) -> str:
    if not proposal.automatic:
        return "advice only: a person has to do it"
    if view.mode != "apply":
        return f"nothing is changed in mode {view.mode}"
    return "waits for a person's approval" if view.next.needs_approval else "made automatically"


def state(view: ReportView, proposal: ProposalView) -> str:
    """Where it stands: next, later, by hand, or what it waits for."""
    if proposal.id == view.next.proposal:
        return "next"
    if is_by_hand(proposal):
        return "by hand"
    reason = next((waiting.reason for waiting in view.waiting if waiting.proposal == proposal.id), "")
    return "later, one at a time" if reason.startswith(_ITS_TURN) else reason or "waits"


def answers(view: ReportView, group: FindingGroup) -> str:
    """What is proposed about a group, and why nothing is about the rest of it."""
    proposals = [found for name in group.proposals if (found := view.proposal(name)) is not None]
    if len(proposals) > 2 and all(is_by_hand(one) for one in proposals):
        told = [f"{len(proposals)} changes by hand, the first: {brief(proposals[0])}"]
    else:
        told = [f"{brief(one)} ({state(view, one)})" for one in proposals]
    return "; ".join([*told, *(f"none: {reason}" for reason in group.reasons)]) or "none: the rule gives no reason"


def cost(group: FindingGroup) -> str:
    """Its share of the database's time, else how many callers wait because of it."""
    if group.share is not None:
        return f"{group.share:.0%}" if group.share >= 0.01 else "<1%"
    waste = group.waste_seconds_per_second
    return f"{quantity(waste, '')} wait" if waste else "-"


def found(group: FindingGroup, letters: int) -> str:
    """Rule, place, how many, and the costliest statement's text."""
    statements = group.statements
    count = len(statements) if statements else len(group.findings)
    many = f" ({count} {'statements' if statements else 'findings'})" if count > 1 else ""
    text = f": {short_sql(statements[0].text, letters)}" if statements else ""
    alarm = f"{group.severity}: " if group.severity is Severity.CRITICAL else ""
    return f"{alarm}{group.rule}, {group.place}{many}{text}"


def cause(finding: FindingView) -> str:
    """The cause without the statement, which stands beside it."""
    text = finding.cause
    if finding.statement is not None:
        text = text.replace(f": {finding.statement.text[:200]}", "")
    return text


def evidence(one: Evidence) -> str:
    limit = f" (limit {quantity(one.threshold, one.unit)})" if one.threshold is not None else ""
    return f"{one.signal} = {quantity(one.value, one.unit)}{limit}"
