"""Plays demands through autoscalers, sync by sync; every load under every plan, all at once."""

from collections.abc import Sequence

import numpy as np

from advisor.model.kubernetes.autoscaler import MetricKind
from advisor.model.kubernetes.playing import ControllerTimes, HpaPlan, Load, Played, PlayedPod, RecordedSyncs
from advisor.whatif.autoscaler.behavior import BehaviorLanes
from advisor.whatif.autoscaler.calculation import MetricLanes, SeenPods, Tolerance, wanted_by_pods, wanted_by_total
from advisor.whatif.autoscaler.lanes import Amounts, Clock, Counts, Past


def play(
    loads: Sequence[Load],
    plans: Sequence[HpaPlan],
    pod: PlayedPod,
    times: ControllerTimes,
    *,
    start: int | None = None,
    recorded: RecordedSyncs | None = None,
) -> list[list[Played]]:
    """By load, then by plan. The plans have the same metrics, in the same order. start: pods before the first sync.

    Without `start` each lane begins with what its first demand asks for. Without `recorded` there is a sync every
    `times.sync_seconds`, and a pod serves after its `start_seconds`. Raises ValueError where plans or loads differ in
    their metrics, or a demand is missing.
    """
    lanes = [(load, plan) for load in loads for plan in plans]
    done = _Play(lanes, pod, times, start, recorded).run()
    return [done[at * len(plans) : (at + 1) * len(plans)] for at in range(len(loads))]


class _Play:
    def __init__(
        self,
        lanes: Sequence[tuple[Load, HpaPlan]],
        pod: PlayedPod,
        times: ControllerTimes,
        start: int | None,
        recorded: RecordedSyncs | None,
    ) -> None:
        instants = None if recorded is None else recorded.instants
        self._served = None if recorded is None else recorded.ready
        plans = [plan for _, plan in lanes]
        self._pod = pod
        self._metrics = _metrics(plans)
        self._tolerance = Tolerance(
            up=np.array([plan.tolerance_up for plan in plans]), down=np.array([plan.tolerance_down for plan in plans])
        )
        self._lengths = [_syncs(load, times.sync_seconds) if instants is None else len(instants) for load, _ in lanes]
        self._syncs = max(self._lengths)
        clock = Clock(times.sync_seconds, self._syncs, instants)
        self._seconds = np.diff(clock.seconds, append=clock.seconds[-1] + times.sync_seconds)
        self._behavior = BehaviorLanes(plans, times, clock)
        names = {*(metric.name for metric in self._metrics), *pod.capacity}
        self._demand = {name: _by_sync(lanes, name, clock) for name in names}
        (self._lag,) = clock.back([times.lag_seconds]).T
        # From its making on, until a pod serves, and until its CPU counts.
        self._ages = clock.back([pod.start_seconds, _measured_age(pod, times)], least=1).T
        self._start = self._first() if start is None else np.full(len(lanes), start)

    def run(self) -> list[Played]:
        longest = max(self._behavior.longest, int(self._ages.max()), int(self._lag.max()) + 1)
        replicas = Past(self._start, longest=longest, syncs=self._syncs)
        ready = Past(self._start, longest=longest, syncs=self._syncs)
        # The controller's own first recommendation is what it found.
        recommended = Past(self._start, longest=longest, syncs=self._syncs)
        for sync in range(self._syncs):
            current: Counts = replicas.last(sync, 1)[0]
            now, measured = (replicas.last(sync, one[sync]).min(axis=0) for one in self._ages)
            if self._served is not None:
                now = measured = np.minimum(current, self._served[sync])
            ready.record(sync, now)
            wanted = self._wanted(sync, current, now, measured, ready)
            known = (wanted >= 0) & (current > 0) & ~self._behavior.is_outside(current)
            recommended.record(sync, np.where(known, wanted, -1))
            moved = self._behavior.allowed(sync, current, np.where(known, wanted, current), recommended, replicas)
            held = np.where(known, moved, current)
            outside = self._behavior.is_outside(current) & (current > 0)
            replicas.record(sync, np.where(outside, self._behavior.clipped(current), held))
        return self._outcomes(replicas.played(), ready.played())

    def _wanted(self, sync: int, current: Counts, ready: Counts, measured: Counts, past_ready: Past) -> Counts:
        """The most that any metric asks for; less than now only where all of them are known."""
        then = past_ready.last(sync + 1, self._lag[sync] + 1)[0]
        asked = [self._one(metric, sync, current, ready, measured, then) for metric in self._metrics]
        most = np.max(asked, axis=0)
        some_unknown = np.min(asked, axis=0) < 0
        return np.asarray(np.where(some_unknown & (most < current), -1, most))

    def _one(
        self, metric: MetricLanes, sync: int, current: Counts, ready: Counts, measured: Counts, then: Counts
    ) -> Counts:
        demand = self._demand[metric.name][max(0, sync - self._lag[sync])]
        if not metric.is_of_pods:
            pods = SeenPods(current=current, ready=ready, measured=ready, unready=current - ready, missing=current * 0)
            return wanted_by_total(metric, demand, pods, self._tolerance)
        per_pod = demand / np.maximum(then, 1)
        if metric.name in self._pod.limit:
            per_pod = np.minimum(per_pod, self._pod.limit[metric.name])
        if metric.is_cpu:
            seen = SeenPods(
                current=current, ready=ready, measured=measured, unready=current - measured, missing=current * 0
            )
        else:
            seen = SeenPods(current=current, ready=ready, measured=ready, unready=current * 0, missing=current - ready)
        return wanted_by_pods(metric, per_pod, seen, self._tolerance)

    def _first(self) -> Counts:
        """What the first demand asks for, were all pods there."""
        wanted = np.ones(len(self._lengths))
        for metric in self._metrics:
            demand = np.nan_to_num(self._demand[metric.name][0])
            each = metric.request * metric.value / 100 if metric.request.any() else metric.value
            if metric.is_of_pods:
                wanted = np.maximum(wanted, np.ceil(demand / each))
        return self._behavior.clipped(np.asarray(wanted, dtype=np.int64))

    def _outcomes(self, replicas: Counts, ready: Counts) -> list[Played]:
        over = np.zeros(replicas.shape, dtype=bool)
        for name, capacity in self._pod.capacity.items():
            over |= np.nan_to_num(self._demand[name]) > ready * capacity * (1 + 1e-9)
        moved = np.diff(replicas, axis=0, prepend=self._start[None, :]) != 0
        rows = zip(*(np.ascontiguousarray(each.T) for each in (replicas, ready, over, moved)), strict=True)
        return [
            Played(
                replicas=tuple(pods[:length].tolist()),
                ready=tuple(up[:length].tolist()),
                overload_seconds=float(self._seconds[:length] @ short[:length]),
                pod_hours=float(self._seconds[:length] @ pods[:length]) / 3600,
                moves=int(changed[:length].sum()),
            )
            for length, (pods, up, short, changed) in zip(self._lengths, rows, strict=True)
        ]


