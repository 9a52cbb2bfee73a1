"""The knob `k8s.resources` on a cluster in memory: a template, and the autoscaler that divides by its request."""

from copy import deepcopy
from typing import Any

import pytest

from advisor.knobs.kubernetes.edit import size_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.errors import KnobBusyError, KnobError
from advisor.model.knob import KnobState, Order, knob_target
from tests.fakes.cluster import FakeCluster
from tests.fakes.manifests import autoscaler, container, deployment

SHOP = "/namespaces/shop"
WEB = f"/apis/apps/v1{SHOP}/deployments/web"
SCALER = f"/apis/autoscaling/v2{SHOP}/horizontalpodautoscalers/web"
OLD = "app cpu request 200m; app memory request 1Gi limit none"
NEW = "app cpu request 300m; app memory request 1536Mi limit 2Gi"
PAIR = ("app cpu request 300m; HPA web target 70%", "app cpu request 200m; HPA web target 105%")


def order(old: str = OLD, new: str = NEW, *, kind: str = "deployment.apps") -> Order:
    target = knob_target("k8s.resources", cluster="kubernetes", namespace="shop", kind=kind, name="web")
    return Order(change_id="chg_a", target=target, old=old, new=new, epoch=1)


@pytest.fixture
def cluster() -> FakeCluster:
    made = FakeCluster()
    made.make(WEB, deployment("web", [container(requests={"cpu": "0.2", "memory": "1024Mi"})]))
    rolled_out(made)
    return made


def rolled_out(cluster: FakeCluster, **status: Any) -> None:
    """As its controller says it."""
    whole = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, **status}
    cluster.edit(WEB, "kube-controller-manager", {"op": "add", "path": "/status", "value": whole})


def knob_on(cluster: FakeCluster) -> KubernetesKnob:
    return KubernetesKnob(ObjectWriter(cluster, 10.0), size_edits)


def resources(cluster: FakeCluster) -> Any:
    return cluster.objects[WEB]["spec"]["template"]["spec"]["containers"][0]["resources"]


def manifest(cluster: FakeCluster, path: str = WEB) -> dict[str, Any]:
    found = deepcopy(cluster.objects[path])
    del found["metadata"]["resourceVersion"]
    for entry in found["metadata"]["managedFields"]:
        entry.pop("time")
    return found


def test_sizes_are_compared_by_value_and_undone_letter_by_letter(cluster: FakeCluster) -> None:
    """0.2 is 200m and 1024Mi is 1Gi; what goes back is what was written."""
    knob, before = knob_on(cluster), manifest(cluster)
    assert knob.inspect(order()).kind is KnobState.OLD
    knob.apply(order())
    assert resources(cluster) == {"requests": {"cpu": "300m", "memory": "1536Mi"}, "limits": {"memory": "2Gi"}}
    assert knob.inspect(order()).kind is KnobState.NEW
    knob.restore(order())
    assert manifest(cluster) == before


def test_a_template_is_in_force_once_every_pod_has_it(cluster: FakeCluster) -> None:
    knob = knob_on(cluster)
    knob.apply(order())
    rolled_out(cluster, updatedReplicas=1)
    status = knob.inspect(order())
    assert (status.kind, status.detail) == (KnobState.PENDING, "rollout in progress: 1 of 2 pods have the new template")
    rolled_out(cluster)
    assert knob.inspect(order()).kind is KnobState.NEW


@pytest.mark.parametrize(
    "condition",
    [
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: small"},
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "exceeded quota"},
    ],
)
def test_a_rollout_that_cannot_go_on_goes_back(cluster: FakeCluster, condition: dict[str, str]) -> None:
    knob = knob_on(cluster)
    knob.apply(order())
    rolled_out(cluster, updatedReplicas=0, conditions=[condition])
    status = knob.inspect(order())
    assert status.kind is KnobState.REMAINS
    assert "exceeded quota" in status.detail


def test_a_new_release_in_mid_trial_ends_it_and_its_image_stays(cluster: FakeCluster) -> None:
    knob = knob_on(cluster)
    knob.apply(order())
    image = {"op": "add", "path": "/spec/template/spec/containers/0/image", "value": "example/app:2"}
    cluster.edit(WEB, "kubectl-set", image)
    status = knob.inspect(order())
    assert status.kind is KnobState.REMAINS
    assert "a new release of Deployment shop/web went out meanwhile" in status.detail
    knob.restore(order())
    assert resources(cluster) == {"requests": {"cpu": "0.2", "memory": "1024Mi"}}
    assert cluster.objects[WEB]["spec"]["template"]["spec"]["containers"][0]["image"] == "example/app:2"


