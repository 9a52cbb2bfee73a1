"""A change on trial, cycle by cycle: what is live first, then the samples; no data is never a gain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from advisor.engine.judge.restarts import age_signal
from advisor.model.change import State
from advisor.model.errors import KnobBusyError
from advisor.model.knob import knob_target
from advisor.model.verdict import Outcome, VerdictReason
from advisor.sources.doubted import DoubtedSamples
from advisor.testing.knob import Crash
from advisor.testing.words import LATENCY, WAIT
from tests.fakes.harness import RolloutHarness, noisy


@pytest.fixture
def harness() -> RolloutHarness:
    started = RolloutHarness()
    started.brought_to(State.TRIAL)
    return started


def test_a_gain_is_proven_and_kept_after_the_whole_window_and_not_before(harness: RolloutHarness) -> None:
    began = harness.latest().trial_since
    assert began is not None
    kept = harness.until_closed()
    assert (kept.state, harness.knob.live) == (State.KEPT, [12])
    assert (kept.phases[-1].at - began).total_seconds() >= 1020  # 120 s of warm-up and 900 s of window


def test_the_value_is_held_in_every_cycle(harness: RolloutHarness) -> None:
    for _ in range(8):
        harness.cycle()
        assert harness.knob.expires_at is not None
        assert (harness.knob.expires_at - harness.clock.now()).total_seconds() == 60
    assert harness.latest().state is State.TRIAL


def test_a_renewal_that_fails_once_does_no_harm(harness: RolloutHarness) -> None:
    harness.knob.fail("renew", KnobBusyError("no answer"))
    assert harness.cycle().state is State.TRIAL
    assert harness.until_closed().state is State.KEPT


def test_no_gain_goes_back(harness: RolloutHarness) -> None:
    harness.samples.functions[WAIT] = lambda at: noisy(at, 0.1)  # as it was with 5
    back = harness.until_closed()
    assert (back.state, harness.knob.live) == (State.ROLLED_BACK, [5])


def test_harm_goes_back_before_the_window_is_full(harness: RolloutHarness) -> None:
    began = harness.latest().trial_since
    assert began is not None
    harness.samples.functions[LATENCY] = lambda at: noisy(at, 0.5)
    back = harness.until_closed()
    assert (back.state, harness.knob.live) == (State.ROLLED_BACK, [5])
    assert (back.phases[-1].at - began).total_seconds() < 1020


def test_prometheus_down_for_the_rest_of_the_trial_extends_it_and_then_goes_back(harness: RolloutHarness) -> None:
    """F10: at most longest_seconds, 3,600 s after the warm-up of 120 s; the value is held all the while."""
    began = harness.latest().trial_since
    assert began is not None
    harness.samples.down = True
    back = harness.until_closed()
    assert (back.state, harness.knob.live) == (State.ROLLED_BACK, [5])
    assert 3720 <= (back.phases[-2].at - began).total_seconds() <= 3735  # one cycle of 15 s later at most
    assert back.verdict is not None
    assert back.verdict.outcome is Outcome.ROLL_BACK


def test_while_an_alert_says_that_there_is_no_data_nothing_is_kept(harness: RolloutHarness) -> None:
    silent = DoubtedSamples(samples=harness.samples, doubt=lambda key: f"an alert has no data for {key.label('app')}")
    harness.rollout = replace(harness.rollout, samples=silent)
    back = harness.until_closed()
    assert (back.state, harness.knob.live) == (State.ROLLED_BACK, [5])


def test_prometheus_down_for_a_while_is_waited_out(harness: RolloutHarness) -> None:
    harness.samples.down = True
    for _ in range(20):
        assert harness.cycle().state is State.TRIAL
    harness.samples.down = False
    assert harness.until_closed().state is State.KEPT


@pytest.mark.parametrize("value", [5, 20])
def test_a_value_moved_by_hand_ends_the_trial_whatever_the_samples_say(harness: RolloutHarness, value: int) -> None:
    harness.knob.move_by_hand(value)
    writes = harness.knob.written()
    assert harness.cycle().state is State.SUPERSEDED
    assert (harness.knob.live, harness.knob.written()) == ([value], writes)


def test_a_value_that_fell_back_by_itself_is_booked_as_rolled_back(
    harness: RolloutHarness,
) -> None:
    back = harness.cycle(seconds=61)
    assert back.state is State.ROLLED_BACK
    assert "fell back by itself" in back.phases[-2].reason
    assert harness.knob.live == [5]


def test_a_value_that_cannot_be_read_for_a_while_is_neither_kept_nor_dropped(harness: RolloutHarness) -> None:
    harness.knob.unreadable = "Prometheus does not answer"
    assert harness.cycle().state is State.TRIAL
    harness.knob.unreadable = ""
    assert harness.until_closed().state is State.KEPT


def cycles_until_kept() -> int:
    twin = RolloutHarness()
    twin.brought_to(State.TRIAL)
    count = 0
    while twin.latest().is_open:
        twin.cycle()
        count += 1
    assert twin.latest().state is State.KEPT
    return count


def test_a_verdict_to_keep_is_stored_first_and_needs_no_second_judgement(harness: RolloutHarness) -> None:
    """Killed between the verdict and its confirmation, in the cycle in which a twin of this harness keeps the value."""
    for _ in range(cycles_until_kept() - 1):
        assert harness.cycle().state is State.TRIAL
    harness.knob.fail("renew", KnobBusyError("no answer"))  # the renewal
    harness.knob.crash("renew")  # the confirmation
    with pytest.raises(Crash):
        harness.cycle()
    stored = harness.latest()
    assert stored.state is State.TRIAL
    assert stored.verdict is not None
    assert stored.verdict.outcome is Outcome.KEEP
    harness.samples.down = True  # whatever can be read now: the verdict stands
    assert harness.cycle().state is State.KEPT


def test_the_clock_put_back_an_hour_begins_the_window_anew_and_waits_no_hour(harness: RolloutHarness) -> None:
    """F9. Without the check the trial would be "warming up" until the clock has caught up."""
    for _ in range(4):
        harness.cycle()
    harness.clock.jump(-3600)
    harness.cycle(seconds=1)
    moved = harness.latest()
    assert moved.trial_since == harness.clock.now()
    assert "clock was put back" in moved.phases[-1].reason
    began = harness.clock.now()
    assert harness.until_closed().state is State.KEPT
    assert (harness.clock.now() - began).total_seconds() < 3000


def test_the_clock_put_forward_an_hour_keeps_nothing_it_has_not_seen(harness: RolloutHarness) -> None:
    """F9. The switch of the value has fired by that clock, and the window holds points from before the change."""
    harness.clock.jump(3600)
    assert harness.cycle().state is State.ROLLED_BACK
    assert harness.knob.live == [5]


def released_at(harness: RolloutHarness, release: datetime) -> None:
    """The processes have run for a day, and are replaced by new ones at `release`."""

    def age(at: datetime) -> float:
        return (at - release).total_seconds() + (86_400 if at < release else 0)

    harness.samples.functions[age_signal("shop")] = age


def test_a_new_release_during_the_trial_is_no_gain_of_the_change(harness: RolloutHarness) -> None:
    """F12: the wait fell, as it should, but half an hour ago it was another program."""
    began = harness.latest().trial_since
    assert began is not None
    released_at(harness, began + timedelta(minutes=5))
    back = harness.until_closed()
    assert (back.state, harness.knob.live) == (State.ROLLED_BACK, [5])
    assert back.verdict is not None
    assert back.verdict.reason is VerdictReason.REPLACED
    assert "half of the processes are younger than the change" in back.phases[-2].reason
    assert (back.phases[-2].at - began).total_seconds() <= 300 + 45  # two points of 10 s, and a cycle of 15 s


def test_a_release_before_the_change_is_part_of_its_baseline(harness: RolloutHarness) -> None:
    began = harness.latest().applying_since
    assert began is not None
    released_at(harness, began - timedelta(minutes=5))
    assert harness.until_closed().state is State.KEPT


def test_pods_that_the_change_itself_made_anew_are_no_new_release() -> None:
    """A rollout ends every pod that was there: all are younger than the change, and none than its trial."""
    harness = RolloutHarness()
    harness.knob.is_slow = True
    sizes = knob_target("k8s.resources", cluster="main", namespace="shop", kind="deployment.apps", name="shop")
    applying = harness.brought_to(State.APPLYING, target=sizes).applying_since
    assert applying is not None
    released_at(harness, applying + timedelta(seconds=10))
    harness.cycle()
    harness.knob.is_slow = False
    harness.knob.settle()
    assert harness.until_closed().state is State.KEPT


def test_a_restart_loses_no_point_that_only_the_process_had_seen(harness: RolloutHarness) -> None:
    """The goal is a statement's mean, from the advisor's own looks. Killed 700 s into a window of 900 s."""
    harness.samples.passing_since[WAIT] = datetime.min.replace(tzinfo=UTC)
    began = harness.latest().trial_since
    assert began is not None
    while (harness.clock.now() - began).total_seconds() < 820:
        harness.cycle()
    harness.samples.passing_since[WAIT] = harness.clock.now()
    harness.rollout = harness.take_term("b:2")
    settled = harness.until_closed()
    assert settled.state is State.KEPT
    (wait,) = (window.series for window in settled.trial if window.signal == WAIT)
    first = began + timedelta(seconds=120)  # the warm-up's end
    assert wait.samples[0].at < first + timedelta(seconds=150)  # its first block of 900 s / 6


def test_what_the_metrics_store_keeps_is_not_written_into_the_journal_in_every_cycle(harness: RolloutHarness) -> None:
    version = harness.latest().version
    for _ in range(20):
        harness.cycle()
    assert harness.latest().version == version


def test_the_log_says_once_why_a_change_waits_however_the_numbers_move(
    harness: RolloutHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(12):  # 180 s: 120 s of warm-up, then towards the first look
        harness.cycle()
    told = [line for line in capsys.readouterr().out.splitlines() if "change_waited" in line]
    assert len(told) == 2
    assert "warming up" in told[0]
    assert "the next look is in" in told[1]
