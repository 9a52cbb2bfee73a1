"""Usage on a real Prometheus, in the shapes that double, lose or hide it elsewhere."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.container import Container
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.usage import ClusterUsage, ContainerUsage
from advisor.servers import prometheus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.answers.asking import MOST_QUERIES
from advisor.sources.kubernetes_usage.looks import UsageLooks
from advisor.sources.kubernetes_usage.queries import Queries
from tests.integration.sources.usage_shapes import LENGTH, ends, recorded


@pytest.fixture(scope="module")
def url(servers_wanted: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    history: Path = tmp_path_factory.mktemp("shapes") / "history.om"
    history.write_text(recorded(), encoding="utf-8")
    with prometheus.start({}, history=history) as server:
        yield server.url


def look(
    url: str, shape: str, *, at: int = LENGTH, step: str = "5m", **matchers: str
) -> tuple[ClusterUsage, ClusterState]:
    """at: minutes after the shape's beginning."""
    settings = KubernetesSettings.model_validate({"usage": {"days": 1, "step_seconds": step}})
    moment = ends()[shape] - timedelta(minutes=LENGTH - at)
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url}))) as api:
        usage, state = UsageLooks(api, settings, matchers)(moment, None)
    assert state is not None
    assert usage.queries <= MOST_QUERIES
    return usage, state


def used(usage: ClusterUsage, workload: str = "crane") -> ContainerUsage:
    (found,) = (one for key, one in usage.containers.items() if key.workload == workload)
    return found


def cores(usage: ClusterUsage, workload: str = "crane") -> float:
    return used(usage, workload).peak(ResourceName.CPU)


def memory(usage: ClusterUsage) -> float:
    return used(usage).peak(ResourceName.MEMORY)


def sized(state: ClusterState) -> dict[str, Container]:
    return {one.meta.name: one.template.containers[0] for one in state.workloads}


def shown(container: Container) -> tuple[str, str]:
    return str(container.resources.requests), str(container.resources.limits)


@pytest.mark.parametrize(
    ("shape", "right"),
    [
        ("pod-sum-and-pause", 0.5),
        ("two-scrape-jobs", 0.5),
        ("per-core-and-total", 0.5),
        ("recording-rules-only", 0.6),
        ("counter-reset", 0.5),
    ],
)
def test_cores_are_counted_once(url: str, shape: str, right: float) -> None:
    assert cores(look(url, shape)[0]) == pytest.approx(right, abs=0.001)


@pytest.mark.parametrize(
    ("shape", "at", "right"),
    [
        ("node-and-slice-cgroups", 15, 300),
        ("ha-pair-not-deduplicated", 8, 400),
        ("ha-pair-not-deduplicated", 15, 900),
        ("old-label-names", 15, 300),
        ("container-restarted-in-place", 12, 900),
        ("container-restarted-in-place", 15, 900),
        ("exporter-rolled", 10, 300),
        ("exporter-rolled", 15, 300),
    ],
)
def test_memory_is_counted_once(url: str, shape: str, at: int, right: float) -> None:
    usage, _ = look(url, shape, at=at)
    (one,) = usage.containers.values()
    assert one.peak(ResourceName.MEMORY) == right


def test_cores_are_added_up_where_no_total_is(url: str) -> None:
    """18 s and 12 s a minute: 0.3 + 0.2 cores; folding by max would say 0.3."""
    assert cores(look(url, "per-core-and-total")[0], "winch") == pytest.approx(0.5, abs=0.001)


def test_two_jobs_that_scrape_the_same_are_told(url: str) -> None:
    (note,) = look(url, "two-scrape-jobs")[0].notes
    assert note.startswith("the jobs kubelet /metrics/cadvisor and kubernetes-cadvisor scrape the same")


def test_an_exporter_never_stands_for_what_it_tells_of(url: str) -> None:
    found = sized(look(url, "exported-labels")[1])
    assert {name: shown(one) for name, one in found.items()} == {
        "crane": ("cpu 250m", "nothing"),
        "winch": ("cpu 2", "nothing"),
    }


def test_clusters_are_never_added_up(url: str) -> None:
    with pytest.raises(BadDataError, match="containers of several clusters: blue, green"):
        look(url, "two-clusters-one-querier")


