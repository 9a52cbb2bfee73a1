"""Pods as the demo plays them: what they use, what is cut off, and what their callers wait."""

import random
from statistics import fmean

import pytest

from advisor.demo.cluster.played_pods import PlayedPods, Pod


def pods(count: int, limit: float) -> list[Pod]:
    return [Pod(name=f"web-{place}", owner="web", request_cores=limit, limit_cores=limit) for place in range(count)]


def test_they_share_the_demand_and_use_no_more_than_their_limit() -> None:
    played = PlayedPods(random.Random(1))
    played.play(pods(4, 0.3), 0.8, 10)
    assert [one.cpu_seconds for one in played.used.values()] == pytest.approx([2.0] * 4)  # 0.8 / 4 cores for 10 s
    played.play(pods(2, 0.3), 0.8, 10)
    assert [one.cpu_seconds for one in played.used.values()] == pytest.approx([5.0] * 2)  # and 0.3 cores for 10 s more


def test_callers_wait_longer_the_fuller_the_pods_are_and_the_less_cpu_each_has() -> None:
    def mean(count: int, limit: float, demand: float) -> float:
        return fmean(PlayedPods(random.Random(1)).play(pods(count, limit), demand, 60))

    # One request takes 0.01 core-seconds: 1/30 s at 0.3 cores, three times as long where two thirds are in use.
    assert mean(5, 0.3, 1.0) == pytest.approx(0.1, rel=0.1)
    assert mean(10, 0.3, 1.0) == pytest.approx(0.05, rel=0.1)
    assert mean(15, 0.1, 1.0) == pytest.approx(0.3, rel=0.1)


def test_what_does_not_fit_waits_is_cut_off_by_the_quota_and_served_later() -> None:
    played = PlayedPods(random.Random(1))
    during = played.play(pods(3, 0.3), 1.2, 2)
    assert played.waiting_core_seconds == pytest.approx(0.6)  # (1.2 - 0.9) cores for 2 s
    assert min(during) >= 0.6 / 0.9
    assert all(one.throttled_periods == one.periods == 20 for one in played.used.values())
    played.play(pods(3, 0.3), 0.3, 2)
    assert played.waiting_core_seconds == 0
    assert all(one.throttled_periods == 20 for one in played.used.values())  # 0.6 + 0.6 of 1.8 core-seconds: calm


def test_callers_give_up_and_nobody_is_served_without_pods() -> None:
    played = PlayedPods(random.Random(1))
    assert max(played.play(pods(1, 0.1), 1.0, 60)) == 5.0
    assert played.play([], 1.0, 1) == ()
    assert played.used == {}
