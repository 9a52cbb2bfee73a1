"""The queries of `queries.yaml`, filled in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from advisor.model.kubernetes.demand import WorkloadKey
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.prometheus.catalogue import escaped

_JOB = "job, exported_job, metrics_path"
_LONGEST_NAME = 46
"""A longer name of a workload may be cut where a pod's is made of it."""
_LEFT = re.compile(r"%\w+%")


@cache
def _texts() -> Mapping[str, str]:
    text = Path(__file__).with_name("queries.yaml").read_text(encoding="utf-8")
    found = yaml.load(text, yaml.CSafeLoader)  # in every look that has a process of its own: the other one takes 0.03 s
    return {name: " ".join(query.split()) for name, query in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Jobs that scrape containers at the same path and as often. exported: what the server called it that they read."""

    names: tuple[str, ...]
    exported: str
    path: str
    interval_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """For one cluster and one grid of points. interval_seconds: between two scrapes, so far as is known.

    only: more matchers of containers. window_seconds: that one point looks back over, a step where it is None;
    covered: the share of it (0 to 1) that samples must cover. jobs: that scrape containers, where their targets tell.
    killed: more matchers of what was OOM-killed.
    """

    settings: KubernetesSettings
    matchers: Mapping[str, str]
    interval_seconds: float = 60.0
    only: tuple[str, ...] = ()
    window_seconds: float | None = None
    covered: float = 0.8
    jobs: tuple[Jobs, ...] = ()
    killed: tuple[str, ...] = ()

    @property
    def step_seconds(self) -> float:
        return self.window_seconds or self.settings.usage.step_seconds

    def text(self, name: str, span_seconds: float = 0.0, end: float = 0.0) -> str:
        """As PromQL. span_seconds: of the days that are read, where the query looks back over them. end: unix seconds
        of the last point.
        """
        cluster = self.settings.usage.cluster_label
        pod = f"{cluster}, namespace, pod, exported_namespace, exported_pod"
        pairs = [f"{label}={escaped(value)}" for label, value in sorted(self.matchers.items())]
        inside = [*pairs, *_only(self.settings.namespaces), *self.only]
        filled = {
            "%cluster%": cluster,
            "%job%": f"{cluster}, {_JOB}",
            "%of%": f"{cluster}, namespace, pod, container, pod_name, container_name",
            "%named%": f"{pod}, container, exported_container",
            "%pod%": pod,
            "%owner%": f"{cluster}, namespace, exported_namespace",
            "%inside%": ",".join(inside),
            "%matchers%": ",".join(pairs),
            "%killed%": ",".join([*pairs, *self.killed]),
            "%step%": _seconds(self.step_seconds),
            "%span%": _seconds(span_seconds),
            "%fresh%": _seconds(2.5 * self.interval_seconds),
            "%end%": f"{end:.0f}",
            "%fewest%": str(self._fewest()),
            "%each_job%": self._each_job() if name == "target_holes" else "",
        }
        if name == "too_rare":
            (one,) = self.jobs
            filled["%jobs%"] = escaped("|".join(map(re.escape, one.names)))
            filled |= {"%exported_job%": escaped(one.exported), "%path%": escaped(one.path)}
        # A query may be made of another one, which is filled in as well.
        whole = _LEFT.sub(lambda found: _texts().get(found[0].strip("%"), found[0]), _texts()[name])
        return _LEFT.sub(lambda found: filled[found[0]], whole)

    def _each_job(self) -> str:
        alone = (replace(self, jobs=(one,), interval_seconds=one.interval_seconds) for one in self.jobs)
        return " or ".join(one.text("too_rare") for one in alone)

    def _fewest(self) -> int:
        """n samples cover n - 1 intervals."""
        return int(self.covered * self.step_seconds / self.interval_seconds) + 1


def _only(namespaces: Sequence[str]) -> list[str]:
    return [f"namespace=~{escaped('|'.join(map(re.escape, namespaces)))}"] if namespaces else []


def _seconds(seconds: float) -> str:
    return f"{max(1, round(seconds))}s"


def only_pods_of(keys: Sequence[WorkloadKey]) -> Iterator[str]:
    """A net that holds all of their pods: whose a pod is, its owners tell."""
    namespaces = "|".join(map(re.escape, sorted({key.namespace for key in keys})))
    yield f"namespace=~{escaped(namespaces)}"
    yield only_names_of(keys)


def only_names_of(keys: Sequence[WorkloadKey]) -> str:
    """The same wherever the exporter says that their namespace is."""
    names = "|".join(
        f"{re.escape(name[:_LONGEST_NAME])}{'-.*' if len(name) <= _LONGEST_NAME else '.*'}"
        for name in sorted({key.name for key in keys})
    )
    return f"pod=~{escaped(names)}"
