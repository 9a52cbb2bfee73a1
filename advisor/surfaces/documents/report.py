"""The report for people, in about a screen: the one next change, and a line for each thing found with its answer."""

from collections import Counter
from collections.abc import Iterator

from advisor.model.proposal import Reservation
from advisor.model.report import RuleStatus
from advisor.model.snapshot import SourceStatus
from advisor.model.units import format_duration
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.report_words import (
    answers,
    approval,
    cause,
    cost,
    expected,
    found,
    headline,
    rationale,
    step,
)
from advisor.surfaces.documents.workloads import workloads_section
from advisor.surfaces.views.fold import grouped
from advisor.surfaces.views.plain_data import plain_mapping, to_the_second
from advisor.surfaces.views.report import ProposalView, ReportView
from advisor.surfaces.views.statement import short_sql

_MOST_GROUPS = 20
_MOST_WORKLOADS = 20
_STATEMENT_LETTERS = 64
_NEXT_LETTERS = 300


def report_document(view: ReportView) -> Document:
    """`view` laid out; its data is the view itself."""
    return Document(
        title=f"Tuning report of {to_the_second(view.generated_at)}, mode {view.mode}",
        data=plain_mapping(view),
        sections=(_next(view), _found(view), *workloads_section(view, _MOST_WORKLOADS), how_far(view)),
        rows=flat_rows(view),
    )


def _next(view: ReportView) -> Section:
    proposal = view.proposal(view.next.proposal) if view.next.proposal is not None else None
    if proposal is None:
        return Section(heading="Next change: none", facts=(Fact(label="Why", text=view.next.reason), *_probation(view)))
    facts = (*change_facts(view, proposal), *_probation(view))
    return Section(heading=f"Next change: {headline(proposal)}", facts=facts)


def _probation(view: ReportView) -> tuple[Fact, ...]:
    return (Fact(label="On probation", text=view.next.probation),) if view.next.probation else ()


def change_facts(view: ReportView, proposal: ProposalView) -> Iterator[Fact]:
    """One proposal whole: what, why, what is expected, and how it is done and undone."""
    if proposal.unit != "index":
        yield Fact(label="Change", text=step(proposal))
    finding = view.finding(proposal.finding)
    if finding is not None:
        yield Fact(label="Found", text=finding.summary)
        yield Fact(label="Cause", text=cause(finding))
        if finding.statement is not None:
            share = f" ({finding.statement.share:.0%} of the database's time)"
            yield Fact(label="Statement", text=short_sql(finding.statement.text, _NEXT_LETTERS) + share)
    reasons = {waiting.proposal: waiting.reason for waiting in view.waiting}
    if proposal.id == view.next.proposal:
        yield Fact(label="Why this one", text=view.next.reason)
    elif proposal.id in reasons:
        yield Fact(label="Waits", text=reasons[proposal.id])
    yield Fact(label="Why so much", text=rationale(view, proposal))
    yield Fact(label="Expected", text=expected(view, proposal))
    yield Fact(label="Risk", text="; ".join([proposal.risk.value, *proposal.doubts]))
    yield Fact(label="Approval", text=approval(view, proposal))
    yield Fact(label="Apply by hand", text=proposal.apply, is_code=True)
    if proposal.undo:
        yield Fact(label="Undo", text=proposal.undo, is_code=True)
    for alternative in proposal.alternatives:
        yield Fact(label="Instead", text=alternative)


def _found(view: ReportView) -> Section:
    groups = grouped(view.findings)
    rows = [(cost(group), found(group, _STATEMENT_LETTERS), answers(view, group)) for group in groups[:_MOST_GROUPS]]
    if groups[_MOST_GROUPS:]:
        left = Counter(group.rule for group in groups[_MOST_GROUPS:] for _ in group.findings)
        told = ", ".join(f"{count} {'findings' if count > 1 else 'finding'} of {rule}" for rule, count in left.items())
        rows.append(("", f"and {told}", "-o wide and -o html show all"))
    return Section(
        heading=f"Found: {len(view.findings)}, and what is proposed",
        table=Table(columns=("DB time", "Found", "Proposed"), rows=tuple(rows)),
        if_empty="Nothing was found wrong by the rules that could judge.",
    )


