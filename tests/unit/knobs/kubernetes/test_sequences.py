"""Whatever is changed and undone, in whatever order: the pods stay, and in the end nothing of ours does."""

import math
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.knobs.kubernetes.edit import autoscaler_edits, size_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.knobs.router import KnobRouter
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, KnobTarget, Order, knob_target
from advisor.model.kubernetes.quantity import parse_cores
from tests.fakes.cluster import FakeCluster
from tests.fakes.manifests import autoscaler, container, deployment

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
SCALER = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
WHERE = {"cluster": "kubernetes", "namespace": "shop", "name": "web"}
SIZES = knob_target("k8s.resources", kind="deployment.apps", **WHERE)
MAXIMUM = knob_target("k8s.hpa", part="maxReplicas", **WHERE)
PAIRS = [(210, 100), (300, 70), (350, 60), (420, 50), (525, 40), (600, 35)]
"""Millicores and percent: 210m a pod, all of them."""
DEMAND = Fraction(13, 10)


@dataclass(slots=True)
class World:
    cluster: FakeCluster = field(default_factory=FakeCluster)
    orders: list[Order] = field(default_factory=list)
    count: int = 0
    knob: KnobRouter = field(init=False)

    def __post_init__(self) -> None:
        self.cluster.make(WEB, deployment("web", [container(requests={"cpu": "0.3"})]))
        status = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
        self.cluster.edit(WEB, "kube-controller-manager", {"op": "add", "path": "/status", "value": status})
        self.cluster.make(SCALER, autoscaler("web", "web"))
        writer = ObjectWriter(self.cluster, 10.0)
        knobs = {
            "k8s.resources": KubernetesKnob(writer, size_edits),
            "k8s.hpa": KubernetesKnob(writer, autoscaler_edits),
        }
        self.knob = KnobRouter(knobs)

    def change(self, target: KnobTarget, old: KnobValue, new: KnobValue) -> None:
        self.count += 1
        self.orders.append(Order(change_id=f"chg_{self.count}", target=target, old=old, new=new, epoch=1))
        self.knob.apply(self.orders[-1])
        assert self.knob.inspect(self.orders[-1]).kind is KnobState.NEW

    def undo_last(self) -> None:
        order = self.orders.pop()
        self.knob.restore(order)
        assert self.knob.inspect(order).kind is KnobState.OLD

    @property
    def pair(self) -> tuple[int, int]:
        """Millicores asked for, and the percent of them that is the target."""
        (found,) = self.cluster.objects[WEB]["spec"]["template"]["spec"]["containers"]
        target = self.cluster.objects[SCALER]["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"]
        return int(1000 * parse_cores(found["resources"]["requests"]["cpu"])), target

    @property
    def most(self) -> int:
        return int(self.cluster.objects[SCALER]["spec"]["maxReplicas"])

    def pods(self) -> int:
        request, percent = self.pair
        return math.ceil(DEMAND / (Fraction(request, 1000) * percent / 100))

    def manifests(self) -> list[Any]:
        found = deepcopy([self.cluster.objects[path] for path in (WEB, SCALER)])
        for one in found:
            del one["metadata"]["resourceVersion"]
            for entry in one["metadata"]["managedFields"]:
                entry.pop("time")
        return found


def value(pair: tuple[int, int]) -> str:
    return f"app cpu request {pair[0]}m; HPA web target {pair[1]}%"


STEPS = st.one_of(
    st.sampled_from(PAIRS).map(lambda pair: ("pair", pair)),
    st.integers(min_value=11, max_value=40).map(lambda most: ("most", most)),
    st.just(("undo", None)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_the_pods_stay_and_the_end_is_the_beginning(steps: list[tuple[str, Any]]) -> None:
    """1300m / 210m is 6.2: seven pods, within one at every step."""
    world = World()
    before = world.manifests()
    for kind, wanted in steps:
        if kind == "pair" and wanted != world.pair:
            world.change(SIZES, value(world.pair), value(wanted))
        elif kind == "most" and wanted != world.most:
            world.change(MAXIMUM, world.most, wanted)
        elif kind == "undo" and world.orders:
            world.undo_last()
        assert abs(world.pods() - 7) <= 1
    while world.orders:
        world.undo_last()
    assert world.manifests() == before


def test_what_lies_beneath_a_later_change_waits_for_its_turn() -> None:
    world = World()
    before = world.manifests()
    world.change(MAXIMUM, 10, 14)
    world.change(MAXIMUM, 14, 20)
    first, second = world.orders
    world.knob.restore(first)
    assert (world.most, world.knob.inspect(first).kind) == (20, KnobState.FOREIGN)
    world.knob.restore(second)
    world.knob.restore(first)
    assert world.manifests() == before
