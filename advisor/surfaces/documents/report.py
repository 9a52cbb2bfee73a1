"""The report for people: the one next change first, then what waits, what was found, and how far to trust it."""

from advisor.model.finding import Evidence
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity, setting
from advisor.surfaces.views.plain_data import plain_mapping, to_the_second
from advisor.surfaces.views.report import FindingView, ProposalView, ReportView


def report_document(view: ReportView) -> Document:
    """`view` laid out; its data is the view itself."""
    return Document(
        title=f"Tuning report of {to_the_second(view.generated_at)}, mode {view.mode}",
        data=plain_mapping(view),
        sections=(_next(view), _waiting(view), _findings(view), _sources(view), _rules(view)),
        rows=_flat_rows(view),
    )


def _next(view: ReportView) -> Section:
    proposal = view.proposal(view.next.proposal) if view.next.proposal is not None else None
    if proposal is None:
        return Section(heading="Next change: none", facts=(Fact(label="Why", text=view.next.reason),))
    finding = view.finding(proposal.finding)
    found = (Fact(label="Found", text=finding.summary), Fact(label="Cause", text=finding.cause)) if finding else ()
    return Section(
        heading=f"Next change: {proposal.headline}",
        facts=(
            Fact(label="Change", text=_step(proposal)),
            *found,
            Fact(label="Why this one", text=view.next.reason),
            Fact(label="Why so much", text=proposal.rationale),
            Fact(label="Expected", text=_expected(proposal)),
            Fact(label="Risk", text=proposal.risk.value),
            Fact(label="Approval", text=_approval(view, proposal)),
            Fact(label="Apply by hand", text=proposal.apply, is_code=True),
            Fact(label="Undo", text=proposal.undo, is_code=True),
            *(Fact(label="Instead", text=alternative) for alternative in proposal.alternatives),
        ),
    )


def _approval(view: ReportView, proposal: ProposalView) -> str:
    if not proposal.automatic:
        return "advice only: no knob reaches this, a person has to do it"
    if view.mode != "apply":
        return f"nothing is changed in mode {view.mode}"
    return "waits for a person's approval" if view.next.needs_approval else "made automatically"


def _step(proposal: ProposalView) -> str:
    before, after = (setting(one, proposal.unit, proposal.target) for one in (proposal.current, proposal.proposed))
    return f"{before} -> {after}"


def _expected(proposal: ProposalView) -> str:
    forecast = proposal.prediction
    low, expected, high = (quantity(value, forecast.unit) for value in (forecast.low, forecast.expected, forecast.high))
    return f"{forecast.signal} becomes {expected} (between {low} and {high}; {forecast.model})"


def _waiting(view: ReportView) -> Section:
    reasons = {waiting.proposal: waiting.reason for waiting in view.waiting}
    rows = tuple(
        (one.headline, _step(one), one.risk.value, reasons[one.id], _expected(one), one.apply, one.undo, one.id)
        for one in view.proposals
        if one.id in reasons
    )
    columns = ("Change", "Step", "Risk", "Why it waits", "Expected", "Apply by hand", "Undo", "Proposal")
    wide = frozenset({"Expected", "Apply by hand", "Undo", "Proposal"})
    return Section(
        heading="Waiting", table=Table(columns=columns, rows=rows, wide_columns=wide), if_empty="No other proposal."
    )


def _findings(view: ReportView) -> Section:
    rows = tuple(
        (
            finding.severity.value,
            finding.rule,
            _subject(finding),
            finding.summary,
            quantity(finding.waste_seconds_per_second, ""),  # seconds waited per second: so many wait at any moment
            finding.cause,
            "; ".join(_evidence(one) for one in finding.evidence),
            finding.guide,
        )
        for finding in view.findings
    )
    columns = ("Severity", "Rule", "Subject", "Summary", "Callers waiting", "Cause", "Evidence", "Guide")
    table = Table(columns=columns, rows=rows, wide_columns=frozenset({"Cause", "Evidence", "Guide"}))
    return Section(heading="Findings", table=table, if_empty="Nothing was found wrong by the rules that could judge.")


def _subject(finding: FindingView) -> str:
    namespace = f"{finding.subject.namespace}/" if finding.subject.namespace else ""
    return f"{finding.subject.kind} {namespace}{finding.subject.name}"


def _evidence(evidence: Evidence) -> str:
    limit = f" (limit {quantity(evidence.threshold, evidence.unit)})" if evidence.threshold is not None else ""
    return f"{evidence.signal} = {quantity(evidence.value, evidence.unit)}{limit}"


def _sources(view: ReportView) -> Section:
    rows = tuple(
        (source.name, source.status.value, f"{source.latency_seconds:.3f} s", source.detail) for source in view.sources
    )
    table = Table(columns=("Source", "Status", "Took", "Detail"), rows=rows, wide_columns=frozenset({"Took"}))
    return Section(heading="Sources", table=table, if_empty="No source is configured.")


def _rules(view: ReportView) -> Section:
    rows = tuple((rule.id, rule.status.value, rule.reason) for rule in view.rules)
    return Section(
        heading="Rules", table=Table(columns=("Rule", "Status", "Reason"), rows=rows), if_empty="No rule was run."
    )


_FLAT_COLUMNS = (
    "severity", "rule", "subject_kind", "subject", "namespace", "summary", "cause", "knob", "target", "current",
    "proposed", "unit", "risk", "automatic", "expected_signal", "expected", "decision", "reason", "apply", "undo",
)  # fmt: skip


def _flat_rows(view: ReportView) -> Table:
    """One row for each proposal, and one for each finding without any."""
    rows: list[tuple[str, ...]] = []
    for finding in view.findings:
        subject = finding.subject
        found = (finding.severity.value, finding.rule, subject.kind, subject.name, subject.namespace or "")
        head = (*found, finding.summary, finding.cause)
        proposals = [proposal for proposal in view.proposals if proposal.finding == finding.id]
        rows.extend((*head, *_flat_proposal(view, proposal)) for proposal in proposals)
        if not proposals:
            rows.append((*head, *([""] * (len(_FLAT_COLUMNS) - len(head)))))
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
    )
