"""A change of a cluster through its whole life, on doubles: the engine, the real knobs, a cluster in memory."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from advisor.knobs.kubernetes.edit import autoscaler_edits, size_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.knobs.router import KnobRouter
from advisor.model.change import ChangeRecord, State
from advisor.model.knob import KnobTarget, knob_target
from advisor.testing.words import LATENCY, WAIT
from tests.fakes.cluster import FakeCluster
from tests.fakes.harness import RolloutHarness, noisy
from tests.fakes.manifests import autoscaler, container, deployment

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
SCALER = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
HPA = knob_target("k8s.hpa", cluster="kubernetes", namespace="shop", name="web", part="maxReplicas")
SIZES = knob_target("k8s.resources", cluster="kubernetes", namespace="shop", kind="deployment.apps", name="web")
CHANGES: dict[KnobTarget, tuple[Any, Any]] = {
    HPA: (10, 14),
    SIZES: ("app cpu request 300m; HPA web target 70%", "app cpu request 350m; HPA web target 60%"),
}


class Killed(BaseException):
    """The process ended here."""


class Shop:
    """A harness whose knobs are those of a cluster; what the pods wait is better with the new value, or not."""

    def __init__(self, *, gain: bool) -> None:
        self.cluster = FakeCluster()
        self.cluster.make(WEB, deployment("web", [container(requests={"cpu": "300m"})]))
        self.rolled_out()
        self.cluster.make(SCALER, autoscaler("web", "web"))
        self.before = self.manifests()
        self.harness = RolloutHarness()
        writer = ObjectWriter(self.cluster, 10.0)
        knobs = {
            "k8s.hpa": KubernetesKnob(writer, autoscaler_edits),
            "k8s.resources": KubernetesKnob(writer, size_edits),
        }
        self.harness.rollout = replace(self.harness.rollout, knob=KnobRouter(knobs))
        better = 0.05 if gain else 0.1
        self.harness.samples.functions[WAIT] = lambda at: noisy(at, better if self.is_changed else 0.1)

    @property
    def is_changed(self) -> bool:
        return [one["spec"] for one in self.manifests()] != [one["spec"] for one in self.before]

    def rolled_out(self) -> None:
        status = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
        self.cluster.edit(WEB, "kube-controller-manager", {"op": "add", "path": "/status", "value": status})

    def manifests(self) -> list[Any]:
        """As people see them: versions and times are the server's."""
        found = deepcopy([self.cluster.objects.get(path) for path in (WEB, SCALER)])
        for one in filter(None, found):
            del one["metadata"]["resourceVersion"]
            for entry in one["metadata"]["managedFields"]:
                entry.pop("time")
        return found

    def choose(self, target: KnobTarget) -> ChangeRecord:
        old, new = CHANGES[target]
        return self.harness.choose(target=target, current="words", proposed="other words", exact=(old, new))

    def brought_to(self, state: State) -> ChangeRecord:
        for _ in range(300):
            record = self.harness.cycle()
            if record.state is state:
                return record
        raise AssertionError(f"never {state}: {record.phases}")


@pytest.mark.parametrize("target", CHANGES, ids=str)
def test_without_a_gain_it_goes_back_to_the_byte(target: KnobTarget) -> None:
    shop = Shop(gain=False)
    shop.choose(target)
    shop.brought_to(State.TRIAL)
    assert shop.is_changed
    assert shop.harness.until_closed().state is State.ROLLED_BACK
    assert shop.manifests() == shop.before


@pytest.mark.parametrize("target", CHANGES, ids=str)
def test_with_a_gain_it_is_kept_and_a_person_can_still_have_it_undone(target: KnobTarget) -> None:
    shop = Shop(gain=True)
    shop.choose(target)
    kept = shop.harness.until_closed()
    assert (kept.state, shop.is_changed) == (State.KEPT, True)
    shop.harness.rollout.knob.restore(shop.harness.rollout.order(kept))
    assert shop.manifests() == shop.before


WRITES = {(HPA, True): 1, (HPA, False): 3, (SIZES, True): 2, (SIZES, False): 6}
"""Of a life with and without a gain: each object once, and to undo it its value and then its record of owners."""
POINTS = [(target, gain, step) for (target, gain), count in WRITES.items() for step in range(count)]


