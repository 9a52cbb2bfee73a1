"""What a container that asks for nothing should ask for: from what it used, or the guide's row as a beginning."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

from advisor.model.kubernetes.resources import Amounts, ResourceName
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.kubernetes.workload import Workload
from advisor.model.snapshot import Snapshot
from advisor.settings.guide import GuideSettings
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.sizing.lack import Lack
from advisor_rules.kubernetes.sizing.measured import measured
from advisor_rules.kubernetes.sizing.reasons import of_usage
from advisor_rules.kubernetes.sizing.size import rounded_up
from advisor_rules.kubernetes.sizing.target import target_of

_RUNS_ONCE = ("CronJob", "Job")
_Amount = TypeVar("_Amount", Fraction, int)
_MEASURED = "the 95th percentile of CPU and the highest daily peaks of memory, with a margin"


def telling(snapshot: Snapshot, workload: Workload, guide: SizingGuide) -> Mapping[str, ContainerUsage]:
    """By container, the usage where nothing in its numbers speaks against sizing by them."""
    seen = measured(snapshot, workload)
    return {container.name: usage for container, usage in seen if not any(of_usage(usage, guide))}


def first_requests(
    workload: Workload, found: Sequence[Lack], used: Mapping[str, ContainerUsage], guide: GuideSettings
) -> Mapping[str, Amounts]:
    """By container; never above a limit that it has, as no server takes that. used: as `telling` has it."""
    return {lack.container.name: _first(workload, lack, used.get(lack.container.name), guide) for lack in found}


def source_of(found: Sequence[Lack], used: Mapping[str, ContainerUsage]) -> str:
    """Where the amounts come from, in words."""
    names = [lack.container.name for lack in found]
    measured_ones, others = [one for one in names if one in used], [one for one in names if one not in used]
    told = [f"for {', '.join(measured_ones)} {_MEASURED}"] if measured_ones else []
    told += [f"for {', '.join(others)} the guide's recommended settings as a beginning"] if others else []
    return "; ".join(told)


def _within(wanted: _Amount, limit: _Amount | None) -> _Amount:
    """A limit of 0 is one to the server, though no kernel enforces it."""
    return wanted if limit is None else min(wanted, limit)


def _first(workload: Workload, lack: Lack, usage: ContainerUsage | None, guide: GuideSettings) -> Amounts:
    rows = guide.kubernetes
    row = rows.job_request if workload.meta.kind in _RUNS_ONCE else rows.service_request
    now, limits = lack.container.resources, lack.container.resources.limits
    cores, memory = Fraction(str(row.cpu_cores)), row.memory_bytes
    if usage is not None and (cpu := target_of(ResourceName.CPU, usage, now, rows.sizing)) is not None:
        cores = Fraction(rounded_up(ResourceName.CPU, cpu.request))
    if usage is not None and (space := target_of(ResourceName.MEMORY, usage, now, rows.sizing)) is not None:
        memory = int(rounded_up(ResourceName.MEMORY, space.request))
    return Amounts(
        cpu_cores=_within(cores, limits.cpu_cores) if ResourceName.CPU in lack.resources else None,
        memory_bytes=_within(memory, limits.memory_bytes) if ResourceName.MEMORY in lack.resources else None,
    )
