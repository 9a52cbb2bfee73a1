"""What a cluster shows of an order, without any mark of ours; and both knobs in front of a real repository."""

from pathlib import Path
from typing import Any

from advisor.knobs.gitops.knob import GitOpsKnob
from advisor.knobs.gitops.live import LiveCluster
from advisor.knobs.kubernetes.edit import autoscaler_edits, size_edits
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.knob import KnobState, Order, knob_target
from tests.fakes.cluster import FakeCluster
from tests.fakes.gitops import MANIFEST, TARGET, Repositories

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
SCALER = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
"""
ORDER = Order(
    change_id="chg_a",
    target=TARGET,
    old="web cpu request 200m; HPA web target 60%",
    new="web cpu request 400m; HPA web target 30%",
    epoch=1,
)


def deployment(cpu: str, **status: Any) -> dict[str, Any]:
    container = {"name": "web", "resources": {"requests": {"cpu": cpu}}}
    rolled_out = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, **status}
    spec = {"replicas": 2, "template": {"spec": {"containers": [container]}}}
    return {"kind": "Deployment", "metadata": {"name": "web"}, "spec": spec, "status": rolled_out}


def scaler(percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    spec = {"minReplicas": 2, "maxReplicas": 10, "metrics": [metric]}
    return {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}, "spec": spec}


def shown(workload: dict[str, Any], autoscaler: dict[str, Any]) -> FakeCluster:
    """As a reconciler has brought it there: marked as Argo CD's, which no live change touches."""
    cluster = FakeCluster()
    for path, document in ((WEB, workload), (SCALER, autoscaler)):
        tracked = {"argocd.argoproj.io/tracking-id": f"shop:{document['kind']}:shop/web"}
        document["metadata"]["annotations"] = tracked
        cluster.make(path, document, "argocd-controller")
    return cluster


def live(cluster: FakeCluster) -> LiveCluster:
    return LiveCluster(ObjectWriter(cluster, 10.0), size_edits)


def test_both_objects_of_a_pair_show_which_side_they_are_on() -> None:
    assert live(shown(deployment("200m"), scaler(60))).status(ORDER).kind is KnobState.OLD
    assert live(shown(deployment("0.4"), scaler(30))).status(ORDER).kind is KnobState.NEW
    assert live(shown(deployment("400m"), scaler(60))).status(ORDER).kind is KnobState.PARTIAL
    foreign = live(shown(deployment("300m"), scaler(60))).status(ORDER)
    assert (foreign.kind, "argocd-controller" in foreign.detail) == (KnobState.FOREIGN, True)


def test_pods_that_are_still_replaced_are_waited_for() -> None:
    status = live(shown(deployment("400m", updatedReplicas=1), scaler(30))).status(ORDER)
    assert (status.kind, "1 of 2 pods" in status.detail) == (KnobState.PENDING, True)


def test_a_deleted_object_is_said() -> None:
    cluster = shown(deployment("200m"), scaler(60))
    del cluster.objects[SCALER]
    status = live(cluster).status(ORDER)
    assert (status.kind, status.detail.endswith("is deleted")) == (KnobState.FOREIGN, True)


def test_a_request_and_its_target_are_one_commit_and_one_revert(tmp_path: Path) -> None:
    texts = {"web": MANIFEST.replace("100m", "200m"), "hpa": HPA}
    repositories = Repositories(tmp_path, web__yaml=texts["web"], hpa__yaml=texts["hpa"])
    before = shown(deployment("200m"), scaler(60))
    GitOpsKnob(repositories.settings(), live(before), lambda _: None).apply(ORDER)
    assert repositories.at_origin() == texts["web"].replace("200m", "400m").strip()
    assert repositories.at_origin("hpa.yaml") == HPA.replace("averageUtilization: 60", "averageUtilization: 30").strip()
    assert not before.patches
    after = GitOpsKnob(repositories.settings(), live(shown(deployment("400m"), scaler(30))), lambda _: None)
    assert after.inspect(ORDER).kind is KnobState.NEW
    after.restore(ORDER)
    assert repositories.at_origin() == texts["web"].strip()
    assert repositories.at_origin("hpa.yaml") == HPA.strip()
    assert len(repositories.log()) == 3


def test_the_bounds_of_an_autoscaler_are_edited_too(tmp_path: Path) -> None:
    repositories = Repositories(tmp_path, hpa__yaml=HPA)
    target = knob_target("k8s.hpa", cluster="default", namespace="shop", name="web", part="maxReplicas")
    order = Order(change_id="chg_b", target=target, old=10, new=14, epoch=1)
    cluster = LiveCluster(ObjectWriter(shown(deployment("200m"), scaler(60)), 10.0), autoscaler_edits)
    GitOpsKnob(repositories.settings(), cluster, lambda _: None).apply(order)
    assert repositories.at_origin("hpa.yaml") == HPA.replace("maxReplicas: 10", "maxReplicas: 14").strip()
