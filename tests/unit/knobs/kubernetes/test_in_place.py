"""The canary of sizes: some pods are resized while they run, the template comes last, and all of it goes back."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from advisor.knobs.kubernetes.in_place.knob import PodCanary, SizesKnob
from advisor.knobs.kubernetes.in_place.pods import PodWriter, selector_text
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.cohort import in_cohort
from advisor.model.errors import KnobBusyError, KnobError, NoCanaryError, StaleEpochError
from advisor.model.knob import KnobState, Order, knob_target
from advisor.testing.clock import FakeClock
from advisor.testing.knob import Crash
from advisor.testing.words import NOON
from tests.fakes.kubelet import FakeKubelet
from tests.fakes.manifests import container, deployment

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
OLD = "app cpu request 200m limit 400m; app memory request 1Gi limit 2Gi"
NEW = "app cpu request 300m limit 600m; app memory request 1536Mi limit 3Gi"
SMALL = {"requests": {"cpu": "0.2", "memory": "1024Mi"}, "limits": {"cpu": "400m", "memory": "2Gi"}}
LARGE = {"requests": {"cpu": "300m", "memory": "1536Mi"}, "limits": {"cpu": "600m", "memory": "3Gi"}}
SHARE = 0.5
NAMES = [f"web-1-{letter}" for letter in "abcdefgh"]
FIRST = [name for name in NAMES if in_cohort(name, SHARE)]
LATER = [name for name in NAMES if not in_cohort(name, SHARE)]


def order(old: str = OLD, new: str = NEW, *, epoch: int = 1) -> Order:
    target = knob_target("k8s.resources", cluster="kubernetes", namespace="shop", kind="deployment.apps", name="web")
    return Order(change_id="chg_a", target=target, old=old, new=new, epoch=epoch, cohorts=(SHARE,))


ALL = replace(order(), cohorts=(SHARE, 1.0))


@pytest.fixture
def cluster() -> FakeKubelet:
    made = FakeKubelet()
    made.make(WEB, deployment("web", [container(**SMALL)], replicas=8))
    whole = {"replicas": 8, "updatedReplicas": 8, "availableReplicas": 8}
    made.edit(WEB, "kube-controller-manager", {"op": "add", "path": "/status", "value": whole})
    made.run(WEB, *NAMES)
    return made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def knob(cluster: FakeKubelet, clock: FakeClock) -> SizesKnob:
    return SizesKnob(ObjectWriter(cluster, 10.0), PodWriter(cluster, 10.0), clock)


def written(cluster: FakeKubelet) -> Any:
    """All that is on the server, but for versions and the times of the record."""
    found = deepcopy(cluster.objects)
    for document in found.values():
        del document["metadata"]["resourceVersion"]
        document["metadata"].pop("managedFields")
    return found


def sizes(cluster: FakeKubelet) -> dict[str, Any]:
    return {name: cluster.resources(name) for name in NAMES}


def test_a_share_of_the_pods_is_resized_and_all_else_stays(cluster: FakeKubelet, knob: SizesKnob) -> None:
    assert knob.inspect(order()).kind is KnobState.OLD
    knob.apply(order())
    assert sizes(cluster) == {**dict.fromkeys(FIRST, LARGE), **dict.fromkeys(LATER, SMALL)}
    assert cluster.objects[WEB]["spec"]["template"]["spec"]["containers"][0]["resources"] == SMALL
    status = knob.inspect(order())
    assert (status.kind, status.live) == (KnobState.NEW, f"{len(FIRST)} of 8 pods are resized in place")


def test_undone_all_is_as_it_was_to_the_letter(cluster: FakeKubelet, knob: SizesKnob) -> None:
    before = written(cluster)
    knob.apply(order())
    knob.restore(order())
    assert written(cluster) == before
    assert knob.inspect(order()).kind is KnobState.OLD


def test_the_last_stage_writes_the_template_and_undoing_it_takes_the_pods_along(
    cluster: FakeKubelet, knob: SizesKnob
) -> None:
    before = written(cluster)
    knob.apply(order())
    assert knob.inspect(ALL).kind is KnobState.PARTIAL
    knob.renew(ALL)
    assert cluster.objects[WEB]["spec"]["template"]["spec"]["containers"][0]["resources"] == LARGE
    assert knob.inspect(ALL).kind is KnobState.NEW
    knob.restore(ALL)
    assert written(cluster) == before


def test_while_the_first_pods_have_it_no_moment_for_the_rest_is_waited_for(
    cluster: FakeKubelet, knob: SizesKnob
) -> None:
    knob.apply(order())
    cluster.edit(WEB, "somebody", {"op": "add", "path": "/spec/paused", "value": True})
    with pytest.raises(KnobBusyError, match="paused"):
        knob.renew(ALL)
    assert knob.inspect(ALL).kind is KnobState.PARTIAL


def test_a_pod_that_comes_into_the_cohort_later_is_resized_then(cluster: FakeKubelet, knob: SizesKnob) -> None:
    knob.apply(order())
    new = next(name for letter in "ijklmnopq" if in_cohort(name := f"web-1-{letter}", SHARE))
    cluster.run(WEB, new)
    assert knob.inspect(order()).kind is KnobState.PARTIAL
    knob.renew(order())
    assert (cluster.resources(new), knob.inspect(order()).kind) == (LARGE, KnobState.NEW)
    knob.restore(order())
    assert cluster.resources(new) == SMALL


def test_a_kubelet_that_has_no_room_at_all_ends_it_at_once(cluster: FakeKubelet, knob: SizesKnob) -> None:
    cluster.refuses[FIRST[0]] = ("Infeasible", "2026-01-01T12:00:00Z")
    knob.apply(order())
    status = knob.inspect(order())
    assert (status.kind, status.detail) == (KnobState.REMAINS, f"{FIRST[0]}: the kubelet says Infeasible")


def test_one_that_has_no_room_now_is_waited_for_five_minutes(
    cluster: FakeKubelet, knob: SizesKnob, clock: FakeClock
) -> None:
    cluster.refuses[FIRST[0]] = ("Deferred", NOON.isoformat())
    knob.apply(order())
    clock.advance(299)
    assert knob.inspect(order()).kind is KnobState.PENDING
    clock.advance(2)
    status = knob.inspect(order())
    assert (status.kind, "for more than five minutes" in status.detail) == (KnobState.REMAINS, True)


def condition(kind: str, reason: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": "", **more}


TOO_MUCH = 'cannot decrease memory limits: missing container "app" memory usage'


def test_a_runtime_that_fails_is_named_and_tried_again_for_five_minutes(
    cluster: FakeKubelet, knob: SizesKnob, clock: FakeClock
) -> None:
    """A kubelet tries again by itself: what it lacked for a moment is no reason to give up."""
    error = condition("PodResizeInProgress", "Error", TOO_MUCH, lastTransitionTime=NOON.isoformat())
    cluster.says[FIRST[0]] = [error]
    knob.apply(order())
    status = knob.inspect(order())
    assert (status.kind, f"the kubelet says Error {TOO_MUCH}" in status.detail) == (KnobState.PENDING, True)
    clock.advance(301)
    status = knob.inspect(order())
    assert (status.kind, status.detail) == (
        KnobState.REMAINS,
        f"{FIRST[0]}: the kubelet says Error {TOO_MUCH}, for more than five minutes",
    )


def test_what_a_kubelet_said_of_sizes_asked_for_earlier_says_nothing_of_ours(
    cluster: FakeKubelet, knob: SizesKnob
) -> None:
    """It has not seen the new ones yet: for those of before, by somebody else, there was no room."""
    stale = condition("PodResizePending", "Infeasible", observedGeneration=2)
    cluster.says[FIRST[0]] = [stale]
    cluster.pod(FIRST[0])["metadata"]["generation"] = 3
    knob.apply(order())
    status = knob.inspect(order())
    assert (status.kind, "Infeasible" in status.detail) == (KnobState.PENDING, False)
    cluster.says[FIRST[0]] = [{**stale, "observedGeneration": 3}]
    cluster.resize_by_hand(FIRST[0], LARGE, "tuning-advisor")
    assert knob.inspect(order()).kind is KnobState.REMAINS


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Infeasible", KnobState.REMAINS), ("Deferred", KnobState.PENDING), ("InProgress", KnobState.PENDING)],
)
def test_a_kubelet_before_conditions_has_a_word_for_it(
    cluster: FakeKubelet, knob: SizesKnob, word: str, kind: KnobState
) -> None:
    """Up to 1.32: `status.resize`. Nodes may be three versions behind their server."""
    cluster.says[FIRST[0]] = []
    knob.apply(order())
    cluster.pod(FIRST[0])["status"]["resize"] = word
    status = knob.inspect(order())
    assert (status.kind, f"the kubelet says {word}" in status.detail) == (kind, True)


def test_who_puts_a_pod_back_is_named_and_not_fought(cluster: FakeKubelet, knob: SizesKnob) -> None:
    knob.apply(order())
    cluster.resize_by_hand(FIRST[0], SMALL)
    status = knob.inspect(order())
    assert status.kind is KnobState.REMAINS
    assert status.detail.startswith(f"{FIRST[0]} was put back by a person (kubectl-resize)")
    knob.renew(order())
    assert cluster.resources(FIRST[0]) == SMALL
    knob.restore(order())
    assert sizes(cluster) == dict.fromkeys(NAMES, SMALL)


def test_what_somebody_else_gave_a_pod_stays_when_all_is_undone(cluster: FakeKubelet, knob: SizesKnob) -> None:
    knob.apply(order())
    other = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}}
    cluster.resize_by_hand(FIRST[0], other)
    assert knob.inspect(order()).kind is KnobState.REMAINS
    knob.restore(order())
    assert sizes(cluster) == {**dict.fromkeys(NAMES, SMALL), FIRST[0]: other}


def test_a_frozen_leader_that_wakes_is_refused(cluster: FakeKubelet, knob: SizesKnob) -> None:
    knob.apply(order(epoch=2))
    for call in (knob.apply, knob.renew, knob.restore):
        with pytest.raises(StaleEpochError):
            call(order(epoch=1))


def test_a_newer_leader_signs_what_it_found(cluster: FakeKubelet, knob: SizesKnob) -> None:
    knob.apply(order(epoch=1))
    knob.renew(order(epoch=2))
    with pytest.raises(StaleEpochError):
        knob.renew(order(epoch=1))


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("place", range(len(FIRST) + 1))
def test_killed_at_any_write_the_next_one_goes_on_or_back(
    cluster: FakeKubelet, knob: SizesKnob, place: int, after_effect: bool
) -> None:
    before = written(cluster)
    cluster.fail_at(place, Crash(), after_effect=after_effect)
    with pytest.raises(Crash):
        knob.apply(order())
    found = knob.inspect(order(epoch=2)).kind
    assert found in (KnobState.OLD, KnobState.PARTIAL, KnobState.NEW)
    if found is KnobState.PARTIAL:
        knob.renew(order(epoch=2))
        assert knob.inspect(order(epoch=2)).kind is KnobState.NEW
    knob.restore(order(epoch=2))
    assert written(cluster) == before


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("place", range(len(FIRST) + 1))
def test_killed_while_undoing_the_next_one_undoes_the_rest(
    cluster: FakeKubelet, knob: SizesKnob, place: int, after_effect: bool
) -> None:
    before = written(cluster)
    knob.apply(order())
    cluster.fail_at(place, Crash(), after_effect=after_effect)
    with pytest.raises(Crash):
        knob.restore(order())
    knob.restore(order(epoch=2))
    assert written(cluster) == before


def canary(cluster: FakeKubelet) -> PodCanary:
    return PodCanary(ObjectWriter(cluster, 10.0), PodWriter(cluster, 10.0), FakeClock(NOON))


def test_its_pods_are_told_by_their_owners(cluster: FakeKubelet) -> None:
    cluster.make("/api/v1/namespaces/shop/pods/web-1-x", {"metadata": {"name": "web-1-x", "namespace": "shop"}})
    assert [pod["metadata"]["name"] for pod in canary(cluster).pods(order())] == NAMES


def test_on_an_older_server_and_without_the_right_all_pods_take_it_at_once(cluster: FakeKubelet) -> None:
    cluster.forbidden.add("patch pods/resize")
    with pytest.raises(NoCanaryError, match="the acting account may not patch pods/resize in shop"):
        canary(cluster).pods(order())
    cluster.serves_resize = False
    with pytest.raises(NoCanaryError, match=r"this server cannot resize pods in place"):
        canary(cluster).pods(order())


def test_a_request_that_goes_with_an_autoscalers_target_has_no_canary(cluster: FakeKubelet) -> None:
    pair = order("app cpu request 200m; HPA web target 70%", "app cpu request 140m; HPA web target 100%")
    with pytest.raises(NoCanaryError, match="an autoscaler divides"):
        canary(cluster).pods(pair)


GPU = container(
    requests={**SMALL["requests"], "nvidia.com/gpu": "1"}, limits={**SMALL["limits"], "nvidia.com/gpu": "1"}
)
FIXED = container(requests={"cpu": "2", "memory": "2Gi"}, limits={"cpu": "2", "memory": "2Gi"})
RESTARTED = {**container(**SMALL), "resizePolicy": [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]}


@pytest.mark.parametrize(
    ("old", "new", "spec", "why"),
    [
        (
            OLD,
            "app cpu request 200m limit 400m; app memory request 1Gi limit 1536Mi",
            {},
            "memory.* falls, which may end it",
        ),
        ("app cpu request 200m", "app cpu request 400m", {"containers": [FIXED]}, "QoS class would change"),
        (
            "app cpu request 2 limit 2",
            "app cpu request 3 limit 3",
            {"containers": [FIXED]},
            "static CPU policy has pinned it",
        ),
        (OLD, NEW, {"containers": [GPU]}, r"nvidia.com/gpu, which is tied to where it started"),
        (OLD, NEW, {"containers": [RESTARTED]}, "resizePolicy restarts the container when memory changes"),
        ("app cpu limit 400m", "app cpu limit none", {}, "comes or goes, which needs a new pod"),
        (OLD, NEW, {"resources": SMALL}, "stand at the pod as a whole"),
        (OLD, NEW, {"os": {"name": "windows"}}, "pods of Windows"),
    ],
)
def test_what_cannot_be_resized_in_place_is_told(
    cluster: FakeKubelet, old: str, new: str, spec: dict[str, Any], why: str
) -> None:
    for name in NAMES:
        cluster.pod(name)["spec"].update(deepcopy(spec))
    with pytest.raises(NoCanaryError, match=why):
        canary(cluster).pods(order(old, new))


def test_a_kubelet_that_does_not_say_what_its_containers_have_cannot_resize_them(cluster: FakeKubelet) -> None:
    """A server refuses those with "Pod running on node without support for resize"."""
    cluster.pod(NAMES[0])["status"]["containerStatuses"] = [{"name": "app", "state": {"running": {}}}]
    with pytest.raises(NoCanaryError, match="the kubelet of its node does not resize pods"):
        canary(cluster).pods(order())


def test_pods_that_are_killed_for_want_of_memory_get_more_by_a_rollout(cluster: FakeKubelet) -> None:
    """Kubelets up to 1.36 raise the limit of the container, and leave that of the pod around it."""
    waiting = {"name": "app", "resources": SMALL, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    cluster.pod(NAMES[0])["status"]["containerStatuses"] = [waiting]
    with pytest.raises(NoCanaryError, match="crashes again and again"):
        canary(cluster).pods(order())


def test_pods_that_have_other_sizes_than_their_template_are_no_canary(cluster: FakeKubelet) -> None:
    """Defaults of a LimitRange, a vertical autoscaler, a person: none of it would be told from the change."""
    cluster.resize_by_hand(NAMES[1], {**SMALL, "requests": {"cpu": "250m", "memory": "1Gi"}}, "vpa-updater")
    with pytest.raises(NoCanaryError, match=f"other sizes than its template: {NAMES[1]}: .*vpa-updater"):
        canary(cluster).pods(order())


@pytest.mark.parametrize("kind", ["PodResizePending", "PodResizeInProgress"])
def test_while_somebody_elses_resize_is_under_way_the_canary_waits(cluster: FakeKubelet, kind: str) -> None:
    cluster.pod(NAMES[1])["status"]["conditions"] = [condition(kind, "Deferred" if "Pending" in kind else "")]
    with pytest.raises(KnobBusyError, match=f"{NAMES[1]} is being resized by somebody"):
        canary(cluster).pods(order())


def test_during_its_own_trial_the_pods_are_told_as_before(cluster: FakeKubelet, knob: SizesKnob) -> None:
    knob.apply(order())
    cluster.pod(FIRST[0])["status"]["conditions"] = [condition("PodResizePending", "Deferred")]
    assert len(canary(cluster).pods(order())) == 8


@pytest.mark.parametrize(("minor", "is_refused"), [("33", True), ("33+", True), ("34", False), ("35-eks-1", False)])
def test_a_server_that_lowers_no_memory_limit_could_not_undo_a_raised_one(
    cluster: FakeKubelet, minor: str, is_refused: bool
) -> None:
    cluster.minor = minor
    if is_refused:
        with pytest.raises(NoCanaryError, match="takes a raised memory limit back"):
            canary(cluster).pods(order())
    else:
        canary(cluster).pods(order())
    canary(cluster).pods(order(OLD, "app cpu request 300m limit 600m; app memory request 1536Mi limit 2Gi"))


def test_without_a_canary_no_pod_is_read(cluster: FakeKubelet, knob: SizesKnob) -> None:
    """The account may have no right to: a rollout needs none."""
    at_once = replace(order(), cohorts=(1.0,))
    cluster.unreadable.add("pods")
    for call in (knob.apply, knob.renew, knob.restore):
        call(at_once)
        assert knob.inspect(at_once).kind in (KnobState.OLD, KnobState.NEW)


def test_what_the_server_refuses_is_told_before_any_pod_is_touched(cluster: FakeKubelet, knob: SizesKnob) -> None:
    before = written(cluster)
    cluster.refusal = KnobError("exceeded quota: small")
    with pytest.raises(KnobError, match="exceeded quota"):
        knob.apply(order())
    assert written(cluster) == before


def test_selectors_are_asked_for_as_a_query_takes_them() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "env", "operator": "NotIn", "values": ["dev"]},
        {"key": "app", "operator": "Exists"},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    asked = selector_text({"matchLabels": {"app": "web"}, "matchExpressions": expressions})
    assert asked == "app=web,tier in (a,b),env notin (dev),app,!old"
