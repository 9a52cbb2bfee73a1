"""The workloads of a cluster as a table."""

from collections.abc import Sequence

from advisor.model.kubernetes.quantity import show_bytes
from advisor.surfaces.documents.document import Section, Table
from advisor.surfaces.views.workload import WorkloadView

_COLUMNS = ("Workload", "Replicas", "QoS", "CPU request", "Memory request", "Autoscaler", "Notes")


def workloads_section(workloads: Sequence[WorkloadView], most: int | None = None) -> tuple[Section, ...]:
    """One section, none where no cluster was read. most: rows to show; None shows all."""
    if not workloads:
        return ()
    shown = workloads if most is None else workloads[:most]
    rows = [_row(one) for one in shown]
    if len(shown) < len(workloads):
        rows.append((f"and {len(workloads) - len(shown)} more", "", "", "", "", "", "-o wide and -o html show all"))
    return (Section(heading=f"Workloads: {len(workloads)}", table=Table(columns=_COLUMNS, rows=tuple(rows))),)


def _row(one: WorkloadView) -> tuple[str, ...]:
    return (
        f"{one.kind.lower()} {one.namespace}/{one.name}",
        "-" if one.replicas is None else str(one.replicas),
        one.qos,
        "none" if one.cpu_request_cores is None else f"{one.cpu_request_cores:g}",
        "none" if one.memory_request_bytes is None else show_bytes(one.memory_request_bytes),
        "; ".join(one.autoscalers) or "-",
        "; ".join(one.notes),
    )
