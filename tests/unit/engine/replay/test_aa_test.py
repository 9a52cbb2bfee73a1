"""One trial over a recording: what it may know of the days before."""

from datetime import timedelta

from advisor.engine.judge.plan.trial_plan import plan_for
from advisor.engine.replay.aa_test import Recording, older_days, usual_course
from advisor.model.signal import series_of
from advisor.settings.trial import TrialSettings
from advisor.testing.words import LATENCY, NOON

BLOCK = timedelta(seconds=150)


def test_a_trial_longer_than_a_day_is_no_witness_of_its_own_usual_course() -> None:
    """Of a trial of two days, begun on day 2, the day before tells the first day; of the second only the trial itself
    could tell, which is what is to be judged."""
    days = 86_400 // 150 * 5
    recording = Recording(
        series={LATENCY: series_of((NOON + number * BLOCK, 1.0) for number in range(days))},
        start=NOON,
        end=NOON + days * BLOCK,
        block_seconds=150.0,
    )
    now = NOON + timedelta(days=2)
    span = (now - timedelta(days=1), now + timedelta(days=2))
    known = usual_course(recording, TrialSettings(earlier_days=(1,)), span, now)[LATENCY]
    assert known.samples[0].at == now - timedelta(days=1)
    assert known.samples[-1].at == now + timedelta(days=1) - BLOCK


def test_a_trial_knows_the_days_before_its_history_in_blocks_of_the_first_window() -> None:
    """Of half a day before the history 48 quarters of an hour; of what comes after it began, none."""
    days = 86_400 // 150 * 3
    recording = Recording(
        series={LATENCY: series_of((NOON + number * BLOCK, float(number // 6)) for number in range(days))},
        start=NOON,
        end=NOON + days * BLOCK,
        block_seconds=150.0,
    )
    older = older_days(recording, plan_for("shop", TrialSettings()), NOON + timedelta(hours=12))[LATENCY]
    assert older.values == [float(number) for number in range(48)]
    assert older.problem == ""
