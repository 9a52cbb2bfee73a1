"""The first question: how often containers are scraped, how many series that is, by whom, and of which clusters."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from advisor.model.errors import BadDataError
from advisor.sources.kubernetes_usage.answers.asking import Budget, Rows
from advisor.sources.kubernetes_usage.queries import Jobs, Queries

_LOOKED_SECONDS = 180
_USUAL_SECONDS = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0)
_FEWEST_OF_NODES = 0.8
"""Where targets are fewer, one of them shows several nodes, or some are shown by none: such as a server that is read by
way of another one."""
_CORES, _TARGETS = "cores", "targets"
_Job = tuple[str, str, str]
"""Name, what another server called it whose series it reads, and path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """series: of CPU usage, now. interval_seconds: between two scrapes, of most of them. is_raw: cAdvisor's own.

    is_plain: all of them by today's names, and with a total where there are cores. jobs: that scrape them, and targets
    of all of these; none, and 0, where those of one of them are not known.
    """

    series: int
    interval_seconds: float
    is_raw: bool
    is_plain: bool = True
    jobs: tuple[Jobs, ...] = ()
    targets: int = 0
    notes: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """Of the names of the queries that read the usage."""
        if not self.is_raw:
            return "_recorded"
        return "" if self.is_plain else "_mixed"

    def with_nodes(self, nodes: int) -> "Probe":
        """nodes: of the cluster, 0 where nobody tells. Too few targets for them tell nothing of containers."""
        return self if self.targets >= _FEWEST_OF_NODES * nodes else replace(self, jobs=(), targets=0)


def read_probe(budget: Budget, queries: Queries, now: datetime) -> Probe:
    """Raises BadDataError where several clusters are behind one querier and none is chosen."""
    counted, targets = _asked("probe", budget, queries, now)
    if all(labels.get("form") == _CORES for labels, _ in counted):
        counted, targets = _asked("probe_cpu", budget, queries, now)
    label = queries.settings.usage.cluster_label
    clusters = sorted({labels.get(label, "") for labels, _ in counted})
    if len(clusters) > 1:
        raise BadDataError(
            f"containers of several clusters: {', '.join(name or '(no label)' for name in clusters)}",
            where="kubernetes.usage",
            fix=f"name one: prometheus.matchers: {{{label}: {clusters[-1]}}}",
        )
    counts: Counter[int] = Counter()
    found: Counter[_Job] = Counter()
    forms = {labels.get("form", "") for labels, _ in counted}
    for labels, value in counted:
        if labels.get("form") != _CORES:
            counts[int(float(labels["samples"]))] += int(value)
            found[_job(labels)] += int(value)
    if not counts:
        return Probe(series=0, interval_seconds=60.0, is_raw=False)
    are_told = all(job in targets for job in found)
    return Probe(
        series=counts.total(),
        interval_seconds=_interval(counts),
        is_raw=True,
        is_plain=forms == {""},
        jobs=tuple(_alike({job: _interval(targets[job]) for job in sorted(found)})) if are_told else (),
        targets=sum(targets[job].total() for job in found) if are_told else 0,
        notes=tuple(_doubled({" ".join(filter(None, job)): series for job, series in found.items()})),
    )


def _asked(name: str, budget: Budget, queries: Queries, now: datetime) -> tuple[Rows, Mapping[_Job, Counter[int]]]:
    """What is counted of series, and how many targets each job has that gave so many samples."""
    counted: Rows = []
    targets: dict[_Job, Counter[int]] = {}
    for labels, value in budget.instant(name, queries.text(name), now):
        if labels.get("form") == _TARGETS:
            targets.setdefault(_job(labels), Counter())[int(float(labels["samples"]))] += int(value)
        else:
            counted.append((labels, value))
    return counted, targets


def _job(labels: Mapping[str, str]) -> _Job:
    return (labels.get("job", ""), labels.get("exported_job", ""), labels.get("metrics_path", ""))


def _alike(intervals: Mapping[_Job, float]) -> Iterator[Jobs]:
    """intervals: seconds between two scrapes."""
    names: dict[tuple[str, str, float], list[str]] = {}
    for (name, exported, path), seconds in intervals.items():
        names.setdefault((exported, path, seconds), []).append(name)
    for (exported, path, seconds), several in names.items():
        yield Jobs(names=tuple(several), exported=exported, path=path, interval_seconds=seconds)


def _interval(counts: Counter[int]) -> float:
    """Seconds between two samples of most. counts: how many have so many of them in the fullest windows.

    A window that is closed on both sides, as Prometheus 2 has it, holds one sample more where one stands on its edge.
    """
    usual = max(counts, key=lambda samples: (counts[samples], samples))
    fitting = (
        every for every in _USUAL_SECONDS if usual in (math.ceil(_LOOKED_SECONDS / every), _LOOKED_SECONDS // every + 1)
    )
    return next(fitting, _LOOKED_SECONDS / max(1, usual))


def _doubled(jobs: Mapping[str, int]) -> Iterator[str]:
    """Jobs with as many series are taken to scrape the same; their values are folded, and cost twice."""
    names = sorted(jobs)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            if abs(jobs[one] - jobs[other]) <= 0.1 * max(jobs[one], jobs[other]):
                yield f"the jobs {one} and {other} scrape the same containers: one of them is enough"