@pytest.mark.parametrize(("cluster", "right"), [("blue", 0.5), ("green", 2.0)])
def test_one_cluster_of_several_is_read_by_its_name(url: str, cluster: str, right: float) -> None:
    assert cores(look(url, "two-clusters-one-querier", cluster=cluster)[0]) == pytest.approx(right)


@pytest.mark.parametrize(
    ("shape", "right"),
    [
        ("kube-state-metrics-1", ("cpu 250m", "memory 256Mi")),
        ("both-versions-at-once", ("cpu 250m, memory 128Mi", "nothing")),
    ],
)
def test_both_versions_of_the_exporter_are_read_and_units_kept_apart(
    url: str, shape: str, right: tuple[str, str]
) -> None:
    assert shown(sized(look(url, shape)[1])["crane"]) == right


def test_a_recording_rule_is_a_gauge_and_said_to_be_one(url: str) -> None:
    assert look(url, "recording-rules-only")[0].notes == (
        "usage is a recording rule's, over irate: its peaks are chance",
    )


def test_a_hole_gives_no_value_and_no_zero(url: str) -> None:
    """Three covered minutes of five: rate would say 0.35 of 0.5."""
    usage, _ = look(url, "hole-of-eight-minutes")
    assert [one.cpu for one in usage.containers.values()] in ([], [None])


def test_a_hole_of_a_target_is_one_of_what_it_shows_alone(url: str) -> None:
    """The first target answered in four minutes of five before its hole, and in four after it."""
    usage, _ = look(url, "hole-of-a-target")
    assert used(usage, "crane").cpu is None
    assert cores(usage, "winch") == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(
    "shape",
    [
        "target-in-a-namespace-of-its-own",
        "instance-renamed-on-its-way",
        "cluster-agent-drops-instance",
        "federated-under-exported-labels",
        "federated-without-its-labels",
        "federated-with-honoured-labels",
        "federated-with-up",
        "server-that-was-away",
        "samples-fewer-than-scrapes",
    ],
)
def test_a_hole_is_told_whatever_becomes_of_the_labels_of_targets(url: str, shape: str) -> None:
    """Of minutes 4 to 8 of 15 some are missing: rate would say 0.3 of 1.0 until 10, or 0.6. What is whole is 30 s in
    the last 300.
    """
    usage, _ = look(url, shape)
    assert cores(usage, "crane") == pytest.approx(0.1, abs=0.001)
    assert cores(usage, "winch") == pytest.approx(0.5, abs=0.001)


def test_windows_in_which_a_job_begins_and_ends_are_not_covered_where_nothing_else_runs(url: str) -> None:
    """From minute 3 to 9: no series is there all along that would tell."""
    assert used(look(url, "jobs-and-nothing-else")[0], "report").cpu is None


def test_what_goes_with_its_node_has_no_value_in_the_window_in_which_it_went(url: str) -> None:
    """A core until minute 7: rate would say 0.5 until 10."""
    usage, _ = look(url, "node-that-went")
    assert used(usage, "crane").cpu is None
    assert cores(usage, "winch") == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("shape", ["hole-at-another-path", "hole-of-one-replica"])
def test_a_hole_of_another_target_takes_nothing_away(url: str, shape: str) -> None:
    """300 s in the five minutes until 10, half of that before and after: the other target answered in all of them."""
    assert cores(look(url, shape)[0]) == pytest.approx(1.0, abs=0.001)


def test_jobs_are_found_where_the_exporters_namespace_wins(url: str) -> None:
    """150 of 600 periods a minute, of pods whose namespace stands under exported_namespace."""
    (day,) = used(look(url, "labels-not-honoured")[0], "report").days
    assert [share for share in day.throttled_hours if share is not None] == [0.25]


def test_each_pod_of_a_job_that_is_killed_is_one_event(url: str) -> None:
    """Nothing restarts them: the Job makes another pod, under another name."""
    assert used(look(url, "killed-in-a-job-again-and-again")[0], "report").oom_kills == 2


def test_each_job_is_held_to_its_own_pace(url: str) -> None:
    """One scrapes every minute, the other every two: two or three samples cover five minutes of that."""
    usage, _ = look(url, "two-jobs-at-two-paces")
    assert (cores(usage, "crane"), cores(usage, "winch")) == pytest.approx((0.5, 0.5), abs=0.001)


