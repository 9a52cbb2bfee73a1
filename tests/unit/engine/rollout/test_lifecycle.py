"""Every state against every event: the table is the whole truth, and nothing else moves a change."""

import itertools
from datetime import timedelta

import pytest

from advisor.engine.rollout.lifecycle import transition
from advisor.model.change import OPEN_STATES, Event, State
from advisor.model.course import Probation, SwitchBack
from advisor.model.errors import IllegalTransitionError
from advisor.testing.words import NOON, a_change

LIFE = """
    proposed      approved         approved
    proposed      rejected         rejected
    proposed      expired          expired
    approved      rejected         rejected
    approved      expired          expired
    approved      apply_begun      applying
    applying      applied          trial
    applying      not_applied      failed
    applying      roll_back_begun  rolling_back
    applying      superseded       superseded
    trial         promoted         applying
    trial         switched_back    switched_back
    switched_back apply_begun      applying
    switched_back roll_back_begun  rolling_back
    switched_back superseded       superseded
    trial         kept             kept
    trial         roll_back_begun  rolling_back
    trial         superseded       superseded
    rolling_back  restored         rolled_back
    rolling_back  restore_failed   stuck
    rolling_back  superseded       superseded
    stuck         roll_back_begun  rolling_back
    stuck         superseded       superseded
    stuck         roll_back_asked  rolling_back
    kept          roll_back_asked  rolling_back
    kept          taken_back       rolling_back
"""
EXPECTED = {
    (State(state), Event(event)): State(target) for state, event, target in map(str.split, LIFE.strip().splitlines())
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_every_state_meets_every_event(state: State, event: Event) -> None:
    record = a_change(state)
    later = NOON + timedelta(seconds=5)
    target = EXPECTED.get((state, event))
    if target is None:
        with pytest.raises(IllegalTransitionError, match=record.id):
            transition(record, event, later, "why")
        return
    moved = transition(record, event, later, "why")
    assert moved.state is target
    assert (moved.phases[-1].state, moved.phases[-1].at, moved.phases[-1].reason) == (target, later, "why")
    assert moved.phases[:-1] == record.phases


def test_out_of_a_settled_state_leads_a_persons_word_or_probation_and_only_out_of_a_kept_one() -> None:
    settled = set(State) - OPEN_STATES
    ways = [(State.KEPT, Event.ROLL_BACK_ASKED), (State.KEPT, Event.TAKEN_BACK)]
    assert [pair for pair in EXPECTED if pair[0] in settled] == ways


def test_leaving_the_kept_state_ends_the_probation_with_the_reason() -> None:
    kept = a_change(State.KEPT, probation=Probation(until=NOON + timedelta(hours=12)))
    left = transition(kept, Event.TAKEN_BACK, NOON + timedelta(hours=1), "the gain is gone")
    assert (kept.is_on_probation, left.is_on_probation) == (True, False)
    assert left.probation is not None
    assert (left.probation.ended_at, left.probation.came_of) == (NOON + timedelta(hours=1), "the gain is gone")


def test_every_open_state_can_end() -> None:
    """From each open state some way leads to a settled one; no change can be open for ever by construction."""
    can_end = set(State) - OPEN_STATES
    for _ in State:
        can_end |= {state for (state, _), target in EXPECTED.items() if target in can_end}
    assert can_end >= OPEN_STATES


def test_the_trial_clock_starts_when_the_value_is_in_force() -> None:
    applying = transition(a_change(State.APPROVED), Event.APPLY_BEGUN, NOON, "begun")
    on_trial = transition(applying, Event.APPLIED, NOON + timedelta(seconds=7), "shown everywhere")
    assert applying.applying_since == NOON
    assert on_trial.trial_since == NOON + timedelta(seconds=7)


def test_a_trial_that_switches_back_keeps_its_clock_and_books_every_move() -> None:
    times = SwitchBack(periods=5, shortest_seconds=600, longest_seconds=1800)
    record = a_change(State.TRIAL, trial_since=NOON, switch_back=times)
    minutes = [NOON + timedelta(minutes=number) for number in (20, 40, 41)]
    record = transition(record, Event.SWITCHED_BACK, minutes[0], "the old value")
    record = transition(record, Event.APPLY_BEGUN, minutes[1], "the new value again")
    record = transition(record, Event.APPLIED, minutes[2], "shown everywhere")
    assert record.trial_since == NOON
    assert record.switch_back is not None
    off, on = record.switch_back.moves
    assert (off.is_on, off.ordered_at, off.in_force_at) == (False, minutes[0], None)
    assert (on.is_on, on.ordered_at, on.in_force_at) == (True, minutes[1], minutes[2])
