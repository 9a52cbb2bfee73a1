"""Notices on their way to each destination: nothing lost over an outage, and nothing told twice on purpose.

What is owed of a change follows from the journal: every phase after the last one told. The rest waits in the notebook.
A look costs one query while nothing has changed, and comes when somebody has moved a change or a cycle has ended.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from advisor.model.alert import AlertAnswer, AnswerOutcome
from advisor.model.change import ChangeRecord
from advisor.model.errors import ConfigurationError, PermanentError, TransientError
from advisor.model.report import Diagnosis
from advisor.ports.clock import Clock
from advisor.ports.journal import Journal
from advisor.ports.notebook import Notebook
from advisor.settings.policy import Mode
from advisor.surfaces.notices.destinations import Destination
from advisor.surfaces.notices.notice import Notice, of_answer, of_change, of_recommendation
from advisor.surfaces.rounds import Rounds

log = structlog.get_logger()

_SURFACE = "notices"
_LATEST = 50
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 5.0, 300.0
_MOST_WAITING = 200
_REMEMBERED = timedelta(days=60)
"""For so long the same recommendation and the same answer are no news."""


@dataclass(slots=True)
class _Road:
    """To one destination, and how well it can be gone.

    told: by change the version of which everything was told. has_queue: whether something may wait in the notebook.
    """

    destination: Destination
    failures: int = 0
    free_at: float = 0.0
    problem: str = ""
    told: dict[str, int] = field(default_factory=dict)
    has_queue: bool = True


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
    _roads: list[_Road] = field(init=False)
    _rounds: Rounds = field(init=False)
    _since: datetime | None = None
    _recommended: str = ""

    def __post_init__(self) -> None:
        self._roads = [_Road(destination) for destination in self.destinations]
        self._rounds = Rounds(self.name, self.round)

    @property
    def problem(self) -> str:
        return "; ".join(road.problem for road in self._roads if road.problem)

    def start(self) -> None:
        self._rounds.start()

    def stop(self) -> None:
        """What was not sent is sent after the next start."""
        self._rounds.stop()

    def change_moved(self, record: ChangeRecord) -> None:
        self._rounds.wake()

    def change_noted(self, record: ChangeRecord) -> None:
        self._rounds.wake()

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        """A recommendation is news once. Raises JournalError."""
        self._rounds.wake()  # another process may have moved a change
        chosen = diagnosis.choice.proposal
        if chosen is None or self.mode is not Mode.PROPOSE or chosen.id == self._recommended:
            return
        self._queue(of_recommendation(chosen, diagnosis.choice.reason, self.clock.now()))
        self._recommended = chosen.id

    def answered(self, answer: AlertAnswer) -> None:
        """Kept until it is sent. Raises JournalError."""
        if answer.outcome is not AnswerOutcome.OWN:
            self._queue(of_answer(answer))

    def day_begins(self) -> None:
        """Programs keep their own accounts, so there is no digest; what is old is forgotten. Raises JournalError."""
        for key, at in self.notebook.entries(_SURFACE, "sent/"):
            if self.clock.now() - datetime.fromisoformat(at) > _REMEMBERED:
                self.notebook.drop(_SURFACE, key)

    def round(self) -> float | None:
        """Send what can be sent now; the seconds until more can be, None while nothing is owed. Raises JournalError."""
        if not self.leads():
            self._roads = [_Road(road.destination) for road in self._roads]  # another one sends, and notes it
            return None
        records = list(reversed(self.journal.history(self.environment, _LATEST)))
        for road in self._roads:
            if road.free_at > self.clock.monotonic():
                continue
            try:
                self._send_changes(road, records)
                self._send_queue(road)
            except TransientError as error:
                self._failed(road, error)
        waits = [road.free_at - self.clock.monotonic() for road in self._roads if road.failures]
        return max(0.0, min(waits)) if waits else None

    def _send_changes(self, road: _Road, records: Sequence[ChangeRecord]) -> None:
        fresh = [record for record in records if road.told.get(record.id) != record.version]
        for record in fresh:
            key = f"told/{road.destination.name}/{record.id}"
            known = self.notebook.read(_SURFACE, key)
            if known is not None or record.settled_at is None or record.settled_at >= self._first_start():
                for number in range(int(known or 0), len(record.phases)):
                    self._send(road, _document(of_change(record, number)))
                    self.notebook.write(_SURFACE, key, str(number + 1))
            road.told[record.id] = record.version
        if fresh:
            road.told = {record.id: record.version for record in records}

    def _send_queue(self, road: _Road) -> None:
        """Noted as sent before it is dropped, so that it is not queued again by whoever comes late."""
        if not road.has_queue:
            return
        road.has_queue = False  # before it is read: what comes meanwhile sets it again
        try:
            self._send_waiting(road)
        except Exception:
            road.has_queue = True
            raise

    def _send_waiting(self, road: _Road) -> None:
        waiting = self.notebook.entries(_SURFACE, f"queue/{road.destination.name}/")
        for key, _ in waiting[: max(0, len(waiting) - _MOST_WAITING)]:
            log.warning("notice_dropped", destination=road.destination.name, notice=key.rpartition("/")[2])
            self.notebook.drop(_SURFACE, key)
        for key, text in waiting[-_MOST_WAITING:]:
            sent = _sent(road, key.rpartition("/")[2])
            if self.notebook.read(_SURFACE, sent) is None:
                self._send(road, json.loads(text))
                self.notebook.write(_SURFACE, sent, self.clock.now().isoformat())
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
            if self.notebook.read(_SURFACE, _sent(road, notice.id)) is None:
                key = f"queue/{road.destination.name}/{notice.id}"
                self.notebook.add(_SURFACE, key, json.dumps(_document(notice)))
                road.has_queue = True
        self._rounds.wake()

    def _first_start(self) -> datetime:
        """What ended before is no news."""
        if self._since is None:
            now = self.clock.now().isoformat()
            self.notebook.add(_SURFACE, "since", now)
            self._since = datetime.fromisoformat(self.notebook.read(_SURFACE, "since") or now)
        return self._since


def _sent(road: _Road, notice_id: str) -> str:
    return f"sent/{road.destination.name}/{notice_id}"


def _document(notice: Notice) -> dict[str, object]:
    """With the facts, for those who show them to people."""
    return {**notice.document(), "facts": [list(fact) for fact in notice.facts]}
