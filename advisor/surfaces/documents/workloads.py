"""The workloads of a cluster as a table: what each has now, what is proposed, why, at what risk, for what money."""

from collections.abc import Iterator, Sequence

from advisor.model.kubernetes.quantity import show_bytes
from advisor.model.proposal import Reservation
from advisor.surfaces.documents.document import Card, Fact, Section, Table
from advisor.surfaces.documents.quantity import setting
from advisor.surfaces.views.report import FindingView, ProposalView, ReportView
from advisor.surfaces.views.workload import MOST_PLOTTED, WorkloadView

_WIDE = "About"
_COLUMNS = ("Workload", "Replicas", "Now", "Proposed", "Why", "Risk", "A month", _WIDE)
_NO_PRICE = "no price is set (guide.kubernetes.sizing.price_core_month, price_gib_month)"


def workloads_section(view: ReportView, most: int | None = None) -> tuple[Section, ...]:
    """One section, none where no cluster was read. most: workloads to show; None shows all."""
    workloads = view.workloads
    if not workloads:
        return ()
    shown = _first(view, workloads, most)
    rows = [row for one in shown for row in _rows(view, one)]
    if len(shown) < len(workloads):
        more = (f"and {len(workloads) - len(shown)} more", "", "", "", "-o wide and -o html show all")
        rows.append((*more, *[""] * (len(_COLUMNS) - len(more))))
    table = Table(columns=_COLUMNS, rows=tuple(rows), wide_columns=frozenset({_WIDE}))
    return (Section(heading=f"Workloads: {len(workloads)}", facts=tuple(_money(view)), table=table),)


def _first(view: ReportView, workloads: Sequence[WorkloadView], most: int | None) -> Sequence[WorkloadView]:
    """Those with proposals come first where not all are shown."""
    if most is None or len(workloads) <= most:
        return workloads
    return sorted(workloads, key=lambda one: not _proposals(view, one))[:most]


def _proposals(view: ReportView, one: WorkloadView) -> Sequence[ProposalView]:
    names = [name for found in _findings(view, one) for name in found.proposals]
    return [found for name in dict.fromkeys(names) if (found := view.proposal(name)) is not None]


def _findings(view: ReportView, one: WorkloadView) -> Iterator[FindingView]:
    return (found for name in one.findings if (found := view.finding(name)) is not None)


def _rows(view: ReportView, one: WorkloadView) -> Iterator[tuple[str, ...]]:
    """One for each proposal; one where there is none, with the reason as far as there is one."""
    name, replicas = _name(one), "-" if one.replicas is None else str(one.replicas)
    for number, proposal in enumerate(_proposals(view, one)):
        now, then = (setting(value, proposal.unit, proposal.target) for value in (proposal.current, proposal.proposed))
        finding = view.finding(proposal.finding)
        why = proposal.rule if finding is None else f"{proposal.rule}: {_said(finding, one)}"
        money = _amount(proposal.reserved) if proposal.reserved is not None else "-"
        yield (name, replicas, now, then, why, proposal.risk.value, money, "" if number else _about(one))
    if not _proposals(view, one):
        why = "; ".join(f"{found.rule}: {found.no_proposal}" for found in _findings(view, one) if found.no_proposal)
        yield (name, replicas, _asked(one), "-", why, "-", "-", _about(one))


def _name(one: WorkloadView) -> str:
    return f"{one.kind.lower()} {one.namespace}/{one.name}"


def _said(finding: FindingView, one: WorkloadView) -> str:
    return finding.summary.removeprefix(f"{one.kind} {one.namespace}/{one.name} ")


def _about(one: WorkloadView) -> str:
    return "; ".join((one.qos, f"asks for {_asked(one)}", *one.autoscalers, *one.notes))


def _asked(one: WorkloadView) -> str:
    return f"cpu {_cores(one)}, memory {_memory(one)}"


def _cores(one: WorkloadView) -> str:
    return "none" if one.cpu_request_cores is None else f"{one.cpu_request_cores:g}"


def _memory(one: WorkloadView) -> str:
    return "none" if one.memory_request_bytes is None else show_bytes(one.memory_request_bytes)


def _amount(one: Reservation) -> str:
    """Money where a price is known, else what it would be paid for."""
    if one.cost_a_month is not None:
        return f"{one.cost_a_month:+,.2f} {one.currency}"
    parts = [f"{one.cores:+.3g} cores"] if one.cores else []
    parts += (
        [f"{'-' if one.memory_bytes < 0 else '+'}{show_bytes(round(abs(one.memory_bytes)))}"]
        if one.memory_bytes
        else []
    )
    return ", ".join(parts) or "-"


def _money(view: ReportView) -> Iterator[Fact]:
    """Of all proposals together; a sum over currencies there is none, as one setting names it."""
    changes = [one.reserved for one in view.proposals if one.reserved is not None]
    if not changes:
        return
    costs = [one.cost_a_month for one in changes if one.cost_a_month is not None]
    total = Reservation(
        cores=sum(one.cores for one in changes),
        memory_bytes=sum(one.memory_bytes for one in changes),
        cost_a_month=sum(costs) if costs else None,
        currency=next((one.currency for one in changes if one.currency), ""),
    )
    yield Fact(label="All together", text=f"{_amount(total)} a month" if costs else f"{_amount(total)}; {_NO_PRICE}")


def usage_section(view: ReportView) -> tuple[Section, ...]:
    """What the containers used, drawn; none where no usage was read."""
    drawn = [one for one in view.workloads if one.plots]
    if not drawn:
        return ()
    left = len(view.workloads) - len(drawn)
    facts = [Fact(label="One pod", text="each plot is of one pod of the workload, by the hour (UTC)")]
    if left:
        facts.append(
            Fact(
                label="Not drawn",
                text=f"{left} workloads: without usage, or in order and beyond the first {MOST_PLOTTED}",
            )
        )
    cards = tuple(Card(title=_name(one), plots=one.plots) for one in drawn)
    return (Section(heading="Usage beside requests and limits", facts=tuple(facts), cards=cards),)
