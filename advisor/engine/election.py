"""Turns a lock into leadership terms: whoever gets the lock takes a new epoch, which shuts all earlier ones out.

The lock only settles who tries; what keeps a leader that was frozen and wakes from doing harm is the epoch, which the
journal checks at every write and the agents at every entry. Beside that a term that was not confirmed for the lease is
none, by one's own watch: who hangs at a server that is cut off stops before anybody else can begin.
"""

import threading

from advisor.engine.rollout.context import log
from advisor.model.errors import AdvisorError
from advisor.model.term import Term
from advisor.ports.clock import Clock
from advisor.ports.journal import Epochs, LeaderLock


class Election:
    """This process's standing. May be asked from several threads."""

    def __init__(self, lock: LeaderLock, epochs: Epochs, holder: str, clock: Clock, lease_seconds: float) -> None:
        """holder: what this process calls itself to the others. lease_seconds: silence after which the lock is lost."""
        self._lock = lock
        self._epochs = epochs
        self._holder = holder
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._confirmed_at = clock.monotonic()
        self._term: Term | None = None
        self._holding: int | None = None
        self._turn = threading.Lock()

    @property
    def term(self) -> Term | None:
        """The term this process holds; None while it may not write."""
        silent = self._clock.monotonic() - self._confirmed_at
        return self._term if silent <= self._lease_seconds else None

    def campaign(self) -> Term | None:
        """Try to lead, or confirm the lead. Raises AdvisorError when neither is possible; then the lead is lost."""
        with self._turn:
            asked_at = self._clock.monotonic()  # the others count from when the lock was confirmed, which is later
            try:
                holding = self._lock.hold()
                if holding is None:
                    self._leave("another advisor leads")
                    return None
                self._confirmed_at = asked_at
                if self._term is None or holding != self._holding:
                    self._term = Term(epoch=self._epochs.take(self._holder), holder=self._holder)
                    self._holding = holding
                    log.info("leadership_acquired", epoch=self._term.epoch)
            except AdvisorError:
                self._leave("the lock cannot be confirmed")
                raise
            return self.term

    def depose(self, reason: str) -> None:
        """A write was refused because a newer term has begun: stop at once, and stand again as anybody may."""
        with self._turn:
            self._leave(reason)
            self._lock.release()

    def resign(self) -> None:
        """Let the next one in. Only after the last write has ended."""
        self.depose("stopped")

    def leader(self) -> Term | None:
        """Whose term it is, as the journal knows; None before the first. Raises JournalError."""
        return self._epochs.term()

    def _leave(self, reason: str) -> None:
        if self._term is not None:
            log.warning("leadership_lost", epoch=self._term.epoch, reason=reason)
        self._term = None
