"""A line for each workload: what it asks for, what scales it, and what to know before it is touched."""

from typing import Any

from advisor.surfaces.documents.workloads import workloads_section
from advisor.surfaces.views.workload import WorkloadView, workload_views
from advisor.testing.snapshots import a_snapshot
from tests.fakes.manifests import autoscaler, cluster, container, deployment

FULL = [container(requests={"cpu": "500m", "memory": "129M"})]


def views(*objects: Any) -> dict[str, WorkloadView]:
    return {one.name: one for one in workload_views(a_snapshot(clusters=[cluster(*objects)]))}


def test_requests_class_and_autoscaler_stand_in_one_line() -> None:
    web = views(deployment("web", FULL), autoscaler("web", "web"))["web"]
    assert (web.replicas, web.qos, web.cpu_request_cores, web.memory_request_bytes) == (
        2,
        "Burstable",
        0.5,
        129_000_000,
    )
    assert web.autoscalers == ("web: 2 to 10 by cpu 70%",)
    (section,) = workloads_section([web])
    assert section.table is not None
    assert section.table.rows[0][:5] == ("deployment shop/web", "2", "Burstable", "0.5", "123.02Mi")


def test_what_speaks_against_a_change_is_noted() -> None:
    paused = deployment("paused", FULL, paused=True)
    helm = deployment("helm", FULL)
    helm["metadata"]["annotations"] = {"meta.helm.sh/release-name": "desk"}
    gone = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}, "status": {"phase": "Terminating"}}
    seen = views(paused, helm)
    assert seen["paused"].notes[0].startswith("paused")
    assert seen["helm"].notes == ("the next helm upgrade of desk ends a live value: change the values",)
    assert views(gone, paused)["paused"].notes[0] == "its namespace is being deleted"


def test_no_replicas_are_a_state_where_the_autoscaler_may_go_there() -> None:
    off = deployment("web", FULL, replicas=0)
    assert views(off)["web"].notes == ("switched off",)
    # A server takes no minimum of 0 without a metric that is there when no pod is.
    backlog = {"metric": {"name": "backlog"}, "target": {"type": "AverageValue", "averageValue": "30"}}
    scaler = autoscaler("web", "web", minReplicas=0, metrics=[{"type": "External", "external": backlog}])
    assert views(off, scaler)["web"].notes == ("scaled to zero",)


def test_a_pod_that_belongs_to_none_says_whose_it_was() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "r", "controller": True}
    metadata = {"name": "web-1-a", "namespace": "shop", "ownerReferences": [owner]}
    stray = views({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": FULL}})["web-1-a"]
    assert stray.notes == ("its owner is not there: ReplicaSet web-1",)


def test_a_long_list_is_cut_for_the_screen_and_says_so() -> None:
    many = list(views(*(deployment(f"web-{number}", FULL) for number in range(5))).values())
    (section,) = workloads_section(many, 3)
    assert section.table is not None
    assert [row[0] for row in section.table.rows][-1] == "and 2 more"
    assert workloads_section([]) == ()
