"""Notices on their way to each destination: nothing lost over an outage, and nothing told twice on purpose.

What is owed of a change follows from the journal: every phase after the last one told. The rest waits in the notebook.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from advisor.model.alert import AlertAnswer, AnswerOutcome
from advisor.model.change import ChangeRecord
from advisor.model.errors import AdvisorError, ConfigurationError, PermanentError, TransientError
from advisor.model.report import Diagnosis
from advisor.ports.clock import Clock
from advisor.ports.journal import Journal
from advisor.ports.notebook import Notebook
from advisor.settings.policy import Mode
from advisor.surfaces.notices.destinations import Destination
from advisor.surfaces.notices.notice import Notice, of_answer, of_change, of_recommendation

log = structlog.get_logger()

_SURFACE = "notices"
_LATEST = 50
_SLEEP_SECONDS = 5.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 5.0, 300.0
_STOP_SECONDS = 3.0
_MOST_WAITING = 200


@dataclass(slots=True)
class _Road:
    """To one destination, and how well it can be gone."""

    destination: Destination
    failures: int = 0
    free_at: float = 0.0
    problem: str = ""


@dataclass(slots=True, kw_only=True)
class NoticeBoard:
    """Implements Notifier."""

    destinations: Sequence[Destination]
    journal: Journal
    notebook: Notebook
    clock: Clock
    environment: str
    mode: Mode
    leads: Callable[[], bool]
    count: Callable[[str, str], None] = lambda destination, reason: None
    name: str = "notices"
    _roads: list[_Road] = field(default_factory=list)
    _wake: threading.Event = field(default_factory=threading.Event)
    _ends: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._roads = [_Road(destination) for destination in self.destinations]

    @property
    def problem(self) -> str:
        return "; ".join(road.problem for road in self._roads if road.problem)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ends.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=_STOP_SECONDS)

    def change_moved(self, record: ChangeRecord) -> None:
        self._wake.set()

    def change_noted(self, record: ChangeRecord) -> None:
        self._wake.set()

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        """A recommendation is news once."""
        chosen = diagnosis.choice.proposal
        if chosen is None or self.mode is not Mode.PROPOSE:
            return
        now = self.clock.now()
        if self.notebook.add(_SURFACE, f"recommended/{chosen.id}", now.isoformat()):
            self._queue(of_recommendation(chosen, diagnosis.choice.reason, now))

    def answered(self, answer: AlertAnswer) -> None:
        if answer.outcome is not AnswerOutcome.OWN:
            self._queue(of_answer(answer))

    def day_begins(self) -> None:
        """There is no digest here: programs keep their own accounts."""

    def round(self) -> None:
        """Send what can be sent now. Raises JournalError."""
        if not self.leads():
            return
        since = self._first_start()
        records = list(reversed(self.journal.history(self.environment, _LATEST)))
        for road in self._roads:
            if road.free_at > self.clock.monotonic():
                continue
            try:
                self._send_changes(road, records, since)
                self._send_queue(road)
            except TransientError as error:
                self._failed(road, error)

    def _send_changes(self, road: _Road, records: Sequence[ChangeRecord], since: datetime) -> None:
        for record in records:
            key = f"told/{road.destination.name}/{record.id}"
            known = self.notebook.read(_SURFACE, key)
            if known is None and record.settled_at is not None and record.settled_at < since:
                continue
            for number in range(int(known or 0), len(record.phases)):
                self._send(road, _document(of_change(record, number)))
                self.notebook.write(_SURFACE, key, str(number + 1))

    def _send_queue(self, road: _Road) -> None:
        waiting = self.notebook.entries(_SURFACE, f"queue/{road.destination.name}/")
        for key, _ in waiting[: max(0, len(waiting) - _MOST_WAITING)]:
            log.warning("notice_dropped", destination=road.destination.name, notice=key.rpartition("/")[2])
            self.notebook.drop(_SURFACE, key)
        for key, text in waiting[-_MOST_WAITING:]:
            self._send(road, json.loads(text))
            self.notebook.drop(_SURFACE, key)

    def _send(self, road: _Road, document: Mapping[str, Any]) -> None:
        """One that is refused for good is said and left. Raises TransientError."""
        try:
            road.destination.send(str(document["id"]), document)
        except ConfigurationError as error:  # a secret's file that cannot be read now
            raise TransientError(error.what, where=error.where, fix=error.fix) from None
        except PermanentError as error:
            self.count(road.destination.name, "refused")
            log.error("notice_refused", destination=road.destination.name, notice=document["id"], error=str(error))
            road.problem = str(error)
            return
        road.failures, road.problem = 0, ""

    def _failed(self, road: _Road, error: TransientError) -> None:
        self.count(road.destination.name, "failed")
        if str(error) != road.problem:
            log.warning("notice_not_sent", destination=road.destination.name, error=str(error))
        wait = min(_FIRST_WAIT_SECONDS * 2.0 ** min(road.failures, 10), _LONGEST_WAIT_SECONDS)
        road.failures, road.free_at, road.problem = road.failures + 1, self.clock.monotonic() + wait, str(error)

    def _queue(self, notice: Notice) -> None:
        for road in self._roads:
            self.notebook.add(_SURFACE, f"queue/{road.destination.name}/{notice.id}", json.dumps(_document(notice)))
        self._wake.set()

    def _first_start(self) -> datetime:
        """What ended before is no news."""
        now = self.clock.now().isoformat()
        self.notebook.add(_SURFACE, "since", now)
        return datetime.fromisoformat(self.notebook.read(_SURFACE, "since") or now)

    def _run(self) -> None:
        """The boundary at which an error ends a round and not the thread."""
        while not self._ends.is_set():
            try:
                self.round()
            except AdvisorError as error:
                log.warning("notices_round_failed", error=str(error))
            except Exception:
                log.exception("notices_round_crashed")
            self._wake.wait(timeout=_SLEEP_SECONDS)
            self._wake.clear()


def _document(notice: Notice) -> dict[str, object]:
    """With the facts, for those who show them to people."""
    return {**notice.document(), "facts": [list(fact) for fact in notice.facts]}
