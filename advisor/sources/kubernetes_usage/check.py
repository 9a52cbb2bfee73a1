"""The doctor on usage: which of its metrics are there, and what is not known without the others."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing

from advisor.clients.prometheus import PrometheusApi
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.ports.clock import Clock
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import escaped

NAME = "kubernetes metrics"
_RULES = "node_namespace_pod_container:"
_USAGE = {
    "CPU": ("container_cpu_usage_seconds_total", f"{_RULES}container_cpu_usage_seconds_total:.*"),
    "memory": ("container_memory_working_set_bytes", f"{_RULES}container_memory_working_set_bytes"),
}
_THROTTLED = "container_cpu_cfs_periods_total"
_OWNERS, _RESTARTS = "kube_pod_owner", "kube_pod_container_status_restarts_total"
_OWNERS_OF = {"ReplicaSet": "kube_replicaset_owner", "Job": "kube_job_owner"}
"""By the kind of a pod's owner, what tells of whom that is."""
_REQUESTS = "kube_pod_container_resource_requests.*"
_CADVISOR = "let Prometheus scrape the kubelet's /metrics/cadvisor, and drop none of its series container_*"
_STATE = "let Prometheus scrape kube-state-metrics"
_NAMES = (
    *(name for names in _USAGE.values() for name in names),
    *(_THROTTLED, _OWNERS, _RESTARTS, _REQUESTS),
    *_OWNERS_OF.values(),
)


def check_usage(prometheus: PrometheusSettings, kubernetes: KubernetesSettings, clock: Clock) -> tuple[CheckLine, ...]:
    """One query, by names alone: what only shows while something is wrong, such as an OOM kill, is not asked for."""

    def look() -> Iterator[CheckLine]:
        with closing(PrometheusApi(prometheus)) as api:
            answer = api.instant(_query(prometheus.matchers), clock.now())
        there = {str(row["metric"].get("__name__", "")) for row in answer.result} - {""}
        owners = {str(row["metric"].get("owner_kind", "")) for row in answer.result} - {""}
        yield from usage_lines(there, owners, has_objects=kubernetes.reads_objects)

    return guarded(NAME, look)


def _query(matchers: Mapping[str, str]) -> str:
    pairs = [f"{label}={escaped(value)}" for label, value in sorted(matchers.items())]
    names = ",".join([f"__name__=~{escaped('|'.join(_NAMES))}", *pairs])
    kinds = ",".join([f"owner_kind=~{escaped('|'.join(_OWNERS_OF))}", *pairs])
    return f"group by (__name__) ({{{names}}}) or group by (owner_kind) ({_OWNERS}{{{kinds}}})"


def usage_lines(there: Collection[str], owners: Collection[str] = (), *, has_objects: bool) -> Iterator[CheckLine]:
    """there: the names of metrics that have series. owners: the kinds that own pods. has_objects: the API or manifests
    tell owners and sizes. Pure."""
    unseen = [what for what, names in _USAGE.items() if not any(_is_there(name, there) for name in names)]
    if unseen:
        missing = ", ".join(_USAGE[what][0] for what in unseen)
        yield warning(f"{NAME} usage", f"no {missing}: no {' and no '.join(unseen)} is sized", _CADVISOR)
    else:
        throttling = "" if _THROTTLED in there else f"; no {_THROTTLED}: no container has a CPU limit, or it is dropped"
        yield ok(f"{NAME} usage", f"CPU and memory of containers are there{throttling}")
    lost = dict(_lost(there, owners, has_objects=has_objects))
    if lost:
        yield warning(f"{NAME} state", "; ".join(f"no {name}: {what}" for name, what in lost.items()), _STATE)
    else:
        yield ok(f"{NAME} state", "owners, restarts and sizes are there")


def _lost(there: Collection[str], owners: Collection[str], *, has_objects: bool) -> Iterator[tuple[str, str]]:
    if _RESTARTS not in there:
        yield _RESTARTS, "an OOM kill or a crash loop is not seen"
    if _OWNERS not in there:
        gone = "pods that have gone belong to nobody" if has_objects else "pods belong to nobody, so nothing is sized"
        yield _OWNERS, gone
    for kind, name in _OWNERS_OF.items():
        if kind in owners and name not in there:
            who = f"pods of a {kind} that have gone" if has_objects else f"pods of a {kind}"
            yield name, f"{who} belong to nobody, so nothing of theirs is sized"
    if not has_objects and not _is_there(_REQUESTS, there):
        yield _REQUESTS.removesuffix(".*"), "what containers ask for is not known"


def _is_there(name: str, there: Collection[str]) -> bool:
    stem = name.removesuffix(".*")
    return stem in there or (stem != name and any(one.startswith(stem) for one in there))
