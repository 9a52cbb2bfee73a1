"""Pod templates as the server makes them: requests from limits, from a LimitRange, of the pod; sidecars and inits."""

from fractions import Fraction
from typing import Any

import pytest

from advisor.model.kubernetes.container import ContainerRole, QosClass
from advisor.model.kubernetes.resources import Amounts, ResourceName
from tests.fakes.manifests import cluster, container, deployment, workload

MI = 1024**2


def template_of(*objects: Any) -> Any:
    return workload(cluster(*objects), "web").template


def test_a_big_one_shot_init_is_what_the_scheduler_sets_aside() -> None:
    """The larger of 2 cores and 200m + 100m, of 1Gi and 256Mi + 64Mi; the autoscaler divides by the running ones."""
    pod = {"initContainers": [container("migrate", requests={"cpu": "2", "memory": "1Gi"})]}
    running = [
        container("web", requests={"cpu": "200m", "memory": "256Mi"}),
        container("log", requests={"cpu": "100m", "memory": "64Mi"}),
    ]
    template = template_of(deployment("web", running, pod=pod))
    assert template.request() == Amounts(cpu_cores=Fraction(2), memory_bytes=1024 * MI)
    assert template.running_request() == Amounts(cpu_cores=Fraction(3, 10), memory_bytes=320 * MI)


def test_a_native_sidecar_runs_on_and_counts() -> None:
    """400m + 600m = 1 core; it stands among the init containers."""
    proxy = {**container("proxy", requests={"cpu": "600m"}), "restartPolicy": "Always"}
    template = template_of(
        deployment("web", [container("web", requests={"cpu": "400m"})], pod={"initContainers": [proxy]})
    )
    assert template.running_request().cpu_cores == 1
    assert [one.role for one in template.containers] == [ContainerRole.SIDECAR, ContainerRole.APP]


def test_an_init_after_a_sidecar_runs_beside_it() -> None:
    """600m + 500m at that moment, more than the 600m + 400m later."""
    proxy = {**container("proxy", requests={"cpu": "600m"}), "restartPolicy": "Always"}
    inits = {"initContainers": [proxy, container("migrate", requests={"cpu": "500m"})]}
    template = template_of(deployment("web", [container("web", requests={"cpu": "400m"})], pod=inits))
    assert template.request().cpu_cores == Fraction(11, 10)


def test_limits_alone_are_requests_and_make_guaranteed_pods() -> None:
    template = template_of(deployment("web", [container("web", limits={"cpu": "1", "memory": "512Mi"})]))
    assert template.request() == Amounts(cpu_cores=Fraction(1), memory_bytes=512 * MI)
    assert template.qos is QosClass.GUARANTEED


def test_a_pods_own_budget_stands_in_for_its_containers() -> None:
    budget = {"resources": {part: {"cpu": "2", "memory": "1Gi"} for part in ("requests", "limits")}}
    containers = [container("press"), container("pump", requests={"cpu": "250m"})]
    template = template_of(deployment("web", containers, pod=budget))
    assert template.running_request().cpu_cores == 2
    assert template.qos is QosClass.GUARANTEED
    assert template.without_request(ResourceName.MEMORY) == ()


HOUSE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "LimitRange",
    "metadata": {"name": "house", "namespace": "shop"},
    "spec": {
        "limits": [
            {
                "type": "Container",
                "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
                "default": {"cpu": "200m", "memory": "256Mi"},
            }
        ]
    },
}


def test_a_limit_range_fills_in_what_nobody_wrote_and_is_named() -> None:
    template = template_of(HOUSE, deployment("web", [container("web")]))
    (one,) = template.containers
    assert one.resources.requests == Amounts(cpu_cores=Fraction(1, 10), memory_bytes=128 * MI)
    assert one.resources.limits == Amounts(cpu_cores=Fraction(1, 5), memory_bytes=256 * MI)
    assert (one.written.is_empty, one.defaults_from, template.qos) == (True, "house", QosClass.BURSTABLE)


def test_a_limit_range_of_another_namespace_fills_in_nothing() -> None:
    elsewhere = {**HOUSE, "metadata": {"name": "house", "namespace": "other"}}
    assert template_of(elsewhere, deployment("web", [container("web")])).qos is QosClass.BEST_EFFORT


