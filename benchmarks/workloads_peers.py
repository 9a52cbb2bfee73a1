"""Sizes of two peers: the rule of VPA's recommender, and p95 + 15%.

VPA's numbers are the defaults of its source (vertical-pod-autoscaler/pkg/recommender: model/aggregations_config.go,
model/container.go, logic/recommender.go, logic/estimator.go, util/histogram.go): buckets that grow by 5%, of which a
percentile is the upper end; samples and daily peaks that count half after 24 h; p90 with a margin of 15%; after an OOM
kill max(request, peak) x 1.2, or + 100 MiB; at least 25m and 250 MiB; bounds from p50 and p95, which widen where
history is short. Its weights of samples, by request, are all alike here, as no request changes on the way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from workloads_world import A_DAY, MIB, PODS, World

_MARGIN = 1.15
_GROWTH = 0.05
_CPU_BUCKET, _MEMORY_BUCKET = 0.001, 1e7
_LEAST_CPU, _LEAST_MEMORY = 0.025, 250 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """In cores and bytes; a limit is None where there is none now."""

    cpu: float
    memory: float
    cpu_limit: float | None
    memory_limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpa:
    """target: what it sets. acts: whether today's requests lie outside its bounds, so that pods are evicted for it."""

    target: Sizes
    acts: bool


def vpa(world: World, days: int) -> Vpa:
    steps = world.cpu_seen.shape[1]
    is_seen = ~np.isnan(world.cpu_seen)
    ages = np.broadcast_to((steps - np.arange(steps)) / A_DAY, world.cpu_seen.shape)
    cpu = _ends(world.cpu_seen[is_seen], _CPU_BUCKET), 0.5 ** ages[is_seen]
    peaks, ends = _peaks(world)
    memory = _ends(peaks, _MEMORY_BUCKET), 0.5 ** ((steps - ends) / A_DAY)
    bounds = [
        (share, (1 + multiplier / days) ** exponent)
        for share, multiplier, exponent in ((0.5, 0.001, -2), (0.9, 0.0, 1), (0.95, 1.0, 1))
    ]
    cores = [max(_LEAST_CPU, _quantile(*cpu, share) * _MARGIN * times) for share, times in bounds]
    bytes_ = [max(_LEAST_MEMORY, _quantile(*memory, share) * _MARGIN * times) for share, times in bounds]
    return Vpa(
        target=_in_proportion(world, cores[1], bytes_[1]),
        acts=not (cores[0] <= world.cpu_request <= cores[2] and bytes_[0] <= world.memory_request <= bytes_[2]),
    )


def plain(world: World) -> Sizes:
    """p95 + 15% of all that was seen."""
    cpu, memory = (float(np.nanquantile(seen, 0.95)) * _MARGIN for seen in (world.cpu_seen, world.memory_seen))
    return _in_proportion(world, cpu, memory)


def _in_proportion(world: World, cpu: float, memory: float) -> Sizes:
    """Limits move with requests, as VPA moves them."""
    return Sizes(
        cpu=cpu,
        memory=memory,
        cpu_limit=None if world.cpu_limit is None else cpu * world.cpu_limit / world.cpu_request,
        memory_limit=None if world.memory_limit is None else memory * world.memory_limit / world.memory_request,
    )


def _peaks(world: World) -> tuple[Any, Any]:
    """The highest memory of each pod in each 24 h of its life, raised where it was killed; and when those end."""
    peaks, ends = [], []
    steps = world.memory_seen.shape[1]
    for pod in range(PODS):
        for born, gone in zip(world.lives[pod], [*world.lives[pod][1:], steps], strict=True):
            for begin in range(born, gone, A_DAY):
                seen = world.memory_seen[pod, begin : min(begin + A_DAY, gone)]
                if np.isnan(seen).all():
                    continue
                peak = float(np.nanmax(seen))
                if any(who == pod and begin <= step < begin + A_DAY for who, step in world.ooms):
                    used = max(peak, world.memory_request)
                    peak = max(used * 1.2, used + 100 * MIB)
                peaks.append(peak)
                ends.append(begin + A_DAY)
    return np.array(peaks), np.array(ends)


def _ends(values: Any, first: float) -> Any:
    """The upper end of the bucket of each value; the bucket n begins at first x (1.05^n - 1) / 0.05."""
    bucket = np.floor(np.log(values * _GROWTH / first + 1) / np.log(1 + _GROWTH))
    return first * ((1 + _GROWTH) ** (bucket + 1) - 1) / _GROWTH


def _quantile(values: Any, weights: Any, share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])
