"""The replicas that one metric asks for: the controller's calculation, with pods that are not ready or not measured.

Source: kubernetes.io, "Horizontal Pod Autoscaling", "Algorithm details". Amounts are whole thousandths there, and a
utilisation whole percents; the rounding is played too, as it decides at the edge of the tolerance.
"""

from dataclasses import dataclass

import numpy as np

from advisor.model.kubernetes.autoscaler import MetricKind, TargetKind
from advisor.whatif.autoscaler.lanes import Amounts, Counts, Flags

_OF_PODS = (MetricKind.RESOURCE, MetricKind.CONTAINER_RESOURCE, MetricKind.PODS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricLanes:
    """One metric of every lane. value: as in the plan; request: 0 where there is none."""

    name: str
    kind: MetricKind
    target: TargetKind
    value: Amounts
    request: Amounts

    @property
    def is_cpu(self) -> bool:
        return self.name == "cpu" and self.kind is not MetricKind.PODS

    @property
    def is_of_pods(self) -> bool:
        return self.kind in _OF_PODS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    up: Amounts
    down: Amounts

    def covers(self, ratio: Amounts) -> Flags:
        return np.asarray((ratio >= 1 - self.down - 1e-12) & (ratio <= 1 + self.up + 1e-12))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPods:
    """current: as the scale has them. measured: ready, and with a sample of their own.

    unready: left out, and counted as idle upwards. missing: without a sample, and counted as busy downwards.
    """

    current: Counts
    ready: Counts
    measured: Counts
    unready: Counts
    missing: Counts


def wanted_by_pods(metric: MetricLanes, per_pod: Amounts, pods: SeenPods, tolerance: Tolerance) -> Counts:
    """For a metric of the pods. per_pod: what each measured one uses. -1 where nothing can be said."""
    each: Amounts = np.ceil(per_pod * 1000 - 1e-6)
    total: Amounts = each * pods.measured
    ratio = _ratio(metric, total, pods.measured)
    up, down = ratio > 1, ratio < 1
    again = (up & (pods.unready > 0)) | (pods.missing > 0)
    plain = np.where(tolerance.covers(ratio), pods.current, _ceil(ratio * pods.measured))

    count = pods.measured + pods.missing + np.where(up, pods.unready, 0)
    refilled = total + np.where(down, pods.missing * _busy(metric), 0.0)
    second = _ratio(metric, refilled, count)
    turned = (down & (second > 1)) | (up & (second < 1))
    filled = _ceil(second * count)
    reversed_ = ((second < 1) & (filled > pods.current)) | ((second > 1) & (filled < pods.current))
    careful = np.where(tolerance.covers(second) | turned | reversed_, pods.current, filled)

    wanted = np.where(again, careful, plain)
    return np.asarray(np.where((pods.measured > 0) & ~np.isnan(per_pod), wanted, -1), dtype=np.int64)


def wanted_by_total(metric: MetricLanes, total: Amounts, pods: SeenPods, tolerance: Tolerance) -> Counts:
    """For an Object's or an External metric, which nobody divides by pods. -1 where it is not known."""
    amount = np.ceil(total * 1000 - 1e-6)
    if metric.target is TargetKind.AVERAGE_VALUE:
        ratio = amount / (metric.value * 1000 * np.maximum(pods.current, 1))
        wanted = np.where(tolerance.covers(ratio), pods.current, _ceil(amount / (metric.value * 1000)))
    else:
        ratio = amount / (metric.value * 1000)
        wanted = np.where(tolerance.covers(ratio), pods.current, _ceil(ratio * pods.ready))
    return np.asarray(np.where(np.isnan(total), -1, wanted), dtype=np.int64)


def _ratio(metric: MetricLanes, total: Amounts, count: Counts) -> Amounts:
    """Used beside the target; 1 where there is nothing to divide by. total: in thousandths."""
    some = np.maximum(count, 1)
    if metric.target is TargetKind.UTILIZATION:
        percent = np.floor(total * 100 / (metric.request * 1000 * some) + 1e-9)
        return np.asarray(np.where(count > 0, percent / metric.value, 1.0))
    mean = np.floor(total / some + 1e-9)
    return np.asarray(np.where(count > 0, mean / (metric.value * 1000), 1.0))


def _busy(metric: MetricLanes) -> Amounts:
    """What a pod without a sample counts for when there is less to do, in thousandths."""
    if metric.target is TargetKind.UTILIZATION:
        return np.asarray(metric.request * 1000 * np.maximum(100.0, metric.value) / 100)
    return np.asarray(metric.value * 1000)


def _ceil(values: Amounts) -> Counts:
    return np.asarray(np.ceil(np.fmax(values - 1e-9, 0.0)), dtype=np.int64)
