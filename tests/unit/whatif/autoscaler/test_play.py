"""The controller's documented algorithm, against what its documentation works out and against arithmetic by hand."""

from dataclasses import replace

import pytest

from advisor.model.kubernetes.autoscaler import (
    MetricKind,
    PolicyKind,
    ScalingPolicy,
    ScalingRules,
    SelectPolicy,
    TargetKind,
)
from advisor.model.kubernetes.playing import (
    ControllerTimes,
    HpaPlan,
    Load,
    Played,
    PlayedPod,
    PlayedTarget,
    RecordedSyncs,
)
from advisor.whatif.autoscaler.play import play

CPU = PlayedTarget(
    name="cpu", kind=MetricKind.RESOURCE, target=TargetKind.UTILIZATION, value=70, request=0.2
)  # 0.14 cores a pod
REQUESTS = PlayedTarget(name="rps", kind=MetricKind.PODS, target=TargetKind.AVERAGE_VALUE, value=50)
PLAN = HpaPlan(targets=(CPU,), min_replicas=1, max_replicas=100)
AT_ONCE = PlayedPod(start_seconds=0, capacity={})
PROMPT = ControllerTimes(metric_window_seconds=0, lag_seconds=0)


def rules(*policies: tuple[str, int, int], window: int = 0, select: SelectPolicy = SelectPolicy.MAX) -> ScalingRules:
    made = [
        ScalingPolicy(kind=PolicyKind(kind), value=value, period_seconds=period) for kind, value, period in policies
    ]
    return ScalingRules(window_seconds=window, select=select, policies=tuple(made))


def played(
    demand: list[float],
    plan: HpaPlan = PLAN,
    *,
    start: int,
    pod: PlayedPod = AT_ONCE,
    times: ControllerTimes = PROMPT,
    name: str = "cpu",
) -> Played:
    """demand: one value a sync."""
    return play([Load(step_seconds=15, demands={name: demand})], [plan], pod, times, start=start)[0][0]


def test_nothing_moves_within_the_tolerance() -> None:
    # 10 pods of 0.2 at 70%: 1.4 cores are on target. 1.54 are 77%, a ratio of 1.1: within 0.1. 1.56: 78%, 1.114.
    assert played([1.54], start=10).replicas == (10,)
    assert played([1.56], start=10).replicas == (12,)  # ceil(78/70 x 10) = ceil(11.14)


def test_percents_are_whole_before_they_are_compared() -> None:
    # 1.55 cores of 2.0 are 77.5%, which the controller cuts to 77%: on the edge, and inside.
    assert played([1.55], start=10).replicas == (10,)


def test_without_behavior_it_doubles_at_most_or_goes_to_four() -> None:
    # 14 cores need 100 pods: 1 -> 4 -> 8 -> 16 -> 32 -> 64 -> 100.
    assert played([14.0] * 7, start=1).replicas == (4, 8, 16, 32, 64, 100, 100)


def test_the_default_behavior_adds_four_or_doubles() -> None:
    plan = replace(PLAN, up=rules(("Pods", 4, 15), ("Percent", 100, 15)), down=rules(("Percent", 100, 15), window=300))
    assert played([14.0] * 6, plan, start=1).replicas == (5, 10, 20, 40, 80, 100)


def test_the_guides_moderate_speed_adds_half_every_thirty_seconds() -> None:
    # From 10: 15 at once, then nothing until 30 s have passed, then ceil(15 x 1.5) = 23, 35.
    plan = replace(PLAN, up=rules(("Percent", 50, 30)), down=rules(("Percent", 10, 60), window=300))
    assert played([14.0] * 6, plan, start=10).replicas == (15, 15, 23, 23, 35, 35)


def test_min_takes_the_slower_policy() -> None:
    plan = replace(PLAN, up=rules(("Pods", 4, 15), ("Percent", 100, 15), select=SelectPolicy.MIN), down=rules(window=0))
    assert played([14.0] * 3, plan, start=10).replicas == (14, 18, 22)


def test_a_closed_half_never_moves() -> None:
    plan = replace(PLAN, up=rules(("Pods", 4, 15)), down=rules(("Percent", 100, 15), select=SelectPolicy.DISABLED))
    assert played([0.14] * 3, plan, start=10).replicas == (10, 10, 10)


def test_downwards_it_waits_for_the_window_and_then_takes_the_highest_of_it() -> None:
    # 60 s are four syncs: this one and the three before. 10 pods are wanted in sync 0; that counts until sync 3.
    plan = replace(PLAN, up=rules(("Percent", 100, 15)), down=rules(("Percent", 100, 15), window=60))
    assert played([1.4, 0.7, 0.7, 0.7, 0.7, 0.7], plan, start=10).replicas == (10, 10, 10, 10, 5, 5)


def test_a_tenth_a_minute_downwards() -> None:
    # 20 -> 18 at once (10% of 20), again after 60 s from 18: 18 x 0.9 = 16.2, cut to 16.
    plan = replace(PLAN, up=rules(("Percent", 100, 15)), down=rules(("Percent", 10, 60), window=0))
    assert played([0.7] * 5, plan, start=20).replicas == (18, 18, 18, 18, 16)


def test_pods_that_are_not_ready_count_as_idle_upwards() -> None:
    # 2.8 cores on 10 pods: 140%, ratio 2 -> 20. The ten new ones start for 30 s. At the next sync the ten ready ones
    # still show 140%; with ten idle ones that is 70%: nothing more. Without that rule it would go to 40.
    pod = PlayedPod(start_seconds=30, capacity={})
    assert played([2.8] * 4, start=10, pod=pod).replicas == (20, 20, 20, 20)


