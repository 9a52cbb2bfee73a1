"""Containers that ask for no CPU or memory, and what is proposed where usage is known and where it is not."""

import shlex
from dataclasses import replace
from typing import Any

import pytest

from advisor.model.finding import Finding
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import NoProposal, Proposal
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.missing_requests import MISSING_REQUESTS
from advisor_rules.kubernetes.qos_best_effort import QOS_BEST_EFFORT
from tests.fakes.manifests import autoscaler, cluster, container, deployment, patch_of
from tests.fakes.usage import cluster_usage, usage_of

HALF = [container("web", requests={"cpu": "100m"}), container("log", requests={"cpu": "10m", "memory": "16Mi"})]


def ask(state: ClusterState) -> tuple[Finding, Any]:
    seen = a_snapshot(clusters=[state])
    (finding,) = MISSING_REQUESTS.diagnose(seen, a_context())
    return finding, MISSING_REQUESTS.propose(finding, seen, a_context())


def the_proposal(state: ClusterState) -> Proposal:
    (proposal,) = ask(state)[1]
    assert isinstance(proposal, Proposal)
    return proposal


def requests_of(text: str, path: str = "containers") -> Any:
    spec = patch_of(text)["spec"]["template"]["spec"]
    return {one["name"]: one["resources"]["requests"] for one in spec[path]}


def test_only_what_is_missing_is_asked_for_and_the_undo_takes_it_away() -> None:
    finding, _ = ask(cluster(deployment("web", HALF)))
    assert finding.summary == "Deployment shop/web has containers without requests: web (memory)"
    proposal = the_proposal(cluster(deployment("web", HALF)))
    assert proposal.apply.startswith("kubectl --namespace=shop patch deployment.apps/web --type=strategic")
    assert requests_of(proposal.apply) == {"web": {"memory": "512Mi"}}
    assert requests_of(proposal.undo) == {"web": {"memory": None}}
    assert (proposal.automatic, proposal.target.knob) == (False, "k8s.resources")


@pytest.mark.parametrize("zero", [0, "0", "0m", "0Mi"])
@pytest.mark.parametrize("name", ["cpu", "memory"])
def test_no_request_is_put_above_a_limit_of_0(name: str, zero: object) -> None:
    """A server: "must be less than or equal to cpu limit of 0"."""
    other = {"cpu": "memory", "memory": "cpu"}[name]
    held = ask(cluster(deployment("web", [container(requests={other: "1Gi"}, limits={name: zero})])))[1]
    assert isinstance(held, NoProposal)
    assert held.reason.startswith(f"app has a limit of 0 {name}: ")
    beside = [container("app", requests={other: "1Gi"}, limits={name: zero}), container("log", requests={other: "1Gi"})]
    proposal = the_proposal(cluster(deployment("web", beside)))
    assert list(requests_of(proposal.apply)) == ["log"]
    assert proposal.doubts[0].startswith(f"app has a limit of 0 {name}: ")


def test_a_limit_of_0_of_the_pod_closes_all_its_containers() -> None:
    pod = {"resources": {"requests": {"memory": "1Gi"}, "limits": {"cpu": 0}}}
    held = ask(cluster(deployment("web", [container("app"), container("log")], pod=pod)))[1]
    assert isinstance(held, NoProposal)
    assert "app has a limit of 0 cpu" in held.reason
    assert "log has a limit of 0 cpu" in held.reason


def test_limits_of_0_leave_a_pod_that_asks_for_nothing_as_it_is() -> None:
    seen = a_snapshot(clusters=[cluster(deployment("web", [container(limits={"cpu": 0, "memory": 0})]))])
    (finding,) = QOS_BEST_EFFORT.diagnose(seen, a_context())
    held = QOS_BEST_EFFORT.propose(finding, seen, a_context())
    assert isinstance(held, NoProposal)
    assert "app has a limit of 0 cpu and memory" in held.reason


def with_usage(state: ClusterState, **usage: Any) -> Proposal:
    seen = a_snapshot(clusters=[state], usage=cluster_usage(usage_of(**usage)))
    (finding,) = MISSING_REQUESTS.diagnose(seen, a_context())
    (proposal,) = MISSING_REQUESTS.propose(finding, seen, a_context())
    return proposal


def test_what_was_used_is_asked_for_where_it_is_known() -> None:
    """400 x 1.15 = 460 MiB, and never above a limit of its own."""
    asked = {"requests": {"cpu": "1"}}
    proposal = with_usage(cluster(deployment("web", [container(**asked)])))
    assert requests_of(proposal.apply) == {"app": {"memory": "460Mi"}}
    assert "for app the 95th percentile of CPU and the highest daily peaks of memory" in proposal.rationale
    assert not any("is not known" in doubt for doubt in proposal.doubts)
    assert "the guide's recommended settings" in proposal.alternatives


def test_numbers_that_tell_too_little_leave_the_guides_settings() -> None:
    proposal = with_usage(cluster(deployment("web", [container(requests={"cpu": "1"})])), days=[])
    assert requests_of(proposal.apply) == {"app": {"memory": "512Mi"}}
    assert "the usage of app is not known: compare with `kubectl top pods --containers` first" in proposal.doubts


