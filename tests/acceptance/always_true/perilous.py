"""Ports that may kill the process at any call, and a knob that holds the engine to its promises at every write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.model.change import State
from advisor.model.cohort import EVERYBODY, Instance
from advisor.model.knob import KnobStatus, Order
from advisor.testing.journal import InMemoryJournal
from advisor.testing.knob import Crash, FakeKnob


@dataclass(slots=True)
class Fuse:
    """Burns at the `calls_left`-th call from now, before or after its effect; never while it is None."""

    calls_left: int | None = None
    after_effect: bool = False

    def around(self, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        burns = False
        if self.calls_left is not None:
            self.calls_left -= 1
            burns = self.calls_left <= 0
        if burns:
            self.calls_left = None
        if burns and not self.after_effect:
            raise Crash("before")
        result = work(*given, **named)
        if burns:
            raise Crash("after")
        return result


class Perilous:
    """Any port, every call of which may be the process's last."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return (lambda *given, **named: self._fuse.around(found, *given, **named)) if callable(found) else found


_HELD_IN = (State.APPLYING, State.TRIAL)
_RESTORED_IN = (State.ROLLING_BACK, State.ROLLED_BACK, State.FAILED, State.SWITCHED_BACK)


class WatchedKnob:
    """Checks, at every write that is asked for, what must always be true."""

    def __init__(self, knob: FakeKnob, journal: InMemoryJournal) -> None:
        self._knob = knob
        self._journal = journal

    def inspect(self, order: Order) -> KnobStatus:
        return self._knob.inspect(order)

    def apply(self, order: Order) -> None:
        self._check(order, (State.APPLYING,))
        assert self._journal.paused() is None, "nothing new is written in a pause"
        record = self._journal.find(order.change_id)
        assert record is not None
        assert record.approved_by, "never an apply without the approval that policy asks for"
        self._check_stage(order)
        assert len(order.cohorts) == 1, "a canary begins with its first stage"
        self._knob.apply(order)

    def renew(self, order: Order) -> None:
        self._check(order, _HELD_IN)
        self._check_stage(order)
        if order.hold_until is None:
            record = self._journal.find(order.change_id)
            assert record is not None
            assert record.verdict is not None, "a decision needs data"
            assert record.verdict.outcome == "keep"
        self._knob.renew(order)

    def restore(self, order: Order) -> None:
        self._check(order, _RESTORED_IN)
        self._check_taking_back(order)
        before = (list(self._knob.live), self._knob.owner)
        try:
            self._knob.restore(order)
        finally:
            if before[1] not in ("", order.change_id):
                assert self._knob.live == before[0], "somebody else's value is never overwritten"

    def instances(self, order: Order) -> Sequence[Instance]:
        return self._knob.instances(order)

    def _check_stage(self, order: Order) -> None:
        """A canary grows by one stage at a time, each of which was journalled, and proven by the one before."""
        record = self._journal.find(order.change_id)
        assert record is not None
        assert order.cohorts == (record.stage.cohorts if record.stage else (EVERYBODY,)), "as it was journalled"
        if len(order.cohorts) > 1:
            assert record.stage is not None
            assert record.stage.proof is not None, "no wider cohort without a proof"
            assert record.stage.proof.outcome == "keep"

    def _check_taking_back(self, order: Order) -> None:
        """What was kept goes back on the judge's word or a person's, and on no other."""
        record = self._journal.find(order.change_id)
        assert record is not None
        if State.KEPT in (phase.state for phase in record.phases) and record.state is State.ROLLING_BACK:
            assert record.probation is not None
            assert record.last_verdict is not None
            assert record.last_verdict.outcome == "roll_back"
            assert not record.is_on_probation

    def _check(self, order: Order, states: tuple[State, ...]) -> None:
        assert not self._journal.down, "no journal, no change"
        pause = self._journal.paused()
        assert pause is None or not pause.freeze, "a freeze holds back every write"
        assert order.epoch == self._journal.current_epoch(), "who is out of harness writes nothing"
        record = self._journal.find(order.change_id)
        assert record is not None, "every write is journalled before it happens"
        assert record.state in states, f"{record.state} is no state to write this in"
        assert (record.proposal.current, record.proposal.proposed) == (order.old, order.new)
        assert record.epoch <= order.epoch