def test_a_cpu_sample_counts_from_one_window_after_readiness_on() -> None:
    # Ready at once, but not measured for 30 s: the ten new pods are idle in the eyes of the controller.
    times = replace(PROMPT, metric_window_seconds=30)
    assert played([2.8, 5.6, 5.6], start=10, times=times).replicas == (20, 20, 40)


def test_pods_of_a_metric_without_a_sample_are_on_target_downwards() -> None:
    # 20 pods wanted by 1,000/s; then 400/s: with ten of twenty measured (40 each) and ten missing (at their target 50)
    # the mean is 45, a ratio of 0.9: within the tolerance.
    plan = replace(PLAN, targets=(REQUESTS,))
    pod = PlayedPod(start_seconds=30, capacity={})
    assert played([1000.0, 400.0, 400.0], plan, start=10, pod=pod, name="rps").replicas == (20, 20, 20)


def test_the_largest_of_two_metrics_wins() -> None:
    plan = replace(PLAN, targets=(CPU, REQUESTS))
    load = Load(step_seconds=15, demands={"cpu": [1.4, 2.8], "rps": [1000.0, 500.0]})
    assert play([load], [plan], AT_ONCE, PROMPT, start=10)[0][0].replicas == (20, 20)


def test_a_metric_that_is_unknown_stops_the_way_down_but_not_up() -> None:
    plan = replace(PLAN, targets=(CPU, REQUESTS))
    unknown = float("nan")
    down = Load(step_seconds=15, demands={"cpu": [0.7], "rps": [unknown]})
    up = Load(step_seconds=15, demands={"cpu": [2.8], "rps": [unknown]})
    results = play([down, up], [plan], AT_ONCE, replace(PROMPT, down_window_seconds=0), start=10)
    assert [one[0].replicas for one in results] == [(10,), (20,)]


def test_an_external_average_value_divides_the_whole_by_the_pods() -> None:
    queue = PlayedTarget(name="queue", kind=MetricKind.EXTERNAL, target=TargetKind.AVERAGE_VALUE, value=30)
    plan = replace(PLAN, targets=(queue,))
    assert played([400.0], plan, start=10, name="queue").replicas == (14,)  # ceil(400 / 30)


def test_a_limit_hides_what_the_pods_would_use() -> None:
    # 10 cores on 10 pods, each throttled at 0.3: 150%, ratio 2.14 -> 22, not 72.
    pod = PlayedPod(start_seconds=0, capacity={}, limit={"cpu": 0.3})
    assert played(
        [10.0], replace(PLAN, up=rules(("Percent", 900, 15)), down=rules(window=0)), start=10, pod=pod
    ).replicas == (22,)


def test_outside_its_bounds_it_goes_to_them_first() -> None:
    assert played([1.4, 1.4], replace(PLAN, max_replicas=8), start=12).replicas == (8, 8)
    assert played([1.4], replace(PLAN, min_replicas=15), start=12).replicas == (15,)


def test_none_at_all_is_switched_off() -> None:
    assert played([14.0, 14.0], start=0).replicas == (0, 0)


def test_overload_and_hours_are_counted() -> None:
    # One pod serves 0.2 cores: 2.0 is too much for 5, until the first new ones are ready after 30 s.
    pod = PlayedPod(start_seconds=30, capacity={"cpu": 0.2})
    one = played([2.0, 2.0, 2.0, 2.0], start=5, pod=pod)
    assert one.ready[:3] == (5, 5, 10)
    assert one.overload_seconds == 30
    assert one.pod_hours == pytest.approx(sum(one.replicas) * 15 / 3600)
    assert one.moves == sum(a != b for a, b in zip((5, *one.replicas), one.replicas, strict=False))


def test_a_load_that_lacks_a_metric_is_named() -> None:
    with pytest.raises(ValueError, match="no demand of 'cpu', only of rps"):
        played([1.0], start=1, name="rps")


def test_syncs_that_come_late_count_by_their_time_and_not_by_their_number() -> None:
    # Doubling once in 60 s, from 1 pod to the 100 that 14 cores need; the third sync comes 90 s after the second.
    plan = replace(PLAN, up=rules(("Percent", 100, 60)))
    load = Load(step_seconds=15, demands={"cpu": [14.0] * 20})
    late = play([load], [plan], AT_ONCE, PROMPT, start=1, recorded=RecordedSyncs(instants=(0, 15, 105, 120)))[0][0]
    assert late.replicas == (2, 2, 4, 4)
    assert late.pod_hours == pytest.approx((2 * 15 + 2 * 90 + 4 * 15 + 4 * 15) / 3600)
    steady = play([load], [plan], AT_ONCE, PROMPT, start=1)[0][0]
    assert steady.replicas[:5] == (2, 2, 2, 2, 4)
    regular = RecordedSyncs(instants=tuple(15 * at for at in range(20)))
    assert play([load], [plan], AT_ONCE, PROMPT, start=1, recorded=regular)[0][0] == steady


def test_pods_that_were_seen_to_start_late_are_replayed_late() -> None:
    # 1.6 cores on all 14: 115 thousandths, 57%; ceil(57/70 x 14) = 12. On 12 of 14: 67%, within the tolerance.
    load, instants = Load(step_seconds=15, demands={"cpu": [1.6]}), (0.0,)
    for ready, wanted in ((14, 12), (12, 14)):
        seen = RecordedSyncs(instants=instants, ready=(ready,))
        times = replace(PROMPT, down_window_seconds=0)
        assert play([load], [PLAN], AT_ONCE, times, start=14, recorded=seen)[0][0].replicas == (wanted,)
