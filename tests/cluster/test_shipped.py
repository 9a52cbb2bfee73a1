"""The shipped manifests on a real API server, in namespaces that take none but `restricted` pods."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.servers.cluster.control_plane import ControlPlane
from tests.cluster.asking import Asking
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed
from tests.fakes.chart import rendered
from tests.fakes.manifests import container
from tests.fakes.overlays import EVERYTHING, K8S, OVERLAYS, kustomized, with_components

RESTRICTED = {f"pod-security.kubernetes.io/{how}": "restricted" for how in ("enforce", "warn")}
OWN = "tuning-advisor"
"""The namespace that the kustomizations name."""
TEXT, TEXTS = {"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}


def shape(**fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def list_of(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(items)}


OPERATORS = {
    "ServiceMonitor": shape(
        selector=shape(matchLabels=TEXTS), endpoints=list_of(shape(port=TEXT, path=TEXT, interval=TEXT))
    ),
    "PrometheusRule": shape(
        groups=list_of(
            shape(
                name=TEXT,
                rules=list_of(shape(alert=TEXT, expr=TEXT, labels=TEXTS, annotations=TEXTS, **{"for": TEXT})),
            )
        )
    ),
}
"""What the Prometheus operator's kinds have of ours. The server refuses every field that is not here."""


def definition(kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    plural, group = f"{kind.lower()}s", "monitoring.coreos.com"
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": shape(spec=spec)}}
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }


@pytest.fixture(scope="module")
def operator(cluster: Cluster, plane: ControlPlane) -> Iterator[None]:
    """A server that knows the Prometheus operator's kinds. Only ours: another may have them already."""
    made = [cluster.create(definition(kind, spec)) for kind, spec in OPERATORS.items()]
    until(lambda: all(_is_served(cluster, one) for one in made), bool)
    yield
    for one in made:
        cluster.delete(one["apiVersion"], one["kind"], one["metadata"]["name"])


def _is_served(cluster: Cluster, made: Mapping[str, Any]) -> bool:
    found = cluster.get(made["apiVersion"], made["kind"], made["metadata"]["name"])
    conditions = found.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


@contextmanager
def namespaces(cluster: Cluster, *names: str) -> Iterator[None]:
    """Restricted ones of these names, gone for good on leaving, with what the manifests make outside of them."""
    with ExitStack() as stack:
        for name in names:
            metadata = {"name": name, "labels": RESTRICTED}
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
            stack.callback(_gone, cluster, name)
        until(lambda: all(cluster.listed("v1", "ServiceAccount", name) for name in names), bool)
        stack.callback(_unbound, cluster)
        yield


def _unbound(cluster: Cluster) -> None:
    for kind in ("clusterroles", "clusterrolebindings"):
        Asking(cluster).ask("delete", f"/apis/rbac.authorization.k8s.io/v1/{kind}/tuning-advisor-reader")


def _gone(cluster: Cluster, name: str) -> None:
    cluster.delete("v1", "Namespace", name)
    until(lambda: Asking(cluster).ask("get", f"/api/v1/namespaces/{name}").status, lambda status: status == 404)


def refusals(cluster: Cluster, documents: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the server says against each, warnings included, once all are handed to it."""
    said = []
    for document in documents:
        answer = Asking(cluster).create(document)
        if answer.status != 201 or answer.warning:
            told = answer.warning or answer.document.get("message")
            said.append(f"{document['kind']} {document['metadata']['name']}: {answer.status} {told}")
    return said


def pod_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """A pod as the controller of a workload would make it."""
    spec = document["spec"]["jobTemplate"]["spec"] if document["kind"] == "CronJob" else document.get("spec", {})
    if "template" not in spec:
        return None
    labels = spec["template"].get("metadata", {}).get("labels", {})
    metadata = {"name": "as-made", "namespace": document["metadata"]["namespace"], "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec["template"]["spec"]}


def admitted(cluster: Cluster, documents: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Of each workload by name: what the server says against its pods, "" for nothing."""
    pods = {one["metadata"]["name"]: pod for one in documents if (pod := pod_of(one)) is not None}
    answers = {name: Asking(cluster).create(pod, dryRun="All") for name, pod in pods.items()}
    return {
        name: answer.warning if answer.status == 201 else answer.document["message"] for name, answer in answers.items()
    }


def replicas_made(cluster: Cluster, namespace: str) -> int:
    """Pods that the real controllers made of the Deployment. Nobody schedules them here."""
    return len(cluster.listed("v1", "Pod", namespace, "app.kubernetes.io/component=daemon"))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_with_every_component_is_taken_whole_and_its_pods_are_let_in(
    cluster: Cluster, plane: ControlPlane, operator: None, tmp_path: Path, overlay: str
) -> None:
    documents = kustomized(with_components(tmp_path, overlay))
    with namespaces(cluster, OWN):
        assert refusals(cluster, documents) == []
        assert admitted(cluster, documents) == {"tuning-advisor": "", "tuning-advisor-report": ""}
        wanted = OVERLAYS[overlay].get("replicas", 1)
        until(lambda: replicas_made(cluster, OWN), lambda count: count == wanted)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_chart_with_the_same_values_is_taken_as_well_with_the_roles_of_other_namespaces(
    cluster: Cluster, plane: ControlPlane, operator: None, overlay: str
) -> None:
    kinds = ("hpas", "deployments", "statefulsets", "daemonsets")
    shop = {"name": "shop", **{kind: ["web"] for kind in kinds}}
    documents = rendered({**EVERYTHING, **OVERLAYS[overlay], "namespaces": [shop, {"name": "bare"}]}, "elsewhere")
    with namespaces(cluster, "elsewhere", "shop", "bare"):
        assert refusals(cluster, documents) == []
        assert admitted(cluster, documents) == {"tuning-advisor": "", "tuning-advisor-report": ""}
        wanted = OVERLAYS[overlay].get("replicas", 1)
        until(lambda: replicas_made(cluster, "elsewhere"), lambda count: count == wanted)


def test_the_upkeep_of_the_database_and_the_examples_are_taken(cluster: Cluster, plane: ControlPlane) -> None:
    files = [K8S / "cronjobs" / "db-maintenance.yaml", *sorted((K8S / "examples").glob("*.yaml"))]
    documents = [one for file in files for one in yaml.safe_load_all(file.read_text())]
    with namespaces(cluster, "voiceassist", "monitoring"):
        assert refusals(cluster, documents) == []
        assert admitted(cluster, documents) == {"db-maintenance": ""}


def test_these_namespaces_would_say_no(cluster: Cluster, plane: ControlPlane) -> None:
    """What the tests above are worth: a pod that says nothing of its rights, and a field that there is not."""
    with namespaces(cluster, "strict"):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "loose"}, "spec": {"containers": [container()]}}
        answer = Asking(cluster).create(placed(pod, "strict"), dryRun="All")
        assert (answer.status, "violates PodSecurity" in answer.body) == (403, True)
        odd = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "odd"}, "datum": {}}
        assert refusals(cluster, [placed(odd, "strict")]) == [
            'ConfigMap odd: 400 ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: '
            'unknown field "datum"'
        ]
