"""A knob in memory that keeps every promise of the port, and breaks on command."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from advisor.model.cohort import EVERYBODY, Instance, in_cohort
from advisor.model.errors import AdvisorError, KnobError, StaleEpochError
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, KnobStatus, Order

Call = Literal["inspect", "apply", "restore", "renew"]


class Crash(BaseException):
    """The process was killed here: nothing in the code under test may catch it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Raise `error` in a call, before or after its effect. when: only with orders like these."""

    call: Call
    error: BaseException
    after_effect: bool = False
    when: Callable[[Order], bool] = lambda order: True


class FakeKnob:
    """One setting of some instances.

    `live` is what each instance has, `owner` the change whose word it is ("" nobody's, as at the start).
    """

    def __init__(self, live: KnobValue, *, instances: int = 1, now: Callable[[], datetime] | None = None) -> None:
        """now: the clock of the dead man's switch; without one it never fires."""
        self.live: list[KnobValue] = [live] * instances
        self.names = [f"shop-{number}" for number in range(instances)]
        self.cohort = EVERYBODY
        """The share of the instances that the last write was for."""
        self.owner = ""
        self.epoch = 0
        self.expires_at: datetime | None = None
        self.calls: list[tuple[Call, Order]] = []
        self.unreadable = ""
        """Set to a reason: inspect answers UNKNOWN until it is "" again."""
        self.busy = ""
        """Set to a reason: no moment to write, until it is "" again."""
        self.is_slow = False
        """While true, a write is accepted and no instance shows it; `settle` lets them."""
        self.takers = instances
        """How many instances take a new value; fewer than all make it PARTIAL."""
        self.unlisted: AdvisorError | None = None
        """Set: why nobody can tell which instances there are."""
        self.has_lapsed = False
        """Whether the dead man's switch has fired since the last write."""
        self._wanted: KnobValue = live
        self._previous: KnobValue = live
        self._now = now
        self._faults: deque[Fault] = deque()

    # What a test does to it

    def fail(
        self,
        call: Call,
        error: BaseException,
        *,
        times: int = 1,
        after_effect: bool = False,
        when: Callable[[Order], bool] = lambda order: True,
    ) -> None:
        """The next `times` calls of this kind raise `error`; with `after_effect` the write has happened by then."""
        fault = Fault(call=call, error=error, after_effect=after_effect, when=when)
        self._faults.extend(fault for _ in range(times))

    def crash(self, call: Call, *, after_effect: bool = False) -> None:
        """The process dies in the next such call."""
        self.fail(call, Crash(call), after_effect=after_effect)

    def move_by_hand(self, value: KnobValue) -> None:
        """Somebody else sets the value everywhere."""
        self.live = [value] * len(self.live)
        self.owner, self.expires_at, self._wanted, self._previous = "somebody else", None, value, value
        self.has_lapsed = False

    def settle(self) -> None:
        """Every instance that takes values, and is in the cohort, shows what was last written."""
        for number, name in enumerate(self.names[: self.takers]):
            self.live[number] = self._wanted if in_cohort(name, self.cohort) else self._previous

    def forget_faults(self) -> None:
        """From now on every call does as it is told."""
        self._faults.clear()

    def look(self) -> list[KnobValue]:
        """What every instance has now, once a switch that is due has fired."""
        self._fire_switch()
        return list(self.live)

    def written(self) -> list[Call]:
        """The calls that asked for a write, in order."""
        return [call for call, _ in self.calls if call != "inspect"]

    # The port

    def inspect(self, order: Order) -> KnobStatus:
        self.calls.append(("inspect", order))
        self._raise("inspect", order, after_effect=False)
        if self.unreadable:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=self.unreadable)
        self._fire_switch()
        status = self._stand(order)
        return replace(status, not_now=self.busy) if status.kind is KnobState.OLD else status

    def apply(self, order: Order) -> None:
        with_effect = self._begin("apply", order)
        if self._is_foreign(order):
            raise KnobError(f"somebody else set this knob to {self._wanted}", where=str(order.target))
        self._write(order, order.new, order.hold_until)
        with_effect()

    def restore(self, order: Order) -> None:
        with_effect = self._begin("restore", order)
        if self.owner == order.change_id:
            self._write(order, order.old, None)
            self._previous = order.old
        with_effect()

    def renew(self, order: Order) -> None:
        with_effect = self._begin("renew", order)
        if self.owner != order.change_id or self._wanted != order.new:
            raise KnobError("the value is not ours to hold", where=str(order.target))
        self.epoch, self.expires_at = order.epoch, order.hold_until
        if self.cohort != order.cohort:
            self.cohort = order.cohort
            if not self.is_slow:
                self.settle()
        with_effect()

    def instances(self, order: Order) -> Sequence[Instance]:
        """Implements Fleet: each instance is a service of its own."""
        if self.unlisted is not None:
            raise self.unlisted
        return [Instance(name=name, scraped=f"{name}:80") for name in self.names]

    # How it works

    def _begin(self, call: Call, order: Order) -> Callable[[], None]:
        self.calls.append((call, order))
        self._raise(call, order, after_effect=False)
        self._fire_switch()
        if order.epoch < self.epoch:
            raise StaleEpochError(f"term {self.epoch} has written since", where=str(order.target))
        return lambda: self._raise(call, order, after_effect=True)

    def _raise(self, call: Call, order: Order, *, after_effect: bool) -> None:
        for fault in self._faults:
            if fault.call == call and fault.after_effect == after_effect and fault.when(order):
                self._faults.remove(fault)
                raise fault.error

    def _write(self, order: Order, value: KnobValue, expires_at: datetime | None) -> None:
        self.owner, self.epoch, self.expires_at = order.change_id, order.epoch, expires_at
        self.cohort = order.cohort if value == order.new else EVERYBODY
        self._wanted, self._previous, self.has_lapsed = value, order.old, False
        if not self.is_slow:
            self.settle()

    def _fire_switch(self) -> None:
        if self._now is not None and self.expires_at is not None and self._now() >= self.expires_at:
            self.live = [self._previous] * len(self.live)
            self._wanted, self.expires_at = self._previous, None
            self.has_lapsed = True

    def _is_foreign(self, order: Order) -> bool:
        return self.owner != order.change_id and self._wanted != order.old

    def _stand(self, order: Order) -> KnobStatus:
        total, new, old = len(self.live), self.live.count(order.new), self.live.count(order.old)
        wanted = [order.new if in_cohort(name, order.cohort) else order.old for name in self.names]
        as_ordered = self.live == wanted and new > 0
        kind = self._kind(order, all_new=as_ordered, all_old=old == total, none_known=new + old == 0)
        live = None if kind is KnobState.PARTIAL else self.live[0]
        return KnobStatus(kind=kind, live=live, detail=f"{new} of {total} instances show the new value")

    def _kind(self, order: Order, *, all_new: bool, all_old: bool, none_known: bool) -> KnobState:
        if self._is_foreign(order) or none_known:
            return KnobState.FOREIGN
        if self.owner != order.change_id:
            return KnobState.OLD if all_old else KnobState.FOREIGN
        if not all_new and not all_old:
            return KnobState.PARTIAL
        if self.has_lapsed:
            return KnobState.LAPSED if all_old else KnobState.PENDING
        if self._wanted == order.new:
            return KnobState.NEW if all_new else KnobState.PENDING
        return KnobState.OLD if all_old else KnobState.PENDING
