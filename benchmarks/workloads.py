"""How well faults of size are told apart, and what sizes cost and risk on the following days, beside two peers.

    python benchmarks/workloads.py [--first 30] [--seeds 10] [--days 4] [--following 2]

Workloads are generated (benchmarks/workloads_world.py), 72 from each seed. Thresholds were chosen on seeds 0 to 29; the
result is that of others. Ends with 1 when precision or recall of a class is below 0.9, when a proposal is unsafe, or
when a leak is sized.
"""

import argparse
import json
import shlex
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from statistics import fmean
from typing import Any

import numpy as np
from workloads_peers import Sizes, plain, vpa
from workloads_world import A_DAY, BEGAN, PODS, STEP, Kind, World, worlds

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container, PodTemplate, QosClass
from advisor.model.kubernetes.quantity import parse_quantity
from advisor.model.kubernetes.resources import Amounts, ResourceName, Resources
from advisor.model.kubernetes.usage import ClusterUsage, ContainerKey, ContainerUsage
from advisor.model.kubernetes.workload import Meta, ObjectRef, Workload
from advisor.model.snapshot import Snapshot
from advisor.settings.guide import GuideSettings
from advisor.settings.kubernetes.usage import UsageSettings
from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place, source_of
from advisor.sources.kubernetes_usage.look import weighed
from advisor.sources.kubernetes_usage.tallies.tally import Tally
from advisor.testing.snapshots import a_context
from advisor_rules.kubernetes.cpu_throttled import CPU_THROTTLED
from advisor_rules.kubernetes.oom_killed import OOM_KILLED
from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from advisor_rules.kubernetes.resources_under_provisioned import RESOURCES_UNDER_PROVISIONED
from advisor_rules.kubernetes.sizing.reasons import Unfit, of_usage
from advisor_rules.kubernetes.sizing.target import target_of

