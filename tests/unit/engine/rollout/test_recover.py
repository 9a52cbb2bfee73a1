"""What a daemon finds after a crash decides how it goes on; each state against each status."""

import pytest

from advisor.engine.rollout.recover import reconcile
from advisor.model.change import Event, State
from advisor.model.knob import KnobState, KnobStatus

A, T, R = State.APPLYING, State.TRIAL, State.ROLLING_BACK
OLD, NEW, FOREIGN = KnobState.OLD, KnobState.NEW, KnobState.FOREIGN
PARTIAL, PENDING, UNKNOWN, LAPSED, REMAINS = (
    KnobState.PARTIAL,
    KnobState.PENDING,
    KnobState.UNKNOWN,
    KnobState.LAPSED,
    KnobState.REMAINS,
)

IN_TIME = [
    (A, NEW, Event.APPLIED),  # killed after the write: adopted
    (A, OLD, Event.NOT_APPLIED),  # killed before the write: not applied, never blindly repeated
    (A, LAPSED, Event.ROLL_BACK_BEGUN),
    (A, REMAINS, Event.ROLL_BACK_BEGUN),  # an index whose build was cut short
    (A, PARTIAL, None),
    (A, PENDING, None),
    (A, UNKNOWN, None),
    (A, FOREIGN, Event.SUPERSEDED),
    (T, NEW, None),
    (T, OLD, Event.SUPERSEDED),  # somebody put it back by hand
    (T, LAPSED, Event.ROLL_BACK_BEGUN),  # the dead man's switch went off while nobody was there
    (T, REMAINS, Event.ROLL_BACK_BEGUN),
    (T, PARTIAL, None),
    (T, PENDING, None),
    (T, UNKNOWN, None),
    (T, FOREIGN, Event.SUPERSEDED),
    (R, OLD, Event.RESTORED),
    (R, LAPSED, Event.RESTORED),
    (R, REMAINS, None),  # it costs writes until it is gone
    (R, NEW, None),
    (R, PARTIAL, None),
    (R, PENDING, None),
    (R, UNKNOWN, None),
    (R, FOREIGN, Event.SUPERSEDED),
]


@pytest.mark.parametrize(("state", "kind", "event"), IN_TIME)
def test_what_is_live_decides(state: State, kind: KnobState, event: Event | None) -> None:
    step = reconcile(state, KnobStatus(kind=kind, live=7, detail="seen"), overdue=False)
    assert (step.event if step else None) is event


def test_the_table_above_is_complete() -> None:
    assert {(state, kind) for state, kind, _ in IN_TIME} == {(s, k) for s in (A, T, R) for k in KnobState}


@pytest.mark.parametrize("kind", [PARTIAL, PENDING, UNKNOWN])
def test_a_value_not_in_force_everywhere_in_time_goes_back(kind: KnobState) -> None:
    step = reconcile(A, KnobStatus(kind=kind), overdue=True)
    assert step is not None
    assert step.event is Event.ROLL_BACK_BEGUN


@pytest.mark.parametrize("kind", [NEW, PARTIAL, PENDING, REMAINS, UNKNOWN])
def test_a_roll_back_that_does_not_come_through_calls_a_person(kind: KnobState) -> None:
    step = reconcile(R, KnobStatus(kind=kind), overdue=True)
    assert step is not None
    assert step.event is Event.RESTORE_FAILED


def test_what_was_done_once_has_nothing_to_put_back() -> None:
    step = reconcile(R, KnobStatus(kind=NEW, is_one_way=True, detail="done at noon"), overdue=False)
    assert step is not None
    assert step.event is Event.RESTORED
    assert "nothing to put back" in step.reason


@pytest.mark.parametrize("state", sorted(set(State) - {A, T, R}))
def test_other_states_have_nothing_to_reconcile(state: State) -> None:
    assert reconcile(state, KnobStatus(kind=NEW), overdue=True) is None
