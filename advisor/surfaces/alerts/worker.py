"""Empties the inbox: one targeted look at a time, at once when an alert comes, and never without a pause in between."""

import threading
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
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self, walk: Walk) -> None:
        """Begin, with what was left when the last process stopped."""
        self._thread = threading.Thread(target=self._run, args=(walk,), name="alerts", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 0.5) -> None:
        """A look that is under way is left to end with the process: it changes nothing, and is begun anew."""
        self._stop.set()
        self.inbox.close()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, walk: Walk) -> None:
        while not self._stop.is_set():
            try:
                self.inbox.sync()
                self.silent.load()
                is_leader = walk.leads()
                if is_leader:
                    self._answer_all(walk)
            except Exception:  # without this thread alerts would be taken, and never answered
                log.exception("alert_round_crashed")
                is_leader = False
            if is_leader:
                self.inbox.wait(_SYNC_SECONDS)
            else:
                self._stop.wait(_SYNC_SECONDS)

    def _answer_all(self, walk: Walk) -> None:
        while not self._stop.is_set() and (pending := self.inbox.next()) is not None:
            answer = self.answer(pending, walk)
            if self._stop.is_set():
                return  # it is still written down
            self._tell(answer)
            if answer.outcome is AnswerOutcome.FAILED:
                self.inbox.forget(pending)
            self.inbox.done(pending)
            if pending.task.kind is Kind.LOOK:
                self._stop.wait(self.pause_seconds)

    def answer(self, pending: Pending, walk: Walk) -> AlertAnswer:
        """What is said to it; whatever fails is an answer too."""
        try:
            return self._answer(pending, walk)
        except AdvisorError as error:
            return answer_to(pending, AnswerOutcome.FAILED, self.clock.now(), str(error))
        except Exception as error:  # a rule or source may be anybody's, and the next alert is not its fault
            if not self._stop.is_set():  # at the end its sources are closed under it
                log.exception("alert_answer_crashed")
            why = f"unexpected {type(error).__name__}; see the log"
            return answer_to(pending, AnswerOutcome.FAILED, self.clock.now(), why)

    def _answer(self, pending: Pending, walk: Walk) -> AlertAnswer:
        """Raises whatever a look or a note raises."""
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
