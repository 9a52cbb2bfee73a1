"""A cluster read over HTTP: whatever goes wrong with one kind or namespace, the others are reported."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from advisor.clients.kubernetes import KubernetesApi
from advisor.model.errors import ConfigurationError, SourceUnavailableError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.kinds import KINDS
from advisor.model.snapshot import Observation, SourceStatus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.source import KubernetesSource
from advisor.testing.clock import FakeClock
from tests.fakes.command import advisor_within
from tests.fakes.manifests import autoscaler, container, deployment, scaled_object
from tests.integration.sources.kubernetes_api import TOKEN, Api, kubeconfig, serving, settings_for

FULL = [container(requests={"cpu": "1", "memory": "1Gi"})]


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as made:
        made.objects = [space("shop"), space("back"), in_namespace(deployment("web", FULL), "shop", "w")]
        made.objects += [in_namespace(deployment("ledger", FULL), "back", "l"), autoscaler("web", "web")]
        yield made


def space(name: str, phase: str = "Active") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "status": {"phase": phase}}


def in_namespace(document: dict[str, Any], namespace: str, uid: str) -> dict[str, Any]:
    return {**document, "metadata": {**document["metadata"], "namespace": namespace, "uid": uid}}


def observe(api: Api, folder: Path, **changes: Any) -> Observation:
    settings = settings_for(api, folder, **changes)
    with closing(KubernetesSource(KubernetesApi(settings), settings, FakeClock())) as source:
        return source.read(300)


def state_of(seen: Observation) -> ClusterState:
    return seen.clusters["kubernetes"]


def names(seen: Observation) -> list[str]:
    return [f"{one.meta.namespace}/{one.meta.name}" for one in state_of(seen).workloads]


def test_everything_is_read_in_pages_with_the_accounts_token_and_nothing_is_written(api: Api, tmp_path: Path) -> None:
    """600 pods are three pages of 250; kinds of extensions that are not installed are no fault."""
    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "w", "controller": True}]
    for number in range(600):
        metadata = {"name": f"pod-{number}", "namespace": "shop", "ownerReferences": owner}
        api.objects.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": FULL}})
    seen = observe(api, tmp_path)
    assert (seen.status, seen.detail) == (SourceStatus.OK, "2 workloads, 1 autoscalers")
    assert names(seen) == ["back/ledger", "shop/web"]
    assert len(state_of(seen).workloads[1].pods) == 600
    assert sum("/api/v1/pods?" in path for path in api.asked) == 3
    assert (api.methods, api.tokens) == ({"GET"}, {f"Bearer {TOKEN}"})
    assert not any("secret" in path or "configmap" in path for path in api.asked)


def test_a_list_that_expires_between_its_pages_is_begun_again_and_nothing_comes_twice(api: Api, tmp_path: Path) -> None:
    """302 Deployments are two pages of 250; the second is refused once, and the first is read anew."""
    api.objects += [in_namespace(deployment(f"d{number}", FULL), "shop", f"{number}") for number in range(300)]
    api.expiring = {"deployments"}
    found = names(observe(api, tmp_path))
    assert (len(found), len(set(found))) == (302, 302)
    assert sum("/deployments?" in path for path in api.asked) == 4


def test_a_namespace_that_is_named_twice_is_read_once(api: Api, tmp_path: Path) -> None:
    assert names(observe(api, tmp_path, namespaces=["shop", "shop"])) == ["shop/web"]


def test_one_deadline_bounds_all_pages_and_namespaces_and_what_is_missing_is_told(api: Api, tmp_path: Path) -> None:
    """14 kinds in 20 namespaces at 0.2 s each would take 16 s with four at once, and no request is too slow alone.

    Of the 7.2 s in which it asks, the first four kinds take 4 on an idle machine; pods are among the second four.
    """
    spaces = [f"n{number}" for number in range(20)]
    api.objects += [space(name) for name in spaces]
    api.slow_seconds = 0.2
    began = time.monotonic()
    seen = observe(api, tmp_path, namespaces=spaces, timeout_seconds="5s", deadline_seconds="8s")
    assert time.monotonic() - began < 14
    assert seen.status is SourceStatus.DEGRADED
    told = "; ".join(map(str, state_of(seen).unread))
    assert "the time for one look was over in n" in told
    assert "raise kubernetes.deadline_seconds, or name fewer kubernetes.namespaces" in told
    assert {"pods", "poddisruptionbudgets.policy"} <= {word.strip() for word in told.replace(":", ",").split(",")}


def test_a_body_that_never_ends_ends_with_the_time_of_its_page(api: Api, tmp_path: Path) -> None:
    api.dripping = {"pods"}
    seen = observe(api, tmp_path, timeout_seconds="500ms")
    assert names(seen) == ["back/ledger", "shop/web"]
    assert "pods: no whole answer within 0.5 s" in seen.detail


def test_a_kind_that_is_refused_costs_that_kind_alone_and_names_the_role(api: Api, tmp_path: Path) -> None:
    api.forbidden = {"statefulsets"}
    seen = observe(api, tmp_path)
    assert (seen.status, names(seen)) == (SourceStatus.DEGRADED, ["back/ledger", "shop/web"])
    (unread,) = state_of(seen).unread
    assert unread.what == "statefulsets.apps"
    assert "kubectl" in unread.fix
    assert "--verb=get,list,watch --resource=statefulsets.apps" in unread.fix


def test_a_list_that_hangs_costs_that_kind_alone(api: Api, tmp_path: Path) -> None:
    api.hanging = {"replicasets"}
    seen = observe(api, tmp_path, timeout_seconds="500ms")
    assert names(seen) == ["back/ledger", "shop/web"]
    assert "replicasets.apps: no whole answer within 0.5 s" in seen.detail


def test_a_namespace_that_vanishes_in_mid_read_is_told_and_the_rest_is_reported(api: Api, tmp_path: Path) -> None:
    api.vanished = {f"back/{kind}" for kind in ("deployments", "pods", "replicasets")}
    seen = observe(api, tmp_path, namespaces=["back", "shop"])
    assert (seen.status, names(seen)) == (SourceStatus.DEGRADED, ["shop/web"])
    assert seen.detail == "deployments.apps, replicasets.apps, pods: not there any more in back"


def test_a_chosen_namespace_that_is_not_there_is_told_by_its_name(api: Api, tmp_path: Path) -> None:
    """A server gives empty lists for it, as if it were empty."""
    seen = observe(api, tmp_path, namespaces=["shpo", "shop"])
    assert (names(seen), seen.detail) == (["shop/web"], "namespace shpo: is not there (see kubernetes.namespaces)")


def test_a_fault_in_one_namespace_hides_no_other(api: Api, tmp_path: Path) -> None:
    """back comes first, and hangs; shop is read all the same, and the report names kind, namespace and remedy."""
    api.hanging = {"back/deployments"}
    seen = observe(api, tmp_path, namespaces=["back", "shop"])
    assert names(seen) == ["shop/web"]
    said = "deployments.apps: no whole answer within 2 s in back (see kubernetes.timeout_seconds)"
    assert said in seen.detail


def test_who_may_not_read_everywhere_reads_the_namespaces_there_are(api: Api, tmp_path: Path) -> None:
    api.forbidden = {"/deployments", "back/deployments"}
    seen = observe(api, tmp_path)
    assert names(seen) == ["shop/web"]
    assert "deployments.apps: not allowed in back" in seen.detail
    assert "--namespace=back create role tuning-advisor-reader --verb=get,list" in seen.detail


def test_who_may_not_even_see_namespaces_reads_that_of_the_context(api: Api, tmp_path: Path) -> None:
    api.forbidden = {"namespaces", "/deployments"}
    seen = observe(api, tmp_path)
    assert names(seen) == ["shop/web"]
    assert "namespaces: not allowed: all at once, else only shop is read" in seen.detail


def test_kinds_that_lack_the_same_right_share_one_role(api: Api, tmp_path: Path) -> None:
    api.forbidden = {"pods", "poddisruptionbudgets", "nodes"}
    seen = observe(api, tmp_path, namespaces=["shop"])
    assert names(seen) == ["shop/web"]
    first, second = state_of(seen).unread
    assert (first.what, first.why) == ("pods, poddisruptionbudgets.policy", "not allowed in shop")
    assert (
        "create role tuning-advisor-reader --verb=get,list,watch --resource=pods,poddisruptionbudgets.policy"
        in first.fix
    )
    assert (second.what, second.why) == ("nodes", "not allowed")
    assert "create clusterrole tuning-advisor-reader --verb=get,list,watch --resource=nodes" in second.fix


def test_a_namespace_that_is_chosen_and_being_deleted_is_marked(api: Api, tmp_path: Path) -> None:
    api.objects[1] = space("back", "Terminating")
    assert state_of(observe(api, tmp_path, namespaces=["back"])).going == {"back"}


def test_kedas_scaled_objects_are_autoscalers_where_what_keda_made_of_them_is_not_listed(
    api: Api, tmp_path: Path
) -> None:
    api.absent.discard("scaledobjects")
    api.objects += [scaled_object("mill", "web"), scaled_object("seen", "web")]
    made = autoscaler("keda-hpa-seen", "web")
    made["metadata"]["labels"] = {"scaledobject.keda.sh/name": "seen"}
    api.objects.append(made)
    hpas = state_of(observe(api, tmp_path)).hpas
    assert [(one.meta.name, one.scaled_object) for one in hpas] == [
        ("web", ""),
        ("keda-hpa-seen", "seen"),
        ("mill", "mill"),
    ]
    api.forbidden = {"scaledobjects"}
    (unread,) = state_of(observe(api, tmp_path)).unread
    assert (unread.what, "scaledobjects.keda.sh" in unread.fix) == ("scaledobjects.keda.sh", True)


def test_nodes_and_disruption_budgets_are_read(api: Api, tmp_path: Path) -> None:
    """The one that is cordoned takes no pods, however large it is."""
    for name, memory, closed in (("small", "8Gi", False), ("large", "64Gi", True)):
        allocatable = {"cpu": "4", "memory": memory}
        node = {"metadata": {"name": name}, "spec": {"unschedulable": closed}, "status": {"allocatable": allocatable}}
        api.objects.append({"apiVersion": "v1", "kind": "Node", **node})
    spec = {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "web"}}}
    metadata = {"name": "never", "namespace": "shop"}
    budget = {"metadata": metadata, "spec": spec, "status": {"disruptionsAllowed": 0}}
    api.objects.append({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", **budget})
    state = state_of(observe(api, tmp_path))
    assert str(state.largest_node) == "cpu 4, memory 8Gi"
    ledger, web = state.workloads
    assert [one.name for one in state.disruption_budgets_of(web)] == ["never"]
    assert state.disruption_budgets_of(ledger) == []


def test_a_namespace_that_is_being_deleted_is_read_and_marked(api: Api, tmp_path: Path) -> None:
    api.objects[1] = space("back", "Terminating")
    assert state_of(observe(api, tmp_path)).going == {"back"}


def test_a_server_too_old_for_a_kind_is_named(api: Api, tmp_path: Path) -> None:
    api.absent.add("horizontalpodautoscalers")
    assert "the server does not serve autoscaling/v2" in observe(api, tmp_path).detail


FLEET = "/apis/games.example.org/v1"


def fleet_autoscaler() -> dict[str, Any]:
    made = autoscaler("raft", "raft", kind="FleetGame")
    made["spec"]["scaleTargetRef"]["apiVersion"] = "games.example.org/v1"
    return made


def test_a_target_of_an_unknown_kind_is_read_from_its_scale(api: Api, tmp_path: Path) -> None:
    api.objects.append(fleet_autoscaler())
    api.other[FLEET] = (200, {"resources": [{"name": "fleetgames", "kind": "FleetGame"}]})
    api.other[f"{FLEET}/namespaces/shop/fleetgames/raft/scale"] = (200, {"spec": {"replicas": 3}})
    found = {one.meta.name: one for one in state_of(observe(api, tmp_path)).hpas}
    assert (found["raft"].replicas, found["raft"].unread_target) == (3, "")


def test_a_target_of_the_core_group_is_asked_for_where_it_is(api: Api, tmp_path: Path) -> None:
    old = autoscaler("old", "old", kind="ReplicationController")
    old["spec"]["scaleTargetRef"]["apiVersion"] = "v1"
    api.objects.append(old)
    api.other["/api/v1"] = (200, {"resources": [{"name": "replicationcontrollers", "kind": "ReplicationController"}]})
    api.other["/api/v1/namespaces/shop/replicationcontrollers/old/scale"] = (200, {"spec": {"replicas": 4}})
    found = {one.meta.name: one for one in state_of(observe(api, tmp_path)).hpas}
    assert (found["old"].replicas, found["old"].unread_target) == (4, "")


def test_a_deployment_of_another_group_is_no_target_of_ours(api: Api, tmp_path: Path) -> None:
    """There is a Deployment web of apps; the autoscaler means somebody else's kind of that name."""
    other = autoscaler("other", "web")
    other["spec"]["scaleTargetRef"]["apiVersion"] = "games.example.org/v1"
    api.objects.append(other)
    found = {one.meta.name: one.unread_target for one in state_of(observe(api, tmp_path)).hpas}
    assert found["web"] == ""
    assert found["other"].startswith("target Deployment/web not readable")