def test_where_one_of_several_fields_is_somebody_elses_the_others_go_back(cluster: FakeCluster) -> None:
    knob = knob_on(cluster)
    knob.apply(order())
    move = {"op": "add", "path": "/spec/template/spec/containers/0/resources/requests/memory", "value": "4Gi"}
    cluster.edit(WEB, "kubectl-edit", move)
    assert knob.inspect(order()).kind is KnobState.REMAINS
    knob.restore(order())
    assert resources(cluster) == {"requests": {"cpu": "0.2", "memory": "4Gi"}}
    assert knob.inspect(order()).kind is KnobState.FOREIGN


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"paused": True}, "it is paused"),
        ({"updateStrategy": {"type": "OnDelete"}}, "OnDelete"),
        ({"updateStrategy": {"rollingUpdate": {"partition": 1}}}, "partition 1"),
        ({"replicas": 3}, "2 of 3 pods have the new template"),
    ],
)
def test_what_would_not_reach_the_pods_now_is_not_begun(cluster: FakeCluster, spec: dict[str, Any], says: str) -> None:
    cluster.objects[WEB]["spec"].update(spec)
    assert says in knob_on(cluster).inspect(order()).not_now
    with pytest.raises(KnobBusyError, match=says):
        knob_on(cluster).apply(order())
    assert cluster.patches == []


def test_a_budget_that_lets_no_pod_go_is_heeded_although_a_rollout_would_not(cluster: FakeCluster) -> None:
    budget = {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}
    cluster.make(f"/apis/policy/v1{SHOP}/poddisruptionbudgets/web", {**budget, "status": {"disruptionsAllowed": 0}})
    assert knob_on(cluster).inspect(order()).not_now == "PodDisruptionBudget web allows no pod to go now"


@pytest.mark.parametrize(("hard", "is_held"), [("799m", True), ("800m", False)])
def test_a_quota_without_room_for_the_surge_is_heeded(cluster: FakeCluster, hard: str, is_held: bool) -> None:
    """Two pods at 200m use 400m. 2 x 100m more, and one old pod of 200m besides (25% of 2, upwards): 400m of room."""
    status = {"hard": {"requests.cpu": hard}, "used": {"requests.cpu": "400m"}}
    cluster.make(f"/api/v1{SHOP}/resourcequotas/small", {"metadata": {"name": "small"}, "status": status})
    says = "ResourceQuota small has no room for the rollout in requests.cpu"
    assert knob_on(cluster).inspect(order()).not_now == (says if is_held else "")


def of_class(operator: str, *values: str) -> dict[str, Any]:
    one = {"scopeName": "PriorityClass", "operator": operator, "values": [*values]}
    return {"scopeSelector": {"matchExpressions": [one]}}


@pytest.mark.parametrize(
    ("scopes", "pod", "is_held"),
    [
        ({"scopes": ["Terminating"]}, {}, False),
        ({"scopes": ["Terminating"]}, {"activeDeadlineSeconds": 9}, True),
        ({"scopes": ["NotTerminating"]}, {"activeDeadlineSeconds": 9}, False),
        ({"scopes": ["NotTerminating"]}, {}, True),
        ({"scopes": ["BestEffort"]}, {}, False),
        ({"scopes": ["NotBestEffort"]}, {}, True),
        ({"scopes": ["CrossNamespacePodAffinity"]}, {}, False),
        (of_class("In", "low"), {"priorityClassName": "high"}, False),
        (of_class("In", "low"), {"priorityClassName": "low"}, True),
        (of_class("NotIn", "low"), {"priorityClassName": "low"}, False),
        (of_class("NotIn", "low"), {"priorityClassName": "high"}, True),
        (of_class("DoesNotExist"), {"priorityClassName": "low"}, False),
        (of_class("Exists"), {"priorityClassName": "low"}, True),
        (of_class("In", "low"), {}, True),  # the server may have given them a class
    ],
)
def test_a_full_quota_of_other_pods_holds_nothing(
    cluster: FakeCluster, scopes: dict[str, Any], pod: dict[str, Any], is_held: bool
) -> None:
    full = {"hard": {"requests.cpu": "1"}, "used": {"requests.cpu": "1"}}
    cluster.make(f"/api/v1{SHOP}/resourcequotas/small", {"metadata": {"name": "small"}, "spec": scopes, "status": full})
    cluster.objects[WEB]["spec"]["template"]["spec"].update(pod)
    assert bool(knob_on(cluster).inspect(order()).not_now) is is_held


