"""The old value comes back for a while within the trial, each move journalled first; killed anywhere, it goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from advisor.engine.approvals import Approvals
from advisor.engine.rollout.periods import periods
from advisor.model.change import ChangeRecord, State
from advisor.model.course import SwitchBack
from advisor.model.errors import KnobBusyError
from advisor.model.finding import KnobValue
from advisor.model.knob import Order, knob_target
from advisor.settings.policy import KnobPolicy, Mode, Permission, PolicySettings
from advisor.settings.switch_back import SwitchBackSettings
from advisor.settings.trial import TrialSettings
from advisor.testing.knob import Crash, FakeKnob
from advisor.testing.samples import FakeSamples
from advisor.testing.words import WAIT
from tests.fakes.harness import RolloutHarness, noisy

SWITCHING = SwitchBackSettings.model_validate({"shortest_seconds": "10m", "longest_seconds": "20m"})


class RememberingKnob(FakeKnob):
    """Knows which value was in force when."""

    def __init__(self, live: KnobValue, **given: Any) -> None:
        super().__init__(live, **given)
        self.past: list[tuple[datetime, float]] = []

    def at(self, moment: datetime) -> float:
        return next((size for since, size in reversed(self.past) if since <= moment), 5.0)

    def settle(self) -> None:
        super().settle()
        live = self.live[0]
        if self._now is not None and isinstance(live, int | float):
            self.past.append((self._now(), float(live)))


@pytest.fixture
def harness() -> RolloutHarness:
    """Callers wait 0.5 s / size, whenever it is read."""
    started = RolloutHarness(samples=FakeSamples(step_seconds=60.0))
    started.with_settings(longest_seconds=43_200.0, switch_back=SWITCHING, hold_seconds=180.0)
    knob = RememberingKnob(5, now=started.clock.now)
    started.knob = knob
    started.rollout = replace(started.rollout, knob=knob)
    started.samples.functions[WAIT] = lambda at: noisy(at, 0.5 / knob.at(at))
    return started


def until(harness: RolloutHarness, done: Callable[[ChangeRecord], bool], most: int = 600) -> ChangeRecord:
    for _ in range(most):
        if done(harness.latest()):
            return harness.latest()
        harness.cycle(seconds=45.0)
    raise AssertionError(f"never: {harness.latest().phases}")


def brought_to(harness: RolloutHarness, state: State) -> ChangeRecord:
    harness.choose()
    return until(harness, lambda record: record.state is state)


def is_closed(record: ChangeRecord) -> bool:
    return not record.is_open


def test_the_old_value_comes_back_twice_before_a_gain_is_kept(harness: RolloutHarness) -> None:
    """On, off, on, off, on: five periods of 10 to 20 minutes each, with 2 minutes of warm-up."""
    harness.choose()
    kept = until(harness, is_closed)
    assert (kept.state, harness.knob.live) == (State.KEPT, [12])
    assert kept.switch_back is not None
    moves = [move.is_on for move in kept.switch_back.moves]
    assert moves == [False, True] * (len(moves) // 2)
    assert len(moves) >= 4
    assert [phase.state for phase in kept.phases].count(State.TRIAL) == 1 + len(moves) / 2
    assert harness.knob.written().count("restore") == len(moves) / 2
    assert harness.knob.written().count("apply") == 1 + len(moves) / 2


def test_what_gets_better_by_itself_is_not_kept(harness: RolloutHarness) -> None:
    """Somebody else's deploy a minute after the change makes waits fall for good."""
    record = brought_to(harness, State.TRIAL)
    began = record.trial_since
    assert began is not None
    harness.samples.functions[WAIT] = lambda at: noisy(at, 0.03 if at > began + timedelta(minutes=1) else 0.1)
    ended = until(harness, is_closed, most=1200)
    assert (ended.state, harness.knob.live) == (State.ROLLED_BACK, [5])


def test_the_trials_clock_runs_on_through_every_move(harness: RolloutHarness) -> None:
    began = brought_to(harness, State.TRIAL).trial_since
    until(harness, lambda record: record.state is State.SWITCHED_BACK)
    assert until(harness, lambda record: record.state is State.TRIAL).trial_since == began


