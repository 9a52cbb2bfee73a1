"""The replayed autoscaler beside the real controller: the same demand for both, and the same number of pods."""

import logging
import math
import re
import time
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from advisor.model.kubernetes.autoscaler import (
    DEFAULT_UP,
    MetricKind,
    PolicyKind,
    ScalingPolicy,
    ScalingRules,
    SelectPolicy,
    TargetKind,
)
from advisor.model.kubernetes.playing import ControllerTimes, HpaPlan, Load, PlayedPod, PlayedTarget, RecordedSyncs
from advisor.servers.cluster.control_plane import ControlPlane
from advisor.servers.cluster.played_metrics import PlayedMetrics
from advisor.whatif.autoscaler.play import play
from tests.cluster.cluster import Cluster
from tests.cluster.objects import placed, running
from tests.fakes.manifests import autoscaler, container, cpu_target

_log = logging.getLogger(__name__)

SECONDS, MOST_SECONDS = 150, 360
SYNCS = 100
"""So many of each application are compared at least, however long they take on a machine that is busy."""
REQUEST_CORES, REQUEST_BYTES = 0.2, 100 * 2**20
# The rig's controller: a sync a second, and everything that waits in proportion.
TIMES = ControllerTimes(
    sync_seconds=1, down_window_seconds=10, cpu_initialization_seconds=1, metric_window_seconds=1, lag_seconds=0
)
POD = PlayedPod(start_seconds=1, capacity={})
SAME = 0.95
_LINE = re.compile(
    r'I(?P<time>\d{4} [\d:.]+) .*\] "(?P<what>Proposing desired replicas|Successfully rescaled)"'
    r'.* (?:scaleTarget="Deployment/|HPA=")(?P<target>[^"]+)"'
)
STEP_SECONDS = 0.1
STEADY_SECONDS = 25
SETTLED_SECONDS = 240


def rules(percent: int, period: int, window: int) -> ScalingRules:
    policy = ScalingPolicy(kind=PolicyKind.PERCENT, value=percent, period_seconds=period)
    return ScalingRules(window_seconds=window, select=SelectPolicy.MAX, policies=(policy,))


@dataclass(frozen=True, kw_only=True)
class Case:
    """cores: what all pods need at a second; gigabytes: likewise, where memory is a metric, too."""

    name: str
    cores: Callable[[int], float]
    gigabytes: Callable[[int], float] | None = None
    up: ScalingRules | None = None
    down: ScalingRules | None = None

    @property
    def targets(self) -> tuple[PlayedTarget, ...]:
        def of(name: str, request: float) -> PlayedTarget:
            return PlayedTarget(
                name=name, kind=MetricKind.RESOURCE, target=TargetKind.UTILIZATION, value=70, request=request
            )

        return (of("cpu", REQUEST_CORES), *([of("memory", REQUEST_BYTES)] if self.gigabytes else []))

    @property
    def behavior(self) -> dict[str, Any]:
        if self.up is None or self.down is None:
            return {}
        return {"behavior": {"scaleUp": written(self.up), "scaleDown": written(self.down)}}


def written(half: ScalingRules) -> dict[str, Any]:
    policies = [
        {"type": str(one.kind), "value": one.value, "periodSeconds": one.period_seconds} for one in half.policies
    ]
    return {"stabilizationWindowSeconds": half.window_seconds, "selectPolicy": str(half.select), "policies": policies}


