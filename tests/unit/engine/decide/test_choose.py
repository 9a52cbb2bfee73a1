"""At most one proposal is chosen; every other one is told why it waits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.decide.choose import DecisionContext, decide
from advisor.model.change import ChangeRecord, Pause, Phase, State
from advisor.model.knob import knob_target
from advisor.settings.policy import KnobPolicy, Permission, PolicySettings
from advisor.testing.words import NOON, a_change, a_proposal

POOL = a_proposal()
TTL = a_proposal(rule="low-cache-hit-rate", target=knob_target("cache.l2.ttl", app="shop"), gain_seconds_per_second=0.2)
FREE = {
    knob: KnobPolicy(permission=Permission.AUTOMATIC, cooldown_seconds="1h")
    for knob in ("db.pool_size", "cache.l2.ttl")
}


def context(
    *, history: Sequence[ChangeRecord] = (), pause: Pause | None = None, **knobs: KnobPolicy
) -> DecisionContext:
    policy = PolicySettings(knobs={**FREE, **{name.replace("__", "."): rule for name, rule in knobs.items()}})
    return DecisionContext(policy=policy, history=history, pause=pause, now=NOON)


def settled(state: State, seconds_ago: float, **changes: object) -> ChangeRecord:
    at = NOON - timedelta(seconds=seconds_ago)
    return replace(a_change(state), phases=(Phase(state=state, at=at, reason="test"),), **changes)


def reasons(choice_waiting: Sequence[object]) -> str:
    return " | ".join(waiting.reason for waiting in choice_waiting)


def test_the_largest_gain_is_chosen_and_the_other_waits_its_turn() -> None:
    choice = decide([POOL, TTL], context())
    assert choice.proposal == POOL
    assert not choice.needs_approval
    assert [waiting.proposal for waiting in choice.waiting] == [TTL]
    assert "one change at a time" in choice.waiting[0].reason


def test_nothing_to_propose_is_said() -> None:
    assert decide([], context()).reason == "nothing to propose"


@pytest.mark.parametrize("state", [State.PROPOSED, State.APPROVED, State.TRIAL, State.ROLLING_BACK, State.STUCK])
def test_an_open_change_holds_the_one_place(state: State) -> None:
    choice = decide([POOL], context(history=[a_change(state)]))
    assert choice.proposal is None
    assert "one at a time" in reasons(choice.waiting)


def test_nothing_is_begun_while_paused() -> None:
    choice = decide([POOL], context(pause=Pause(reason="release", since=NOON, freeze=False)))
    assert choice.proposal is None
    assert "release" in choice.reason


def test_any_change_is_given_time_to_settle() -> None:
    other = settled(State.KEPT, 59, proposal=TTL)
    assert decide([POOL], context(history=[other])).proposal is None  # 60 s of rest, 59 have passed
    assert decide([POOL], context(history=[settled(State.KEPT, 60, proposal=TTL)])).proposal == POOL


def test_a_target_cools_down_after_its_own_change() -> None:
    other_size = a_proposal(proposed=10)
    hot = context(history=[settled(State.KEPT, 3599, proposal=other_size)])
    cool = context(history=[settled(State.KEPT, 3600, proposal=other_size)])
    assert decide([POOL], hot).proposal is None
    assert decide([POOL], cool).proposal == POOL


def test_a_roll_back_doubles_the_rest_each_time() -> None:
    other_size = a_proposal(proposed=20)
    once = [settled(State.ROLLED_BACK, 7199, proposal=other_size)]  # 3600 s x 2
    twice = [
        settled(State.ROLLED_BACK, 14399, proposal=other_size),  # 3600 s x 4
        settled(State.ROLLED_BACK, 20000, proposal=other_size),
    ]
    assert "rests for another 1s" in reasons(decide([POOL], context(history=once)).waiting)
    assert "rests for another 1s" in reasons(decide([POOL], context(history=twice)).waiting)


def test_a_knob_without_policy_asks_for_approval() -> None:
    bare = DecisionContext(policy=PolicySettings(), history=(), pause=None, now=NOON)
    choice = decide([POOL], bare)
    assert choice.proposal == POOL
    assert choice.needs_approval


def test_a_change_that_no_application_watches_asks_for_approval_even_if_automatic() -> None:
    choice = decide([a_proposal(app="")], context())
    assert choice.needs_approval


def test_a_forbidden_knob_is_never_chosen_and_the_next_one_is() -> None:
    choice = decide([POOL, TTL], context(db__pool_size=KnobPolicy(permission=Permission.NEVER)))
    assert choice.proposal == TTL
    assert "never" in reasons(choice.waiting)


@pytest.mark.parametrize(("bounds", "word"), [({"maximum": 11}, "above"), ({"minimum": 13}, "below")])
def test_bounds_of_the_policy_hold(bounds: dict[str, float], word: str) -> None:
    choice = decide([POOL], context(db__pool_size=KnobPolicy(permission=Permission.AUTOMATIC, **bounds)))
    assert choice.proposal is None
    assert word in reasons(choice.waiting)


def test_advice_for_people_is_never_chosen() -> None:
    assert decide([a_proposal(automatic=False)], context()).proposal is None


def test_nothing_is_begun_before_a_whole_window_was_watched() -> None:
    choice = decide([POOL], replace(context(), unwatched_seconds=30))
    assert choice.proposal is None
    assert "measure first: watching for another 30s" in choice.reason
