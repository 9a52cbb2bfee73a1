"""The knob `k8s.hpa` on a cluster in memory."""

import json
from copy import deepcopy
from typing import Any

import pytest

from advisor.clients.kubernetes import NotAllowedError
from advisor.knobs.kubernetes.edit import autoscaler_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.mark import CHANGE, EPOCH
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.errors import KnobError
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, Order, knob_target
from tests.fakes.cluster import FakeCluster
from tests.fakes.manifests import autoscaler, cpu_target

PATH = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
QUEUE = {"type": "Pods", "pods": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "5"}}}
CALM = {"stabilizationWindowSeconds": 300, "selectPolicy": "Max", "policies": [{"type": "Pods", "value": 1}]}


def order(part: str, old: KnobValue, new: KnobValue, *, change: str = "chg_a", epoch: int = 1) -> Order:
    target = knob_target("k8s.hpa", cluster="kubernetes", namespace="shop", name="web", part=part)
    return Order(change_id=change, target=target, old=old, new=new, epoch=epoch)


MAXIMUM = order("maxReplicas", 10, 14)


@pytest.fixture
def cluster() -> FakeCluster:
    made = FakeCluster()
    made.make(PATH, autoscaler("web", "web"))
    return made


def knob_on(cluster: FakeCluster) -> KubernetesKnob:
    return KubernetesKnob(ObjectWriter(cluster, 10.0), autoscaler_edits)


def manifest(cluster: FakeCluster) -> dict[str, Any]:
    """All that people see of it; versions and times are the server's."""
    found = deepcopy(cluster.objects[PATH])
    del found["metadata"]["resourceVersion"]
    found["metadata"]["managedFields"] = [
        {name: value for name, value in entry.items() if name != "time"} for entry in found["metadata"]["managedFields"]
    ]
    return found


def test_value_and_mark_come_in_one_patch_which_was_tried_out_first(cluster: FakeCluster) -> None:
    before = cluster.objects[PATH]["metadata"]
    knob_on(cluster).apply(MAXIMUM)
    tried, written = cluster.patches[-2:]
    assert (tried[2], written[2]) == (True, False)
    tests = {move["path"]: move["value"] for move in written[1] if move["op"] == "test"}
    assert tests == {
        "/metadata/uid": before["uid"],
        "/metadata/resourceVersion": before["resourceVersion"],
        "/spec/maxReplicas": 10,
    }
    annotations = cluster.objects[PATH]["metadata"]["annotations"]
    assert (annotations[CHANGE], annotations[EPOCH]) == ("chg_a", "1")
    assert cluster.objects[PATH]["spec"]["maxReplicas"] == 14


PARTS = [
    ("maxReplicas", 10, 14),
    ("minReplicas", 2, 3),
    ("cpu", 70, 60),
    ("scaleDown", None, json.dumps(CALM)),
    ("metrics", json.dumps([cpu_target()]), json.dumps([cpu_target(), QUEUE])),
]


@pytest.mark.parametrize(("part", "old", "new"), PARTS)
def test_undoing_leaves_nothing_of_ours(cluster: FakeCluster, part: str, old: KnobValue, new: KnobValue) -> None:
    knob, before = knob_on(cluster), manifest(cluster)
    assert knob.inspect(order(part, old, new)).kind is KnobState.OLD
    knob.apply(order(part, old, new))
    assert knob.inspect(order(part, old, new)).kind is KnobState.NEW
    assert manifest(cluster)["spec"] != before["spec"]
    knob.restore(order(part, old, new))
    assert knob.inspect(order(part, old, new)).kind is KnobState.OLD
    assert manifest(cluster) == before


def test_changes_of_one_autoscaler_are_undone_in_any_order(cluster: FakeCluster) -> None:
    knob, before = knob_on(cluster), manifest(cluster)
    target = order("cpu", 70, 60, change="chg_b", epoch=2)
    for first, second in ((MAXIMUM, target), (target, MAXIMUM)):
        first, second = (Order(**{**_fields(one), "epoch": 2}) for one in (first, second))
        knob.apply(first)
        knob.apply(second)
        assert [knob.inspect(one).kind for one in (first, second)] == [KnobState.NEW, KnobState.NEW]
        knob.restore(first)
        assert [knob.inspect(one).kind for one in (first, second)] == [KnobState.OLD, KnobState.NEW]
        knob.restore(second)
        assert manifest(cluster) == before


def _fields(one: Order) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("change_id", "target", "old", "new", "epoch")}


def test_a_person_who_sets_another_value_is_named_and_left_alone(cluster: FakeCluster) -> None:
    knob = knob_on(cluster)
    knob.apply(MAXIMUM)
    cluster.edit(PATH, "kubectl-edit", {"op": "add", "path": "/spec/maxReplicas", "value": 20})
    status = knob.inspect(MAXIMUM)
    assert (status.kind, status.live) == (KnobState.FOREIGN, 20)
    assert "a person (kubectl-edit)" in status.detail
    knob.restore(MAXIMUM)
    assert cluster.objects[PATH]["spec"]["maxReplicas"] == 20
    assert "annotations" not in cluster.objects[PATH]["metadata"]


