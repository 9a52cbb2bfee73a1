"""The doctor on what ends trials of changes to a cluster: whether the metrics of pods and their owners are there.

What is missing shows nowhere else. A trial goes on without the wires that see nothing.
"""

from collections.abc import Iterator, Mapping

from advisor.clients.prometheus import PrometheusApi
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.ports.clock import Clock
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import pairs_of

_NAME = "tripwires of clusters"
_PRESET = "kube_state_metrics"
_OWNERS = "kube_pod_owner"
_NEEDED = {
    _OWNERS: "all of them",
    "kube_replicaset_owner": "those of Deployments",
    "kube_pod_container_status_restarts_total": "kills for want of memory",
    "kube_pod_status_ready": "pods that are not ready",
}
"""What a cluster with a Deployment always shows, and what ends no trial without it."""


def check_workloads(settings: PrometheusSettings, clock: Clock) -> tuple[CheckLine, ...]:
    """One line, of a Prometheus that answers."""
    if _PRESET not in settings.presets:
        fix = f"add {_PRESET} to prometheus.presets"
        return (warning(_NAME, f"{_PRESET} is not among the presets: no trial is ended by what pods suffer", fix),)

    def look() -> Iterator[CheckLine]:
        with PrometheusApi(settings) as api:
            yield _told(_shown(api, settings, clock), _shown(api, settings, clock, 'exported_namespace!=""'))

    return guarded(_NAME, look)


def _shown(api: PrometheusApi, settings: PrometheusSettings, clock: Clock, more: str = "") -> Mapping[str, float]:
    """Series of each metric."""
    selector = ",".join([f'__name__=~"{"|".join(_NEEDED)}"', *pairs_of(settings.matchers), *([more] if more else [])])
    rows = api.instant(f"count by (__name__) ({{{selector}}})", clock.now()).result
    return {str(row["metric"].get("__name__", "")): float(row["value"][1]) for row in rows}


def _told(shown: Mapping[str, float], renamed: Mapping[str, float]) -> CheckLine:
    if _OWNERS in renamed:
        told = "kube-state-metrics is scraped without honor_labels: `namespace` is its own, not the one it tells of"
        return warning(_NAME, told, "honor_labels: true in its scrape job, or honorLabels in its ServiceMonitor")
    if missing := [name for name in _NEEDED if name not in shown]:
        told = "; ".join(f"{name}, without which {_NEEDED[name]} are not seen" for name in missing)
        return warning(_NAME, f"there is no {told}", "see --resources and --metric-allowlist of kube-state-metrics")
    return ok(_NAME, f"pods whose owner is known: {shown[_OWNERS]:g}")
