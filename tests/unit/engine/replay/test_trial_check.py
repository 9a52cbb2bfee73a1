"""A/A tests over a recording: what they count, and what they advise."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache

import pytest

from advisor.engine.judge.plan.trial_plan import guardrails
from advisor.engine.replay.trial_check import Check, check_trials
from advisor.model.change import TrialPlan
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Series, SignalKey, series_of
from advisor.model.trial_check import FaultKind
from advisor.settings.trial import TrialSettings
from advisor.surfaces.documents.trial_check import trial_check_document
from advisor.surfaces.formats.render import to_json
from advisor.surfaces.formats.text import to_text
from advisor.testing.samples import FakeSamples
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON

SETTINGS = TrialSettings(earlier_days=(), smallest_requests=1)


def a_check(hours: float = 48, trials: int = 6, longest_seconds: float = 14_400) -> Check:
    plan = TrialPlan(
        apply_seconds=60,
        warm_up_seconds=120,
        baseline_seconds=3600,
        trial_seconds=900,
        longest_seconds=longest_seconds,
        history_seconds=43_200,
        guardrails=guardrails("shop", SETTINGS),
    )
    return Check(
        goal=Goal(signal=LATENCY, better=Better.LOWER, minimum_gain_ratio=0.1),
        plan=plan,
        settings=SETTINGS,
        start=NOON,
        end=NOON + timedelta(hours=hours),
        trials=trials,
    )


@cache
def around(mean: float, noise: float) -> Callable[[datetime], float]:
    """Independent points, the same for the same moment; windows of trials that overlap read them again and again."""

    @lru_cache(maxsize=2**16)
    def at(moment: datetime) -> float:
        return mean * max(1 + random.Random(f"{moment}/{mean}").gauss(0, noise), 0.01)

    return at


class WithHoles(FakeSamples):
    """Where a function knows no number there is no point."""

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        found = super().series(signals, start, end, instances)
        return {
            key: series_of((s.at, s.value) for s in one.samples if s.value == s.value) for key, one in found.items()
        }


def samples(noise: float) -> FakeSamples:
    found = FakeSamples(step_seconds=75)
    found.functions = {LATENCY: around(0.2, noise), LOAD: around(50, 0.05), ERRORS: lambda _: 0.001}
    return found


def test_a_calm_recording_needs_short_windows_only() -> None:
    found = check_trials(a_check(), samples(0.05))
    assert found.configured is not None
    assert found.configured.false_keep_ratio == 0.0
    assert found.configured.false_alarm_ratio == 0.0
    assert found.configured.power(0.2) == 1.0
    assert found.configured.power(0.05) == 0.0  # a tenth is asked for
    assert found.enough is not None
    assert found.enough.longest_seconds == 3600


def test_no_window_does_for_a_metric_that_jumps_about() -> None:
    """Hours at one level and hours at another: nobody could tell a gain of a fifth from that."""
    jumpy = samples(0.05)
    jumpy.functions[LATENCY] = lambda at: 0.2 * (3 if random.Random(at.timestamp() // 5000).random() < 0.4 else 1)
    found = check_trials(a_check(), jumpy)
    assert found.configured is not None
    assert found.configured.power(0.2) < 0.9
    assert found.enough is None
    assert "no window reaches" in to_text(trial_check_document([found]), wide=True)


def test_what_was_not_recorded_is_said_and_not_played() -> None:
    found = check_trials(a_check(), FakeSamples())
    assert found.configured is None
    assert "nothing was recorded of http.p95_seconds" in found.problem


def test_a_recording_shorter_than_a_trial_plays_none() -> None:
    found = check_trials(a_check(hours=3), samples(0.05))
    assert found.configured is not None
    assert (found.configured.trials, math.isnan(found.configured.false_keep_ratio)) == (0, True)
    assert "it needs 5h2m without long gaps, and 2h58m are on record" in found.problem  # 1h + 2m + 4h
    assert found.trials == sum(window.trials for window in found.others) > 0  # the shorter ones do find room


def test_no_trial_is_put_where_nothing_was_recorded() -> None:
    """48 hours are asked for, of which 20 in the middle are on record, with a hole of 2 hours in it."""
    begun, hole, over = (NOON + timedelta(hours=hours) for hours in (10, 20, 30))
    late = WithHoles(step_seconds=75)
    late.functions = samples(0.05).functions
    whole = late.functions[LATENCY]
    late.functions[LATENCY] = lambda at: (
        whole(at) if begun <= at < over and not hole <= at < hole + timedelta(hours=2) else math.nan
    )
    found = check_trials(a_check(trials=20), late)
    assert timedelta() <= found.start - begun < timedelta(minutes=15)
    assert timedelta() <= over - found.end < timedelta(minutes=15)
    assert found.configured is not None
    # Before the hole a trial may begin from hour 11 to 16, after it from hour 23 to 26: two side by side, and one.
    assert found.configured.apart <= 3
    assert found.configured.power(0.5) == 1.0  # none of them saw the hole


def test_few_trials_leave_room_for_doubt() -> None:
    """Of 20 trials of 4 h 2 m, begun every 2 h 15 m, each second begins after the end of the one before: 10."""
    found = check_trials(a_check(trials=20), samples(0.05))
    assert found.configured is not None
    assert (found.configured.trials, found.configured.apart) == (20, 10)
    assert found.configured.false_keep_ratio == 0
    assert found.configured.false_keep_most == pytest.approx(1 - 0.05 ** (1 / 10))
    assert found.configured.powers[2].kept_least == pytest.approx(0.05 ** (1 / 10))
    text = to_text(trial_check_document([found]), wide=True)
    assert "0% (<=25.9%)" in text
    assert "a longer recording says more" in text


def test_programs_and_people_read_the_same_numbers() -> None:
    document = trial_check_document([check_trials(a_check(trials=3), samples(0.05))])
    assert '"schema": "advisor/trial-check/v1"' in to_json(document)
    text = to_text(document, wide=True)
    assert "4h (configured)" in text
    assert "trial.longest_seconds: 1h reaches" in text


def test_what_the_metric_does_by_itself_is_told_with_how_trials_beside_it_fared() -> None:
    """From hour 24 on it is half as high again: a release that nobody asked the judge about."""
    broken = samples(0.05)
    usual = broken.functions[LATENCY]
    broken.functions[LATENCY] = lambda at: usual(at) * (1.5 if at >= NOON + timedelta(hours=24) else 1.0)
    document = trial_check_document([check_trials(a_check(trials=6), broken)])
    text = to_text(document, wide=True)
    assert "WHAT IT DOES BY ITSELF" in text
    assert "breaks           1, the largest +" in text
    assert "nothing of that" in text
    assert '"kind": "breaks"' in to_json(document)


def test_of_a_calm_metric_nothing_is_told() -> None:
    found = check_trials(a_check(trials=3), samples(0.05))
    assert [fault.kind for fault in found.faults] == [FaultKind.NONE]
    assert "by itself" not in to_text(trial_check_document([found]), wide=True)