def test_two_minutes_between_scrapes_cover_a_window_of_ten(url: str) -> None:
    """Five samples each: 60 s in 120."""
    usage, _ = look(url, "every-two-minutes", step="10m")
    assert cores(usage, "winch") == pytest.approx(0.5, abs=0.001)


def test_windows_in_which_a_job_begins_and_ends_are_not_covered(url: str) -> None:
    """From minute 7 to 12 it uses a core; over the windows until 10 and 15 a rate would spread that."""
    usage, _ = look(url, "jobs-that-come-and-go")
    assert used(usage, "report").cpu is None
    assert cores(usage, "crane") == pytest.approx(0.5, abs=0.001)


def test_a_job_of_minutes_has_its_share_of_throttled_periods(url: str) -> None:
    """It began after the point before, so its counters count from nothing: 750 of 3,000."""
    usage, _ = look(url, "jobs-that-come-and-go")
    (day,) = used(usage, "report").days
    assert [share for share in day.throttled_hours if share is not None] == [0.25]


def test_a_job_that_lived_between_the_ends_of_two_hours_has_its_share(url: str) -> None:
    """Of what runs on, the counters at the ends suffice; most pods of jobs have gone by then."""
    usage, _ = look(url, "throttled-between-two-hours")
    (day,) = used(usage, "report").days
    assert [share for share in day.throttled_hours if share is not None] == [0.25]
    assert [key.workload for key, one in usage.containers.items() if one.is_throttling_measured] == ["report"]


def test_a_container_that_ran_before_it_was_seen_has_no_share_of_all_its_life(url: str) -> None:
    """90,000,000 periods are 2,500 hours: how many of them are of the hour before nobody knows."""
    usage, _ = look(url, "counters-from-before-the-server")
    assert not any(share is not None for share in used(usage, "winch").days[0].throttled_hours)


def test_what_was_killed_again_is_asked_for_alone(url: str) -> None:
    """Its state and its last end are told by two series that differ in their names alone."""
    usage, _ = look(url, "killed-again-and-again")
    assert (used(usage, "crane").oom_kills, used(usage, "winch").oom_kills) == (2, 0)
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url}))) as api:
        text = Queries(settings=KubernetesSettings(), matchers={}).text("kills", 86_400)
        rows = api.instant(text, ends()["killed-again-and-again"]).result
    assert [one["metric"]["pod"] for one in rows] == ["crane-0"]


def test_kills_are_told_whichever_way_the_exporter_is_scraped(url: str) -> None:
    """One names the pod as an exporter's label, the other does not: no one matcher of pods finds both."""
    usage, _ = look(url, "kills-among-many-labels")
    assert (used(usage, "crane").oom_kills, used(usage, "winch").oom_kills) == (1, 1)


def test_the_peak_of_a_release_that_has_gone_counts_and_its_pods_do_not(url: str) -> None:
    usage, state = look(url, "pods-that-have-gone")
    (workload,) = state.workloads
    assert (workload.meta.kind, workload.meta.name, workload.replicas) == ("Deployment", "crane", 1)
    assert memory(usage) == 700


def test_no_limit_and_never_throttled_are_told_apart(url: str) -> None:
    usage, _ = look(url, "no-throttling-series")
    crane, winch = used(usage, "crane"), used(usage, "winch")
    assert (crane.is_throttling_measured, winch.is_throttling_measured) == (False, True)
    assert [share for share in winch.days[0].throttled_hours if share is not None] == [0.0]


def test_one_kill_is_one_event_dated_by_its_restart(url: str) -> None:
    usage, _ = look(url, "oom-only-as-last-reason")
    (day,) = used(usage).days
    assert (used(usage).oom_kills, used(usage).restarts) == (1, 1)
    assert day.oom_at is not None
    assert day.oom_at - (ends()["oom-only-as-last-reason"] - timedelta(minutes=LENGTH)) <= timedelta(minutes=5)


def test_a_kill_that_nothing_restarts_is_one_event(url: str) -> None:
    """As of a Job's pod with restartPolicy Never: the reason stays for as long as the pod does."""
    assert used(look(url, "killed-for-good")[0], "report").oom_kills == 1


