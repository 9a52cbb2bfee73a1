"""The replay that rules ask: what another setting saves, how sure that is, and that a question is answered once."""

from dataclasses import replace
from itertools import count

import pytest

from advisor.model.errors import TransientError
from advisor.model.kubernetes.autoscaler import MetricKind, TargetKind
from advisor.model.kubernetes.playing import HpaChoice, HpaPlan, HpaQuestion, Load, PlayedPod, PlayedTarget
from advisor.whatif.demand import PlayedDemand

HOUR = 60


def plan(percent: float) -> HpaPlan:
    cpu = PlayedTarget(name="cpu", kind=MetricKind.RESOURCE, target=TargetKind.UTILIZATION, value=percent, request=0.5)
    return HpaPlan(targets=(cpu,), min_replicas=1, max_replicas=20)


def question(*days: float) -> HpaQuestion:
    """Days of two hours, each of one demand all the time."""
    return HpaQuestion(
        days=tuple(Load(step_seconds=60, demands={"cpu": [cores] * 2 * HOUR}) for cores in days),
        pod=PlayedPod(start_seconds=30, capacity={"cpu": 0.5}),
        today=plan(40),
        guide=plan(70),
        candidates=(),
    )


def test_what_is_saved_is_a_share_of_todays_cost() -> None:
    """2.8 cores: 14 pods at 40%, 8 at 70%, and no overload: 6 of 14 pods are saved on every day."""
    choice = PlayedDemand().choose(question(2.8, 2.8, 2.8))
    assert choice.best == choice.guide
    assert choice.gain_ratio == 6 / 14
    assert choice.certainty == 1.0
    assert choice.today.pod_hours == (28, 28, 28)


def test_a_peak_is_told_every_five_minutes() -> None:
    peak = PlayedDemand().choose(question(1.4, 2.8, 1.4)).today.peak
    assert peak.replicas == (14,) * 24


def test_the_same_question_is_answered_once_and_another_anew() -> None:
    model = PlayedDemand()
    first = model.choose(question(2.8, 2.8, 2.8))
    assert model.choose(question(2.8, 2.8, 2.8)) is first
    assert model.choose(question(2.8, 2.8, 2.0)) is not first
    assert model.choose(replace(question(2.8, 2.8, 2.8), overload_price=1.0)) is not first


def test_a_pattern_is_told_once() -> None:
    model = PlayedDemand()
    days = [[1.0 + minute % 3 / 100 for minute in range(1440)]] * 2
    assert model.classify(days) is model.classify([list(day) for day in days])


def test_who_asks_again_and_again_is_answered_bit_by_bit_and_by_all_in_the_end() -> None:
    """A second passes with each look at the clock, so that a replay takes one, and an eighth of it may be spent.

    The first leaves 0 of the second there is at the beginning, the next may begin with 0.25 and leaves -0.75; at the
    third's first question -0.5 is left, and at its sixth 0.125.
    """
    seconds = count()
    model = PlayedDemand(share=0.125, monotonic=lambda: float(next(seconds)))
    waits = []
    for cores in (1.4, 2.0, 2.8):
        wanted = question(cores, cores, cores)
        refused = 0
        while (choice := asked(model, wanted)) is None:
            refused += 1
        waits.append(refused)
        assert choice == PlayedDemand().choose(wanted)
    assert waits == [0, 0, 5]


def test_what_was_played_is_answered_also_while_no_time_is_left() -> None:
    model = PlayedDemand(share=0.0, monotonic=map(float, count(step=2)).__next__)
    first = model.choose(question(1.4, 1.4, 1.4))
    with pytest.raises(TransientError, match="not all recorded demand has been played"):
        model.choose(question(2.8, 2.8, 2.8))
    assert model.choose(question(1.4, 1.4, 1.4)) is first


def test_an_answer_that_nobody_asked_for_in_a_day_is_forgotten() -> None:
    hours = (hour * 3600.0 for hour in (0, 20, 23, 24, 24.5, 25, 25))
    model = PlayedDemand(monotonic=lambda: next(hours))
    forgotten, kept = question(1.4, 1.4, 1.4), question(2.0, 2.0, 2.0)
    first, second = model.choose(forgotten), model.choose(kept)
    model.choose(kept)
    model.choose(question(2.8, 2.8, 2.8))
    assert model.choose(kept) is second
    model.choose(question(3.0, 3.0, 3.0))
    assert model.choose(forgotten) is not first


def asked(model: PlayedDemand, wanted: HpaQuestion) -> HpaChoice | None:
    try:
        return model.choose(wanted)
    except TransientError:
        return None
