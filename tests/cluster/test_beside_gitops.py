"""A real cluster that somebody makes from git: changed by commits, and left alone where a live change was fought."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi
from advisor.engine.decide.choose import decide
from advisor.engine.decide.context import DecisionContext
from advisor.engine.decide.manual_clear import cleared
from advisor.knobs.gitops.knob import GitOpsKnob
from advisor.knobs.gitops.live import LiveCluster
from advisor.knobs.kubernetes.edit import autoscaler_edits, size_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.knobs.router import KnobRouter
from advisor.model.change import State
from advisor.model.errors import KnobError
from advisor.model.knob import KnobState, KnobStatus, KnobTarget, Order, knob_target
from advisor.settings.policy import PolicySettings
from advisor.testing.words import WAIT, a_proposal
from tests.cluster.actor import MANAGER, apply, applying
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import NODE, placed, running
from tests.cluster.test_reading import settings_for
from tests.fakes.gitops import NEW, OLD, PUSH_TO_MAIN, Repositories
from tests.fakes.harness import CYCLE_SECONDS, RolloutHarness, noisy
from tests.fakes.manifests import autoscaler, container

FIGHT_SECONDS = 2.0
APPS, SCALING = ("apps/v1", "Deployment"), ("autoscaling/v2", "HorizontalPodAutoscaler")


def manifest(namespace: str) -> str:
    return f"""\
# The shop's front end.
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: {namespace}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      nodeName: {NODE}
      containers:
        - name: web
          image: example/app:1
          resources:
            requests:
              cpu: 100m   # measured in March
              memory: 128Mi