@pytest.mark.parametrize(("target", "gain"), WRITES)
def test_the_writes_of_a_life_are_so_many_and_no_more(target: KnobTarget, gain: bool) -> None:
    """What the test below kills at is complete."""
    shop = Shop(gain=gain)
    shop.choose(target)
    shop.harness.until_closed()
    assert len([path for path, _, is_trial in shop.cluster.patches if not is_trial]) == WRITES[target, gain]


@pytest.mark.parametrize(("target", "gain", "step"), POINTS)
@pytest.mark.parametrize("after_effect", [False, True])
def test_killed_at_any_write_the_next_start_tracks_or_restores_it(
    target: KnobTarget, gain: bool, step: int, after_effect: bool
) -> None:
    shop = Shop(gain=gain)
    shop.choose(target)
    shop.cluster.fail_at(step, Killed(), after_effect=after_effect)
    with pytest.raises(Killed):
        shop.harness.until_closed()
    shop.harness.rollout = replace(shop.harness.take_term("b:1"), knob=shop.harness.rollout.knob)
    ended = shop.harness.until_closed()
    assert not ended.is_open, ended.phases
    if ended.state is State.KEPT:
        assert shop.is_changed
    else:
        assert shop.manifests() == shop.before, ended.phases


def test_a_person_in_mid_trial_has_the_last_word_and_no_second_change_begins() -> None:
    shop = Shop(gain=True)
    shop.choose(HPA)
    shop.brought_to(State.TRIAL)
    shop.cluster.edit(SCALER, "kubectl-edit", {"op": "add", "path": "/spec/maxReplicas", "value": 20})
    ended = shop.harness.until_closed()
    assert ended.state is State.SUPERSEDED
    assert "a person (kubectl-edit)" in ended.why
    assert ended.is_fight
    assert shop.cluster.objects[SCALER]["spec"]["maxReplicas"] == 20


@pytest.mark.parametrize(
    ("manager", "named"),
    [("argocd-controller", "Argo CD (argocd-controller)"), ("shop-operator", "field manager shop-operator")],
)
def test_what_puts_a_part_of_it_back_is_named_and_not_fought(manager: str, named: str) -> None:
    shop = Shop(gain=True)
    shop.choose(SIZES)
    shop.brought_to(State.TRIAL)
    place = "/spec/template/spec/containers/0/resources/requests/cpu"
    shop.cluster.edit(WEB, manager, {"op": "replace", "path": place, "value": "300m"})
    ended = shop.harness.until_closed()
    assert named in ended.why
    assert ended.is_fight, "and stops this target until a person clears it"
    assert not shop.is_changed, "the target that belonged to the request went back with it"


def test_a_workload_that_is_deleted_in_mid_trial_ends_it_and_is_not_made_anew() -> None:
    shop = Shop(gain=True)
    shop.choose(SIZES)
    shop.brought_to(State.TRIAL)
    del shop.cluster.objects[WEB]
    ended = shop.harness.until_closed()
    assert "Deployment shop/web is deleted" in " ".join(phase.reason for phase in ended.phases)
    assert WEB not in shop.cluster.objects
    assert shop.manifests()[1] == shop.before[1], "its autoscaler has the old target"


def test_a_new_release_in_mid_trial_ends_it_with_the_old_sizes() -> None:
    shop = Shop(gain=True)
    shop.choose(SIZES)
    shop.brought_to(State.TRIAL)
    image = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "example/app:2"}
    shop.cluster.edit(WEB, "kubectl-set", image)
    ended = shop.harness.until_closed()
    assert ended.state is State.ROLLED_BACK
    assert any("a new release" in phase.reason for phase in ended.phases)
    (container,) = shop.cluster.objects[WEB]["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["resources"]) == ("example/app:2", {"requests": {"cpu": "300m"}})


def test_harm_goes_back_before_the_window_is_full() -> None:
    shop = Shop(gain=True)
    shop.choose(HPA)
    shop.brought_to(State.TRIAL)
    shop.harness.samples.functions[LATENCY] = lambda at: noisy(at, 0.5)
    assert shop.harness.until_closed().state is State.ROLLED_BACK
    assert shop.manifests() == shop.before
