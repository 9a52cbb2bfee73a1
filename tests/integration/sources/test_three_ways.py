"""The same three workloads by three ways: one report as far as each can tell, and what each cannot tell is said."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.servers import prometheus
from tests.fakes.command import advisor_within
from tests.integration.sources.kubernetes_api import kubeconfig, serving
from tests.integration.sources.three_ways import manifests, metrics, objects

ONE_DAY = {"ADVISOR_KUBERNETES__USAGE__DAYS": "1"}
Found = dict[tuple[str, str], str]
"""By rule and place, the proposed value or why there is none."""


@pytest.fixture(scope="module")
def url(servers_wanted: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    history: Path = tmp_path_factory.mktemp("three") / "history.om"
    history.write_text(metrics(time.time()), encoding="utf-8")
    with prometheus.start({}, history=history) as server:
        yield server.url


def report(folder: Path, *options: str, **environ: str) -> Any:
    ended = advisor_within(folder, "report", "-o", "json", "--look", "0s", *options, **ONE_DAY, **environ)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def found(document: Any) -> Found:
    proposed = {one["id"]: one["proposed"] for one in document["proposals"]}
    return {
        (one["rule"], f"{one['subject']['kind']}/{one['subject']['name']}"): one["no_proposal"]
        or "; ".join(proposed[name] for name in one["proposals"])
        for one in document["findings"]
    }


def workloads(document: Any) -> dict[str, tuple[Any, ...]]:
    fields = ("kind", "qos", "cpu_request_cores", "memory_request_bytes", "autoscalers")
    return {one["name"]: tuple(one[name] for name in fields) for one in document["workloads"]}


def told(document: Any, name: str) -> str:
    return next(one["detail"] for one in document["sources"] if one["name"] == name)


@pytest.fixture(scope="module")
def reports(url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ways")
    (folder / "k8s").mkdir()
    (folder / "k8s" / "all.yaml").write_text("\n---\n".join(map(yaml.safe_dump, manifests())))
    with serving() as api:
        api.objects = list(objects())
        config = kubeconfig(api, folder)
        return {
            "api": report(folder, "--kubeconfig", config, "-p", url),
            "manifests": report(folder, "--manifests", "k8s", "-p", url),
            "prometheus": report(folder, "-p", url, ADVISOR_KUBERNETES__USAGE__ENABLED="true"),
            "api alone": report(folder, "--kubeconfig", config),
            "manifests alone": report(folder, "--manifests", "k8s"),
        }


EVERY_WAY = ("api", "manifests", "prometheus")
SIZED = ("resources-over-provisioned", "resources-under-provisioned", "oom-killed", "cpu-throttled")


@pytest.mark.parametrize("way", EVERY_WAY)
def test_each_way_finds_the_same_and_proposes_the_same(reports: dict[str, Any], way: str) -> None:
    """web uses 300 of 1024 MiB, so 360 with a fifth above it for its limit: 768 Mi is the guide's step, 25% less, and
    its request, which never is above the limit; of its CPU the autoscaler aims at 70% of 1 core, as it does with 80% of
    875m. worker uses 400 of 256 MiB: 460 with 15% above, 384 Mi by the step of 50%. ledger asks for nothing and uses
    100m, which is steady, so with 5% above, and 100 MiB, with 15%.

    Prometheus alone does not tell whether the autoscaler's metric is of the whole pod: its target stays as it is, and
    so does the request that it divides by.
    """
    paired = ("app cpu request 875m", "app memory request 768Mi limit 768Mi", "HPA web target 80%")
    assert found(reports[way]) == {
        ("resources-over-provisioned", "deployment/web"): "; ".join(paired[1:2] if way == "prometheus" else paired),
        ("resources-under-provisioned", "statefulset/worker"): "app memory request 384Mi",
        ("qos-best-effort", "deployment/ledger"): "app cpu 105m, memory 115Mi",
    }


@pytest.mark.parametrize("way", [*EVERY_WAY, "api alone", "manifests alone"])
def test_each_way_shows_the_same_workloads(reports: dict[str, Any], way: str) -> None:
    assert workloads(reports[way]) == {
        "web": ("Deployment", "Burstable", 1.0, 1024**3, ["web: 2 to 10 by cpu 70%"]),
        "ledger": ("Deployment", "BestEffort", None, None, []),
        "worker": ("StatefulSet", "Burstable", 0.3, 256 * 1024**2, []),
    }


@pytest.mark.parametrize("way", ["api alone", "manifests alone"])
def test_without_usage_no_size_is_judged_and_the_rest_is(reports: dict[str, Any], way: str) -> None:
    assert set(found(reports[way])) == {("qos-best-effort", "deployment/ledger")}
    rules = {one["id"]: (one["status"], one["reason"]) for one in reports[way]["rules"]}
    assert {rules[name] for name in SIZED} == {("skipped", "the usage of no container was read")}


def test_usage_is_drawn_whichever_way_the_sizes_came(reports: dict[str, Any]) -> None:
    for way in EVERY_WAY:
        drawn = {one["name"]: [plot["title"] for plot in one["plots"]] for one in reports[way]["workloads"]}
        assert drawn == {name: ["app cpu", "app memory"] for name in ("web", "ledger", "worker")}
    alone = [one["plots"] for one in reports["api alone"]["workloads"]]
    assert alone == [[], [], []]


def test_only_the_api_counts_pods_and_the_others_say_what_they_cannot_tell(reports: dict[str, Any]) -> None:
    pods = {way: [one["pods"] for one in reports[way]["workloads"]] for way in EVERY_WAY}
    assert pods == {"api": [1, 2, 1], "manifests": [0, 0, 0], "prometheus": [0, 0, 0]}
    files = "files do not tell pods, rollouts under way, injected containers, what a quota has left and nodes"
    assert files in told(reports["manifests"], "manifests")
    assert files in told(reports["manifests alone"], "manifests")
    hidden = "rollouts, quotas, vertical autoscalers and who writes an object are not known"
    assert hidden in told(reports["prometheus"], "kubernetes usage")
    assert all(hidden in one["reason"] for one in reports["prometheus"]["rules"] if one["id"] in SIZED)
    assert told(reports["api"], "kubernetes") == "3 workloads, 1 autoscalers; usage of 3 containers by 12 queries"


def test_commands_reach_the_cluster_that_was_read(reports: dict[str, Any]) -> None:
    for way, begins in (("api", "kubectl --kubeconfig="), ("manifests", "kubectl --namespace=shop patch")):
        assert all(one["apply"].startswith(begins) for one in reports[way]["proposals"])