CASES = (
    Case(name="bursts", cores=lambda at: 2.4 if at % 40 >= 25 else 0.6),
    Case(name="ramp", cores=lambda at: 0.4 + 0.2 * min(at // 10, 10), up=rules(50, 4, 0), down=rules(10, 6, 20)),
    Case(name="crowd", cores=lambda at: 4.0 if 40 <= at < 80 else 0.4, up=rules(100, 3, 0), down=rules(25, 5, 15)),
    Case(
        name="day",
        cores=lambda at: round(1.6 + 1.2 * math.sin(at // 6 * 6 / 75 * math.pi), 2),
        up=DEFAULT_UP,
        down=rules(20, 5, 10),
    ),
    Case(
        name="two",
        cores=lambda at: 1.4 if at % 60 < 30 else 0.5,
        gigabytes=lambda at: 0.3 + 0.1 * (at // 34),
        up=DEFAULT_UP,
        down=rules(100, 5, 10),
    ),
)


def memory_target(percent: int = 70) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "memory", "target": target}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """What one sync of the controller found: seconds on a clock, the application's load, and the replicas before it.

    load: millicores and bytes of memory. running: pods that the controller was given measurements of.
    """

    at: float
    load: tuple[int, int]
    replicas: int
    running: int


class Syncs:
    """What the controller asked for, and when it decided, which its log tells: syncs come as they can, not each second.

    The count that a sync leads to is what the next one finds, as nobody else scales.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.questions: dict[str, list[Sync]] = {case.name: [] for case in CASES}

    def note(self, namespace: str, app: str, load: tuple[int, int], running: int) -> None:
        """For the listener of the metrics."""
        at = datetime.now().timestamp()  # noqa: DTZ005 - the log is in local time, too
        scaled = self._cluster.get("apps/v1", "Deployment", app, namespace)
        self.questions[app].append(Sync(at=at, load=load, replicas=scaled["spec"]["replicas"], running=running))

    def decided(self, case: Case, log: str, namespace: str) -> Sequence[Sync]:
        """One a decision, with what was answered to the last question before it.

        Where it changed the scale, it counts from when that was done: so the controller remembers its changes.
        """
        asked = self.questions[case.name]
        found: list[Sync] = []
        for line in log.splitlines():
            told = _LINE.match(line)
            if told is None or told["target"] != f"{namespace}/{case.name}":
                continue
            at = datetime.strptime(f"{datetime.now().year}{told['time']}", "%Y%m%d %H:%M:%S.%f").timestamp()  # noqa: DTZ005, DTZ007
            before = bisect([one.at for one in asked], at)
            if told["what"] == "Proposing desired replicas" and before:
                found.append(replace(asked[before - 1], at=at))
            elif told["what"] == "Successfully rescaled" and found:
                found[-1] = replace(found[-1], at=at)
        return found


def test_the_replay_has_as_many_pods_as_the_controller(
    cluster: Cluster, plane: ControlPlane, metrics: PlayedMetrics, namespace: str
) -> None:
    """Bursts, a ramp, a crowd, a day's course and two metrics, each an application; all are played at once.

    Both get the same: the replay is given the demand that the controller was told, at the instants at which it decided.
    """
    needs = [container(requests={"cpu": "200m", "memory": "100Mi"})]
    for case in CASES:
        metrics.play(namespace, case.name, **demanded(case, 0))
        cluster.create(running(case.name, namespace, needs))
        wanted = [cpu_target(), *([memory_target()] if case.gigabytes else [])]
        cluster.create(
            placed(autoscaler(case.name, case.name, metrics=wanted, maxReplicas=40, **case.behavior), namespace)
        )
    settled(cluster, namespace)
    syncs = Syncs(cluster)
    metrics.listener = syncs.note
    try:
        began = time.monotonic()
        while (at := int(time.monotonic() - began)) < SECONDS or any(
            len(syncs.questions[case.name]) < 1.2 * SYNCS * len(case.targets) for case in CASES
        ):
            assert at < MOST_SECONDS, "hardly any sync was seen"
            for case in CASES:
                metrics.play(namespace, case.name, **demanded(case, at))
            time.sleep(0.1)
    finally:
        metrics.listener = None
    log = (plane.folder / "kube-controller-manager.log").read_text()
    seen = {case.name: syncs.decided(case, log, namespace) for case in CASES}
    assert all(len(found) > SYNCS for found in seen.values()), "hardly any sync was seen"
    agreed = {case.name: agreement(case, seen[case.name]) for case in CASES}
    _log.info(", ".join(f"{name} {share:.1%} of {len(seen[name]) - 1}" for name, share in agreed.items()))
    told = {case.name: [*zip(replayed(case, seen[case.name]), seen[case.name][1:], strict=True)] for case in CASES}
    assert all(share >= SAME for share in agreed.values()), (agreed, told)


def demanded(case: Case, at: int) -> dict[str, int]:
    found = {"millicores": round(case.cores(at) * 1000)}
    return found if case.gigabytes is None else {**found, "memory_bytes": round(case.gigabytes(at) * 2**30)}


def settled(cluster: Cluster, namespace: str) -> None:
    """Once every autoscaler has metrics and its pods run, and nothing has moved for longer than every window since.

    What was before no longer counts then.
    """
    last, since, end = dict[str, int](), time.monotonic(), time.monotonic() + SETTLED_SECONDS
    while not last or time.monotonic() < since + STEADY_SECONDS:
        assert time.monotonic() < end, f"still moving: {last}"
        time.sleep(0.5)
        now = replicas(cluster, namespace)
        if now != last or not now:
            last, since = now, time.monotonic()


def replicas(cluster: Cluster, namespace: str) -> dict[str, int]:
    """By application; empty while an autoscaler does not scale yet, or pods do not run."""
    scalers = cluster.listed("autoscaling/v2", "HorizontalPodAutoscaler", namespace)
    found = cluster.listed("apps/v1", "Deployment", namespace)
    if not all(map(is_active, scalers)) or any(
        one.get("status", {}).get("readyReplicas") != one["spec"]["replicas"] for one in found
    ):
        return {}
    return {one["metadata"]["name"]: one["spec"]["replicas"] for one in found}


def is_active(scaler: Mapping[str, Any]) -> bool:
    """Whether it has metrics to scale by, and has done so."""
    told = {one["type"]: one["status"] for one in scaler.get("status", {}).get("conditions") or []}
    return told.get("ScalingActive") == "True" and bool(scaler["status"].get("currentMetrics"))


def replayed(case: Case, syncs: Sequence[Sync]) -> Sequence[int]:
    """After every sync but the last, whose outcome nobody saw."""
    instants = [one.at - syncs[0].at for one in syncs[:-1]]
    steps = [bisect(instants, at * STEP_SECONDS) - 1 for at in range(1, int(instants[-1] / STEP_SECONDS) + 2)]
    demands = {"cpu": [syncs[at].load[0] / 1000 for at in steps]}
    if case.gigabytes is not None:
        demands["memory"] = [float(syncs[at].load[1]) for at in steps]
    plan = HpaPlan(targets=case.targets, min_replicas=2, max_replicas=40, up=case.up, down=case.down)
    seen = RecordedSyncs(instants=tuple(instants), ready=tuple(one.running for one in syncs[:-1]))
    load, start = Load(step_seconds=STEP_SECONDS, demands=demands), syncs[0].replicas
    return play([load], [plan], POD, TIMES, start=start, recorded=seen)[0][0].replicas


def agreement(case: Case, syncs: Sequence[Sync]) -> float:
    """The share of syncs after which both have the same number."""
    real = [one.replicas for one in syncs[1:]]
    return sum(a == b for a, b in zip(replayed(case, syncs), real, strict=True)) / len(real)


def test_a_sync_that_came_late_is_replayed_late_and_another_count_is_no_agreement() -> None:
    # 0.2 cores at 70% are 0.14 a pod: 0.4 cores need 3, 4.0 need 29. At most doubled every 3 s: 3, 6, 12, 24, 29.
    (crowd,) = (case for case in CASES if case.name == "crowd")
    found = [(0.0, 400, 3), (1.1, 4000, 3), (2.2, 4000, 6), (4.3, 4000, 6), (5.4, 4000, 12), (7.5, 4000, 12)]
    syncs = [Sync(at=at, load=(millicores, 0), replicas=count, running=count) for at, millicores, count in found]
    assert list(replayed(crowd, syncs)) == [3, 6, 6, 12, 12]
    assert agreement(crowd, syncs) == 1.0
    wrong = [*syncs[:3], replace(syncs[3], replicas=7), *syncs[4:]]
    assert agreement(crowd, wrong) == 0.8
