"""The report to be read at leisure: a card for each proposal, then each thing found, then how far to trust it."""

from advisor.surfaces.documents.document import Card, Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.documents.report import change_facts, flat_rows, how_far
from advisor.surfaces.documents.report_words import answers, cause, cost, evidence, headline, is_by_hand, state
from advisor.surfaces.documents.workloads import usage_section, workloads_section
from advisor.surfaces.views.fold import FindingGroup, grouped
from advisor.surfaces.views.plain_data import plain_mapping, to_the_second
from advisor.surfaces.views.report import ProposalView, ReportView
from advisor.surfaces.views.statement import StatementView, short_sql

_STATEMENT_LETTERS = 300
_MOST_STATEMENTS = 5
_MARK_LETTERS = 40


def report_page(view: ReportView) -> Document:
    """`view` laid out whole; its data is the view itself."""
    return Document(
        title=f"Tuning report of {to_the_second(view.generated_at)}, mode {view.mode}",
        data=plain_mapping(view),
        sections=(
            _proposals(view),
            _found(view),
            *workloads_section(view),
            *usage_section(view),
            how_far(view),
            _sources(view),
        ),
        rows=flat_rows(view),
    )


def _proposals(view: ReportView) -> Section:
    """The next one first, then in the order of what they gain; what only a person can do comes last."""
    ordered = sorted(view.proposals, key=lambda one: (one.id != view.next.proposal, is_by_hand(one)))
    facts = () if view.next.proposal is not None else (Fact(label="Next change", text=f"none: {view.next.reason}"),)
    return Section(
        heading=f"Proposals: {len(ordered)}", facts=facts, cards=tuple(_card(view, proposal) for proposal in ordered)
    )


def _card(view: ReportView, proposal: ProposalView) -> Card:
    where = state(view, proposal)
    marks = (where if len(where) <= _MARK_LETTERS else "waits", f"{proposal.risk.value} risk")
    return Card(title=headline(proposal), marks=marks, facts=tuple(change_facts(view, proposal)), plots=proposal.plots)


def _found(view: ReportView) -> Section:
    groups = grouped(view.findings)
    nothing = (Fact(label="Nothing", text="was found wrong by the rules that could judge"),)
    return Section(
        heading=f"Found: {len(view.findings)}",
        facts=() if groups else nothing,
        cards=tuple(_finding(view, group) for group in groups),
    )


def _finding(view: ReportView, group: FindingGroup) -> Card:
    first, statements = group.findings[0], group.statements
    told = [Fact(label="Found", text=first.summary), Fact(label="Cause", text=_causes(group))]
    told.extend(Fact(label="Statement", text=_statement(one)) for one in statements[:_MOST_STATEMENTS])
    if len(statements) > _MOST_STATEMENTS:
        told.append(Fact(label="Statements", text=f"and {len(statements) - _MOST_STATEMENTS} more"))
    told.append(Fact(label="Proposed", text=answers(view, group)))
    told.append(Fact(label="Evidence", text="; ".join(evidence(one) for one in first.evidence)))
    told.append(Fact(label="Guide", text=first.guide))
    share = f"{cost(group)} of database time" if group.share is not None else cost(group)
    marks = (group.severity.value, *((share,) if share != "-" else ()))
    return Card(title=f"{group.rule}: {group.place}", marks=marks, facts=tuple(told))


def _statement(one: StatementView) -> str:
    load = (
        f"{one.share:.0%} of the time, {quantity(one.calls_per_second, '1/s')}, mean {quantity(one.mean_seconds, 's')}"
    )
    return f"{short_sql(one.text, _STATEMENT_LETTERS)} ({load})"


def _causes(group: FindingGroup) -> str:
    return "; ".join(dict.fromkeys(cause(finding) for finding in group.findings))


def _sources(view: ReportView) -> Section:
    rows = tuple(
        (source.name, source.status.value, f"{source.latency_seconds:.3f} s", source.detail) for source in view.sources
    )
    table = Table(columns=("Source", "Status", "Took", "Detail"), rows=rows)
    return Section(heading="Sources", table=table, if_empty="No source is configured.")