def test_a_sidecar_among_the_init_containers_is_changed_where_it_stands() -> None:
    proxy = {**container("proxy", requests={"cpu": "1"}), "restartPolicy": "Always"}
    full = container("web", requests={"cpu": "1", "memory": "1Gi"})
    state = cluster(deployment("web", [full], pod={"initContainers": [proxy]}))
    assert requests_of(the_proposal(state).apply, "initContainers") == {"proxy": {"memory": "512Mi"}}


def test_what_the_server_fills_in_is_not_missing() -> None:
    """Limits alone, a budget of the pod, and a one-shot init container."""
    limited = deployment("limited", [container(limits={"cpu": "1", "memory": "1Gi"})])
    budget = {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}
    full = container(requests={"cpu": "1", "memory": "1Gi"})
    init = deployment("init", [full], pod={"initContainers": [container("migrate")]})
    state = cluster(limited, deployment("pod", [container()], pod=budget), init)
    assert MISSING_REQUESTS.diagnose(a_snapshot(clusters=[state]), a_context()) == []


def test_jobs_begin_with_the_guides_background_jobs() -> None:
    template = {"spec": {"template": {"spec": {"containers": [container(requests={"cpu": "1"})]}}}}
    cron = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "sweeper", "namespace": "shop"},
        "spec": {"schedule": "7 * * * *", "jobTemplate": template},
    }
    proposal = the_proposal(cluster(cron))
    assert proposal.proposed == "app memory 256Mi"
    assert "jobTemplate" in proposal.apply
    assert "a change takes effect at the next run" in proposal.doubts


def quota(**hard: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "purse", "namespace": "shop"},
        "spec": {"hard": {name.replace("_", "."): amount for name, amount in hard.items()}},
        "status": {"used": {"requests.memory": "3Gi"}},
    }


def test_a_quota_without_room_for_the_surge_is_named() -> None:
    """2 new pods of 16Mi + 512Mi, 2 old of 16Mi and 1 of the surge: 2 x 512Mi + 16Mi = 1040Mi more, and 1Gi is left."""
    state = cluster(quota(requests_memory="4Gi", limits_memory="8Gi"), deployment("web", HALF))
    doubts = the_proposal(state).doubts
    said = "has room for 1Gi of memory, and 2 pods ask for 1040Mi more while 1 old ones are still there"
    assert f"ResourceQuota purse {said}" in doubts
    assert "ResourceQuota purse demands a limit of memory for every container as well" in doubts


def test_without_surge_the_same_quota_has_room() -> None:
    """2 x 512Mi = 1Gi."""
    still = deployment("web", HALF, strategy={"type": "Recreate"})
    doubts = the_proposal(cluster(quota(requests_memory="4Gi"), still)).doubts
    assert not any("room" in doubt for doubt in doubts)


def test_what_argo_cd_keeps_is_committed_and_never_patched_live() -> None:
    kept = deployment("web", HALF)
    kept["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "x"}
    proposal = the_proposal(cluster(kept))
    assert "kubectl" not in proposal.apply
    assert patch_of(proposal.apply)["metadata"] == {"name": "web", "namespace": "shop"}
    assert "Argo CD puts a live value back: commit the change" in proposal.doubts


def test_a_rollout_is_changed_in_the_deployment_that_lends_its_template() -> None:
    rollout = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    }
    proposal = the_proposal(cluster(rollout, deployment("web", HALF, replicas=0)))
    assert "patch deployment.apps/web" in proposal.apply
    assert proposal.target.get("kind") == "deployment.apps"


def test_an_argo_rollout_of_its_own_is_yaml_to_commit_as_kubectl_would_replace_the_list() -> None:
    own = {**deployment("web", HALF), "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
    assert the_proposal(cluster(own)).apply.startswith("# commit this change:")


def vpa(mode: str, *resources: str) -> dict[str, Any]:
    policy = {"containerName": "*", **({"controlledResources": [*resources]} if resources else {})}
    return {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "loom", "namespace": "shop"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "updatePolicy": {"updateMode": mode},
            "resourcePolicy": {"containerPolicies": [policy]},
        },
    }


@pytest.mark.parametrize(
    ("mode", "resources", "is_ours"),
    [("Auto", (), False), ("Initial", ("memory",), False), ("Auto", ("cpu",), True), ("Off", (), True)],
)
def test_what_a_vertical_autoscaler_writes_is_left_to_it(mode: str, resources: tuple[str, ...], is_ours: bool) -> None:
    _, offered = ask(cluster(vpa(mode, *resources), deployment("web", HALF)))
    assert isinstance(offered, NoProposal) is not is_ours


