"""A proven gain whose guardrails could not be read: nothing is kept by itself, and nothing good is thrown away."""

from dataclasses import replace

import pytest

from advisor.engine.judge.judge import judge
from advisor.model.knob import knob_target
from advisor.model.signal import Series
from advisor.model.verdict import Outcome, VerdictReason
from tests.fakes.trials import LONGEST, a_trial, after, with_trial

BLIND = with_trial(a_trial(elapsed_seconds=LONGEST), latency=Series(problem="no data"))


def test_until_the_longest_window_ends_it_is_waited_for() -> None:
    verdict = judge(replace(BLIND, elapsed_seconds=900, leaving_is_cheap=True))
    assert (verdict.outcome, verdict.reason) == (Outcome.EXTEND, VerdictReason.NOT_ENOUGH_DATA)


def test_then_a_person_decides_on_what_is_cheap_to_leave() -> None:
    verdict = judge(replace(BLIND, leaving_is_cheap=True))
    assert (verdict.outcome, verdict.reason) == (Outcome.HOLD, VerdictReason.NOT_ENOUGH_DATA)
    assert "no data; the gain is proven, a person decides" in verdict.explanation


def test_anything_else_goes_back() -> None:
    assert judge(BLIND).outcome is Outcome.ROLL_BACK


@pytest.mark.parametrize("wait", [after(0.1, seed=2), after(0.099, noise=0.4)], ids=["no gain", "none proven"])
def test_what_has_no_proven_gain_goes_back_however_cheap_it_is_to_leave(wait: Series) -> None:
    assert judge(replace(with_trial(BLIND, wait=wait), leaving_is_cheap=True)).outcome is Outcome.ROLL_BACK


def test_an_index_is_cheap_to_leave_and_a_pool_is_not() -> None:
    assert knob_target("postgres.index", table="orders").kind.leaving_is_cheap
    assert not knob_target("db.pool_size", app="shop").kind.leaving_is_cheap
