"""Pods as they are played: each has its share of the demand, as much CPU as its limit lets it have, and callers. Pure.

What the limits do not let them do waits. Each pod is a queue with one server (M/M/1): the nearer it is to its limit,
the longer its callers wait, and the smaller its limit, the longer it takes for each of them.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

_WORK_CORE_SECONDS = 0.01
"""Of one request: a core serves a hundred a second."""
_TIMEOUT_SECONDS = 5.0
"""Callers give up then, and what they asked for is not done any more."""
_PERIODS_PER_SECOND = 10
_FULLEST = 0.9
_THROTTLED_FROM = 0.85
"""Of the limit: use varies within a second, so that some periods are cut off before the mean reaches the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One that runs."""

    name: str
    owner: str
    request_cores: float
    limit_cores: float


@dataclass(slots=True)
class Used:
    """By one pod since it was first seen, as counters."""

    cpu_seconds: float = 0.0
    periods: float = 0.0
    throttled_periods: float = 0.0


@dataclass(slots=True)
class PlayedPods:
    """used: by name, of those that run."""

    source: random.Random
    used: dict[str, Used] = field(default_factory=dict)
    waiting_core_seconds: float = 0.0

    def play(self, pods: Sequence[Pod], demand_cores: float, seconds: float) -> Sequence[float]:
        """What each caller of these seconds waits, in seconds; none where no pod runs."""
        self.used = {pod.name: self.used.get(pod.name, Used()) for pod in pods}
        if not pods or seconds <= 0:
            return ()
        capacity = sum(pod.limit_cores for pod in pods)
        asked = demand_cores + self.waiting_core_seconds / seconds
        self.waiting_core_seconds = min(max(0.0, (asked - capacity) * seconds), _TIMEOUT_SECONDS * capacity)
        for pod in pods:
            self._use(pod, asked / capacity, seconds)
        service = _WORK_CORE_SECONDS * len(pods) / capacity
        mean = service / (1 - min(demand_cores / capacity, _FULLEST))
        queued = self.waiting_core_seconds / capacity
        callers = round(demand_cores * seconds / _WORK_CORE_SECONDS)
        waits = (queued + self.source.expovariate(1 / mean) for _ in range(callers))
        return [min(wait, _TIMEOUT_SECONDS) for wait in waits]

    def _use(self, pod: Pod, full: float, seconds: float) -> None:
        """full: what is asked of a pod over its limit."""
        used, periods = self.used[pod.name], _PERIODS_PER_SECOND * seconds
        used.cpu_seconds += pod.limit_cores * min(full, 1.0) * seconds
        used.periods += periods
        used.throttled_periods += periods * min(max(0.0, (full - _THROTTLED_FROM) / (1 - _THROTTLED_FROM)), 1.0)