def _measured_age(pod: PlayedPod, times: ControllerTimes) -> float:
    """From when on a pod's CPU counts: ready for one window of the metric, or past the time of initialisation."""
    if pod.start_seconds >= times.cpu_initialization_seconds:
        return pod.start_seconds
    return min(pod.start_seconds + times.metric_window_seconds, times.cpu_initialization_seconds)


def _syncs(load: Load, sync_seconds: float) -> int:
    return int(load.steps * load.step_seconds / sync_seconds + 1e-9)


def _by_sync(lanes: Sequence[tuple[Load, HpaPlan]], name: str, clock: Clock) -> Amounts:
    """The demand at each sync (rows) in each lane (columns); the last value goes on where a load is shorter."""
    columns: dict[int, Amounts] = {}
    for load, _ in lanes:
        if id(load) not in columns:
            if name not in load.demands:
                raise ValueError(f"the load has no demand of {name!r}, only of {', '.join(sorted(load.demands))}")
            values = np.asarray(load.demands[name], dtype=np.float64)
            at = clock.seconds / load.step_seconds + 1e-9
            columns[id(load)] = values[np.minimum(at.astype(np.int64), load.steps - 1)]
    return np.column_stack([columns[id(load)] for load, _ in lanes])


def _metrics(plans: Sequence[HpaPlan]) -> list[MetricLanes]:
    shapes = {tuple((one.name, one.kind, one.target) for one in plan.targets) for plan in plans}
    if len(shapes) != 1 or not plans[0].targets:
        raise ValueError("plans that are played together need the same metrics in the same order, one at least")
    return [
        MetricLanes(
            name=first.name,
            kind=MetricKind(first.kind),
            target=first.target,
            value=np.array([plan.targets[at].value for plan in plans], dtype=np.float64),
            request=np.array([plan.targets[at].request or 0.0 for plan in plans], dtype=np.float64),
        )
        for at, first in enumerate(plans[0].targets)
    ]
