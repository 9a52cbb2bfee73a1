"""Turns a lock into leadership terms: whoever gets the lock takes a new epoch, which shuts all earlier ones out.

The lock only settles who tries; what keeps a leader that was frozen and wakes from doing harm is the epoch, which the
journal checks at every write and the agents at every entry.
"""

import threading

from advisor.engine.rollout.context import log
from advisor.model.errors import AdvisorError
from advisor.model.term import Term
from advisor.ports.journal import Epochs, LeaderLock


class Election:
    """This process's standing. May be asked from several threads."""

    def __init__(self, lock: LeaderLock, epochs: Epochs, holder: str) -> None:
        """holder: what this process calls itself to the others."""
        self._lock = lock
        self._epochs = epochs
        self._holder = holder
        self._term: Term | None = None
        self._holding: int | None = None
        self._turn = threading.Lock()

    @property
    def term(self) -> Term | None:
        """The term this process holds; None while it may not write."""
        return self._term

    def campaign(self) -> Term | None:
        """Try to lead, or confirm the lead. Raises AdvisorError when neither is possible; then the lead is lost."""
        with self._turn:
            try:
                holding = self._lock.hold()
                if holding is None:
                    self._leave("another advisor leads")
                elif self._term is None or holding != self._holding:
                    self._term = Term(epoch=self._epochs.take(self._holder), holder=self._holder)
                    self._holding = holding
                    log.info("leadership_acquired", epoch=self._term.epoch)
            except AdvisorError:
                self._leave("the lock cannot be confirmed")
                raise
            return self._term

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
