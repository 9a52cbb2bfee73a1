"""Pods belong to a workload by owner references and uids, never by their names."""

from typing import Any

import pytest

from advisor.model.kubernetes.workload import Reconciler, StrayReason
from tests.fakes.manifests import autoscaler, cluster, container, deployment, workload

LONG = "the-quick-brown-fox-jumps-over-the-lazy-dog-and-goes-home-again"


def owner(kind: str, name: str, uid: str, api: str = "apps/v1") -> list[dict[str, Any]]:
    return [{"apiVersion": api, "kind": kind, "name": name, "uid": uid, "controller": True}]


def live(document: dict[str, Any], uid: str, owners: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """As a server has it, with a uid."""
    return {**document, "metadata": {**document["metadata"], "uid": uid, "ownerReferences": owners or []}}


def replica_set(name: str, uid: str, owners: list[dict[str, Any]]) -> dict[str, Any]:
    return live({**deployment(name, [container()]), "kind": "ReplicaSet"}, uid, owners)


def pod(name: str, owners: list[dict[str, Any]], *containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop", "ownerReferences": owners, **more}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [*containers] or [container()]},
    }


def test_a_pod_is_found_through_its_replica_set_though_its_name_was_cut() -> None:
    state = cluster(
        live(deployment(LONG, [container()]), "d"),
        replica_set(f"{LONG}-6c5d8f9b7", "r", owner("Deployment", LONG, "d")),
        pod(f"{LONG[:58]}x7k2p", owner("ReplicaSet", f"{LONG}-6c5d8f9b7", "r")),
    )
    assert [one.meta.name for one in workload(state, LONG).pods] == [f"{LONG[:58]}x7k2p"]


def test_a_pod_of_a_deleted_deployment_is_not_its_namesakes() -> None:
    """The ReplicaSet names a uid that is gone; a new Deployment has the name. One more ReplicaSet is gone itself."""
    state = cluster(
        live(deployment("smithy", [container()]), "new"),
        replica_set("smithy-6b7f9", "r", owner("Deployment", "smithy", "old")),
        pod("smithy-6b7f9-aaaaa", owner("ReplicaSet", "smithy-6b7f9", "r")),
        pod("smithy-55555-abcde", owner("ReplicaSet", "smithy-55555", "gone")),
    )
    assert workload(state, "smithy").pods == ()
    assert [(one.pod.meta.name, one.reason, str(one.owner)) for one in state.stray] == [
        ("smithy-6b7f9-aaaaa", StrayReason.OWNER_DELETED, "Deployment smithy"),
        ("smithy-55555-abcde", StrayReason.OWNER_UNKNOWN, "ReplicaSet smithy-55555"),
    ]


def test_names_that_contain_names_share_no_pods() -> None:
    state = cluster(
        live(deployment("ledger", [container()]), "1"),
        live(deployment("ledger-api", [container()]), "2"),
        live({**deployment("ledger-api-0x", [container()]), "kind": "StatefulSet"}, "3"),
        replica_set("ledger-api-77", "r", owner("Deployment", "ledger-api", "2")),
        pod("ledger-api-77-abcde", owner("ReplicaSet", "ledger-api-77", "r")),
        pod("ledger-api-0x-0", owner("StatefulSet", "ledger-api-0x", "3")),
    )
    seen = {one.meta.name: [each.meta.name for each in one.pods] for one in state.workloads}
    assert seen == {"ledger": [], "ledger-api": ["ledger-api-77-abcde"], "ledger-api-0x": ["ledger-api-0x-0"]}


def test_a_pod_of_a_cron_job_goes_up_two_steps_and_one_that_is_over_is_gone() -> None:
    template = {"spec": {"containers": [container()], "restartPolicy": "Never"}}
    cron = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "sweeper", "namespace": "shop", "uid": "c"},
        "spec": {"schedule": "7 * * * *", "suspend": True, "jobTemplate": {"spec": {"template": template}}},
    }
    references = owner("CronJob", "sweeper", "c", "batch/v1")
    metadata = {"name": "sweeper-1", "namespace": "shop", "uid": "j", "ownerReferences": references}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template}}
    over = {**pod("sweeper-1-b", owner("Job", "sweeper-1", "j", "batch/v1")), "status": {"phase": "Succeeded"}}
    state = cluster(cron, job, pod("sweeper-1-a", owner("Job", "sweeper-1", "j", "batch/v1")), over)
    (sweeper,) = state.workloads
    assert [one.meta.name for one in sweeper.pods] == ["sweeper-1-a"]
    assert sweeper.template.path == ("spec", "jobTemplate", "spec", "template", "spec")
    assert (sweeper.is_suspended, sweeper.rollout.waits_for) == (True, "a change takes effect at the next run")