def test_the_judge_is_told_which_value_was_in_force_when_without_the_warm_ups(harness: RolloutHarness) -> None:
    harness.choose()
    kept = until(harness, is_closed)
    found = periods(kept, harness.clock.now())
    assert [period.is_on for period in found] == [number % 2 == 0 for number in range(len(found))]
    assert len(found) >= 5
    knob = harness.knob
    assert isinstance(knob, RememberingKnob)
    for period in found:
        begun = period.start - timedelta(seconds=120)
        wanted = 12.0 if period.is_on else 5.0
        assert {knob.at(begun), knob.at(period.end - timedelta(seconds=1))} == {wanted}
    assert all(period.end - period.start >= timedelta(minutes=10) for period in found[:-1])


def test_how_long_a_period_is_is_drawn_and_a_restart_draws_the_same() -> None:
    times = SwitchBack(periods=5, shortest_seconds=600, longest_seconds=1200)
    drawn = [times.drawn_seconds("chg_1", number) for number in range(200)]
    assert drawn == [times.drawn_seconds("chg_1", number) for number in range(200)]
    assert drawn != [times.drawn_seconds("chg_2", number) for number in range(200)]
    assert 600 <= min(drawn) < 630
    assert 1170 < max(drawn) < 1200
    assert sum(drawn) / 200 == pytest.approx(900, abs=45)  # 173 s / sqrt(200) = 12 s is one standard error


def test_with_the_new_value_the_dead_mans_switch_is_set_and_with_the_old_one_nothing_is_held(
    harness: RolloutHarness,
) -> None:
    brought_to(harness, State.SWITCHED_BACK)
    assert (harness.knob.live, harness.knob.expires_at) == ([5], None)
    until(harness, lambda record: record.state is State.TRIAL)
    assert harness.knob.expires_at is not None
    assert (harness.knob.expires_at - harness.clock.now()).total_seconds() == 180


def test_a_daemon_that_dies_while_the_old_value_is_back_leaves_it_and_the_next_goes_on(harness: RolloutHarness) -> None:
    brought_to(harness, State.SWITCHED_BACK)
    harness.clock.advance(7200)
    assert harness.knob.look() == [5]
    harness.rollout = harness.take_term("b:2")
    assert until(harness, is_closed).state is State.KEPT


MOVES = [
    (State.SWITCHED_BACK, "inspect", False),
    (State.SWITCHED_BACK, "restore", False),
    (State.SWITCHED_BACK, "restore", True),
    (State.APPLYING, "inspect", False),
    (State.APPLYING, "apply", False),
    (State.APPLYING, "apply", True),
]


@pytest.mark.parametrize(("state", "call", "after_effect"), MOVES)
def test_killed_in_a_move_the_next_start_makes_it(
    harness: RolloutHarness, state: State, call: Any, after_effect: bool
) -> None:
    """Before the write the value is as it was, and is moved; after it, as ordered, and the trial goes on."""
    brought_to(harness, State.TRIAL)

    def in_that_move(order: Order) -> bool:
        return harness.latest().state is state and harness.latest().is_switching

    harness.knob.fail(call, Crash(call), after_effect=after_effect, when=in_that_move)
    with pytest.raises(Crash):
        until(harness, is_closed)
    assert harness.latest().state is state
    harness.rollout = harness.take_term("b:2")
    kept = until(harness, is_closed)
    assert (kept.state, harness.knob.live) == (State.KEPT, [12])


@pytest.mark.parametrize("call", ["apply", "restore"])
def test_a_move_that_fails_once_is_made_in_the_next_cycle(harness: RolloutHarness, call: Any) -> None:
    brought_to(harness, State.TRIAL)
    harness.knob.fail(call, KnobBusyError("no answer"), when=lambda _: harness.latest().is_switching)
    assert until(harness, is_closed).state is State.KEPT


