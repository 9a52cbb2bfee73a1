"""What every knob promises the engine: on the double, on real agents around two kinds of board, on two Postgres."""

from typing import Any

import pytest

from advisor.model.errors import KnobError, StaleEpochError
from advisor.model.knob import KnobState
from tests.contract.knobs.benches import INSTANCES


def kind(bench: Any, **order: Any) -> KnobState:
    status = bench.knob.inspect(bench.wanted.order(**order))
    assert status.detail, "a status says why"
    return status.kind


def test_what_nobody_touched_is_old(bench: Any) -> None:
    before = bench.live()
    assert kind(bench) is KnobState.OLD
    assert bench.live() == before, "a look changes nothing"


def test_an_applied_value_is_new_once_it_is_shown(bench: Any) -> None:
    before = bench.live()
    bench.knob.apply(bench.wanted.order())
    bench.show()
    assert kind(bench) is KnobState.NEW
    assert bench.live() != before


def test_applying_twice_is_applying_once(bench: Any) -> None:
    bench.knob.apply(bench.wanted.order())
    bench.show()
    once = bench.live()
    bench.knob.apply(bench.wanted.order())
    bench.show()
    assert bench.live() == once
    assert kind(bench) is KnobState.NEW


def test_a_write_whose_acknowledgement_was_lost_is_adopted_by_the_next_daemon(bench: Any) -> None:
    bench.knob.apply(bench.wanted.order(epoch=1))
    bench.show()
    order = bench.wanted.order(epoch=2)
    knob = bench.restarted()
    assert knob.inspect(order).kind is KnobState.NEW
    knob.renew(order)
    knob.apply(order)
    bench.show()
    assert knob.inspect(order).kind is KnobState.NEW


def test_restoring_puts_the_old_value_back_and_twice_is_once(bench: Any) -> None:
    before = bench.live()
    bench.knob.apply(bench.wanted.order())
    bench.show()
    for _ in range(2):
        bench.knob.restore(bench.wanted.order())
        bench.show()
        assert bench.live() == before
        assert kind(bench) is KnobState.OLD


def test_restoring_what_was_never_applied_changes_nothing(bench: Any) -> None:
    before = bench.live()
    bench.knob.restore(bench.wanted.order())
    bench.show()
    assert bench.live() == before
    assert kind(bench) is KnobState.OLD


def test_a_second_change_may_follow_the_first_one_that_was_rolled_back(bench: Any) -> None:
    bench.knob.apply(bench.wanted.order("chg_a"))
    bench.show()
    bench.knob.restore(bench.wanted.order("chg_a"))
    bench.show()
    bench.knob.apply(bench.wanted.order("chg_b", epoch=2))
    bench.show()
    assert kind(bench, change="chg_b", epoch=2) is KnobState.NEW
    assert kind(bench, change="chg_a") is KnobState.FOREIGN


def test_somebody_elses_value_is_foreign_and_never_overwritten(bench: Any) -> None:
    bench.somebody_else_writes()
    foreign = bench.live()
    assert kind(bench) is KnobState.FOREIGN
    with pytest.raises(KnobError):
        bench.knob.apply(bench.wanted.order())
    bench.knob.restore(bench.wanted.order())
    bench.show()
    assert bench.live() == foreign


def test_a_value_moved_during_the_trial_is_left_alone(bench: Any) -> None:
    bench.knob.apply(bench.wanted.order())
    bench.show()
    bench.somebody_else_writes()
    foreign = bench.live()
    assert kind(bench) is KnobState.FOREIGN
    with pytest.raises(KnobError):
        bench.knob.renew(bench.wanted.order())
    bench.knob.restore(bench.wanted.order())
    bench.show()
    assert bench.live() == foreign


@pytest.mark.parametrize("call", ["apply", "restore", "renew"])
def test_a_leader_whose_term_is_over_can_write_nothing(bench: Any, call: str) -> None:
    bench.knob.apply(bench.wanted.order(epoch=7))
    bench.show()
    live = bench.live()
    with pytest.raises(StaleEpochError, match="7"):
        getattr(bench.knob, call)(bench.wanted.order(epoch=6))
    bench.show()
    assert bench.live() == live


def test_a_leader_who_wakes_to_the_next_ones_change_learns_that_its_term_is_over(bench: Any) -> None:
    """Not merely that the value is somebody else's: it must stop altogether."""
    bench.knob.apply(bench.wanted.order("chg_b", epoch=9))
    bench.show()
    live = bench.live()
    for write in (bench.knob.apply, bench.knob.restore, bench.knob.renew):
        with pytest.raises(StaleEpochError):
            write(bench.wanted.order("chg_a", epoch=1))
    bench.show()
    assert bench.live() == live


def test_a_term_that_only_confirmed_shuts_the_one_before_it_out(bench: Any) -> None:
    bench.knob.apply(bench.wanted.order(epoch=1))
    bench.show()
    bench.knob.renew(bench.wanted.order(epoch=2))
    with pytest.raises(StaleEpochError):
        bench.knob.restore(bench.wanted.order(epoch=1))
    bench.show()
    assert kind(bench, epoch=2) is KnobState.NEW


def test_a_value_that_was_written_but_is_not_shown_is_pending(instanced: Any) -> None:
    instanced.knob.apply(instanced.wanted.order())
    assert kind(instanced) is KnobState.PENDING
    instanced.show()
    instanced.knob.restore(instanced.wanted.order())
    assert kind(instanced) is KnobState.PENDING


def test_a_value_on_some_instances_only_is_partial_and_goes_back_everywhere(instanced: Any) -> None:
    before = instanced.live()
    instanced.knob.apply(instanced.wanted.order())
    instanced.show(instances=2)
    assert instanced.live() == [12, 12, 5]
    assert kind(instanced) is KnobState.PARTIAL
    instanced.knob.restore(instanced.wanted.order())
    instanced.show()
    assert instanced.live() == before
    assert kind(instanced) is KnobState.OLD


def test_a_value_nobody_renews_falls_back_by_itself(instanced: Any) -> None:
    soon = instanced.soon()
    order = instanced.wanted.order(hold_until=soon)
    instanced.knob.apply(order)
    instanced.show()
    assert kind(instanced) is KnobState.NEW
    instanced.wait_for(soon)
    assert instanced.knob.inspect(order).kind in (KnobState.PENDING, KnobState.LAPSED)
    instanced.show()
    assert instanced.live() == [5] * INSTANCES
    assert kind(instanced) is KnobState.LAPSED
    with pytest.raises(KnobError):
        instanced.knob.renew(order)
    instanced.knob.restore(order)
    instanced.show()
    assert kind(instanced) is KnobState.OLD


def test_a_confirmed_value_outlives_its_deadline(instanced: Any) -> None:
    soon = instanced.soon()
    instanced.knob.apply(instanced.wanted.order(hold_until=soon))
    instanced.show()
    instanced.knob.renew(instanced.wanted.order())
    instanced.wait_for(soon)
    instanced.show()
    assert instanced.live() == [12] * INSTANCES
    assert kind(instanced) is KnobState.NEW
