"""Known events around a trial: releases, restarts, scalings and our own other changes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from advisor.engine.judge.restarts import age_signal
from advisor.engine.rollout.marks import marks_between, replacements, scalings
from advisor.model.change import State
from advisor.model.course import Mark, MarkKind
from advisor.model.signal import Series, series_of, signal
from advisor.testing.history import FakeKnownEvents
from advisor.testing.words import NOON, a_change
from tests.fakes.harness import RolloutHarness

STEP = timedelta(seconds=15)
INSTANCES = signal("pool.instances", app="shop")


def ages(*values: float) -> Series:
    return series_of((NOON + number * STEP, value) for number, value in enumerate(values))


def test_where_half_of_the_processes_are_new_there_was_a_release() -> None:
    """At 12:00:30 the median is 5 s: those began at 12:00:25."""
    (found,) = replacements(ages(86_400, 86_415, 5, 20, 35))
    assert (found.kind, found.at) == (MarkKind.RELEASE, NOON + timedelta(seconds=25))
    assert found.what == "the median age of the processes fell from 1d15s to 5s"


def test_a_release_that_replaces_one_process_after_the_other_is_one() -> None:
    assert len(list(replacements(ages(86_400, 5, 20, 4, 19, 3)))) == 1


def test_where_the_median_falls_to_an_older_start_some_began_anew() -> None:
    """From a day to an hour: the half that is left in the middle began an hour ago."""
    (found,) = replacements(ages(86_400, 86_415, 3600, 3615))
    assert (found.kind, found.at) == (MarkKind.RESTART, NOON + 2 * STEP)


@pytest.mark.parametrize("values", [(), (5,), (5, 20, 35, 50)])
def test_processes_that_grow_older_are_no_event(values: tuple[float, ...]) -> None:
    assert list(replacements(ages(*values))) == []


def test_every_change_of_the_number_of_instances_is_a_scaling() -> None:
    found = list(scalings(ages(3, 3, 5, 5, 4)))
    assert [mark.what for mark in found] == ["from 3 to 5 instances", "from 5 to 4 instances"]
    assert [mark.at for mark in found] == [NOON + 2 * STEP, NOON + 4 * STEP]


@pytest.fixture
def harness() -> RolloutHarness:
    return RolloutHarness()


def marks(harness: RolloutHarness, start: datetime) -> tuple[Mark, ...]:
    return marks_between(a_change(id="chg_other"), start, harness.clock.now(), harness.rollout)


def test_another_change_of_ours_is_a_known_event(harness: RolloutHarness) -> None:
    start = harness.clock.now()
    kept = harness.brought_to(State.KEPT)
    (found,) = marks(harness, start)
    assert (found.kind, found.at) == (MarkKind.CHANGE, kept.trial_since)
    assert found.what == f"change {kept.id} of {kept.proposal.target} came into force"


def test_what_a_change_is_compared_with_and_its_trial_come_with_their_events(harness: RolloutHarness) -> None:
    """Two instances more ten minutes before, and a restart of some in the trial."""
    scaled = harness.clock.now() - timedelta(minutes=10)
    restarted = harness.clock.now() + timedelta(minutes=8)
    harness.samples.functions[INSTANCES] = lambda at: 3.0 if at < scaled else 5.0
    harness.samples.functions[age_signal("shop")] = lambda at: (
        86_400 + (at - restarted).total_seconds() - (0 if at < restarted else 40_000)
    )
    kept = harness.brought_to(State.KEPT)
    assert [mark.kind for mark in kept.marks] == [MarkKind.SCALING, MarkKind.RESTART]
    assert timedelta(0) <= kept.marks[0].at - scaled <= timedelta(seconds=10)


def test_what_cannot_be_read_tells_nothing_and_stops_nothing(harness: RolloutHarness) -> None:
    assert harness.brought_to(State.KEPT).marks == ()


def test_events_outside_are_left_out(harness: RolloutHarness) -> None:
    harness.brought_to(State.KEPT)
    assert marks(harness, harness.clock.now() - timedelta(seconds=1)) == ()


def test_an_alert_that_others_sent_is_a_known_event(harness: RolloutHarness) -> None:
    fired = Mark(
        kind=MarkKind.ALERT, at=harness.clock.now() - timedelta(minutes=5), what="Slow{app=shop} began to fire"
    )
    harness.rollout = replace(harness.rollout, known_events=FakeKnownEvents(fired))
    assert marks(harness, harness.clock.now() - timedelta(hours=1)) == (fired,)
