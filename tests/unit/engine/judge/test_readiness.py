"""Nothing is changed before there is a past that the judge can use: he is asked what he would say of it."""

import math
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.judge import judge
from advisor.engine.judge.readiness import Past, lacking
from advisor.engine.judge.trial import Windows
from advisor.model.course import Mark, MarkKind
from advisor.model.signal import Series, series_of
from advisor.model.verdict import VerdictReason
from advisor.settings.trial import TrialSettings
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan, a_proposal
from tests.fakes.trials import a_trial, before

PLAN = a_plan(baseline_seconds=1200, history_seconds=3600)
CALM: Windows = {WAIT: before(0.1), LATENCY: before(0.2), LOAD: before(50.0), ERRORS: before(0.01)}


def lacks(changed: Windows, **control: Windows) -> str:
    past = Past(at=NOON, baseline={**CALM, **changed}, usual={}, **control)
    return lacking(past, a_proposal(), PLAN, TrialSettings())


def rising(level: float, seconds: int = 1200) -> Series:
    """Threefold from one end of the last `seconds` to the other."""
    return series_of(
        (NOON - timedelta(seconds=at), level * math.exp(-1.1 * at / seconds)) for at in range(20, seconds, 20)
    )


def cut(series: Series, seconds: float) -> Series:
    """The last `seconds` of it."""
    since = NOON - timedelta(seconds=seconds)
    return Series(samples=tuple(sample for sample in series.samples if sample.at >= since))


def test_an_hour_of_calm_is_enough() -> None:
    assert lacks({}) == ""


def test_a_goal_with_a_trend_is_waited_for() -> None:
    assert "pool.wait_mean_seconds{app=shop}: " in (told := lacks({WAIT: rising(0.1)}))
    assert "independent points in the last 19m40s" in told


def test_so_is_a_guardrail_whose_harm_must_be_ruled_out() -> None:
    assert lacks({LATENCY: rising(0.2)}).startswith("http.p95_seconds{app=shop}: ")


def test_throughput_may_come_and_go_as_its_harm_need_not_be_ruled_out() -> None:
    plan = replace(
        PLAN, guardrails=tuple(replace(rail, must_be_proven=rail.signal != LOAD) for rail in PLAN.guardrails)
    )
    past = Past(at=NOON, baseline={**CALM, LOAD: rising(50.0)}, usual={})
    assert lacking(past, a_proposal(), plan, TrialSettings()) == ""


def test_a_past_that_is_only_short_says_how_much_longer_it_takes() -> None:
    """Blocks of 100 s: three are left of 300 s, and four points are needed, in 100 s more at the least."""
    told = lacks({WAIT: cut(before(0.1), 360), LATENCY: cut(before(0.2), 360)})
    assert "4 are needed; in about " in told


def test_what_lies_before_a_release_is_no_past_as_the_judge_does_not_use_it_either() -> None:
    release = Mark(kind=MarkKind.RELEASE, at=NOON - timedelta(seconds=360), what="version 2")
    past = Past(at=NOON, baseline=CALM, usual={}, marks=(release,))
    assert "independent points in the last 6m, 4 are needed" in lacking(past, a_proposal(), PLAN, TrialSettings())


def test_a_metric_that_is_always_zero_can_never_be_compared() -> None:
    assert "the baseline is zero" in lacks({WAIT: before(0.0)})


def test_too_few_requests_for_the_longest_window_to_count_errors_on() -> None:
    """0.05/s x 1,800 s = 90 requests; 200 are needed."""
    steady = series_of((NOON - timedelta(seconds=at), 0.05) for at in range(20, 3600, 20))
    assert "about 90 requests would be served in the longest window of 30m, 200 are needed" in lacks({LOAD: steady})


def test_a_course_that_the_control_shows_too_is_no_trend() -> None:
    course = rising(0.2)
    noise = random.Random(7)
    other = series_of((sample.at, sample.value * noise.uniform(0.9, 1.1)) for sample in course.samples)
    assert lacks({LATENCY: course}) != ""
    assert lacks({LATENCY: course}, control={**CALM, LATENCY: other}) == ""


@pytest.mark.parametrize("level", [rising(0.1), before(0.1)], ids=["rising", "calm"])
def test_it_agrees_with_the_judge_on_a_real_trial(level: Series) -> None:
    """What was found too poor before is what the verdict would have been refused for."""
    verdict = judge(replace(a_trial(elapsed_seconds=1800), baseline={**a_trial().baseline, WAIT: level}))
    is_refused = verdict.reason is VerdictReason.NOT_ENOUGH_DATA
    assert is_refused == bool(lacks({WAIT: level}))


def uneven(seconds: int, spread: float = 0.35) -> Series:
    """Noise by which every single point is off by a third, up and down: 0.05 is the most that p95 may rise by."""
    noise = random.Random(3)
    return series_of(
        (NOON - timedelta(seconds=at), 0.2 * math.exp(noise.gauss(0, spread))) for at in range(20, seconds, 20)
    )


def test_a_guardrail_too_uneven_to_rule_harm_out_is_watched_for_longer() -> None:
    """At most three baselines: 3 x 1,200 s = 1 h, of which 19m40s are on record."""
    told = lacks({LATENCY: uneven(1200)})
    assert told.startswith("http.p95_seconds{app=shop}: so uneven in the last 19m40s that harm beyond ")
    assert told.endswith("watched for 40m20s more")


def test_one_that_stays_uneven_is_not_watched_for_ever() -> None:
    assert lacks({LATENCY: uneven(3600)}) == ""


def test_one_that_is_a_little_uneven_is_no_obstacle() -> None:
    assert lacks({LATENCY: uneven(1200, spread=0.02)}) == ""
