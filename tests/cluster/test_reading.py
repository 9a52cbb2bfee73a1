"""What the advisor reads of a real API server, with the rights that an account has; and what it says of the rest."""

import json
import shlex
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import PAGE, KubernetesApi, Page
from advisor.model.errors import BadDataError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.snapshot import Observation, SourceStatus
from advisor.servers.cluster.control_plane import ControlPlane
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.source import KubernetesSource
from advisor.testing.clock import FakeClock
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed, running
from tests.fakes.command import advisor_within
from tests.fakes.manifests import autoscaler, container, deployment

FULL = [container(requests={"cpu": "100m", "memory": "64Mi"})]
READS = {
    "": ["pods", "limitranges", "resourcequotas"],
    "apps": ["deployments", "statefulsets", "daemonsets", "replicasets"],
    "batch": ["cronjobs", "jobs"],
    "autoscaling": ["horizontalpodautoscalers"],
    "policy": ["poddisruptionbudgets"],
    "argoproj.io": ["rollouts"],
    "autoscaling.k8s.io": ["verticalpodautoscalers"],
    "keda.sh": ["scaledobjects"],
}


def may_read(*but: str) -> list[dict[str, Any]]:
    """The rules of a Role for what is read, without these kinds."""
    kinds = {group: [name for name in names if name not in but] for group, names in READS.items()}
    return [
        {"apiGroups": [group], "resources": names, "verbs": ["get", "list"]} for group, names in kinds.items() if names
    ]


def settings_for(kubeconfig: Path, *namespaces: str) -> KubernetesSettings:
    wanted = {"kubeconfig": str(kubeconfig), "namespaces": namespaces}
    return KubernetesSettings.model_validate({**wanted, "timeout_seconds": "30s", "deadline_seconds": "120s"})


def observe(kubeconfig: Path, *namespaces: str) -> Observation:
    settings = settings_for(kubeconfig, *namespaces)
    with closing(KubernetesSource(KubernetesApi(settings), settings, FakeClock())) as source:
        return source.read(300)


def state_of(seen: Observation) -> ClusterState:
    return seen.clusters["kubernetes"]


def test_workloads_with_their_pods_and_autoscalers_are_read(cluster: Cluster, plane: object, namespace: str) -> None:
    cluster.create(running("web", namespace, FULL))
    cluster.create(placed(deployment("idle", FULL, replicas=0), namespace))
    cluster.create(placed(autoscaler("web", "web", minReplicas=2, maxReplicas=2), namespace))
    until(
        lambda: cluster.get("apps/v1", "Deployment", "web", namespace),
        lambda seen: seen.get("status", {}).get("readyReplicas") == 2,
    )
    seen = observe(cluster.kubeconfig, namespace)
    assert (seen.status, seen.detail) == (SourceStatus.OK, "2 workloads, 1 autoscalers")
    state = state_of(seen)
    assert [(one.meta.name, one.replicas, len(one.pods)) for one in state.workloads] == [("idle", 0, 0), ("web", 2, 2)]
    (hpa,) = state.hpas
    assert (hpa.target.name, hpa.unread_target) == ("web", "")
    assert state.stray == ()


def test_a_kind_that_the_role_lacks_costs_that_kind_alone(cluster: Cluster, namespace: str) -> None:
    cluster.create(placed(deployment("web", FULL, replicas=0), namespace))
    seen = observe(cluster.account(namespace, "eve", may_read("statefulsets", "jobs")), namespace)
    assert (seen.status, [one.meta.name for one in state_of(seen).workloads]) == (SourceStatus.DEGRADED, ["web"])
    assert [one.what for one in state_of(seen).unread] == ["statefulsets.apps, jobs.batch"]


def test_extensions_that_are_not_installed_are_no_missing_right(cluster: Cluster, namespace: str) -> None:
    cluster.create(placed(deployment("web", FULL, replicas=0), namespace))
    seen = observe(
        cluster.account(namespace, "eve", may_read("rollouts", "verticalpodautoscalers", "scaledobjects")), namespace
    )
    assert (seen.status, state_of(seen).unread) == (SourceStatus.OK, ())


def test_who_may_read_one_namespace_reads_that_of_the_context(cluster: Cluster, namespace: str) -> None:
    """403 for every list over all namespaces, and for the namespaces themselves: told, as nobody named this one."""
    cluster.create(placed(deployment("web", FULL, replicas=0), namespace))
    seen = observe(cluster.account(namespace, "eve", may_read()))
    assert [one.what for one in state_of(seen).unread] == ["namespaces"]
    assert (seen.status, [one.meta.name for one in state_of(seen).workloads]) == (SourceStatus.DEGRADED, ["web"])


