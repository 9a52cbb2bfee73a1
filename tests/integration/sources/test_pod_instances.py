"""Which targets of a real Prometheus are the pods of a workload, however its targets are labelled."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.clock import SystemClock
from advisor.servers import prometheus
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.pod_instances import PodInstances

PODS = {"web-0": "10.0.0.1", "web-1": "10.0.0.2"}
LABELLED = [
    'cluster="eu",namespace="shop",pod="web-0",instance="10.0.0.1:80"',
    'cluster="eu",namespace="shop",pod="web-1",instance="10.0.0.2:80"',
    'cluster="us",namespace="shop",pod="web-0",instance="10.9.0.1:80"',
    'cluster="eu",namespace="till",pod="web-0",instance="10.0.0.7:80"',
]
BARE = [
    'cluster="eu",kubernetes_pod_name="web-0",instance="10.0.0.1:80"',
    'cluster="eu",kubernetes_pod_name="web-1",instance="10.0.0.2:80"',
    'cluster="us",kubernetes_pod_name="other",instance="10.0.0.1:9000"',
    'cluster="eu",kubernetes_pod_name="near",instance="10.0.0.11:80"',
]


def scraped(up: Sequence[str], folder: Path, matchers: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    now = time.time() - 30
    lines = [f"up{{{labels}}} 1 {now:.0f}" for labels in up]
    history = folder / "history.om"
    history.write_text("\n".join(["# TYPE up unknown", *lines, "# EOF", ""]), encoding="utf-8")
    with prometheus.start({}, history=history) as server:
        settings = PrometheusSettings.model_validate({"url": server.url, "matchers": dict(matchers)})
        with closing(PrometheusApi(settings)) as api:
            return PodInstances(api, settings, SystemClock()).scraped("shop", PODS)


@pytest.mark.usefixtures("servers_wanted")
@pytest.mark.parametrize("up", [LABELLED, BARE], ids=["by pod", "by address"])
def test_a_pod_is_known_by_its_label_or_its_address_and_never_by_those_of_another_cluster(
    up: Sequence[str], tmp_path: Path
) -> None:
    """A StatefulSet has the same pods in every cluster, and networks of pods overlap."""
    assert scraped(up, tmp_path, {"cluster": "eu"}) == {"web-0": ["10.0.0.1:80"], "web-1": ["10.0.0.2:80"]}


@pytest.mark.usefixtures("servers_wanted")
def test_what_is_not_scraped_is_not_there(tmp_path: Path) -> None:
    assert scraped(LABELLED[:1], tmp_path, {}) == {"web-0": ["10.0.0.1:80"]}
    assert scraped(BARE[3:], tmp_path, {}) == {}
