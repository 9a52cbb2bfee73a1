"""Ports that count effects and end or freeze the process at one of them. The code under test knows nothing of it."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from advisor.model.change import ChangeRecord
from advisor.model.knob import KnobStatus, Order


@dataclass(slots=True)
class Fate:
    """Strikes at the first effect called `at`, "before" or "after" it; `met` is what has happened so far."""

    at: str
    when: str
    how: signal.Signals
    met: list[str] = field(default_factory=list)

    def around(self, effect: str, work: Callable[[], Any]) -> Any:
        is_first = effect not in self.met
        self.met.append(effect)
        if is_first and (effect, "before") == (self.at, self.when):
            os.kill(os.getpid(), self.how)
        result = work()
        if is_first and (effect, "after") == (self.at, self.when):
            os.kill(os.getpid(), self.how)
        return result


class MortalJournal:
    """A journal whose writes are effects, named by the state that is written.

    "wider" once a canary is left behind, "again" once the old value was back.
    """

    def __init__(self, journal: Any, fate: Fate) -> None:
        self._journal = journal
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def add(self, record: ChangeRecord) -> ChangeRecord:
        return self._around(f"journal {record.state}", lambda: self._journal.add(record))

    def advance(self, record: ChangeRecord) -> ChangeRecord:
        judged = " judged" if record.state == "trial" and record.verdict is not None else ""
        is_wider = record.state in ("applying", "trial") and record.stage is not None and record.stage.is_last
        wider = " wider" if is_wider else ""
        again = " again" if record.is_switching and record.state != "switched_back" and not judged else ""
        return self._around(f"journal {record.state}{judged}{wider}{again}", lambda: self._journal.advance(record))

    def _around(self, effect: str, work: Callable[[], ChangeRecord]) -> ChangeRecord:
        stored: ChangeRecord = self._fate.around(effect, work)
        return stored


class MortalKnob:
    """A knob whose writes are effects; a renewal for good is called "confirm", one for more than a canary "wider"."""

    def __init__(self, knob: Any, fate: Fate) -> None:
        self._knob = knob
        self._fate = fate

    def inspect(self, order: Order) -> KnobStatus:
        status: KnobStatus = self._knob.inspect(order)
        return status

    def apply(self, order: Order) -> None:
        again = " again" if "apply" in self._fate.met else ""
        self._fate.around(f"apply{again}", lambda: self._knob.apply(order))

    def restore(self, order: Order) -> None:
        self._fate.around("restore", lambda: self._knob.restore(order))

    def renew(self, order: Order) -> None:
        wider = " wider" if len(order.cohorts) > 1 else ""
        effect = f"renew{wider}" if order.hold_until is not None else "confirm"
        self._fate.around(effect, lambda: self._knob.renew(order))
