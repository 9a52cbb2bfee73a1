"""The replay that rules ask: what another setting saves, how sure that is, and that a question is answered once."""

from dataclasses import replace

from advisor.model.kubernetes.autoscaler import MetricKind, TargetKind
from advisor.model.kubernetes.playing import HpaPlan, HpaQuestion, Load, PlayedPod, PlayedTarget
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