@pytest.mark.parametrize("version", ["../api/v1/namespaces/shop/secrets", "apps/v1/../../x", "v1?limit=1"])
def test_a_target_whose_version_is_a_path_leads_nowhere(api: Api, tmp_path: Path, version: str) -> None:
    sly = autoscaler("sly", "web", kind="Secret")
    sly["spec"]["scaleTargetRef"]["apiVersion"] = version
    api.objects.append(sly)
    seen = observe(api, tmp_path)
    assert not any("secret" in path or ".." in path for path in api.asked)
    assert "no server takes that name" in seen.detail


def test_a_scale_that_may_not_be_read_names_the_rule_that_is_missing(api: Api, tmp_path: Path) -> None:
    api.objects.append(fleet_autoscaler())
    api.other[FLEET] = (200, {"resources": [{"name": "fleetgames", "kind": "FleetGame"}]})
    api.other[f"{FLEET}/namespaces/shop/fleetgames/raft/scale"] = (403, {"message": "no"})
    found = {one.meta.name: one.unread_target for one in state_of(observe(api, tmp_path)).hpas}
    assert found["raft"] == (
        "target FleetGame/raft not readable: the Role lacks "
        '{apiGroups: ["games.example.org"], resources: ["fleetgames/scale"], verbs: ["get"]}'
    )


