"""A line for each workload: what it asks for, what scales it, and what to know before it is touched."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from advisor.model.snapshot import Snapshot
from advisor.surfaces.views.workload import MOST_PLOTTED, WorkloadView, workload_views
from advisor.testing.snapshots import a_snapshot
from advisor.testing.words import a_finding
from tests.fakes.manifests import autoscaler, cluster, container, deployment
from tests.fakes.usage import a_day, cluster_usage, usage_of

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


def test_findings_stand_with_their_workload_also_those_of_its_autoscaler() -> None:
    state = cluster(deployment("web", FULL), deployment("other", FULL), autoscaler("scaler", "web"))
    keys = ("manifests/shop/Deployment.apps/web", "manifests/shop/HorizontalPodAutoscaler.autoscaling/scaler", "x")
    found = [a_finding(rule="some", key=key) for key in keys]
    seen = {one.name: one.findings for one in workload_views(a_snapshot(clusters=[state]), found)}
    assert seen == {"web": (f"some/{keys[0]}", f"some/{keys[1]}"), "other": ()}


def measured(*names: str) -> Snapshot:
    requests, limits = {"cpu": "500m"}, {"memory": "1Gi"}
    state = cluster(*(deployment(name, [container(requests=requests, limits=limits)]) for name in names))
    return replace(a_snapshot(clusters=[state]), usage=cluster_usage(*(usage_of(name) for name in names)))


def test_usage_is_drawn_beside_request_and_limit() -> None:
    """Two days by the hour: half a core and 400 MiB all the time. No limit of CPU; a limit is the request too."""
    (web,) = workload_views(measured("web"))
    cpu, memory = web.plots
    assert (cpu.title, cpu.unit, cpu.step_seconds, cpu.steps) == ("app cpu", "cores", 3600, 48)
    assert cpu.begins == datetime(2025, 12, 31, tzinfo=UTC)  # the day before NOON
    assert {line.name: set(line.values) for line in cpu.lines} == {
        "highest of the day": {0.5},
        "mean of the hour": {0.5},
    }
    assert [(level.name, level.value) for level in cpu.levels] == [("request", 0.5)]
    assert [(level.name, level.value) for level in memory.levels] == [("request", 1024**3), ("limit", 1024**3)]


def test_a_day_that_was_not_seen_keeps_its_place() -> None:
    usage = cluster_usage(usage_of("web", [a_day(2), a_day(0, cores=0.25)]))
    (web,) = workload_views(replace(measured("web"), usage=usage))
    mean = web.plots[0].lines[1].values
    assert (mean[:24], mean[24:48], mean[48:]) == ((0.5,) * 24, (None,) * 24, (0.25,) * 24)


def test_no_more_than_a_hundred_are_drawn_and_those_with_findings_first() -> None:
    names = [f"web-{number:03}" for number in range(MOST_PLOTTED + 1)]
    last = a_finding(rule="some", key=f"manifests/shop/Deployment.apps/{names[-1]}")
    drawn = [one.name for one in workload_views(measured(*names), [last]) if one.plots]
    assert (len(drawn), drawn[-1]) == (MOST_PLOTTED, names[-1])
    assert names[-2] not in drawn