BAR = 0.9
SEEN = 30
"""Seeds below it were looked at while thresholds were chosen."""
COMPARED = (Kind.RIGHT, Kind.OVER, Kind.UNDER, Kind.THROTTLED, Kind.OOM)
NODE = Amounts(cpu_cores=Fraction(16), memory_bytes=64 * 1024**3)
GUIDE = GuideSettings()
SIZING = GUIDE.kubernetes.sizing
SETTINGS = UsageSettings()
RULES = {
    Kind.OOM: OOM_KILLED,
    Kind.THROTTLED: CPU_THROTTLED,
    Kind.UNDER: RESOURCES_UNDER_PROVISIONED,
    Kind.OVER: RESOURCES_OVER_PROVISIONED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What a size costs and risks on the following days, of one workload.

    idle_*: share of the request. beyond_request, beyond_limit: share of the CPU that is needed above it, None without a
    limit. ooms, over_request: how often memory goes above its limit and its request.
    """

    idle_cpu: float
    idle_memory: float
    beyond_request: float
    beyond_limit: float | None
    ooms: int
    over_request: int


@dataclass(slots=True)
class Result:
    """after: by method. vpa_acts: how often VPA's bounds leave out what is asked for now."""

    told: Counter[tuple[Kind, Kind]] = field(default_factory=Counter)
    unsafe: list[str] = field(default_factory=list)
    sized_leaks: list[str] = field(default_factory=list)
    proposals: int = 0
    after: dict[str, list[After]] = field(default_factory=dict)
    vpa_acts: Counter[Kind] = field(default_factory=Counter)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--first", type=int, default=SEEN, help="seed; those below 30 were tuned on")
    parser.add_argument("--seeds", type=int, default=10, help="how many; each gives 72 workloads")
    parser.add_argument("--days", type=int, default=4, help="that the advisor sees")
    parser.add_argument("--following", type=int, default=2, help="on which sizes are judged")
    arguments = parser.parse_args()
    result = Result()
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for world in worlds(seed, arguments.days, arguments.following):
            _judge(world, arguments.days, result)
    print("tuned on" if arguments.first < SEEN else "fresh seeds")
    return 0 if _print(result) else 1


def usage_of(world: World, days: int) -> ContainerUsage:
    """Through the same sums, sketches and digests as what Prometheus answers."""
    begin = BEGAN.timestamp()
    tally = Tally(step_seconds=STEP, startup_seconds=SETTINGS.startup_seconds, asked_since=begin + STEP)
    key = ContainerKey(namespace="shop", kind="Deployment", workload=world.name, container="app")

    def key_of(place: Place) -> ContainerKey:
        return key

    tally.add_memory(_series(world, world.memory_seen, begin), key_of)
    tally.add_cpu(_series(world, world.cpu_seen, begin), key_of)
    if world.throttled.size:
        tally.add_throttled(_counters(world, begin), begin, key_of)
    tally.add_ooms(_kills(world, begin), key_of)
    tally.tells_oom = True
    today = (BEGAN + timedelta(days=days - 1)).date()
    digests = [(day, tally.digested(day)[key]) for day in sorted(tally.days)]
    usage = weighed({key: digests}, today, SETTINGS.half_life_seconds)[key]
    return replace(usage, restarts=world.restarts, is_crash_looping=world.kind is Kind.CRASH, pods=PODS)


def _series(world: World, seen: Any, begin: float) -> list[Series]:
    found = []
    for pod in range(PODS):
        ends = [*world.lives[pod][1:], seen.shape[1]]
        for life, (first, end) in enumerate(zip(world.lives[pod], ends, strict=True)):
            points = [
                (begin + (step + 1) * STEP, float(seen[pod, step]))
                for step in range(first, end)
                if not np.isnan(seen[pod, step])
            ]
            if points:
                found.append(Series(source=source_of(_labels(world, pod, life)), points=points, begins=begin + STEP))
    return found


def _counters(world: World, begin: float) -> list[Series]:
    """Of each pod its throttled periods and all of them, ten a second, at the ends of hours."""
    found = []
    for pod in range(PODS):
        throttled = np.cumsum([0.0, *world.throttled[pod]]) * 36_000
        for name, counts in (("throttled_", throttled), ("", np.arange(throttled.size) * 36_000.0)):
            points = [(begin + hour * 3600, count) for hour, count in enumerate(counts.tolist())]
            labels = {**_labels(world, pod, 0), "__name__": f"container_cpu_cfs_{name}periods_total"}
            found.append(Series(source=source_of(labels), points=points, begins=begin))
    return found


def _kills(world: World, begin: float) -> list[Series]:
    """The counter of restarts of each life of a pod, from its first kill on, at every step."""
    found = []
    steps = world.memory_seen.shape[1]
    for pod in range(PODS):
        ends = [*world.lives[pod][1:], steps]
        for life, (first, end) in enumerate(zip(world.lives[pod], ends, strict=True)):
            kills = [step for who, step in world.ooms if who == pod and first <= step < end]
            if kills:
                points = [
                    (begin + (step + 1) * STEP, float(sum(kill <= step for kill in kills)))
                    for step in range(kills[0], end)
                ]
                found.append(Series(source=source_of(_labels(world, pod, life)), points=points, begins=begin + STEP))
    return found


def _labels(world: World, pod: int, life: int) -> dict[str, str]:
    return {"namespace": "shop", "pod": f"{world.name}-{life}-{pod}", "container": "app"}


def snapshot_of(world: World, usage: ContainerUsage) -> Snapshot:
    resources = Resources(
        requests=_amounts(world.cpu_request or None, world.memory_request or None),
        limits=_amounts(world.cpu_limit, world.memory_limit),
    )
    container = Container(name="app", resources=resources, written=resources)
    ref = ObjectRef(api_version="apps/v1", kind="Deployment", name=world.name)
    workload = Workload(
        meta=Meta(ref=ref, namespace="shop"), template=PodTemplate(containers=(container,)), replicas=PODS
    )
    now = BEGAN + timedelta(days=4)
    state = ClusterState(name="kubernetes", taken_at=now, is_live=True, workloads=(workload,))
    seen = ClusterUsage(taken_at=now, containers={usage.key: usage}, largest_node=NODE)
    return Snapshot(taken_at=now, window_seconds=300, clusters={"kubernetes": state}, usage=seen)


def _amounts(cores: float | None, memory: float | None) -> Amounts:
    return Amounts(
        cpu_cores=None if cores is None else Fraction(max(1, round(cores * 1000)), 1000),
        memory_bytes=None if memory is None else int(memory),
    )


def _judge(world: World, days: int, result: Result) -> None:
    usage = usage_of(world, days)
    snapshot = snapshot_of(world, usage)
    (workload,) = snapshot.clusters["kubernetes"].workloads
    unfit = {kind for kind, _ in of_usage(usage, SIZING)}
    told = Kind.RIGHT
    for kind, rule in RULES.items():
        for finding in rule.diagnose(snapshot, a_context()):
            told = kind if told is Kind.RIGHT else told
            for proposal in rule.propose(finding, snapshot, a_context()):
                result.proposals += 1
                result.unsafe += _faults(world, usage, proposal.apply, workload.template.containers[0])
                if world.kind is Kind.LEAK:
                    result.sized_leaks.append(world.name)
    if Unfit.CRASH_LOOP in unfit:
        told = Kind.CRASH
    elif Unfit.LEAK in unfit:
        told = Kind.LEAK
    elif workload.template.qos is QosClass.BEST_EFFORT:
        told = Kind.BEST_EFFORT
    result.told[world.kind, told] += 1
    if world.kind in COMPARED:
        _compare(world, usage, workload.template.containers[0], days, result)


def _faults(world: World, usage: ContainerUsage, apply: str, container: Container) -> list[str]:
    """What is unsafe in a patch as it would be applied."""
    (text,) = (word for word in shlex.split(apply) if word.startswith("--patch="))
    (new,) = json.loads(text.removeprefix("--patch="))["spec"]["template"]["spec"]["containers"]
    found = []
    for name in ResourceName:
        request = _parsed(new, "requests", name, container.resources.requests)
        limit = _parsed(new, "limits", name, container.resources.limits)
        old_request, old_limit = container.resources.requests.of(name), container.resources.limits.of(name)
        if limit is not None and limit < usage.peak(name):
            found.append(f"{world.name}: {name} limit {limit:g} below the {usage.peak(name):g} used")
        if request is not None and limit is not None and request > limit * 1.000001:
            found.append(f"{world.name}: {name} request {request:g} above limit {limit:g}")
        if request is not None and request > float(NODE.of(name) or 0):
            found.append(f"{world.name}: {name} request {request:g} above the node")
        for old, value in ((old_request, request), (old_limit, limit)):
            if old and value is not None and not 0.749 <= value / float(old) <= 1.501:
                found.append(f"{world.name}: {name} step {value / float(old):.2f}")
    return found


def _parsed(new: Any, part: str, name: ResourceName, now: Amounts) -> float | None:
    text = new["resources"].get(part, {}).get(name.value)
    old = now.of(name)
    return float(parse_quantity(text)) if text is not None else None if old is None else float(old)


def _compare(world: World, usage: ContainerUsage, container: Container, days: int, result: Result) -> None:
    """Sizes at their aim, without the guide's step, on the days that follow."""
    ours = {name: target_of(name, usage, container.resources, SIZING) for name in ResourceName}
    our_cpu, our_memory = ours[ResourceName.CPU], ours[ResourceName.MEMORY]
    if our_cpu is None or our_memory is None:
        return
    theirs = vpa(world, days)
    result.vpa_acts[world.kind] += theirs.acts
    sizes = {
        "ours": Sizes(
            cpu=our_cpu.request,
            memory=our_memory.request,
            cpu_limit=our_cpu.limit,
            memory_limit=our_memory.limit,
        ),
        "VPA's rule": theirs.target,
        "p95 + 15%": plain(world),
    }
    for method, size in sizes.items():
        result.after.setdefault(method, []).append(_after(world, size, days))


def _after(world: World, size: Sizes, days: int) -> After:
    later = slice(days * A_DAY, None)
    cpu, memory = world.cpu_need[:, later], world.memory_need[:, later]
    return After(
        idle_cpu=1 - float(np.minimum(cpu / size.cpu, 1).mean()),
        idle_memory=1 - float(np.minimum(memory / size.memory, 1).mean()),
        beyond_request=float(np.maximum(cpu - size.cpu, 0).sum() / cpu.sum()),
        beyond_limit=None if size.cpu_limit is None else float(np.maximum(cpu - size.cpu_limit, 0).sum() / cpu.sum()),
        ooms=0 if size.memory_limit is None else _events(memory > size.memory_limit),
        over_request=_events(memory > size.memory),
    )


def _events(over: Any) -> int:
    """Runs of steps, so that one long excess is one."""
    return int((over & ~np.concatenate([np.zeros((over.shape[0], 1), bool), over[:, :-1]], axis=1)).sum())


def _print(result: Result) -> bool:
    good = True
    print(f"  {result.told.total()} workloads, {result.proposals} proposals")
    for kind in Kind:
        of_kind = sum(count for (truth, _), count in result.told.items() if truth is kind)
        said = sum(count for (_, told), count in result.told.items() if told is kind)
        right = result.told[kind, kind]
        precision, recall = right / max(1, said), right / max(1, of_kind)
        good = good and precision >= BAR and recall >= BAR
        wrong = {told.value: n for (truth, told), n in result.told.items() if truth is kind and told is not kind}
        print(f"  {kind:12} precision {precision:.2f}  recall {recall:.2f}  {wrong or ''}")
    print("  on the following days, sizes at their aim; CPU beyond: share of what is needed above the size")
    for method, found in result.after.items():
        limited = [one.beyond_limit for one in found if one.beyond_limit is not None]
        print(
            f"  {method:11} idle CPU {fmean(one.idle_cpu for one in found):5.1%}  "
            f"beyond request {fmean(one.beyond_request for one in found):5.2%}, limit {fmean(limited):5.2%}  "
            f"idle memory {fmean(one.idle_memory for one in found):5.1%}  "
            f"OOM kills {sum(one.ooms for one in found):4}  above request {sum(one.over_request for one in found):5}"
        )
    acts = ", ".join(f"{kind} {result.vpa_acts[kind]}" for kind in COMPARED)
    print(f"  VPA's bounds leave out today's request: {acts}")
    print(f"  unsafe proposals {len(result.unsafe)}, leaks sized {len(result.sized_leaks)}")
    for text in [*result.unsafe[:5], *result.sized_leaks[:5]]:
        print(f"    {text}")
    return good and not result.unsafe and not result.sized_leaks


if __name__ == "__main__":
    sys.exit(main())
