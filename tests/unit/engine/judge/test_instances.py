"""Where instances come and go, a metric follows the load of each of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.instances import with_load_of_each
from advisor.engine.judge.judge import judge
from advisor.engine.judge.trial import LOAD_OF_EACH
from advisor.model.signal import Series, series_of, signal
from advisor.model.verdict import Outcome
from advisor.testing.words import LOAD, NOON, WAIT
from tests.fakes.trials import a_trial, after, before, with_trial

COUNT, EACH = signal("pool.replicas", app="shop"), signal(LOAD_OF_EACH, app="shop")


def steady(like: Series, count: float) -> Series:
    return series_of((sample.at, count) for sample in like.samples)


def test_the_load_is_shared_by_as_many_as_there_last_were() -> None:
    trial = a_trial()
    grew = series_of([(NOON, 4.0), (NOON + timedelta(seconds=300), 5.0)])
    found = with_load_of_each(
        replace(trial, baseline={**trial.baseline, COUNT: steady(before(1), 4.0)}, trial={**trial.trial, COUNT: grew})
    )
    loads, shares = found.trial[LOAD].values, found.trial[EACH].values
    assert shares[0] == pytest.approx(loads[0] / 4)
    assert shares[-1] == pytest.approx(loads[-1] / 5)
    assert found.load_of(WAIT) == EACH


@pytest.mark.parametrize("count", [None, 4.0])
def test_where_their_number_is_not_known_or_never_changed_the_load_is_that_of_all(count: float | None) -> None:
    trial = a_trial()
    if count is not None:
        trial = replace(
            trial,
            baseline={**trial.baseline, COUNT: steady(before(1), count)},
            trial={**trial.trial, COUNT: steady(after(1), count)},
        )
    assert with_load_of_each(trial).load_of(WAIT) == LOAD


def test_waits_that_fall_because_twice_as_many_share_the_load_are_no_gain() -> None:
    """Four instances, then eight: at a load for each that was never seen before nothing can be compared."""
    trial = a_trial()
    counted = replace(
        with_trial(trial, wait=after(0.02)),
        baseline={**trial.baseline, COUNT: steady(before(1), 4.0)},
        trial={**trial.trial, COUNT: steady(after(1), 8.0)},
        elapsed_seconds=1800,
    )
    assert judge(replace(trial, elapsed_seconds=1800)).outcome is Outcome.KEEP
    verdict = judge(counted)
    assert verdict.outcome is Outcome.ROLL_BACK
    assert "the load left the baseline's range" in verdict.explanation