def test_the_role_that_the_doctor_prints_gives_the_rights(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    account = cluster.account(namespace, "eve", may_read("pods", "horizontalpodautoscalers"))

    def rights() -> dict[str, str]:
        ended = advisor_within(tmp_path, "check", "--kubeconfig", str(account), "-n", namespace, "-o", "json")
        lines = {one["name"]: one for one in json.loads(ended.stdout)["checks"]}
        assert lines["kubernetes"]["detail"].startswith("version v1.")
        found: dict[str, str] = lines[f"kubernetes rights in {namespace}"]
        return found

    lacking = rights()
    assert lacking["detail"] == f"may not list pods, horizontalpodautoscalers.autoscaling in {namespace}"
    role = yaml.safe_load(lacking["fix"].partition(":\n")[2])
    cluster.create(role)
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "more", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": "eve", "namespace": namespace}],
    }
    cluster.create(binding)
    until(rights, lambda seen: seen["detail"] == f"may list all that is read in {namespace}")


def test_a_report_shows_the_workloads_of_the_cluster(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    cluster.create(placed(deployment("bare", [container()], replicas=0), namespace))
    cluster.create(placed(deployment("web", FULL, replicas=0), namespace))
    where = ["--kubeconfig", str(cluster.kubeconfig), "--context", cluster.context, "-n", namespace]
    ended = advisor_within(tmp_path, "report", *where, "-o", "json", "--look", "0s")
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert [one["name"] for one in report["workloads"]] == ["bare", "web"]
    (proposal,) = report["proposals"]
    assert proposal["rule"] == "qos-best-effort"
    words = shlex.split(proposal["apply"])
    assert words[0] == "kubectl"
    assert {f"--kubeconfig={cluster.kubeconfig}", f"--context={cluster.context}"} <= set(words)
    assert words[words.index("patch") + 1] == "deployment.apps/bare"


@pytest.fixture
def many(cluster: Cluster, namespace: str) -> list[str]:
    """The names of two pages and one of a kind that no controller acts on."""
    names = [f"range-{number:03}" for number in range(2 * PAGE + 1)]
    for name in names:
        limits = {"limits": [{"type": "Container", "max": {"cpu": "4"}}]}
        metadata = {"name": name, "namespace": namespace}
        cluster.create({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": limits})
    return names


def test_a_long_list_comes_in_pages_and_whole(cluster: Cluster, namespace: str, many: list[str]) -> None:
    with closing(KubernetesApi(settings_for(cluster.kubeconfig))) as api:
        pages = list(api.pages(limit_ranges(namespace), enough()))
    assert [len(page.objects) for page in pages] == [PAGE, PAGE, 1]
    assert [name for page in pages for name in names_of(page)] == many


def test_a_list_that_expires_between_its_pages_is_begun_again(
    cluster: Cluster, plane: ControlPlane, namespace: str, many: list[str]
) -> None:
    with closing(KubernetesApi(settings_for(cluster.kubeconfig))) as api:
        token = api.get(limit_ranges(namespace), enough(), limit=1)["metadata"]["continue"]
        pages = api.pages(limit_ranges(namespace), enough())
        begun = next(pages)
        forget_the_past(plane, cluster, namespace)
        until(lambda: _is_refused(api, limit_ranges(namespace), token), bool)
        again = list(pages)
    assert names_of(begun) == many[:PAGE]
    assert [page.begins for page in again] == [True, False, False], "what came before counts no more"
    assert [name for page in again for name in names_of(page)] == many


def enough() -> Deadline:
    return Deadline.after(120)


def limit_ranges(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/limitranges"


def names_of(page: Page) -> list[str]:
    return [one["metadata"]["name"] for one in page.objects]


def _is_refused(api: KubernetesApi, path: str, token: str) -> bool:
    try:
        api.get(path, enough(), limit=1, _continue=token)
    except BadDataError as error:
        return "the list expired" in error.what
    return False


def forget_the_past(plane: ControlPlane, cluster: Cluster, namespace: str) -> None:
    """What API servers do every five minutes: compact what is kept, and leave word of it under a key."""
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "later", "namespace": namespace}})

    def ask(what: str, **body: str) -> dict[str, Any]:
        answer = requests.post(f"{plane.etcd_url}/v3/kv/{what}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    key = b64encode(b"compact_rev_key").decode()
    revision = ask("range", key=key)["header"]["revision"]
    ask("put", key=key, value=b64encode(revision.encode()).decode())
    ask("compaction", revision=revision)
