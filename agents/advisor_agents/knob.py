"""One setting of the application that can be moved while it runs."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from advisor_agents.bounds import Bounds, Rejection
from advisor_agents.wire import Entry, MalformedEntryError, parse

log = logging.getLogger(__name__)


class RestartNeededError(Exception):
    """The setting cannot be moved in this process; a restart with the new value can."""


class ApplyFailedError(Exception):
    """The setting could not be moved now."""


def in_cohort(instance: str, share: float) -> bool:
    """Whether `instance` is among the `share` (0 to 1) of instances that take a value; stable by its name's hash."""
    digest = hashlib.sha256(instance.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


@dataclass(slots=True, kw_only=True)
class Knob:
    """read gives the live value, apply sets it. Of what it raises, RestartNeededError says that a restart is needed;
    anything else means that the value could not be set now. pool: the one that it moves, "" when it moves none."""

    name: str
    bounds: Bounds
    read: Callable[[], float]
    apply: Callable[[float], None]
    pool: str = ""
    _entry: Entry | None = field(default=None, init=False)
    _former: float | None = field(default=None, init=False)
    _refused: object = field(default=None, init=False)
    _fault: str = field(default="", init=False)

    @property
    def change(self) -> str:
        """The change whose entry is in force; "" when none is."""
        return self._entry.change if self._entry else ""

    def offer(self, raw: str | bytes | None, *, instance: str, now: datetime) -> Rejection | None:
        """Take the board's entry, if it has one, and bring the setting to where it should be at `now`.

        Gives the reason when something was refused, once for the same entry. A missing entry changes nothing, but a
        value whose time has run out falls back all the same: that is the dead man's switch.
        """
        rejection = self._take(raw) if raw is not None else None
        if self._entry is not None:
            rejection = self._settle(self._entry, instance, now) or rejection
        marker = (raw, rejection)
        if rejection is None or marker == self._refused:
            return None
        self._refused = marker
        return rejection

    def _take(self, raw: str | bytes) -> Rejection | None:
        try:
            entry = parse(raw)
        except MalformedEntryError:
            return Rejection.MALFORMED
        if self._entry is not None and entry.epoch < self._entry.epoch:
            return Rejection.STALE_EPOCH
        refused = self.bounds.refuse(entry.value)
        if refused is not None:
            return refused
        self._entry = entry
        return None

    def _settle(self, entry: Entry, instance: str, now: datetime) -> Rejection | None:
        lapsed = entry.expires_at is not None and now >= entry.expires_at
        wanted = entry.previous if lapsed or not in_cohort(instance, entry.cohort) else entry.value
        live = self.read()
        if wanted == live:
            return None
        if wanted != self._former:  # what this process ran with before is always allowed
            refused = self.bounds.refuse(wanted)
            if refused is not None:
                return refused
        if not isinstance(wanted, int | float):
            return Rejection.WRONG_TYPE
        try:
            self.apply(self.bounds.kind(wanted))
        except RestartNeededError:
            return Rejection.RESTART_NEEDED
        except ApplyFailedError:
            return Rejection.APPLY_FAILED
        except Exception as error:
            # An application's own code may raise anything; told once, not at every poll.
            if self._fault != repr(error):
                log.exception("agent_knob_failed: %s to %s", self.name, wanted)
            self._fault = repr(error)
            return Rejection.APPLY_FAILED
        self._former = live
        return None