def test_pods_of_a_kind_that_may_not_be_read_are_not_called_bare(api: Api, tmp_path: Path) -> None:
    api.forbidden = {"replicasets"}
    owner = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "r", "controller": True}]
    metadata = {"name": "web-1-a", "namespace": "shop", "ownerReferences": owner}
    api.objects.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": FULL}})
    (stray,) = state_of(observe(api, tmp_path)).stray
    assert (str(stray.reason), str(stray.owner)) == ("its owner cannot be read", "ReplicaSet web-1")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, b"<html>log in</html>"), "the answer is not JSON"),
        ((200, b"[]"), "not a JSON object"),
        ((200, {"kind": "Status"}), "the answer is no list"),
        ((401, {"message": f"token {TOKEN} expired"}), "access denied (401)"),
        ((302, b""), "status 302"),
        ((500, {"message": "etcd is away"}), "status 500: etcd is away"),
    ],
)
def test_a_server_that_is_none_is_told_without_its_secrets(
    api: Api, tmp_path: Path, answer: tuple[int, Any], said: str
) -> None:
    for kind in KINDS:
        api.other[kind.path()] = answer
    with pytest.raises(SourceUnavailableError) as caught:
        observe(api, tmp_path)
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_server_that_is_away_is_told(api: Api, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match="no answer"):
        observe(api, tmp_path, context="there")