@pytest.mark.parametrize("call", ["apply", "restore"])
def test_a_move_that_fails_for_longer_than_a_write_may_take_ends_the_trial(harness: RolloutHarness, call: Any) -> None:
    brought_to(harness, State.TRIAL)
    moved = harness.knob.written().count(call)
    harness.knob.fail(call, KnobBusyError("no answer"), times=6, when=lambda _: harness.latest().is_switching)
    ended = until(harness, is_closed)
    assert (ended.state, harness.knob.live) == (State.ROLLED_BACK, [5])
    assert "could not be brought back in time" in next(
        phase.reason for phase in ended.phases if phase.state is State.ROLLING_BACK
    )
    assert harness.knob.written().count(call) > moved


def test_somebody_elses_value_is_left_alone(harness: RolloutHarness) -> None:
    brought_to(harness, State.SWITCHED_BACK)
    harness.knob.move_by_hand(20)
    ended = until(harness, is_closed)
    assert (ended.state, harness.knob.live) == (State.SUPERSEDED, [20])


def test_a_pause_while_the_old_value_is_back_ends_the_trial_with_it(harness: RolloutHarness) -> None:
    brought_to(harness, State.SWITCHED_BACK)
    harness.journal.pause("test", harness.clock.now(), freeze=False)
    applied = harness.knob.written().count("apply")
    ended = until(harness, is_closed)
    assert (ended.state, harness.knob.live) == (State.ROLLED_BACK, [5])
    assert harness.knob.written().count("apply") == applied


def test_a_person_may_roll_it_back_while_the_old_value_is_back(harness: RolloutHarness) -> None:
    record = brought_to(harness, State.SWITCHED_BACK)
    approvals = Approvals(journal=harness.journal, listeners=(), clock=harness.clock)
    approvals.roll_back(record.id, "ada", "callers complain")
    ended = until(harness, is_closed, most=2)
    assert (ended.state, harness.knob.live) == (State.ROLLED_BACK, [5])


@pytest.mark.parametrize("change", [{"mode": Mode.PROPOSE}, {"policy": PolicySettings()}])
def test_what_is_no_longer_allowed_is_not_switched_on_again(harness: RolloutHarness, change: dict[str, Any]) -> None:
    brought_to(harness, State.SWITCHED_BACK)
    never = PolicySettings(knobs={"db.pool_size": KnobPolicy(permission=Permission.NEVER)})
    harness.rollout = replace(harness.rollout, **({"policy": never} if "policy" in change else change))
    ended = until(harness, is_closed)
    assert (ended.state, harness.knob.live) == (State.ROLLED_BACK, [5])


def test_the_clock_put_back_waits_no_hour(harness: RolloutHarness) -> None:
    brought_to(harness, State.SWITCHED_BACK)
    harness.clock.jump(-3600)
    began = harness.clock.now()
    until(harness, lambda record: record.state is State.TRIAL)
    assert harness.clock.now() - began <= timedelta(seconds=120 + 1200 + 2 * 45)


def begun(harness: RolloutHarness, **changes: Any) -> ChangeRecord:
    harness.choose(**changes)
    return until(harness, lambda record: record.applying_since is not None)


def test_an_index_does_not_switch_back(harness: RolloutHarness) -> None:
    target = knob_target("postgres.index", database="main", table="message")
    assert begun(harness, target=target).switch_back is None


def test_where_the_periods_do_not_fit_the_longest_window_nothing_switches_and_the_reason_is_told(
    harness: RolloutHarness,
) -> None:
    """Five periods of 20 min, 2 min of warm-up and 1 min to apply: 1 h 55 min."""
    harness.with_settings(longest_seconds=3600.0)
    record = begun(harness)
    assert record.switch_back is None
    assert "switching back would take up to 1h55m" in record.phases[2].reason


def test_switched_off_nothing_switches(harness: RolloutHarness) -> None:
    harness.with_settings(switch_back=SwitchBackSettings(enabled=False))
    assert begun(harness).switch_back is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"shortest_seconds": "30m", "longest_seconds": "10m"}, "swap them"),
        ({"periods": 4}, "give an odd number"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        TrialSettings.model_validate({"switch_back": wrong})