def test_bare_and_mirror_pods_are_shown_and_say_what_they_are() -> None:
    mirror = pod(
        "gatekeeper-node-3", owner("Node", "node-3", "n", "v1"), annotations={"kubernetes.io/config.mirror": "0a"}
    )
    state = cluster(pod("hermit", []), mirror)
    assert [(one.meta.name, one.rollout.waits_for) for one in state.workloads] == [
        ("gatekeeper-node-3", "its source is a file on the node"),
        ("hermit", "it has no owner: recreate it by hand"),
    ]


def test_what_a_webhook_puts_into_a_pod_is_named_as_injected() -> None:
    pier = deployment("pier", [container("pier", requests={"cpu": "100m"})])
    state = cluster(
        live(pier, "d"),
        {**replica_set("pier-7d", "r", owner("Deployment", "pier", "d")), "spec": pier["spec"]},
        pod(
            "pier-7d-x",
            owner("ReplicaSet", "pier-7d", "r"),
            container("pier", requests={"cpu": "100m"}),
            container("mesh"),
        ),
    )
    assert [one.name for one in workload(state, "pier").injected] == ["mesh"]


ROLLOUT: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Rollout",
    "metadata": {"name": "arbor", "namespace": "shop", "uid": "ro"},
    "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "arbor"}},
}


def test_a_rollout_and_the_deployment_it_takes_its_template_from_are_one_workload() -> None:
    state = cluster(ROLLOUT, deployment("arbor", [container(requests={"cpu": "400m"})], replicas=0))
    (arbor,) = state.workloads
    assert (arbor.meta.kind, arbor.edited.kind) == ("Rollout", "Deployment")
    assert str(arbor.template.request()) == "cpu 400m"


@pytest.mark.parametrize("uid", ["d", ""])
def test_pods_that_are_still_the_deployments_say_that_a_rollout_takes_over(uid: str) -> None:
    """No owner of theirs is deleted. One of a former Deployment of that name is another matter."""
    owners = owner("Deployment", "arbor", uid)
    state = cluster(
        ROLLOUT,
        live(deployment("arbor", [container()]), uid),
        replica_set("arbor-old", "r", owners),
        pod("arbor-old-1", owner("ReplicaSet", "arbor-old", "r")),
        replica_set("arbor-new", "n", owner("Rollout", "arbor", "ro", "argoproj.io/v1alpha1")),
        pod("arbor-new-1", owner("ReplicaSet", "arbor-new", "n")),
    )
    (arbor,) = state.workloads
    assert [one.meta.name for one in arbor.pods] == ["arbor-new-1"]
    assert [(one.pod.meta.name, one.reason, str(one.owner)) for one in state.stray] == [
        ("arbor-old-1", StrayReason.OWNER_TAKEN_OVER, "Deployment arbor")
    ]


def test_a_pod_of_a_deleted_namesake_of_the_deployment_is_not_taken_over() -> None:
    state = cluster(
        ROLLOUT,
        live(deployment("arbor", [container()]), "new"),
        replica_set("arbor-old", "r", owner("Deployment", "arbor", "old")),
        pod("arbor-old-1", owner("ReplicaSet", "arbor-old", "r")),
    )
    assert [one.reason for one in state.stray] == [StrayReason.OWNER_DELETED]


