"""A canary on doubles: some instances first, then all; what happens at each stage, and when the process dies there."""

from contextlib import suppress
from dataclasses import replace
from functools import cache

import pytest

from advisor.engine.cycle import advance
from advisor.model.change import State
from advisor.model.cohort import EVERYBODY
from advisor.model.errors import KnobBusyError, NoCanaryError
from advisor.model.knob import Order, knob_target
from advisor.testing.knob import Call, Crash
from tests.fakes.fleet import Fleet

SHARES = (0.34, 0.67)


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def test_a_third_takes_the_value_first_and_all_follow_once_it_is_proven(fleet: Fleet) -> None:
    """A third of 6 instances are 2; 4 keep the old value beside them."""
    canary = fleet.brought_to(State.TRIAL)
    assert fleet.taken() == 2
    assert canary.stage is not None
    assert (len(canary.stage.taking), len(canary.stage.keeping)) == (2, 4)
    assert "canary: 2 of 6 instances take the value first, 4 keep the old one" in canary.phases[-2].reason
    kept = fleet.until_closed()
    assert (kept.state, fleet.knob.live) == (State.KEPT, [12] * 6)
    assert [phase.state for phase in kept.phases].count(State.TRIAL) == 2
    assert kept.stage is not None
    assert kept.stage.is_last
    assert fleet.knob.expires_at is None


def test_every_stage_of_the_settings_is_gone_through() -> None:
    """0.34 and 0.67 of 6 are 2 and 4."""
    fleet = Fleet(SHARES)
    fleet.choose()
    seen = []
    while fleet.latest().is_open:
        fleet.cycle()
        seen.append(fleet.taken())
    assert list(dict.fromkeys(seen)) == [2, 4, 6]
    assert fleet.latest().state is State.KEPT


def test_harm_in_the_canary_goes_back_and_the_others_never_had_it(fleet: Fleet) -> None:
    fleet.latency = lambda number, at: 0.5 if fleet.value(number) == 12 else 0.2
    fleet.brought_to(State.TRIAL)
    most = 0
    while fleet.latest().is_open:
        fleet.cycle()
        most = max(most, fleet.taken())
    assert (fleet.latest().state, most, fleet.knob.live) == (State.ROLLED_BACK, 2, [5] * 6)


def test_what_time_does_to_all_is_no_gain_of_the_canary(fleet: Fleet) -> None:
    """Waits halve everywhere as the trial begins: before and after would call it the change's doing."""
    began = fleet.brought_to(State.TRIAL).trial_since
    assert began is not None
    fleet.wait = lambda number, at: 0.1 if at < began else 0.05
    back = fleet.until_closed()
    assert (back.state, fleet.knob.live) == (State.ROLLED_BACK, [5] * 6)
    assert State.APPLYING not in [phase.state for phase in back.phases[4:]]


def test_a_value_that_harms_once_all_have_it_goes_back_everywhere(fleet: Fleet) -> None:
    """Six pools of 12 are too much for what lies behind them; two were not."""
    fleet.latency = lambda number, at: 0.5 if fleet.taken() == 6 else 0.2
    back = fleet.brought_to(State.TRIAL)
    back = fleet.until_closed()
    assert (back.state, fleet.knob.live) == (State.ROLLED_BACK, [5] * 6)
    assert back.stage is not None
    assert back.stage.is_last


def test_no_data_once_all_have_it_is_never_kept(fleet: Fleet) -> None:
    while (stage := fleet.latest().stage if fleet.journal.history("default") else None) is None or not stage.is_last:
        fleet.cycle() if fleet.journal.history("default") else fleet.choose()
    fleet.samples.by_instance = None
    assert fleet.until_closed().state is State.ROLLED_BACK


def test_where_the_last_stage_makes_all_anew_all_are_compared_with_all() -> None:
    """New pods have no past of their own, and the old ones' series end: nothing is told by the label `instance`."""
    fleet = Fleet()
    fleet.choose(target=knob_target("k8s.resources", kind="deployment.apps", namespace="shop", name="web"))
    while (stage := fleet.latest().stage) is None or not stage.is_last:
        fleet.cycle()
    assert (stage.taking, stage.keeping) == ((), ())
    fleet.samples.by_instance = None
    assert fleet.until_closed().state is State.KEPT


def test_a_value_that_only_all_can_take_at_once_has_no_canary(fleet: Fleet) -> None:
    fleet.knob.unlisted = NoCanaryError("its autoscaler's target goes with it")
    begun = fleet.brought_to(State.TRIAL)
    assert begun.stage is None
    assert "all instances at once: its autoscaler's target goes with it" in begun.phases[-2].reason


