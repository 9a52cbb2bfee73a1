"""`advisor check` tells where the wires that end trials of a cluster would see nothing, on a real Prometheus."""

import time
from pathlib import Path

import pytest

from advisor.clock import SystemClock
from advisor.model.check import CheckLine, CheckStatus
from advisor.servers import prometheus
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.check_workloads import check_workloads

SHOWN = {
    "kube_pod_owner": 'namespace="shop",pod="web-1",owner_kind="ReplicaSet",owner_name="web"',
    "kube_replicaset_owner": 'namespace="shop",replicaset="web",owner_kind="Deployment",owner_name="web"',
    "kube_pod_container_status_restarts_total": 'namespace="shop",pod="web-1",container="app"',
    "kube_pod_status_ready": 'namespace="shop",pod="web-1",condition="true"',
}
RENAMED = {
    name: f'namespace="monitoring",pod="ksm-0",{labels.replace("namespace=", "exported_namespace=")}'.replace(
        ',pod="web-1"', ',exported_pod="web-1"'
    )
    for name, labels in SHOWN.items()
}


def without(*names: str) -> dict[str, str]:
    return {name: labels for name, labels in SHOWN.items() if name not in names}


def checked(shown: dict[str, str], folder: Path) -> CheckLine:
    now = time.time() - 30
    lines = [f"# TYPE {name} unknown\n{name}{{{labels}}} 1 {now:.0f}" for name, labels in shown.items()]
    history = folder / "history.om"
    history.write_text("\n".join([*lines, "# EOF", ""]), encoding="utf-8")
    with prometheus.start({}, history=history) as server:
        values = {"url": server.url, "presets": ["kube_state_metrics"]}
        [line] = check_workloads(PrometheusSettings.model_validate(values), SystemClock())
    return line


@pytest.mark.usefixtures("servers_wanted")
@pytest.mark.parametrize(
    ("shown", "status", "detail"),
    [
        (SHOWN, CheckStatus.OK, "pods whose owner is known: 1"),
        (RENAMED, CheckStatus.WARNING, "scraped without honor_labels"),
        (without("kube_replicaset_owner"), CheckStatus.WARNING, "no kube_replicaset_owner, without which those of Dep"),
        (without("kube_pod_status_ready"), CheckStatus.WARNING, "without which pods that are not ready are not seen"),
    ],
    ids=["all there", "labels renamed", "no replica sets", "an allowlist"],
)
def test_what_the_wires_would_not_see_is_told(
    shown: dict[str, str], status: CheckStatus, detail: str, tmp_path: Path
) -> None:
    line = checked(shown, tmp_path)
    assert line.status is status
    assert detail in line.detail


def test_without_the_preset_there_are_none() -> None:
    [line] = check_workloads(PrometheusSettings.model_validate({"url": "http://127.0.0.1:1"}), SystemClock())
    assert (line.status, line.fix) == (CheckStatus.WARNING, "add kube_state_metrics to prometheus.presets")
