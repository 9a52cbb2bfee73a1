"""Three days that the workload is to have run: what cAdvisor and kube-state-metrics would have left in Prometheus."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from advisor.demo.cluster.demand import bursts
from advisor.demo.cluster.workload import APP, CONTAINER, FEWEST_PODS, MOST_PODS, NAMESPACE, REQUEST_CORES
from advisor.demo.cluster.workload import TARGET_PERCENT as TARGET

DAYS = 3
_SEED = 11
_MINUTES_BETWEEN = (6, 20)
_MINUTE = 60
_SCRAPE_SECONDS = 30
_DAY_MINUTES = 1440
_A_MINUTE = timedelta(minutes=1)
_LATELY = timedelta(minutes=12)
_SETTLED = timedelta(minutes=10)
"""A day that has just ended is not read before: its last samples may be under way."""
_SET = f"{APP}-5c9d8b7f6"
_DOWN_MINUTES = 5
"""For so long after a peak an autoscaler keeps its pods."""


def recorded(now: datetime) -> str:
    """OpenMetrics of whole days, and of the last minutes, from which the interval of the scrapes is told."""
    midnight = (now - _SETTLED).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = [midnight - timedelta(days=age) for age in range(DAYS, 0, -1)]
    course = bursts(_SEED, _MINUTES_BETWEEN)
    lines = [
        line
        for begin, minutes in (*((begin, _DAY_MINUTES) for begin in begins), (now - _LATELY, _LATELY // _A_MINUTE))
        for line in _stretch(begin.timestamp(), list(islice(course, minutes)))
    ]
    families: dict[str, list[str]] = {}
    for line in lines:
        families.setdefault(line.partition("{")[0], []).append(line)
    text = (one for name, found in families.items() for one in (f"# TYPE {name} unknown", *found))
    return "\n".join([*text, "# EOF", ""])


def _stretch(begin: float, cores: Sequence[float]) -> Iterator[str]:
    """Minutes without a gap, each with its demand."""
    pods = [_pods(cores, minute) for minute in range(len(cores))]
    owner = f'namespace="{NAMESPACE}",replicaset="{_SET}",owner_kind="Deployment",owner_name="{APP}"'
    yield f"kube_replicaset_owner{{{owner}}} 1 {begin:.0f}"
    for place in range(max(pods)):
        # A pod that comes back keeps its name: with a new one each time, a query over days meets a thousand series.
        name, total = f'namespace="{NAMESPACE}",pod="{_SET}-{round(begin / _MINUTE):x}{place:x}"', 0.0
        yield f'kube_pod_owner{{{name},owner_kind="ReplicaSet",owner_name="{_SET}"}} 1 {begin:.0f}'
        for minute in (minute for minute, count in enumerate(pods) if count > place):
            for second in range(minute * _MINUTE, (minute + 1) * _MINUTE, _SCRAPE_SECONDS):
                total += cores[minute] / pods[minute] * _SCRAPE_SECONDS
                counter = f'container_cpu_usage_seconds_total{{{name},container="{CONTAINER}"}}'
                yield f"{counter} {total:.2f} {begin + second:.0f}"


def _pods(cores: Sequence[float], minute: int) -> int:
    """What the target asks for, of the last minutes' highest demand."""
    highest = max(cores[max(0, minute - _DOWN_MINUTES) : minute + 1])
    return min(max(math.ceil(highest / (REQUEST_CORES * TARGET / 100) - 1e-9), FEWEST_PODS), MOST_PODS)