@cache
def cycles_to_promotion() -> int:
    """How many cycles of the trial pass until the next stage is ordered, that one included."""
    fleet = Fleet()
    fleet.brought_to(State.TRIAL)
    count = 0
    while fleet.latest().state is State.TRIAL:
        fleet.cycle()
        count += 1
    return count


def to_all(order: Order) -> bool:
    return order.cohort == EVERYBODY


@pytest.mark.parametrize("later", [-1, 0, 1])
@pytest.mark.parametrize(("call", "after_effect"), [("inspect", False), ("renew", False), ("renew", True)])
def test_a_process_killed_around_a_promotion_is_taken_up_where_it_was(
    call: Call, after_effect: bool, later: int
) -> None:
    """In the first such call of the cycle before it, of its own and of the one after it."""
    fleet = Fleet()
    fleet.brought_to(State.TRIAL)
    for _ in range(cycles_to_promotion() - 1 + later):
        fleet.cycle()
    fleet.knob.fail(call, Crash(call), after_effect=after_effect)
    with suppress(Crash):  # a cycle that finds all as ordered holds nothing
        fleet.cycle()
    assert_it_goes_on(fleet)


@pytest.mark.parametrize(("after_effect", "taken"), [(False, 2), (True, 6)])
def test_a_promotion_that_is_booked_is_finished_whether_it_was_written_or_not(after_effect: bool, taken: int) -> None:
    fleet = Fleet()
    fleet.brought_to(State.TRIAL)
    fleet.knob.fail("renew", Crash(), after_effect=after_effect, when=to_all)
    with pytest.raises(Crash):
        fleet.until_closed()
    assert (fleet.taken(), fleet.latest().state) == (taken, State.APPLYING)
    assert_it_goes_on(fleet)


def assert_it_goes_on(fleet: Fleet) -> None:
    """Another process takes it up; the change is kept by all, in two stages."""
    fleet.knob.forget_faults()
    fleet.rollout = replace(fleet.take_term("b:2"), fleet=fleet.knob)
    kept = fleet.until_closed()
    assert (kept.state, fleet.knob.live) == (State.KEPT, [12] * 6)
    assert [phase.state for phase in kept.phases].count(State.TRIAL) == 2


def test_a_promotion_that_some_instances_do_not_take_goes_back_everywhere(fleet: Fleet) -> None:
    fleet.brought_to(State.TRIAL)
    fleet.knob.is_slow = True
    while fleet.latest().state in (State.TRIAL, State.APPLYING):
        fleet.cycle()
    fleet.knob.is_slow = False
    back = fleet.until_closed()
    assert (back.state, fleet.knob.live) == (State.ROLLED_BACK, [5] * 6)
    assert any("not in force everywhere in time" in phase.reason for phase in back.phases)


def test_the_old_value_put_back_by_somebody_in_a_promotion_is_left_alone(fleet: Fleet) -> None:
    fleet.brought_to(State.TRIAL)
    while fleet.latest().state is State.TRIAL:
        fleet.cycle()
    fleet.knob.move_by_hand(5)
    assert fleet.cycle().state is State.SUPERSEDED


def test_a_promotion_whose_write_fails_is_written_by_the_next_renewal(fleet: Fleet) -> None:
    fleet.brought_to(State.TRIAL)
    fleet.knob.fail("renew", KnobBusyError("no answer"), when=to_all)
    while fleet.latest().state is State.TRIAL:
        fleet.cycle()
    assert fleet.taken() == 2
    assert fleet.until_closed().state is State.KEPT


@pytest.mark.parametrize("alone", ["one instance", "no per-instance series", "policy", "no shares"])
def test_without_two_sides_all_take_the_value_at_once_and_the_change_says_why(alone: str) -> None:
    fleet = Fleet(() if alone == "no shares" else (0.34,))
    if alone == "one instance":
        fleet.knob.names, fleet.knob.live, fleet.knob.takers = ["shop-0"], [5], 1
    if alone == "no per-instance series":
        fleet.samples.by_instance = None
    if alone == "policy":
        off = fleet.rollout.policy.for_knob("db.pool_size").model_copy(update={"canary": False})
        policy = fleet.rollout.policy.model_copy(update={"knobs": {"db.pool_size": off}})
        fleet.rollout = replace(fleet.rollout, policy=policy)
    record = fleet.choose()
    advance(fleet.rollout)
    record = fleet.latest()
    assert (record.state, record.stage, fleet.knob.cohort) == (State.TRIAL, None, 1.0)
    assert "all instances at once:" in record.phases[-2].reason