def test_bounds_of_a_limit_range_are_defaults_where_it_names_none() -> None:
    """The largest amount becomes the limit, and that the request; a ratio and the pod's bound are kept."""
    limits = [
        {"type": "Container", "max": {"memory": "1Gi"}, "min": {"cpu": "50m"}, "maxLimitRequestRatio": {"memory": "2"}},
        {"type": "Pod", "max": {"memory": "2Gi"}},
    ]
    state = cluster({**HOUSE, "spec": {"limits": limits}}, deployment("web", [container("web")]))
    (one,) = workload(state, "web").template.containers
    assert one.resources.requests == Amounts(cpu_cores=Fraction(1, 20), memory_bytes=1024 * MI)
    (strict,) = state.limit_ranges
    assert strict.largest_ratio == {ResourceName.MEMORY: 2}
    assert strict.largest_pod == Amounts(memory_bytes=2048 * MI)


def test_a_quota_says_what_is_left() -> None:
    purse = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "purse", "namespace": "shop"},
        "spec": {"hard": {"requests.memory": "4608Mi", "limits.memory": "8Gi"}},
        "status": {"used": {"requests.memory": "3Gi"}},
    }
    (quota,) = cluster(purse, deployment("web", [container("web")])).quotas
    assert quota.room(ResourceName.MEMORY) == 1536 * MI
    assert quota.room(ResourceName.CPU) is None
    assert quota.hard_limits == Amounts(memory_bytes=8192 * MI)


def test_gpus_and_huge_pages_are_neither_read_nor_lost() -> None:
    more = {"accelerator.example.org/gpu": "1", "hugepages-2Mi": "1Gi", "ephemeral-storage": "10Gi"}
    template = template_of(deployment("web", [container("web", requests={"cpu": "8", "memory": "32Gi", **more})]))
    assert template.request() == Amounts(cpu_cores=Fraction(8), memory_bytes=32 * 1024 * MI)


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ({"requests": {"memory": "1GB"}}, "'1GB' is no quantity"),
        ({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}, "requests 2 of cpu, above the limit of 1"),
        ({"requests": ["cpu"]}, "it should be a mapping"),
        ({"requests": {"cpu": -1}}, "below 0"),
    ],
)
def test_an_object_that_no_server_takes_is_skipped_and_hides_no_other(resources: dict[str, Any], said: str) -> None:
    good = deployment("web", [container("web", requests={"cpu": "1"})])
    state = cluster(good, deployment("bad", [container("web", **resources)]))
    assert [one.meta.name for one in state.workloads] == ["web"]
    (skipped,) = state.skipped
    assert said in str(skipped)
    assert "Deployment shop/bad" in str(skipped)


MADE: dict[str, Any] = {".": {}, "f:name": {}, "f:image": {}, "f:resources": {}}
SIZES: dict[str, Any] = {".": {}, "f:name": {}, "f:resources": {"f:requests": {"f:cpu": {}}}}


@pytest.mark.parametrize(
    ("owned", "sized_by"),
    [
        ({"helm": MADE, "autosizer": SIZES}, ("autosizer",)),
        ({"helm": MADE, "argocd-controller": SIZES, "autosizer": SIZES}, ("argocd-controller", "autosizer")),
        ({"helm": {**MADE, **SIZES}, "kubectl-patch": SIZES}, ()),
        ({"helm": {**MADE, **SIZES}, "kubectl-set": {"f:image": {}}}, ()),
        ({"helm": MADE, "gpu-operator": {"f:resources": {"f:limits": {"f:example.org/gpu": {}}}}}, ()),
        ({"argocd-controller": SIZES, "kube-controller-manager": {}}, ()),
    ],
    ids=["operator", "two", "kubectl", "the maker", "another resource", "nobody else made it"],
)
def test_who_writes_sizes_into_what_others_made_is_named(owned: dict[str, Any], sized_by: tuple[str, ...]) -> None:
    """As a server records it: one entry a manager, the container by its key."""
    web = deployment("web", [container("app", requests={"cpu": "1"}), container("side", requests={"cpu": "1"})])
    web["metadata"]["managedFields"] = [
        {
            "manager": name,
            "operation": "Apply",
            "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': fields}}}}},
        }
        for name, fields in owned.items()
    ]
    assert {one.name: one.sized_by for one in template_of(web).containers} == {"app": sized_by, "side": ()}
