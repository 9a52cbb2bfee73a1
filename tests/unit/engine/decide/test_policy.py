"""When changes may be begun, how far they may go, and who else owns a knob: each refusal says why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from advisor.engine.decide.choose import decide
from advisor.engine.decide.context import DecisionContext
from advisor.engine.decide.manual_clear import cleared
from advisor.model.approval import Snooze
from advisor.model.change import ChangeRecord, Phase, State
from advisor.model.errors import IllegalTransitionError
from advisor.model.knob import knob_target
from advisor.model.report import Choice
from advisor.model.signal import Measured, Reading, Stale
from advisor.model.snapshot import Snapshot
from advisor.settings.policy import KnobPolicy, Permission, PolicySettings
from advisor.testing.words import LOAD, NOON, a_change, a_proposal
from tests.fakes.past import ended

POOL = a_proposal()
TTL = a_proposal(target=knob_target("cache.l2.ttl", app="shop"), current=10.0, proposed=30.0)


def choose(
    *proposals: Any,
    history: Sequence[ChangeRecord] = (),
    now: datetime = NOON,
    knob: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    **policy: Any,
) -> Choice:
    knobs = {"db.pool_size": KnobPolicy(permission=Permission.AUTOMATIC, **(knob or {}))}
    settings = PolicySettings(knobs=knobs, **policy)
    return decide(
        proposals or [POOL],
        DecisionContext(policy=settings, history=history, pause=None, now=now, **(context or {})),
    )


def why(choice: Choice) -> str:
    assert choice.proposal is None
    return choice.waiting[0].reason


# ---- how far


@pytest.mark.parametrize(("old", "new"), [(5, 12), (12, 5)])
def test_a_step_larger_than_allowed_is_refused_up_and_down(old: int, new: int) -> None:
    step = a_proposal(current=old, proposed=new)
    assert "is a step of 2.4 times; 2 is the largest" in why(choose(step, knob={"largest_step_ratio": 2.0}))
    assert choose(step, knob={"largest_step_ratio": 2.4}).proposal == step


def test_a_step_from_nothing_has_no_ratio_and_is_refused() -> None:
    assert "has no ratio" in why(choose(a_proposal(current=0, proposed=5), knob={"largest_step_ratio": 2.0}))


# ---- when


def test_outside_the_change_windows_a_proposal_waits_and_says_which_there_are() -> None:
    assert choose(change_windows=["Mon-Fri 09:00-17:00"]).proposal == POOL  # NOON is a Thursday
    assert '"Sat,Sun 00:00-24:00"' in why(choose(change_windows=["Sat,Sun 00:00-24:00"]))
    assert choose(change_windows=["Sat 00:00-24:00", "Thu 12:00-13:00"]).proposal == POOL


def test_a_knobs_own_windows_stand_in_for_the_general_ones() -> None:
    closed = choose(TTL, POOL, change_windows=["Thu 11:00-13:00"], knob={"change_windows": ["Sat 00:00-24:00"]})
    assert closed.proposal == TTL
    assert "outside the change windows" in closed.waiting[0].reason
    assert choose(change_windows=["Sat 00:00-24:00"], knob={"change_windows": []}).proposal == POOL


def test_nothing_is_begun_in_a_freeze() -> None:
    freeze = ["2025-12-20 to 2026-01-01"]
    choice = choose(freezes=freeze)
    assert "policy: frozen until 2026-01-02 00:00Z" in choice.reason
    assert choose(freezes=freeze, now=datetime(2026, 1, 2, tzinfo=UTC)).proposal == POOL


def test_the_budget_of_a_day_counts_what_was_written_in_the_last_24_hours() -> None:
    hour = 3600
    two = [ended(State.KEPT, seconds_ago=hours * hour, proposal=TTL) for hours in (2, 23)]
    choice = choose(history=two, daily_changes=2)
    assert "2 of 2 changes in 24 hours are made; the next in 1h" in choice.reason  # the older one leaves in 24 - 23 h
    assert choose(history=two, daily_changes=3).proposal == POOL
    assert choose(history=[two[0], ended(State.KEPT, seconds_ago=24 * hour)], daily_changes=2).proposal == POOL
    never_written = replace(two[1], state=State.EXPIRED, applying_since=None)
    assert choose(history=[two[0], never_written], daily_changes=2).proposal == POOL
    assert choose(history=two * 20, daily_changes=None).proposal == POOL


# ---- quiet


def at_load(reading: Reading | None, usual: float | None) -> dict[str, Any]:
    signals = {LOAD: reading} if reading is not None else {}
    return {
        "snapshot": Snapshot(taken_at=NOON, window_seconds=300, signals=signals),
        "usual_load": {"shop": usual} if usual is not None else {},
    }


def test_a_change_that_wants_quiet_waits_while_the_load_is_as_usual() -> None:
    busy, calm = at_load(Measured(value=60, at=NOON), 100.0), at_load(Measured(value=50, at=NOON), 100.0)
    assert "60 requests/s, 50% of the usual 100 is the most allowed" in why(choose(quiet_load_ratio=0.5, context=busy))
    assert choose(quiet_load_ratio=0.5, context=calm).proposal == POOL
    assert choose(context=busy).proposal == POOL


@pytest.mark.parametrize(
    ("reading", "usual", "said"),
    [
        (None, 100.0, "the load of shop is not known"),
        (Stale(value=1, at=NOON, age_seconds=600), 100.0, "the load of shop is not known"),
        (Measured(value=1, at=NOON), None, "the usual load of shop is not known"),
    ],
)
def test_where_it_is_not_known_to_be_quiet_it_is_not(reading: Reading | None, usual: float | None, said: str) -> None:
    assert said in why(choose(quiet_load_ratio=0.5, context=at_load(reading, usual)))


def test_without_an_application_nobody_can_tell_whether_it_is_quiet() -> None:
    assert "no application is known" in why(choose(a_proposal(app=""), quiet_load_ratio=0.5))


# ---- snoozes


def test_a_snoozed_rule_waits_until_its_time_and_says_who_does_not_want_it() -> None:
    snooze = Snooze(rule=a_proposal().rule, until=NOON + timedelta(hours=1), who="ada", reason="release week")
    reason = why(choose(now=NOON, context={"snoozes": [snooze]}))
    assert f"ada does not want {snooze.rule} before 2026-01-01 13:00Z: release week" in reason
    assert choose(now=NOON + timedelta(hours=1), context={"snoozes": [snooze]}).proposal is not None


# ---- fights


def fight(**changes: Any) -> ChangeRecord:
    told = Phase(state=State.SUPERSEDED, at=NOON, reason="somebody else set the value to 9: instance shop-1")
    return a_change(State.SUPERSEDED, **{"phases": (told,), **changes})


def test_after_one_fight_the_target_is_left_alone_and_the_other_owner_named() -> None:
    reason = why(choose(now=datetime(2027, 1, 1, tzinfo=UTC), history=[fight()]))
    assert "db.pool_size[app=shop] has another owner: somebody else set the value to 9: instance shop-1" in reason
    assert "advisor changes clear chg_0123456789ab" in reason


def test_a_fight_older_than_the_history_still_counts() -> None:
    assert "another owner" in why(choose(context={"fights": [fight()]}))


def test_a_fight_stops_its_own_target_only() -> None:
    assert choose(TTL, history=[fight()], settle_seconds="0s").proposal == TTL


def test_once_a_person_has_cleared_it_the_target_cools_down_from_the_fight_on() -> None:
    settled = cleared(fight(), "ada")
    assert settled.settled_at == NOON
    assert choose(history=[settled], now=datetime(2026, 1, 3, tzinfo=UTC)).proposal == POOL


def test_only_what_stops_a_target_can_be_cleared_and_only_once() -> None:
    once = cleared(fight(), "ada")
    for record, said in ((once, "cleared by ada"), (a_change(State.KEPT), "kept, not superseded or failed")):
        with pytest.raises(IllegalTransitionError, match=said):
            cleared(record, "bob")


# ---- attempts that failed


def failed(days_ago: int, **changes: Any) -> ChangeRecord:
    return ended(State.FAILED, seconds_ago=days_ago * 86_400, id=f"chg_{days_ago:012d}", **changes)


def test_after_three_failed_attempts_in_a_row_a_target_is_given_up_with_the_reason() -> None:
    # The rest is an hour and at most 64 of them, so after four days nothing but the count stands against it.
    locked = Phase(state=State.FAILED, at=NOON - timedelta(days=4), reason="lock timeout on orders")
    tries = [replace(failed(4), phases=(locked,)), failed(8), failed(12)]
    assert choose(history=tries[1:]).proposal == POOL
    reason = why(choose(history=tries))
    assert reason.startswith("given up after 3 attempts, the last: lock timeout on orders")
    assert reason.endswith("to try again: advisor changes clear chg_000000000004")
    assert choose(history=tries, knob={"attempts": 4}).proposal == POOL


def test_what_worked_in_between_or_was_never_begun_is_no_failed_attempt() -> None:
    two = [failed(4), failed(8)]
    assert choose(history=[*two, ended(State.KEPT, seconds_ago=12 * 86_400), failed(16)]).proposal == POOL
    assert choose(history=[two[0], ended(State.EXPIRED, seconds_ago=6 * 86_400), two[1]]).proposal == POOL
    assert "given up" in why(choose(history=[two[0], ended(State.EXPIRED, seconds_ago=6 * 86_400), two[1], failed(12)]))
    assert choose(history=[*two, failed(12, proposal=TTL)]).proposal == POOL


def test_once_a_person_has_cleared_it_the_attempts_are_counted_anew() -> None:
    tries = [failed(4), failed(8), failed(12)]
    assert choose(history=[cleared(tries[0], "ada"), *tries[1:]]).proposal == POOL
    assert "given up" in why(choose(history=[*tries, cleared(failed(16), "ada")]))
