"""Empties the inbox: one targeted look at a time, at once when an alert comes, and never without a pause in between."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from advisor.model.alert import AlertAnswer, AnswerOutcome, Focus, TargetedLook
from advisor.model.errors import AdvisorError
from advisor.ports.clock import Clock
from advisor.ports.events import AlertListener
from advisor.surfaces.alerts.answers import answer_to, ending, looked, no_data
from advisor.surfaces.alerts.inbox import Inbox
from advisor.surfaces.alerts.matching import Kind
from advisor.surfaces.alerts.pending import Pending
from advisor.surfaces.alerts.silence import SilentApplications
from advisor.surfaces.rounds import Rounds

log = structlog.get_logger()

_SYNC_SECONDS = 15.0
"""How often it is looked whether another replica has taken or answered something."""


class Walk(Protocol):
    """What the worker asks of the daemon. Each call waits for the cycle that runs, and runs alone."""

    def leads(self) -> bool:
        """Whether this process may act and answer; what waits elsewhere is the leader's."""

    def look(self, focus: Focus) -> TargetedLook:
        """Changes nothing. Raises AdvisorError."""

    def note(self, focus: Focus, reason: str) -> str:
        """The id of the open change that came of `focus` and now has the note; "" for none. Raises JournalError."""


@dataclass(slots=True, kw_only=True)
class AlertWorker:
    """Runs in a thread of its own between start and stop. pause_seconds: from the end of a look to the next."""

    inbox: Inbox
    silent: SilentApplications
    clock: Clock
    listeners: Sequence[AlertListener]
    pause_seconds: float
    _rounds: Rounds | None = field(default=None, init=False)

    def start(self, walk: Walk) -> None:
        """Begin, with what was left when the last process stopped."""
        self._rounds = Rounds("alerts", lambda: self._round(walk))
        self._rounds.start()

    def stop(self, seconds: float = 0.5) -> None:
        """A look that is under way is left to end with the process: it changes nothing, and is begun anew."""
        self.inbox.close()
        if self._rounds is not None:
            self._rounds.stop(seconds)

    def _is_ending(self) -> bool:
        return self._rounds is not None and self._rounds.is_ending

    def _round(self, walk: Walk) -> float:
        self.inbox.sync()
        self.silent.load()
        if not walk.leads():
            return _SYNC_SECONDS
        self._answer_all(walk)
        self.inbox.wait(_SYNC_SECONDS)
        return 0.0

    def _answer_all(self, walk: Walk) -> None:
        while not self._is_ending() and (pending := self.inbox.next()) is not None:
            answer = self.answer(pending, walk)
            if self._is_ending():
                return  # it is still written down
            if answer.outcome is AnswerOutcome.FAILED:
                self.inbox.forget(pending)
            self._tell(answer)
            self.inbox.done(pending)
            if pending.task.kind is Kind.LOOK and self._rounds is not None:
                self._rounds.pause(self.pause_seconds)

    def answer(self, pending: Pending, walk: Walk) -> AlertAnswer:
        """What is said to it. The boundary of one alert: whatever fails is an answer too, and the next one is not its
        fault.
        """
        try:
            return self._answer(pending, walk)
        except AdvisorError as error:
            why = str(error)
        except Exception as error:  # a rule or source may be anybody's
            if not self._is_ending():  # at the end its sources are closed under it
                log.exception("alert_look_crashed")
            why = f"unexpected {type(error).__name__}; see the log"
        return answer_to(pending, AnswerOutcome.FAILED, self.clock.now(), why)

    def _answer(self, pending: Pending, walk: Walk) -> AlertAnswer:
        """Raises AdvisorError, and whatever a look may raise."""
        task, now = pending.task, self.clock.now()
        match task.kind:
            case Kind.LOOK:
                return looked(pending, walk.look(task.focus), self.clock.now())
            case Kind.NO_DATA:
                self.silent.begin(task.name, task.focus)
                return no_data(pending, now)
            case Kind.RESOLVED:
                return self._resolve(pending, walk)
            case Kind.OWN | Kind.UNMATCHED:
                return answer_to(pending, AnswerOutcome.OWN, now, "it is about the advisor itself: no look is begun")

    def _resolve(self, pending: Pending, walk: Walk) -> AlertAnswer:
        task, now, noted = pending.task, self.clock.now(), ""
        if task.name:
            self.silent.end(task.name, task.focus)
        if task.focus.rules:
            try:
                noted = walk.note(task.focus, ending(pending.alerts[0], now))
            except AdvisorError as error:
                log.warning("alert_not_noted", error=str(error))
        return replace(answer_to(pending, AnswerOutcome.RESOLVED, now), change_id=noted)

    def _tell(self, answer: AlertAnswer) -> None:
        for listener in self.listeners:
            try:
                listener.answered(answer)
            except Exception:  # it may be anybody's; the others are told all the same
                log.exception("listener_failed", listener=type(listener).__name__)
