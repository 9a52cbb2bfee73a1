"""The first question: how often containers are scraped, how many series that is, by whom, and of which clusters."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from advisor.model.errors import BadDataError
from advisor.sources.kubernetes_usage.answers.asking import Budget, Rows
from advisor.sources.kubernetes_usage.queries import Queries

_LOOKED_SECONDS = 180
_USUAL_SECONDS = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 90.0)
_CORES, _TARGETS = "cores", "targets"
_Job = tuple[str, str]
"""Name and path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """series: of CPU usage, now. interval_seconds: between two scrapes, of most of them. is_raw: cAdvisor's own.

    is_plain: all of them by today's names, and with a total where there are cores. jobs: that scrape them. targets: of
    all of these jobs, 0 where that of one of them is not known.
    """

    series: int
    interval_seconds: float
    is_raw: bool
    is_plain: bool = True
    jobs: tuple[str, ...] = ()
    targets: int = 0
    notes: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """Of the names of the queries that read the usage."""
        if not self.is_raw:
            return "_recorded"
        return "" if self.is_plain else "_mixed"


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
    jobs: Counter[_Job] = Counter()
    forms = {labels.get("form", "") for labels, _ in counted}
    for labels, value in counted:
        if labels.get("form") != _CORES:
            counts[int(float(labels["samples"]))] += int(value)
            jobs[_job(labels)] += int(value)
    if not counts:
        return Probe(series=0, interval_seconds=60.0, is_raw=False)
    usual = max(counts, key=lambda samples: (counts[samples], samples))
    return Probe(
        series=counts.total(),
        interval_seconds=_interval(usual),
        is_raw=True,
        is_plain=forms == {""},
        jobs=tuple(sorted({name for name, _ in jobs})),
        targets=sum(targets[job] for job in jobs) if all(job in targets for job in jobs) else 0,
        notes=tuple(_doubled({" ".join(filter(None, job)): series for job, series in jobs.items()})),
    )


def _asked(name: str, budget: Budget, queries: Queries, now: datetime) -> tuple[Rows, Mapping[_Job, int]]:
    """What is counted of series, and how many targets each job has."""
    counted: Rows = []
    targets: Counter[_Job] = Counter()
    for labels, value in budget.instant(name, queries.text(name), now):
        if labels.get("form") == _TARGETS:
            targets[_job(labels)] += int(value)
        else:
            counted.append((labels, value))
    return counted, targets


def _job(labels: Mapping[str, str]) -> _Job:
    return (labels.get("job", ""), labels.get("metrics_path", ""))


def _interval(samples: int) -> float:
    """A window that is closed on both sides, as Prometheus 2 has it, holds one sample more."""
    fitting = (every for every in _USUAL_SECONDS if _LOOKED_SECONDS // every in (samples, samples - 1))
    return next(fitting, _LOOKED_SECONDS / max(1, samples))


def _doubled(jobs: Mapping[str, int]) -> Iterator[str]:
    """Jobs with as many series are taken to scrape the same; their values are folded, and cost twice."""
    names = sorted(jobs)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            if abs(jobs[one] - jobs[other]) <= 0.1 * max(jobs[one], jobs[other]):
                yield f"the jobs {one} and {other} scrape the same containers: one of them is enough"
