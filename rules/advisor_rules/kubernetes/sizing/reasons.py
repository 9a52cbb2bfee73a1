"""Why a container is not sized, in words that a person can check."""

from collections.abc import Iterator
from enum import StrEnum

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.usage import ContainerUsage
from advisor.model.kubernetes.workload import Workload
from advisor.settings.kubernetes.sizing import SizingGuide
from advisor_rules.kubernetes.sizing.leak import growth_of, sawtooth_of

_RECENT_DAYS = 2


class Unfit(StrEnum):
    """What kind of reason it is."""

    GOING = "namespace going"
    MIRROR = "mirror pod"
    ROLLOUT = "rollout"
    VPA = "vertical autoscaler"
    UNREAD = "an autoscaler that cannot be read"
    POD_BUDGET = "pod-level resources"
    INJECTED = "injected"
    WRITER = "another field manager"
    FEW_DATA = "not enough data"
    CRASH_LOOP = "crash loop"
    LEAK = "leak"
    GROWTH = "growth"


SILENT = (Unfit.FEW_DATA, Unfit.CRASH_LOOP)
"""With these its numbers say nothing of its load."""


def why_not(
    cluster: ClusterState,
    workload: Workload,
    container: Container,
    name: ResourceName,
    usage: ContainerUsage,
    guide: SizingGuide,
) -> Iterator[tuple[Unfit, str]]:
    """Every reason against a size of that resource, the plainest first."""
    if workload.meta.namespace in cluster.going:
        yield Unfit.GOING, f"the namespace {workload.meta.namespace} is being deleted"
    if workload.meta.is_mirror:
        yield Unfit.MIRROR, "a file on its node makes it: only that file can be changed"
    if workload.rollout.in_progress:
        yield Unfit.ROLLOUT, workload.rollout.in_progress
    if not workload.template.pod.is_empty:
        yield Unfit.POD_BUDGET, "its pods have resources of their own: size those"
    if container.is_injected:
        yield Unfit.INJECTED, f"{container.name} is injected: its injector has the setting"
    if container.sized_by:
        who = " and ".join(container.sized_by)
        yield (
            Unfit.WRITER,
            f"field manager {who} writes the sizes of {container.name}, which others made: set them there",
        )
    yield from _of_autoscalers(cluster, workload, container, name)
    yield from of_usage(usage, guide)


def _of_autoscalers(
    cluster: ClusterState, workload: Workload, container: Container, name: ResourceName
) -> Iterator[tuple[Unfit, str]]:
    """Vertical ones that write the resource, and horizontal ones of which nobody knows what they divide by."""
    for vpa in cluster.vpas_of(workload):
        if name in vpa.writes(container.name):
            told = vpa.recommended.get(container.name)
            says = f"; it recommends {told} for {container.name}" if told else ""
            has_limit = container.resources.limits.of(name) is not None
            both = " and limits" if has_limit and vpa.policy_of(container.name).writes_limits else ""
            yield Unfit.VPA, f"VPA {vpa.meta.name} ({vpa.mode}) writes its requests{both}{says}"
    for hpa in cluster.hpas_of(workload):
        if hpa.unread_metrics:
            yield Unfit.UNREAD, f"HPA {hpa.meta.name} may divide by its request: {hpa.unread_metrics}"


def of_usage(usage: ContainerUsage, guide: SizingGuide) -> Iterator[tuple[Unfit, str]]:
    """What its own numbers say against a size."""
    if usage.hours < guide.least_hours:
        yield Unfit.FEW_DATA, f"{usage.hours} hours of usage, and {guide.least_hours} are needed"
    elif usage.coverage < guide.least_coverage:
        yield Unfit.FEW_DATA, f"only {usage.coverage:.0%} of the time has a value"
    kills = sum(day.oom_kills or 0 for day in usage.days[-_RECENT_DAYS:])
    others = usage.restarts - kills
    if others >= guide.crash_loop_restarts or (usage.is_crash_looping and others > kills):
        yield Unfit.CRASH_LOOP, f"{usage.key.container} restarts again and again ({usage.restarts} times in a day)"
    growth = growth_of(usage, guide)
    if growth is not None:
        grows = f"the memory of {usage.key.container} grows by {growth.ratio_per_day:.0%} a day without more load"
        if growth.is_leak:
            yield Unfit.LEAK, f"{grows}: a leak is mended, not sized"
        else:
            yield Unfit.GROWTH, f"{grows}: whether it leaks cannot be told yet"
    sawtooth = sawtooth_of(usage, guide)
    if sawtooth is not None:
        killed = f"{usage.key.container} is killed at its memory limit every {sawtooth.hours:.0f} hours"
        if sawtooth.is_leak:
            yield Unfit.LEAK, f"{killed}, and climbs to it each time: a leak is mended, not sized"
        else:
            yield Unfit.GROWTH, f"{killed}: whether it leaks cannot be told from so short lives"


def reasons_text(reasons: list[tuple[Unfit, str]]) -> str:
    return "; ".join(text for _, text in reasons)


def autoscaled(cluster: ClusterState, workload: Workload, container: Container, name: ResourceName) -> str:
    """Which autoscaler divides by its request, as a sentence calls it; "" for none."""
    for hpa in cluster.hpas_of(workload):
        for metric in hpa.metrics:
            if metric.divides_by is name and metric.container in ("", container.name):
                return hpa.title
    return ""
