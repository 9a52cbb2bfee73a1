"""The replayed autoscaler beside the real controller: the same demand for both, and the same number of pods."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from advisor.model.kubernetes.autoscaler import (
    DEFAULT_UP,
    MetricKind,
    PolicyKind,
    ScalingPolicy,
    ScalingRules,
    SelectPolicy,
    TargetKind,
)
from advisor.model.kubernetes.playing import ControllerTimes, HpaPlan, Load, PlayedPod, PlayedTarget
from advisor.whatif.autoscaler.play import play
from tests.cluster.cluster import Cluster
from tests.cluster.objects import placed, running
from tests.cluster.played_metrics import PlayedMetrics
from tests.fakes.manifests import autoscaler, container, cpu_target

SECONDS = 150
REQUEST_CORES, REQUEST_BYTES = 0.2, 100 * 2**20
# The rig's controller: a sync a second, and everything that waits in proportion.
TIMES = ControllerTimes(
    sync_seconds=1, down_window_seconds=10, cpu_initialization_seconds=1, metric_window_seconds=1, lag_seconds=0
)
POD = PlayedPod(start_seconds=1, capacity={})
LATEST = 4
"""Seconds by which the controller may act later than the replay: it reads, writes, and the pods start."""
SAME = 0.95
STEADY_SECONDS = 25


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


def test_the_replay_has_as_many_pods_as_the_controller(
    cluster: Cluster, metrics: PlayedMetrics, namespace: str
) -> None:
    """Bursts, a ramp, a crowd, a day's course and two metrics, each an application; all are played at once."""
    needs = [container(requests={"cpu": "200m", "memory": "100Mi"})]
    for case in CASES:
        metrics.play(namespace, case.name, **demanded(case, 0))
        cluster.create(running(case.name, namespace, needs))
        wanted = [cpu_target(), *([memory_target()] if case.gigabytes else [])]
        cluster.create(
            placed(autoscaler(case.name, case.name, metrics=wanted, maxReplicas=40, **case.behavior), namespace)
        )
    before = settled(cluster, namespace)
    seen: dict[str, list[int]] = {case.name: [] for case in CASES}
    began = time.monotonic()
    for at in range(SECONDS):
        for case in CASES:
            metrics.play(namespace, case.name, **demanded(case, at))
        time.sleep(max(0.0, began + at + 1 - time.monotonic()))
        for name, count in replicas(cluster, namespace).items():
            seen[name].append(count)
    agreed = {case.name: agreement(replayed(case, before[case.name]), seen[case.name]) for case in CASES}
    told = {case.name: [*zip(replayed(case, before[case.name]), seen[case.name], strict=True)] for case in CASES}
    assert all(share >= SAME for share in agreed.values()), (agreed, told)


def demanded(case: Case, at: int) -> dict[str, int]:
    found = {"millicores": round(case.cores(at) * 1000)}
    return found if case.gigabytes is None else {**found, "memory_bytes": round(case.gigabytes(at) * 2**30)}


def settled(cluster: Cluster, namespace: str) -> Mapping[str, int]:
    """Once nothing has moved for longer than every stabilisation window: what was before no longer counts then."""
    last, since, end = replicas(cluster, namespace), time.monotonic(), time.monotonic() + 180
    while time.monotonic() < since + STEADY_SECONDS:
        assert time.monotonic() < end, f"still moving: {last}"
        time.sleep(0.5)
        now = replicas(cluster, namespace)
        if now != last:
            last, since = now, time.monotonic()
    return last


def replicas(cluster: Cluster, namespace: str) -> Mapping[str, int]:
    found = cluster.listed("apps/v1", "Deployment", namespace)
    return {one["metadata"]["name"]: one["spec"]["replicas"] for one in found}


def replayed(case: Case, start: int) -> Sequence[int]:
    demands = {"cpu": [case.cores(at) for at in range(SECONDS)]}
    if case.gigabytes is not None:
        demands["memory"] = [case.gigabytes(at) * 2**30 for at in range(SECONDS)]
    plan = HpaPlan(targets=case.targets, min_replicas=2, max_replicas=40, up=case.up, down=case.down)
    return play([Load(step_seconds=1, demands=demands)], [plan], POD, TIMES, start=start)[0][0].replicas


def agreement(predicted: Sequence[int], real: Sequence[int]) -> float:
    """The share of seconds with the same number, for the delay that fits best."""
    return max(
        sum(a == b for a, b in zip(predicted, real[late:], strict=False)) / (len(real) - late)
        for late in range(min(LATEST, len(real) - 1) + 1)
    )


@pytest.mark.parametrize(("real", "share"), [([2, 2, 4, 4], 1.0), ([2, 2, 2, 4], 1.0), ([3, 3, 3, 3], 0.0)])
def test_a_delay_is_no_disagreement(real: list[int], share: float) -> None:
    assert agreement([2, 2, 4, 4], real) == share
