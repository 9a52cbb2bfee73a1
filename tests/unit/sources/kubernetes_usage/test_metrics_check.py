"""The doctor on the metrics of containers: what is there, what is lost without the rest, and who would show it."""

from collections.abc import Collection

from advisor.model.check import CheckStatus
from advisor.sources.kubernetes_usage.check import usage_lines

USAGE = {"container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "container_cpu_cfs_periods_total"}
STATE = {"kube_pod_owner", "kube_pod_container_status_restarts_total", "kube_pod_container_resource_requests"}


def said(there: Collection[str], owners: Collection[str] = (), *, has_objects: bool = True) -> list[tuple[bool, str]]:
    lines = usage_lines(there, owners, has_objects=has_objects)
    return [(line.status is CheckStatus.OK, line.detail) for line in lines]


def test_all_that_is_read_is_there() -> None:
    whole = [(True, "CPU and memory of containers are there"), (True, "owners, restarts and sizes are there")]
    assert said(USAGE | STATE) == whole
    assert said(USAGE | STATE, has_objects=False) == whole


def test_nothing_is_there() -> None:
    usage, state = said(set(), has_objects=False)
    assert usage == (
        False,
        "no container_cpu_usage_seconds_total, container_memory_working_set_bytes: no CPU and no memory is sized",
    )
    assert state == (
        False,
        "no kube_pod_container_status_restarts_total: an OOM kill or a crash loop is not seen; "
        "no kube_pod_owner: pods belong to nobody, so nothing is sized; "
        "no kube_pod_container_resource_requests: what containers ask for is not known",
    )


def test_one_half_of_the_usage_is_missing() -> None:
    usage, _ = said((USAGE | STATE) - {"container_memory_working_set_bytes"})
    assert usage == (False, "no container_memory_working_set_bytes: no memory is sized")


def test_the_api_tells_owners_and_sizes_but_not_of_pods_that_have_gone() -> None:
    _, state = said(USAGE | STATE - {"kube_pod_owner", "kube_pod_container_resource_requests"})
    assert state == (False, "no kube_pod_owner: pods that have gone belong to nobody")


def test_throttling_that_is_not_measured_is_no_fault_and_said() -> None:
    usage, _ = said((USAGE | STATE) - {"container_cpu_cfs_periods_total"})
    assert usage[0]
    assert usage[1].endswith("no container_cpu_cfs_periods_total: no container has a CPU limit, or it is dropped")


def test_recorded_usage_and_the_older_exporter_do_as_well() -> None:
    rule = "node_namespace_pod_container:"
    recorded = {f"{rule}container_cpu_usage_seconds_total:sum_irate", f"{rule}container_memory_working_set_bytes"}
    old = STATE - {"kube_pod_container_resource_requests"} | {"kube_pod_container_resource_requests_cpu_cores"}
    assert [fine for fine, _ in said(recorded | old, has_objects=False)] == [True, True]


def test_owners_of_replicasets_and_jobs_are_missed_where_pods_have_such() -> None:
    assert said(USAGE | STATE)[1][0]
    assert said(USAGE | STATE | {"kube_replicaset_owner"}, {"ReplicaSet"}, has_objects=False)[1][0]
    _, state = said(USAGE | STATE, {"ReplicaSet", "Job"}, has_objects=False)
    assert state == (
        False,
        "no kube_replicaset_owner: pods of a ReplicaSet belong to nobody, so nothing of theirs is sized; "
        "no kube_job_owner: pods of a Job belong to nobody, so nothing of theirs is sized",
    )