def test_an_autoscaler_of_the_deployment_is_told_of_the_rollout() -> None:
    """Its target is among the manifests, and not unknown; the Rollout has no autoscaler by it."""
    state = cluster(ROLLOUT, deployment("arbor", [container()], replicas=0), autoscaler("arbor", "arbor"))
    (scaler,), (arbor,) = state.hpas, state.workloads
    assert (scaler.unread_target, str(scaler.successor)) == ("", "Rollout arbor")
    assert state.hpas_of(arbor) == ()


def test_an_autoscaler_of_the_rollout_itself_is_an_ordinary_one() -> None:
    own = autoscaler("arbor", "arbor", kind="Rollout")
    own["spec"]["scaleTargetRef"]["apiVersion"] = "argoproj.io/v1alpha1"
    state = cluster(ROLLOUT, deployment("arbor", [container()], replicas=0), own)
    (scaler,), (arbor,) = state.hpas, state.workloads
    assert (scaler.successor, state.hpas_of(arbor)) == (None, [scaler])


def test_pods_of_a_kind_that_is_not_read_say_whose_they_are() -> None:
    reference = owner("Game", "raft", "g", "games.example.org/v1")
    state = cluster(pod("raft-1", reference))
    (stray,) = state.stray
    assert (stray.reason, str(stray.owner)) == (StrayReason.OWNER_NOT_READABLE, "Game raft")


def test_who_writes_an_object_again_is_seen_by_its_own_marks() -> None:
    """Helm's instance label is not Argo CD; Flux lets go of what says IfNotPresent."""
    made = {
        "argo": {"annotations": {"argocd.argoproj.io/tracking-id": "lights:apps/Deployment:shop/argo"}},
        "argo-manager": {"managedFields": [{"manager": "argocd-controller", "operation": "Apply"}]},
        "helm": {
            "labels": {"app.kubernetes.io/instance": "lights", "app.kubernetes.io/managed-by": "Helm"},
            "annotations": {"meta.helm.sh/release-name": "lights"},
        },
        "flux": {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}},
        "left": {
            "labels": {"kustomize.toolkit.fluxcd.io/name": "apps"},
            "annotations": {"kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent"},
        },
        "kubectl": {"managedFields": [{"manager": "kubectl-create", "operation": "Update"}]},
    }
    plain = [deployment(name, [container()]) for name in made]
    state = cluster(*({**one, "metadata": {**one["metadata"], **made[one["metadata"]["name"]]}} for one in plain))
    seen = {one.meta.name: one.meta.reconciler for one in state.workloads}
    assert seen == {
        "argo": Reconciler.ARGO_CD,
        "argo-manager": Reconciler.ARGO_CD,
        "helm": Reconciler.HELM,
        "flux": Reconciler.FLUX,
        "left": Reconciler.NOBODY,
        "kubectl": Reconciler.NOBODY,
    }
    assert "IfNotPresent" in workload(state, "left").meta.reconciler_note


def test_a_rollout_that_waits_or_is_under_way_says_so() -> None:
    on_delete = deployment("vault", [container()], updateStrategy={"type": "OnDelete"})
    partition = deployment("rank", [container()], updateStrategy={"rollingUpdate": {"partition": 2}})
    behind = {**deployment("ferry", [container()]), "status": {"observedGeneration": 7}}
    behind["metadata"] = {**behind["metadata"], "generation": 8}
    half = {**deployment("boat", [container()]), "status": {"updatedReplicas": 1}}
    state = cluster(
        {**on_delete, "kind": "StatefulSet"},
        {**partition, "kind": "StatefulSet"},
        deployment("sundial", [container()], paused=True),
        behind,
        half,
    )
    rollouts = {one.meta.name: one.rollout for one in state.workloads}
    assert rollouts["vault"].waits_for.startswith("OnDelete")
    assert rollouts["rank"].waits_for.startswith("partition 2")
    assert rollouts["sundial"].waits_for.startswith("paused")
    assert "generation 8 is not observed" in rollouts["ferry"].in_progress
    assert "1 of 2 replicas" in rollouts["boat"].in_progress
