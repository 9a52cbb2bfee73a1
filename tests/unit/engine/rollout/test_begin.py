"""A change that was approved is begun under the policy of that moment, not of when it was proposed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.engine.approvals import Approvals
from advisor.engine.cycle import advance
from advisor.engine.rollout.apply import begin
from advisor.engine.rollout.context import RolloutContext
from advisor.model.approval import Approval
from advisor.model.change import State
from advisor.settings.policy import KnobPolicy, Mode, Permission, PolicySettings
from advisor.settings.trial import TrialSettings
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.knob import FakeKnob
from advisor.testing.meter import FakeMeter
from advisor.testing.samples import FakeSamples
from advisor.testing.words import ERRORS, LATENCY, LOAD, WAIT, a_change


def a_desk(**policy: Any) -> RolloutContext:
    """At noon on a Thursday, with everything there that a baseline needs."""
    clock, journal, samples = FakeClock(), InMemoryJournal(), FakeSamples()
    samples.functions = dict.fromkeys((WAIT, ERRORS, LATENCY, LOAD), lambda at: 1.0)
    return RolloutContext(
        journal=journal,
        epochs=journal,
        kill_switch=journal,
        knob=FakeKnob(5, now=clock.now),
        samples=samples,
        clock=clock,
        meter=FakeMeter(),
        listeners=(),
        mode=Mode.APPLY,
        policy=PolicySettings(**policy),
        trial=TrialSettings(),
        epoch=journal.take("test"),
    )


def begun(rollout: RolloutContext) -> State:
    approved = a_change(State.APPROVED, version=0, expires_at=rollout.clock.now() + timedelta(days=1))
    return begin(rollout.journal.add(approved), rollout).state


def test_it_is_begun_where_nothing_stands_against_it() -> None:
    assert begun(a_desk()) is State.TRIAL


@pytest.mark.parametrize("policy", [{"change_windows": ["Sat 00:00-24:00"]}, {"freezes": ["2026-01-01 to 2026-01-01"]}])
def test_an_approval_outside_the_windows_or_in_a_freeze_waits_for_them(policy: dict[str, Any]) -> None:
    rollout = a_desk(**policy)
    assert begun(rollout) is State.APPROVED
    assert isinstance(rollout.knob, FakeKnob)
    assert rollout.knob.live == [5]


def test_a_knob_that_is_busy_is_waited_for_and_nothing_is_journalled_as_begun() -> None:
    rollout = a_desk()
    assert isinstance(rollout.knob, FakeKnob)
    rollout.knob.busy = "no quiet moment: 40 sessions are active"
    assert begun(rollout) is State.APPROVED
    record = rollout.journal.find(rollout.journal.history("default")[0].id)
    assert record is not None
    assert rollout.knob.written() == []
    rollout.knob.busy = ""
    assert begin(record, rollout).state is State.TRIAL


@pytest.mark.parametrize("knob", [KnobPolicy(permission=Permission.NEVER), KnobPolicy(maximum=11)])
def test_what_the_policy_has_come_to_forbid_is_dropped_though_it_was_approved(knob: KnobPolicy) -> None:
    rollout = a_desk(knobs={"db.pool_size": knob})
    assert begun(rollout) is State.EXPIRED
    assert isinstance(rollout.knob, FakeKnob)
    assert rollout.knob.live == [5]


@pytest.mark.parametrize(("shown", "comes_to"), [("what is there", State.TRIAL), ("something else", State.EXPIRED)])
def test_an_approval_lets_happen_what_was_shown_and_nothing_else(shown: str, comes_to: State) -> None:
    rollout = a_desk()
    record = a_change(State.APPROVED, version=0, expires_at=rollout.clock.now() + timedelta(days=1))
    plan = record.plan_hash if shown == "what is there" else "0123456789abcdef"
    said = Approval(who="ada", at=rollout.clock.now(), plan=plan)
    assert begin(rollout.journal.add(replace(record, approvals=(said,))), rollout).state is comes_to


@pytest.mark.parametrize("state", [State.APPLYING, State.TRIAL, State.KEPT])
def test_what_a_person_asks_back_is_put_back_by_the_next_cycle(state: State) -> None:
    rollout = a_desk()
    assert isinstance(rollout.knob, FakeKnob)
    assert isinstance(rollout.journal, InMemoryJournal)
    record = rollout.journal.add(a_change(state, version=0, trial_since=rollout.clock.now()))
    rollout.knob.apply(rollout.order(record))
    assert (record.proposal.current, record.proposal.proposed) == (5, 12)
    word = Approvals(journal=rollout.journal, listeners=(), clock=rollout.clock)
    word.roll_back(record.id, "ada", "callers complain")
    assert advance(rollout) is None
    ended = rollout.journal.find(record.id)
    assert ended is not None
    assert ended.state is State.ROLLED_BACK
    assert rollout.knob.live == [5]
    assert "rolled back by ada: callers complain" in [phase.reason for phase in ended.phases]


def test_a_freeze_holds_back_what_a_person_asked_for_too() -> None:
    rollout = a_desk()
    assert isinstance(rollout.knob, FakeKnob)
    assert isinstance(rollout.journal, InMemoryJournal)
    record = rollout.journal.add(a_change(State.TRIAL, version=0, trial_since=rollout.clock.now()))
    rollout.knob.apply(rollout.order(record))
    Approvals(journal=rollout.journal, listeners=(), clock=rollout.clock).roll_back(record.id, "ada")
    rollout.journal.pause("deploy", rollout.clock.now(), freeze=True)
    assert advance(rollout) is not None
    assert rollout.knob.live == [12]
    rollout.journal.resume()
    assert advance(rollout) is None
    assert rollout.knob.live == [5]