def test_a_kubeconfig_or_context_that_is_none_is_a_wrong_configuration(api: Api, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"kubernetes\.context"):
        observe(api, tmp_path, context="nowhere")
    with pytest.raises(ConfigurationError, match=r"kubernetes\.kubeconfig"):
        KubernetesApi(KubernetesSettings(kubeconfig=str(tmp_path / "missing")))
    (tmp_path / "broken").write_text("{ [")
    with pytest.raises(ConfigurationError, match=r"kubernetes\.kubeconfig"):
        KubernetesApi(KubernetesSettings(kubeconfig=str(tmp_path / "broken")))


def test_a_report_of_a_cluster_shows_workloads_findings_and_commands_with_the_context(api: Api, tmp_path: Path) -> None:
    api.objects.append(in_namespace(deployment("bare", [container()]), "shop", "b"))
    config = kubeconfig(api, tmp_path)
    ended = advisor_within(
        tmp_path, "report", "--kubeconfig", config, "--context", "here", "-n", "shop", "-o", "json", "--look", "0s"
    )
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert [one["name"] for one in report["workloads"]] == ["bare", "web"]
    (proposal,) = report["proposals"]
    begins = f"kubectl --kubeconfig={config} --context=here --namespace=shop patch deployment.apps/bare"
    assert proposal["apply"].startswith(begins)
    assert (proposal["rule"], proposal["automatic"]) == ("qos-best-effort", False)


def test_an_unknown_context_ends_a_report_with_code_2(api: Api, tmp_path: Path) -> None:
    ended = advisor_within(tmp_path, "report", "--kubeconfig", kubeconfig(api, tmp_path), "--context", "nowhere")
    assert ended.returncode == 2
    assert "kubectl config get-contexts" in ended.stderr