def test_a_native_sidecar_is_found_among_the_init_containers() -> None:
    cluster = FakeCluster()
    proxy = {**container("proxy", requests={"cpu": "10m"}), "restartPolicy": "Always"}
    cluster.make(WEB, deployment("web", [container()], pod={"initContainers": [proxy]}, replicas=0))
    wanted = order("proxy cpu request 10m", "proxy cpu request 20m")
    knob_on(cluster).apply(wanted)
    spec = cluster.objects[WEB]["spec"]["template"]["spec"]
    assert spec["initContainers"][0]["resources"] == {"requests": {"cpu": "20m"}}
    assert knob_on(cluster).inspect(wanted).kind is KnobState.NEW


class TestAPair:
    """300m at 70% is 210m a pod, and so is 200m at 105%: the pods stay."""

    @pytest.fixture
    def cluster(self) -> FakeCluster:
        made = FakeCluster()
        made.make(WEB, deployment("web", [container(requests={"cpu": "300m"})]))
        rolled_out(made)
        made.make(SCALER, autoscaler("web", "web"))
        return made

    def test_both_move_and_come_back(self, cluster: FakeCluster) -> None:
        """While only one is written, too many pods may be asked for and never too few."""
        knob, before = knob_on(cluster), [manifest(cluster), manifest(cluster, SCALER)]
        knob.apply(order(*PAIR))
        written = [path for path, _, is_trial in cluster.patches if not is_trial]
        assert written == [WEB, SCALER]  # 200m at 70% is 140m a pod: more of them
        assert knob.inspect(order(*PAIR)).kind is KnobState.NEW
        knob.restore(order(*PAIR))
        assert [manifest(cluster), manifest(cluster, SCALER)] == before

    def test_a_target_that_falls_comes_first(self, cluster: FakeCluster) -> None:
        knob_on(cluster).apply(
            order("app cpu request 300m; HPA web target 70%", "app cpu request 350m; HPA web target 60%")
        )
        assert [path for path, _, is_trial in cluster.patches if not is_trial] == [SCALER, WEB]

    def test_half_a_pair_is_partial_and_the_next_daemon_finishes_it(self, cluster: FakeCluster) -> None:
        knob = knob_on(cluster)
        cluster.fail_next(KeyboardInterrupt(), after_effect=True)
        with pytest.raises(KeyboardInterrupt):
            knob.apply(order(*PAIR))
        assert knob.inspect(order(*PAIR)).kind is KnobState.PARTIAL
        knob.renew(order(*PAIR))
        assert knob.inspect(order(*PAIR)).kind is KnobState.NEW

    def test_who_moves_one_of_the_two_ends_both(self, cluster: FakeCluster) -> None:
        knob, before = knob_on(cluster), manifest(cluster)
        knob.apply(order(*PAIR))
        place = "/spec/metrics/0/resource/target/averageUtilization"
        cluster.edit(SCALER, "kubectl-edit", {"op": "add", "path": place, "value": 50})
        assert knob.inspect(order(*PAIR)).kind is KnobState.REMAINS
        knob.restore(order(*PAIR))
        assert manifest(cluster) == before
        assert cluster.objects[SCALER]["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
        assert knob.inspect(order(*PAIR)).kind is KnobState.FOREIGN

    def test_a_refusal_of_the_second_leaves_the_first_untouched(self, cluster: FakeCluster) -> None:
        del cluster.objects[SCALER]
        before = manifest(cluster)
        with pytest.raises(KnobError, match="is deleted"):
            knob_on(cluster).apply(order(*PAIR))
        assert manifest(cluster) == before


@pytest.mark.parametrize(
    ("old", "new", "kind", "says"),
    [
        (OLD, OLD, "deployment.apps", "do not name the same fields"),
        (OLD, "app cpu request 300m", "deployment.apps", "do not name the same fields"),
        ("app cpu request 1GB", "app cpu request 1", "deployment.apps", "is no quantity"),
        ("app cpu request 1; app cpu request 2", "app cpu request 1", "deployment.apps", "named twice"),
        ("rm -rf", "app cpu request 1", "deployment.apps", "is no size"),
        (OLD, NEW, "cronjob.batch", "not changed live"),
    ],
)
def test_an_order_that_means_nothing_is_refused(cluster: FakeCluster, old: str, new: str, kind: str, says: str) -> None:
    status = knob_on(cluster).inspect(order(old, new, kind=kind))
    assert status.kind is KnobState.UNKNOWN
    assert says in status.detail
