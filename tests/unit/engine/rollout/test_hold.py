"""A held trial waits for a person, and does what the person says."""

from dataclasses import replace

from advisor.engine.rollout.hold import settled_by
from advisor.model.change import State
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.testing.words import a_change
from tests.fakes.harness import RolloutHarness

HELD = Verdict(outcome=Outcome.HOLD, reason=VerdictReason.UNDECIDED, explanation="nothing is proven")


def test_only_a_trial_that_the_judge_left_open_is_held() -> None:
    assert a_change(State.TRIAL, verdict=HELD).is_held
    assert not a_change(State.TRIAL).is_held
    assert not a_change(State.KEPT, verdict=HELD).is_held


def test_a_person_says_so_and_the_next_cycle_carries_it_out() -> None:
    for keep, ends in ((True, State.KEPT), (False, State.ROLLED_BACK)):
        harness = RolloutHarness()
        record = harness.brought_to(State.TRIAL)
        held = harness.journal.advance(replace(record, verdict=HELD))
        harness.journal.advance(settled_by(held, "ada", keep=keep))
        harness.cycle()
        assert harness.until_closed(10).state is ends
        assert "ada" in str(harness.latest().verdict)