"""


class Counted(KubernetesApi):
    """written: patches that were no trial."""

    written = 0

    def patch(
        self, path: str, operations: Sequence[Mapping[str, Any]], deadline: Deadline, *, manager: str, is_trial: bool
    ) -> Mapping[str, Any]:
        self.written += not is_trial
        return super().patch(path, operations, deadline, manager=manager, is_trial=is_trial)


@pytest.fixture
def api(cluster: Cluster) -> Iterator[Counted]:
    with closing(Counted(settings_for(cluster.kubeconfig))) as opened:
        yield opened


def test_a_commit_is_in_force_once_the_cluster_was_made_from_it_and_undone_by_its_revert(
    cluster: Cluster, plane: object, namespace: str, api: Counted, tmp_path: Path
) -> None:
    repositories = Repositories(tmp_path / "git", web__yaml=manifest(namespace))
    live = LiveCluster(ObjectWriter(api, 30.0), size_edits)
    knob = GitOpsKnob(repositories.settings(publish=PUSH_TO_MAIN), live, lambda _: None)
    where = {"cluster": "kubernetes", "namespace": namespace, "kind": "deployment.apps", "name": "web"}
    order = Order(change_id="chg_a", target=knob_target("k8s.resources", **where), old=OLD, new=NEW, epoch=1)

    def synced() -> None:
        apply(cluster, yaml.safe_load(repositories.at_origin()))

    def seen(wanted: KnobState) -> KnobStatus:
        return until(lambda: knob.inspect(order), lambda status: status.kind is wanted and not status.not_now)

    synced()
    seen(KnobState.OLD)
    knob.apply(order)
    status = knob.inspect(order)
    assert (status.kind, status.live) == (KnobState.PENDING, "web requests.cpu 100m")
    assert "published; the cluster does not show it yet" in status.detail
    assert repositories.at_origin() == manifest(namespace).replace("100m", "250m").strip()
    synced()
    assert seen(KnobState.NEW).live == "web requests.cpu 250m"
    knob.renew(order)
    knob.restore(order)
    status = knob.inspect(order)
    assert (status.kind, status.live) == (KnobState.PENDING, "web requests.cpu 250m")
    assert repositories.at_origin() == manifest(namespace).strip()
    synced()
    assert seen(KnobState.OLD).live == "web requests.cpu 100m"
    found = cluster.get(*APPS, "web", namespace)["metadata"]
    assert {one["manager"] for one in found["managedFields"]} == {MANAGER, "kube-controller-manager"}
    assert not any("tuning-advisor" in name for name in found.get("annotations") or ())
    assert api.written == 0, "and nothing was ever written to the cluster by us"


class Shop:
    """A walk whose knobs are those of the cluster, and whose callers wait less with the new value."""

    def __init__(self, api: Counted) -> None:
        self.api = api
        self.harness = RolloutHarness()
        writer = ObjectWriter(api, 30.0)
        knobs = {
            "k8s.hpa": KubernetesKnob(writer, autoscaler_edits),
            "k8s.resources": KubernetesKnob(writer, size_edits),
        }
        self.harness.rollout = replace(self.harness.rollout, knob=KnobRouter(knobs))
        self.harness.samples.functions[WAIT] = lambda at: noisy(at, 0.1)

    def on_trial(self, target: KnobTarget, old: str | int, new: str | int) -> None:
        self.harness.choose(target=target, current="words", proposed="other words", exact=(old, new))
        for _ in range(400):
            is_rolled_out = self.harness.latest().state is State.APPLYING
            if self.harness.cycle(1.0 if is_rolled_out else CYCLE_SECONDS).state is State.TRIAL:
                return
            time.sleep(0.3 if is_rolled_out else 0)  # the clock of pods is a real one
        raise AssertionError(self.harness.latest().phases)

    def what_stops(self, target: KnobTarget) -> str:
        """Why the same target is not changed again; "" for nothing that a person has to clear."""
        journal, now = self.harness.journal, self.harness.clock.now()
        context = DecisionContext(
            policy=PolicySettings(),
            history=journal.history("default"),
            fights=journal.fights("default"),
            pause=None,
            now=now,
        )
        wanted = a_proposal(target=target, current="words", proposed="others", exact=("more", "words"))
        told = decide([wanted], context).waiting
        return next((one.reason for one in told if "until a person clears it" in one.reason), "")


def test_who_applies_against_a_live_change_is_named_and_not_fought_until_a_person_clears_it(
    cluster: Cluster, plane: object, namespace: str, api: Counted
) -> None:
    document = placed(autoscaler("web", "web"), namespace)
    cluster.create(document)
    shop = Shop(api)
    target = knob_target("k8s.hpa", cluster="kubernetes", namespace=namespace, name="web", part="maxReplicas")
    shop.on_trial(target, 10, 14)
    assert (cluster.get(*SCALING, "web", namespace)["spec"]["maxReplicas"], api.written) == (14, 1)
    with applying(cluster, document, FIGHT_SECONDS):
        ended = shop.harness.until_closed()
        assert ended.is_fight, ended.phases
        assert f"Argo CD ({MANAGER})" in ended.why
        until_applied(cluster, namespace, times=3, look=shop.harness.cycle)
        assert f"Argo CD ({MANAGER})" in shop.what_stops(target)
        record = shop.harness.journal.advance(cleared(ended, "ada"))
        assert (record.is_fight, shop.what_stops(target)) == (False, "")
        with pytest.raises(KnobError, match="Argo CD"):  # whose it is is seen beforehand now
            shop.harness.rollout.knob.apply(
                Order(change_id="chg_b", target=target, old=10, new=14, epoch=shop.harness.rollout.epoch)
            )
    assert api.written == 1, "the change, and nothing since"
    assert cluster.get(*SCALING, "web", namespace)["spec"]["maxReplicas"] == 10


def until_applied(cluster: Cluster, namespace: str, *, times: int, look: Any) -> None:
    """While the actor goes on for so many of its rounds, the walk walks."""
    end = time.monotonic() + times * FIGHT_SECONDS
    while time.monotonic() < end:
        look()
        time.sleep(0.2)


def test_of_a_pair_the_part_that_was_not_fought_over_goes_back_and_the_fight_counts(
    cluster: Cluster, plane: object, namespace: str, api: Counted
) -> None:
    """200m at 70% and 140m at 100% are 140m a pod: when the request is put back, the target must not stay."""
    document = running("web", namespace, [container(requests={"cpu": "0.2", "memory": "1024Mi"})])
    cluster.create(document)
    cluster.create(placed(autoscaler("web", "web"), namespace))
    where = {"cluster": "kubernetes", "namespace": namespace, "kind": "deployment.apps", "name": "web"}
    target = knob_target("k8s.resources", **where)
    shop = Shop(api)
    until(lambda: cluster.get(*APPS, "web", namespace)["status"].get("readyReplicas"), lambda count: count == 2)
    shop.on_trial(target, "app cpu request 200m; HPA web target 70%", "app cpu request 140m; HPA web target 100%")
    with applying(cluster, document, FIGHT_SECONDS):
        ended = shop.harness.until_closed()
        written = api.written
        until_applied(cluster, namespace, times=2, look=shop.harness.cycle)
        assert api.written == written
    metric = cluster.get(*SCALING, "web", namespace)["spec"]["metrics"][0]
    assert metric["resource"]["target"]["averageUtilization"] == 70
    assert any(f"Argo CD ({MANAGER})" in phase.reason for phase in ended.phases), ended.phases
    assert f"Argo CD ({MANAGER})" in shop.what_stops(target), (ended.state, ended.phases)
