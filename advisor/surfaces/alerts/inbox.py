"""Where alerts wait: bounded, each task once, written down before the sender is told that it was taken."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from advisor.model.alert import Alert, AlertGroup, Sender
from advisor.model.errors import JournalError, TransientError
from advisor.ports.clock import Clock
from advisor.ports.notebook import Notebook
from advisor.surfaces.alerts.deduplication import REMEMBERED, AnsweredAlerts, SeenAlerts
from advisor.surfaces.alerts.matching import Kind, Task
from advisor.surfaces.alerts.pending import Pending, from_text, to_text, without_secrets
from advisor.surfaces.views.alert import AlertReceipt, RefusedAlertView

log = structlog.get_logger()

SURFACE = "alerts"
_WAITING = "waiting/"
_PAST_THE_BOUND = 10
"""So many times the bound for a sender that will not come again; more tasks at once are no outage but an attack."""
_NAMED = 20
_NAMES_REMEMBERED = 1_000


class InboxFullError(TransientError):
    """So many different things wait to be looked at that one more cannot; the sender is to come again."""


@dataclass(slots=True)
class _Slot:
    """ready: it was tried to write it down. written: the notebook has it, so that another may have answered it.

    keys: of all its alerts, of which `pending` shows the first few.
    """

    pending: Pending
    ready: bool = False
    written: bool = False
    keys: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Inbox:
    """Taken from by HTTP's threads, emptied by one worker.

    size: tasks that wait at most. counted: told of each outcome, by sender, and how many. still_without_data: told of
    each task whose alert was sent again, as its sender does for as long as that has no data.
    """

    def __init__(
        self,
        *,
        task_of: Callable[[Alert], Task],
        size: int,
        notebook: Notebook,
        clock: Clock,
        counted: Callable[[str, str, int], None],
        still_without_data: Callable[[Task], None],
    ) -> None:
        self._task_of = task_of
        self._size = size
        self._notebook = notebook
        self._clock = clock
        self._counted = counted
        self._still_without_data = still_without_data
        self._answered = AnsweredAlerts(notebook)
        self._in_hand: dict[Task, deque[str]] = {}
        self._owed: set[str] = set()
        self._seen = SeenAlerts()
        self._told = SeenAlerts(_NAMES_REMEMBERED)
        self._waiting: dict[Task, _Slot] = {}
        self._is_closing = False
        self._changed = threading.Condition()

    def take(self, group: AlertGroup) -> AlertReceipt:
        """Queue what is new in `group`.

        Raises InboxFullError when something did not fit; what did is queued, and a duplicate when it comes again.
        """
        tasks = [(alert, self._task_of(alert)) for alert in group.alerts]
        outcomes: Counter[str] = Counter(refused=len(group.refused))
        room = self._size * (_PAST_THE_BOUND if group.sender is Sender.GRAFANA else 1)
        begun: list[Pending] = []
        again: dict[Task, None] = {}
        with self._changed:
            for alert, task in tasks:
                outcome = self._put(alert, task, group.not_sent, room, begun)
                outcomes[outcome] += 1
                if outcome == "duplicate" and task.kind is Kind.NO_DATA:
                    again[task] = None
        for pending in begun:
            self._write_down(pending)
        for task in again:
            self._still_without_data(task)
        self._report(group, outcomes, tasks)
        if outcomes["full"]:
            what = f"{self._size} looks wait; {outcomes['full']} of {len(group.alerts)} alerts did not fit"
            raise InboxFullError(what, where="alerts.queue_size", fix="send the group again")
        return AlertReceipt(
            queued=outcomes["queued"],
            resolved=outcomes["resolved"],
            duplicates=outcomes["duplicate"],
            unmatched=outcomes["unmatched"],
            own=outcomes["own"],
            refused=tuple(RefusedAlertView(index=one.index, reason=one.reason) for one in group.refused[:_NAMED]),
            more_refused=max(0, len(group.refused) - _NAMED),
            not_sent=group.not_sent,
        )

    def waiting(self) -> int:
        """How many different things wait."""
        return len(self._waiting)

    def wait(self, seconds: float) -> bool:
        """Whether something waits, now or within `seconds`; False at once when it is closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or self._first() is not None, seconds)
            return self._first() is not None and not self._is_closing

    def close(self) -> None:
        """Whoever waits need not wait any longer; what is taken from now on is for the next start."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()

    def next(self) -> Pending | None:
        """The one that has waited longest, which is still written down until it is `done`; None when nothing waits."""
        with self._changed:
            first = self._first()
            if first is None:
                return None
            slot = self._waiting.pop(first)
            self._in_hand[first] = slot.keys
            return slot.pending

    def done(self, pending: Pending) -> None:
        """It was answered, and need not be when it is repeated; what has come for the same task since waits on."""
        with self._changed:
            keys = self._in_hand.pop(pending.task, deque())
        try:
            self._answered.add(keys)
        except JournalError as error:
            log.warning("alerts_not_remembered", error=str(error))
        self._drop(_key(pending))
        with self._changed:
            came = self._waiting.get(pending.task)
        if came is not None:
            self._write_down(came.pending)  # its note had the same key

    def forget(self, pending: Pending) -> None:
        """It could not be looked at: when its sender repeats it, it is new."""
        with self._changed:
            for key in (*self._in_hand.pop(pending.task, ()), *(alert.key for alert in pending.alerts)):
                self._seen.forget(key)

    def sync(self) -> None:
        """Take up what another process, or this one before its restart, wrote down; drop what another has answered."""
        with self._changed:
            before = [task for task, slot in self._waiting.items() if slot.written]
        for key in tuple(self._owed):
            self._drop(key)
        try:
            entries = self._notebook.entries(SURFACE, _WAITING)
            answered = set(self._answered.keys())
        except JournalError as error:
            log.warning("alerts_unreadable", error=str(error))
            return
        with self._changed:
            for key in answered:
                self._seen.add(key)
            self._drop_answered(before, {key for key, _ in entries}, answered)
            known = {_key(slot.pending) for slot in self._waiting.values()} | self._owed
            for key, text in entries:
                if key not in known and (pending := from_text(text)) is not None:
                    slot = _Slot(pending=pending, ready=True, written=True)
                    self._waiting[pending.task] = slot
                    for alert in pending.alerts:
                        self._remember(alert, slot)

    def _drop_answered(self, before: Iterable[Task], written: set[str], answered: set[str]) -> None:
        """Those that are no longer written down. Where the look of another failed, its alerts are new again."""
        for task in before:
            slot = self._waiting.get(task)
            if slot is not None and _key(slot.pending) not in written:
                del self._waiting[task]
                if answered.isdisjoint(slot.keys):
                    for key in slot.keys:
                        self._seen.forget(key)

    def _drop(self, key: str) -> None:
        """Where that fails it is owed: until then it must not be taken for something that waits."""
        try:
            self._notebook.drop(SURFACE, key)
            self._owed.discard(key)
        except JournalError as error:
            self._owed.add(key)
            log.warning("alert_not_forgotten", error=str(error))

    def _put(self, alert: Alert, task: Task, not_sent: int, room: int, begun: list[Pending]) -> str:
        """How it went with one alert; what did not fit is not remembered, so that it can come again."""
        if alert.key in self._seen:
            return "duplicate"
        slot = None
        if task.kind is not Kind.UNMATCHED:
            slot = self._waiting.get(task)
            if slot is not None:
                slot.pending = slot.pending.with_one_more(alert, not_sent)
            elif len(self._waiting) >= room:
                return "full"
            else:
                shown = (without_secrets(alert),)
                first = Pending(task=task, alerts=shown, count=1, since=self._clock.now(), not_sent=not_sent)
                slot = self._waiting[task] = _Slot(pending=first)
                begun.append(first)
        self._remember(alert, slot)
        return _OUTCOMES[task.kind]

    def _remember(self, alert: Alert, slot: _Slot | None) -> None:
        """Over a restart only where its start tells it from its next firing."""
        self._seen.add(alert.key)
        self._seen.forget(alert.undoes)
        if slot is not None and not alert.undoes:
            slot.keys.append(alert.key)

    def _first(self) -> Task | None:
        return next((task for task, slot in self._waiting.items() if slot.ready), None)

    def _write_down(self, pending: Pending) -> None:
        """Before anybody takes it out. Where that fails it waits in memory, which is better than to lose it."""
        is_written = False
        try:
            self._notebook.write(SURFACE, _key(pending), to_text(pending))
            self._owed.discard(_key(pending))
            is_written = True
        except JournalError as error:
            log.warning("alert_not_written_down", error=str(error))
        finally:
            with self._changed:
                if (slot := self._waiting.get(pending.task)) is not None:
                    slot.ready, slot.written = True, is_written
                self._changed.notify_all()

    def _report(self, group: AlertGroup, outcomes: Counter[str], tasks: Sequence[tuple[Alert, Task]]) -> None:
        for outcome, count in outcomes.items():
            if count:
                self._counted(group.sender.value, outcome, count)
        if outcomes["full"]:
            log.warning("alerts_not_taken", sender=group.sender.value, count=outcomes["full"], waiting=self.waiting())
        if group.refused:
            first = group.refused[0]
            log.warning("alerts_refused", sender=group.sender.value, count=len(group.refused), reason=first.reason)
        if names := self._not_told_yet(alert.name for alert, task in tasks if task.kind is Kind.UNMATCHED):
            fix = "a label advisor_rule says which rule an alert is about"
            log.info("alerts_not_matched", sender=group.sender.value, names=", ".join(names[:_NAMED]), fix=fix)

    def _not_told_yet(self, names: Iterable[str]) -> list[str]:
        """Each name is told once: what nobody is about may fire for days."""
        with self._changed:
            found = [name for name in dict.fromkeys(names) if name not in self._told]
            for name in found:
                self._told.add(name)
        return found


def _key(pending: Pending) -> str:
    return _WAITING + pending.id


_OUTCOMES = {
    Kind.LOOK: "queued",
    Kind.NO_DATA: "queued",
    Kind.RESOLVED: "resolved",
    Kind.OWN: "own",
    Kind.UNMATCHED: "unmatched",
}