def how_far(view: ReportView) -> Section:
    """How far to trust it: over what time, from which sources, by which rules."""
    facts = [Fact(label="Rates", text=_measured(view))]
    for status in SourceStatus:
        named = [
            f"{one.name} ({one.detail})" if one.detail else one.name for one in view.sources if one.status is status
        ]
        if named:
            facts.append(Fact(label=f"Sources {status.value}", text=", ".join(named)))
    for fate in (RuleStatus.FIRED, RuleStatus.HEALTHY):
        named = [one.id + (f" ({one.reason})" if one.reason else "") for one in view.rules if one.status is fate]
        if named:
            facts.append(Fact(label=f"Rules {fate.value}", text=", ".join(named)))
    skipped: dict[str, list[str]] = {}
    for one in view.rules:
        if one.status is RuleStatus.SKIPPED:
            skipped.setdefault(one.reason, []).append(one.id)
    facts.extend(Fact(label="Rules skipped", text=f"{', '.join(ids)}: {reason}") for reason, ids in skipped.items())
    return Section(heading="How far to trust it", facts=tuple(facts))


def _measured(view: ReportView) -> str:
    if view.counted_seconds is None:
        return "no database was read"
    counted = format_duration(view.counted_seconds)
    if not view.looked_seconds:
        return f"of the {counted} since the statements' counters began; --look 10s measures what happens now"
    windows = [one.statement.seconds for one in view.findings if one.statement is not None]
    seldom = sum(1 for seconds in windows if seconds > view.looked_seconds)
    text = f"of the {format_duration(view.looked_seconds)} between two looks"
    if seldom:
        which = "one finding is on a statement" if seldom == 1 else f"{seldom} findings are on statements"
        text += f"; {which} that did not run then, with rates of the {counted} before"
    return text


_FLAT_COLUMNS = (
    "severity", "rule", "subject_kind", "subject", "namespace", "summary", "cause", "knob", "target", "current",
    "proposed", "unit", "risk", "automatic", "expected_signal", "expected", "decision", "reason", "apply", "undo",
    "cores", "memory_bytes", "cost_a_month", "currency",
)  # fmt: skip


def flat_rows(view: ReportView) -> Table:
    """One row for each proposal, and one for each finding without any."""
    rows: list[tuple[str, ...]] = []
    for finding in view.findings:
        subject = finding.subject
        found = (finding.severity.value, finding.rule, subject.kind, subject.name, subject.namespace or "")
        head = (*found, finding.summary, finding.cause)
        proposals = [proposal for proposal in view.proposals if proposal.finding == finding.id]
        rows.extend((*head, *_flat_proposal(view, proposal)) for proposal in proposals)
        if not proposals:
            answered = {"decision": "none", "reason": finding.no_proposal or ", ".join(finding.proposals)}
            rows.append((*head, *(answered.get(column, "") for column in _FLAT_COLUMNS[len(head) :])))
    return Table(columns=_FLAT_COLUMNS, rows=tuple(rows))


def _flat_proposal(view: ReportView, proposal: ProposalView) -> tuple[str, ...]:
    waits = {waiting.proposal: waiting.reason for waiting in view.waiting}
    is_next = proposal.id == view.next.proposal
    return (
        proposal.knob,
        " ".join(f"{label}={name}" for label, name in proposal.target.items()),
        "" if proposal.current is None else str(proposal.current),
        "" if proposal.proposed is None else str(proposal.proposed),
        proposal.unit,
        proposal.risk.value,
        "true" if proposal.automatic else "false",
        proposal.prediction.signal,
        str(proposal.prediction.expected),
        "next" if is_next else "waiting",
        view.next.reason if is_next else waits.get(proposal.id, ""),
        proposal.apply,
        proposal.undo,
        *_flat_reservation(proposal.reserved),
    )


def _flat_reservation(more: Reservation | None) -> tuple[str, ...]:
    if more is None:
        return ("", "", "", "")
    cost = "" if more.cost_a_month is None else f"{more.cost_a_month:.2f}"
    return (f"{more.cores:g}", f"{more.memory_bytes:.0f}", cost, more.currency)
