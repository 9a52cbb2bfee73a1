"""Containers that ask for no CPU or memory, and what is proposed where usage is not known."""

from typing import Any

import pytest
import yaml

from advisor.model.finding import Finding
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import NoProposal, Proposal
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.missing_requests import MISSING_REQUESTS
from tests.fakes.manifests import autoscaler, cluster, container, deployment

HALF = [container("web", requests={"cpu": "100m"}), container("log", requests={"cpu": "10m", "memory": "16Mi"})]


def ask(state: ClusterState) -> tuple[Finding, Any]:
    seen = a_snapshot(clusters=[state])
    (finding,) = MISSING_REQUESTS.diagnose(seen, a_context())
    return finding, MISSING_REQUESTS.propose(finding, seen, a_context())


def the_proposal(state: ClusterState) -> Proposal:
    (proposal,) = ask(state)[1]
    assert isinstance(proposal, Proposal)
    return proposal


def body(text: str) -> Any:
    """The YAML within a kubectl command, or behind the first line of a change to commit."""
    lines = text.splitlines()[1:]
    return yaml.safe_load("\n".join(line for line in lines if line != "PATCH"))


def requests_of(text: str, path: str = "containers") -> Any:
    spec = body(text)["spec"]["template"]["spec"]
    return {one["name"]: one["resources"]["requests"] for one in spec[path]}


def test_only_what_is_missing_is_asked_for_and_the_undo_takes_it_away() -> None:
    finding, _ = ask(cluster(deployment("web", HALF)))
    assert finding.summary == "Deployment shop/web has containers without requests: web (memory)"
    proposal = the_proposal(cluster(deployment("web", HALF)))
    assert proposal.apply.startswith("kubectl -n shop patch deployment.apps/web --type=strategic")
    assert requests_of(proposal.apply) == {"web": {"memory": "512Mi"}}
    assert requests_of(proposal.undo) == {"web": {"memory": None}}
    assert (proposal.automatic, proposal.target.knob) == (False, "k8s.resources")


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
    """2 pods and 1 of a surge of 25%, 512Mi each: 1536Mi, and 1Gi is left."""
    state = cluster(quota(requests_memory="4Gi", limits_memory="8Gi"), deployment("web", HALF))
    doubts = the_proposal(state).doubts
    assert "ResourceQuota purse has room for 1Gi of memory, and 3 pods ask for 1536Mi" in doubts
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
    assert body(proposal.apply)["metadata"] == {"name": "web", "namespace": "shop"}
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
    assert proposal.target.get("kind") == "Deployment"


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