def test_nothing_is_proposed_while_a_rollout_is_under_way_or_a_namespace_goes() -> None:
    half = {**deployment("web", HALF), "status": {"updatedReplicas": 1}}
    gone = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}, "status": {"phase": "Terminating"}}
    for state, said in (
        (cluster(half), "rollout in progress: 1 of 2 replicas have the new template"),
        (cluster(gone, deployment("web", HALF)), "the namespace shop is being deleted"),
    ):
        offered = ask(state)[1]
        assert isinstance(offered, NoProposal)
        assert offered.reason == said


def test_where_an_autoscaler_divides_by_the_request_its_own_rule_speaks() -> None:
    state = cluster(deployment("web", [container(requests={"memory": "1Gi"})]), autoscaler("web", "web"))
    offered = ask(state)[1]
    assert isinstance(offered, NoProposal)
    assert "hpa-missing-requests" in offered.reason


def test_a_request_of_nothing_is_missing_stays_below_the_limit_and_comes_back_with_the_undo() -> None:
    """The guide's 512Mi are more than the limit of 256Mi, which no server takes."""
    zero = container("web", requests={"cpu": "1", "memory": "0"}, limits={"memory": "256Mi"})
    proposal = the_proposal(cluster(deployment("web", [zero])))
    assert requests_of(proposal.apply) == {"web": {"memory": "256Mi"}}
    assert requests_of(proposal.undo) == {"web": {"memory": "0"}}


def test_a_name_or_context_with_shell_in_it_is_quoted_or_refused() -> None:
    half = deployment("web", [container("$(reboot)'; reboot #", requests={"cpu": "1"})])
    for said in ("web; reboot", "--kubeconfig=x", "../web", "Web"):
        bad = {**half, "metadata": {"name": said, "namespace": "shop"}}
        state = cluster(bad, deployment("good", HALF))
        assert [one.meta.name for one in state.workloads] == ["good"]
        assert "no server takes that name" in str(state.skipped[0])
    sly = replace(cluster(half), kubectl=KubernetesSettings(context="a b; reboot", kubeconfig="/x y").kubectl)
    words = shlex.split(the_proposal(sly).apply)
    assert words[:3] == ["kubectl", "--kubeconfig=/x y", "--context=a b; reboot"]
    assert len(words) == 8
    assert list(requests_of(the_proposal(sly).apply)) == ["$(reboot)'; reboot #"]


def test_what_a_vertical_autoscaler_does_not_write_is_still_proposed() -> None:
    state = cluster(vpa("Auto", "cpu"), deployment("web", [container("web", limits={"cpu": "0"})], replicas=1))
    (finding,) = QOS_BEST_EFFORT.diagnose(a_snapshot(clusters=[state]), a_context())
    (proposal,) = QOS_BEST_EFFORT.propose(finding, a_snapshot(clusters=[state]), a_context())
    assert proposal.proposed == "web memory 512Mi"


def once(kind: str, api: str, **more: Any) -> dict[str, Any]:
    return {**deployment("once", HALF), "apiVersion": api, "kind": kind, **more}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (once("Job", "batch/v1"), "a server refuses another template for a Job"),
        (once("ReplicaSet", "apps/v1"), "its pods keep the old template until each is deleted by hand"),
        ({**once("Pod", "v1"), "spec": {"containers": HALF}}, "it has no owner: recreate it by hand"),
    ],
)
def test_what_a_patch_would_not_reach_says_so(document: dict[str, Any], said: str) -> None:
    proposal = the_proposal(cluster(document))
    assert any(said in doubt for doubt in proposal.doubts)
    assert proposal.apply.startswith("kubectl" if document["kind"] == "ReplicaSet" else "# commit this change:")


def test_what_has_ended_gets_no_advice() -> None:
    complete = {"conditions": [{"type": "Complete", "status": "True"}]}
    job = once("Job", "batch/v1", status=complete)
    pod = {**once("Pod", "v1", status={"phase": "Failed"}), "spec": {"containers": HALF}}
    state = cluster(job, pod)
    assert [one.is_over for one in state.workloads] == [True, True]
    assert MISSING_REQUESTS.diagnose(a_snapshot(clusters=[state]), a_context()) == []


def test_what_the_change_runs_into_is_named() -> None:
    """512Mi are more than the pod may have and than any node has; the budget lets nobody be evicted."""
    limits = [{"type": "Pod", "max": {"memory": "256Mi"}}, {"type": "Container", "min": {"cpu": "200m"}}]
    bounds = [
        {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "strict", "namespace": "shop"}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}},
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "never", "namespace": "shop"}},
    ]
    bounds[0]["spec"] = {"limits": limits}
    bounds[1]["status"] = {"allocatable": {"cpu": "4", "memory": "300Mi"}}
    bounds[2]["spec"] = {"minAvailable": "100%", "selector": {}}
    doubts = the_proposal(cluster(deployment("web", HALF), *bounds)).doubts
    assert "LimitRange strict: requests of a pod 528Mi of memory, max 256Mi of type Pod" in doubts
    assert "LimitRange strict: web requests 100m of cpu, min 200m" in doubts
    assert "no node has 528Mi of memory: the largest has 300Mi" in doubts
    assert any("PodDisruptionBudget never allows no eviction" in doubt for doubt in doubts)