@pytest.mark.parametrize("at", [8, 15])
def test_a_kill_and_the_restart_after_it_are_one_event(url: str, at: int) -> None:
    assert used(look(url, "killed-and-then-restarted", at=at)[0]).oom_kills == 1


def test_a_native_sidecar_is_killed_and_restarts_and_crashes_as_others_do(url: str) -> None:
    usage, _ = look(url, "native-sidecar")
    found = {key.container: one for key, one in usage.containers.items()}
    proxy = found["proxy"]
    assert (proxy.oom_kills, proxy.restarts, proxy.is_crash_looping) == (1, 1, True)
    assert (found["app"].oom_kills, found["app"].restarts, found["app"].is_crash_looping) == (0, 0, False)


def test_init_containers_that_run_on_and_that_end_are_told_apart(url: str) -> None:
    (workload,) = look(url, "native-sidecar")[1].workloads
    assert [(one.name, one.role.value, shown(one)[0]) for one in workload.template.containers] == [
        ("migrate", "init", "cpu 2"),
        ("proxy", "sidecar", "cpu 500m"),
        ("app", "app", "cpu 250m"),
    ]


def test_a_container_that_no_series_names_is_in_no_template(url: str) -> None:
    """One of kubectl debug, and an init container of which nobody can tell whether it runs on."""
    _, state = look(url, "not-named")
    assert {one.meta.name: [part.name for part in one.template.containers] for one in state.workloads} == {
        "crane": ["app", "log"]
    }
    assert sorted(map(str, state.skipped)) == [
        "StatefulSet quay/pier: its pods ask for something as a whole, and how much is not told",
        "quay/crane-0/debugger-x7k2p: kube-state-metrics does not name it, so it stands in no template",
        "wait of StatefulSet quay/winch: whether it is a sidecar is not told",
    ]


def test_without_a_size_in_the_whole_cluster_nobody_asks_for_nothing(url: str) -> None:
    usage, state = look(url, "no-sizes-at-all")
    assert (memory(usage), state.workloads) == (400, ())
    assert [one.what for one in state.skipped] == ["sizes"]


def test_owners_of_other_kinds_are_told_and_no_workloads(url: str) -> None:
    """Nor is a ReplicaSet or a Job of which nobody says who owns it; one that nobody owns is one."""
    usage, state = look(url, "owners-of-other-kinds")
    assert [str(one.meta.ref) for one in state.workloads] == ["ReplicaSet pier-1"]
    assert {(one.pod.meta.name, str(one.owner)) for one in state.stray} == {
        ("kafka-0", "StrimziPodSet kafka"),
        ("etcd-cp-1", "Node cp-1"),
    }
    assert sorted((one.what, one.why) for one in usage.left_out) == [
        ("1 pods, such as quay/crane-7c9-aa", "nobody says who owns their ReplicaSet"),
        ("1 pods, such as quay/report-28-zz", "nobody says who owns their Job"),
    ]


def test_the_owner_that_is_there_now_counts(url: str) -> None:
    usage, state = look(url, "owner-changed")
    assert [one.meta.name for one in state.workloads] == ["crane", "winch"]
    assert {key.workload for key in usage.containers} == {"crane", "winch"}


def test_an_autoscaler_of_one_container_is_known_by_its_label_and_not_by_the_exporters(url: str) -> None:
    (hpa,) = look(url, "autoscaler-of-one-container")[1].hpas
    assert sorted((one.kind.value, one.name, one.container) for one in hpa.metrics) == [
        ("ContainerResource", "cpu", "app"),
        ("Resource", "memory", ""),
    ]
    assert hpa.tells_kinds


def test_windows_is_not_sized_and_said(url: str) -> None:
    usage, _ = look(url, "windows")
    assert [(one.what, one.why) for one in usage.left_out] == [("StatefulSet quay/derrick", "not sized: Windows")]


def test_pods_that_are_over_reserve_nothing(url: str) -> None:
    found: dict[str, Any] = sized(look(url, "finished-jobs-still-request")[1])
    assert {name: shown(one)[0] for name, one in found.items()} == {"crane": "cpu 250m"}
