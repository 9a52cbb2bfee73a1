"""Whose a pod is: what is told of now before what was, and nothing made up where nobody tells."""

from collections.abc import Mapping

import pytest

from advisor.model.kubernetes.demand import WorkloadKey
from advisor.sources.kubernetes_usage.owners import Owners
from tests.fakes.manifests import cluster, container, deployment

NOW, GONE = 2.0, 1.0
Row = tuple[Mapping[str, str], float]


def row(kind: str, name: str, owner: tuple[str, str], value: float = NOW) -> Row:
    """kind: as its label is called."""
    return {"namespace": "shop", kind: name, "owner_kind": owner[0], "owner_name": owner[1]}, value


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_name_that_went_to_another_owner_is_of_the_one_that_is_there_now(*, is_turned: bool) -> None:
    rows = [row("pod", "a-0", ("StatefulSet", "former"), GONE), row("pod", "a-0", ("StatefulSet", "a"))]
    owners = Owners()
    owners.add_pods(rows[::-1] if is_turned else rows)
    assert owners.of("shop", "a-0") == ("StatefulSet", "a")


def test_the_pods_that_the_api_shows_are_as_it_shows_them() -> None:
    bare = {**deployment("lone", [container()]), "kind": "ReplicaSet"}
    owners = Owners()
    owners.add_cluster(cluster(bare))
    owners.add_pods([row("pod", "lone-a", ("ReplicaSet", "lone"))])
    owners.add_replicasets([row("replicaset", "lone", ("Deployment", "other"))])
    assert owners.of("shop", "lone-a") == ("ReplicaSet", "lone")


@pytest.mark.parametrize(
    ("owner", "missing"),
    [
        (("ReplicaSet", "web-1"), "kube_replicaset_owner"),
        (("Job", "report-1"), "kube_job_owner"),
        (None, "kube_pod_owner"),
    ],
)
def test_what_nobody_tells_is_not_known(owner: tuple[str, str] | None, missing: str) -> None:
    owners = Owners()
    owners.add_pods([row("pod", "a", owner)] if owner else [])
    assert (owners.of("shop", "a"), owners.untold("shop", "a")) == (None, missing)


def test_what_nobody_owns_is_its_own_owner() -> None:
    owners = Owners()
    owners.add_pods([row("pod", "bare", ("<none>", "<none>")), row("pod", "lone-a", ("ReplicaSet", "lone"))])
    owners.add_replicasets([row("replicaset", "lone", ("<none>", "<none>"))])
    assert owners.of("shop", "bare") == ("Pod", "bare")
    assert owners.of("shop", "lone-a") == ("ReplicaSet", "lone")


@pytest.mark.parametrize("kind", ["Node", "StrimziPodSet", "Workflow", "ReplicationController", "Cluster"])
def test_an_owner_of_a_kind_that_is_not_read_is_told_and_no_workload(kind: str) -> None:
    owners = Owners()
    owners.add_pods([row("pod", "a", (kind, "b"))])
    assert owners.of("shop", "a") is None
    assert (owners.top_of("shop", "a"), owners.untold("shop", "a")) == ((kind, "b"), "")


def test_a_job_that_another_controller_makes_is_of_that_one() -> None:
    owners = Owners()
    owners.add_pods([row("pod", "a", ("Job", "scaled-1")), row("pod", "b", ("Job", "report-1"))])
    owners.add_jobs(
        [row("job_name", "scaled-1", ("ScaledJob", "scaled")), row("job_name", "report-1", ("CronJob", "report"))]
    )
    assert (owners.of("shop", "a"), owners.of("shop", "b")) == (None, ("CronJob", "report"))


def test_the_past_is_asked_for_the_first_pod_that_nobody_told_of_and_once() -> None:
    owners = Owners()
    asked: list[str] = []

    def add_past() -> None:
        asked.append("past")
        owners.add_pods([row("pod", "gone-a", ("StatefulSet", "gone"), GONE)])

    owners.add_pods([row("pod", "web-0", ("StatefulSet", "web"))])
    owners.add_past = add_past
    assert (owners.of("shop", "web-0"), asked) == (("StatefulSet", "web"), [])
    assert owners.of("shop", "gone-a") == ("StatefulSet", "gone")
    assert owners.of("shop", "of-nobody") is None
    assert asked == ["past"]


def test_a_job_of_the_api_is_one_though_none_of_its_pods_is_there_any_more() -> None:
    report = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "report", "namespace": "shop"},
        "spec": {
            "schedule": "0 3 * * *",
            "jobTemplate": {"spec": {"template": {"spec": {"containers": [container()], "restartPolicy": "Never"}}}},
        },
    }
    owners = Owners()
    owners.add_cluster(cluster(report, deployment("web", [container()])))
    assert owners.jobs == {WorkloadKey("shop", "CronJob", "report")}
