"""The doctor on a cluster: rights with the Role that gives them, extensions, metrics, clocks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.command import advisor_within
from tests.integration.sources.kubernetes_api import Api, kubeconfig, serving


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as made:
        metadata = {"name": "shop"}
        made.objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": {"phase": "Active"}}]
        yield made


def test_the_doctor_prints_the_role_that_is_missing(api: Api, tmp_path: Path) -> None:
    api.forbidden = {"pods", "horizontalpodautoscalers"}
    config = kubeconfig(api, tmp_path)
    ended = advisor_within(tmp_path, "check", "--kubeconfig", config, "-n", "shop", "-o", "json")
    lines = {one["name"]: one for one in json.loads(ended.stdout)["checks"]}
    assert lines["kubernetes"]["detail"] == "version v1.36.3"
    rights = lines["kubernetes rights in shop"]
    assert rights["detail"] == "may not list pods, horizontalpodautoscalers.autoscaling in shop"
    assert "kind: Role\nmetadata: {name: tuning-advisor-reader, namespace: shop}" in rights["fix"]
    assert '- {apiGroups: [""], resources: [pods], verbs: [get, list, watch]}' in rights["fix"]
    assert (
        '- {apiGroups: ["autoscaling"], resources: [horizontalpodautoscalers], verbs: [get, list, watch]}'
        in rights["fix"]
    )
    extras = lines["kubernetes extensions in shop"]["detail"]
    assert extras == (
        "not installed: rollouts.argoproj.io, verticalpodautoscalers.autoscaling.k8s.io, scaledobjects.keda.sh"
    )


def test_the_doctor_names_the_command_that_says_whether_the_right_is_there(api: Api, tmp_path: Path) -> None:
    api.forbidden = {"deployments", "nodes"}
    lines = doctor(api, tmp_path, "-n", "shop")
    config = kubeconfig(api, tmp_path)
    assert lines["kubernetes rights in shop"]["fix"].endswith(
        f"# then these say yes: kubectl --kubeconfig={config} auth can-i list deployments.apps --namespace=shop; "
        f"kubectl --kubeconfig={config} auth can-i list nodes"
    )


def doctor(api: Api, folder: Path, *options: str) -> dict[str, dict[str, str]]:
    ended = advisor_within(folder, "check", "--kubeconfig", kubeconfig(api, folder), *options, "-o", "json")
    return {one["name"]: one for one in json.loads(ended.stdout)["checks"]}


@pytest.mark.parametrize(
    ("ahead", "status", "said"),
    [
        (0.0, "ok", "agrees with ours"),
        (3.0, "ok", "agrees with ours"),
        (3_600.0, "warning", "ahead of ours: the newest data is looked for at the wrong time"),
        (-3_600.0, "warning", "behind ours: the newest data is looked for at the wrong time"),
    ],
)
def test_the_doctor_compares_the_clocks(api: Api, tmp_path: Path, ahead: float, status: str, said: str) -> None:
    api.ahead_seconds = ahead
    line = doctor(api, tmp_path)["kubernetes clock"]
    assert (line["status"], line["detail"].endswith(said)) == (status, True)
    assert bool(line["fix"]) == (status == "warning")


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ((200, {"kind": "APIResourceList"}), "ok", "serves metrics.k8s.io/v1beta1"),
        ((404, {"message": "not found"}), "warning", "is not served: autoscalers on cpu and memory do not move"),
        ((503, {"message": "no endpoints"}), "warning", "is registered and does not answer: status 503: no endpoints"),
    ],
)
def test_the_doctor_looks_for_the_metrics_of_autoscalers(
    api: Api, tmp_path: Path, answer: tuple[int, Any], status: str, said: str
) -> None:
    api.other["/apis/metrics.k8s.io/v1beta1"] = answer
    line = doctor(api, tmp_path)["kubernetes metrics API"]
    assert (line["status"], said in line["detail"]) == (status, True)


def test_a_list_that_hangs_hides_nothing_from_the_doctor(api: Api, tmp_path: Path) -> None:
    api.hanging, api.forbidden = {"jobs"}, {"pods"}
    environ = {"ADVISOR_KUBERNETES__TIMEOUT_SECONDS": "2s"}
    ended = advisor_within(
        tmp_path, "check", "--kubeconfig", kubeconfig(api, tmp_path), "-n", "shop", "-o", "json", **environ
    )
    lines = {one["name"]: one["detail"] for one in json.loads(ended.stdout)["checks"]}
    assert lines["kubernetes jobs.batch in shop"] == "no whole answer within 2 s"
    assert lines["kubernetes rights in shop"] == "may not list pods in shop"


def test_the_doctor_of_an_account_that_may_all_is_content(api: Api, tmp_path: Path) -> None:
    ended = advisor_within(tmp_path, "check", "--kubeconfig", kubeconfig(api, tmp_path), "-o", "json")
    lines = {one["name"]: one["detail"] for one in json.loads(ended.stdout)["checks"]}
    assert lines["kubernetes rights"] == "may list all that is read"