def test_who_puts_the_old_value_back_is_named(cluster: FakeCluster) -> None:
    knob = knob_on(cluster)
    knob.apply(MAXIMUM)
    cluster.edit(PATH, "argocd-controller", {"op": "add", "path": "/spec/maxReplicas", "value": 10})
    status = knob.inspect(MAXIMUM)
    assert status.kind is KnobState.OLD
    assert "put back maxReplicas by Argo CD (argocd-controller)" in status.detail


def test_one_that_is_deleted_is_not_made_anew(cluster: FakeCluster) -> None:
    knob = knob_on(cluster)
    knob.apply(MAXIMUM)
    del cluster.objects[PATH]
    status = knob.inspect(MAXIMUM)
    assert (status.kind, status.detail) == (KnobState.FOREIGN, "HorizontalPodAutoscaler shop/web is deleted")
    knob.restore(MAXIMUM)
    with pytest.raises(KnobError, match="is deleted"):
        knob.apply(MAXIMUM)
    assert cluster.objects == {}


OWNERS: dict[str, dict[str, Any]] = {
    "Argo CD owns": {
        "annotations": {"argocd.argoproj.io/tracking-id": "shop:autoscaling/HorizontalPodAutoscaler:shop/web"}
    },
    "Flux owns": {"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}},
    "Helm owns": {"annotations": {"meta.helm.sh/release-name": "shop"}},
    "KEDA owns": {"labels": {"scaledobject.keda.sh/name": "web"}},
    "Tuner web owns": {
        "ownerReferences": [{"apiVersion": "example.org/v1", "kind": "Tuner", "name": "web", "controller": True}]
    },
}


@pytest.mark.parametrize("says", OWNERS)
def test_what_somebody_reconciles_is_never_patched_live(says: str) -> None:
    cluster, document = FakeCluster(), autoscaler("web", "web")
    cluster.make(PATH, {**document, "metadata": {**document["metadata"], **OWNERS[says]}})
    status = knob_on(cluster).inspect(MAXIMUM)
    assert status.kind is KnobState.FOREIGN
    assert says in status.detail
    assert "kubernetes.gitops" in status.detail
    with pytest.raises(KnobError, match=says):
        knob_on(cluster).apply(MAXIMUM)
    assert cluster.patches == []


def test_an_instance_label_alone_is_nobodys(cluster: FakeCluster) -> None:
    document = autoscaler("web", "web")
    labels = {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/managed-by": "Helm"}
    cluster.make(PATH, {**document, "metadata": {**document["metadata"], "labels": labels}})
    knob_on(cluster).apply(MAXIMUM)
    assert cluster.objects[PATH]["spec"]["maxReplicas"] == 14


def test_an_object_that_moved_between_reading_and_writing_is_read_again(cluster: FakeCluster) -> None:
    """An autoscaler's status moves all the time: that is no conflict."""

    class Busy(FakeCluster):
        def patch(self, path: str, operations: Any, deadline: Any, *, manager: str, is_trial: bool) -> Any:
            if len(self.patches) < 2:
                self.edit(PATH, "kube-controller-manager", {"op": "add", "path": "/status", "value": {"n": 1}})
            return super().patch(path, operations, deadline, manager=manager, is_trial=is_trial)

    busy = Busy()
    busy.make(PATH, autoscaler("web", "web"))
    knob_on(busy).apply(MAXIMUM)
    assert busy.objects[PATH]["spec"]["maxReplicas"] == 14


def test_a_refusal_of_the_server_writes_nothing(cluster: FakeCluster) -> None:
    before = manifest(cluster)
    cluster.refusal = NotAllowedError("not allowed: horizontalpodautoscalers is forbidden")
    with pytest.raises(KnobError, match="kubectl auth can-i patch"):
        knob_on(cluster).apply(MAXIMUM)
    assert manifest(cluster) == before


def test_a_restore_that_was_cut_off_goes_on_where_it_was(cluster: FakeCluster) -> None:
    knob, before = knob_on(cluster), manifest(cluster)
    knob.apply(MAXIMUM)
    cluster.fail_next(KeyboardInterrupt(), after_effect=True)
    with pytest.raises(KeyboardInterrupt):
        knob.restore(MAXIMUM)
    assert cluster.objects[PATH]["spec"]["maxReplicas"] == 10
    assert knob.inspect(MAXIMUM).kind is KnobState.REMAINS
    knob.restore(MAXIMUM)
    assert manifest(cluster) == before


@pytest.mark.parametrize(
    ("part", "old", "new", "says"),
    [
        ("replicas", 1, 2, "is no part of an autoscaler"),
        ("maxReplicas", 10, 10, "are the same"),
        ("maxReplicas", 10, 2.5, "no whole number"),
        ("cpu", 70, -1, "no whole number"),
        ("metrics", "[", "[1]", "no JSON"),
    ],
)
def test_an_order_that_means_nothing_is_refused(
    cluster: FakeCluster, part: str, old: KnobValue, new: KnobValue, says: str
) -> None:
    with pytest.raises(KnobError, match=says):
        knob_on(cluster).apply(order(part, old, new))
    assert knob_on(cluster).inspect(order(part, old, new)).kind is KnobState.UNKNOWN
