"""Applications whose alerts have no data: while that lasts, a trial of theirs reads nothing, and so keeps nothing."""

import threading
from datetime import datetime, timedelta

import structlog
from pydantic import TypeAdapter, ValidationError

from advisor.model.alert import Focus
from advisor.model.errors import JournalError
from advisor.model.signal import SignalKey
from advisor.ports.clock import Clock
from advisor.ports.notebook import Notebook

log = structlog.get_logger()

_SURFACE, _PREFIX = "alerts", "no-data/"
_LONGEST = timedelta(hours=5)
"""Grafana repeats what still fires every four hours by default; what is not repeated has ended unseen."""

_Entry = TypeAdapter(tuple[datetime, tuple[str, ...]])


class SilentApplications:
    """Remembers which alerts have no data, over a restart too. Asked from the walk's thread, told from the worker's."""

    def __init__(self, notebook: Notebook, clock: Clock) -> None:
        self._notebook = notebook
        self._clock = clock
        self._lock = threading.Lock()
        self._silent: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def load(self) -> None:
        """What was known before the restart, or by another replica."""
        try:
            entries = self._notebook.entries(_SURFACE, _PREFIX)
        except JournalError as error:
            log.warning("alerts_unreadable", error=str(error))
            return
        with self._lock:
            self._silent = {}
            for key, text in entries:
                try:
                    self._silent[key.removeprefix(_PREFIX)] = _Entry.validate_json(text)
                except ValidationError:
                    log.warning("alert_entry_unreadable", key=key)

    def begin(self, name: str, focus: Focus) -> None:
        """The rule `name` of theirs has no data for these applications. Without a rule of ours no trial reads it."""
        if not focus.rules:
            return
        entry = (self._clock.now(), focus.applications)
        with self._lock:
            self._silent[_key(name, focus)] = entry
        try:
            self._notebook.write(_SURFACE, _PREFIX + _key(name, focus), _Entry.dump_json(entry).decode())
        except JournalError as error:
            log.warning("alert_not_written_down", error=str(error))

    def end(self, name: str, focus: Focus) -> None:
        """It has data again."""
        with self._lock:
            self._silent.pop(_key(name, focus), None)
        try:
            self._notebook.drop(_SURFACE, _PREFIX + _key(name, focus))
        except JournalError as error:
            log.warning("alert_not_forgotten", error=str(error))

    def problem(self, key: SignalKey) -> str:
        """Why `key` is no evidence now, "" when it is. An alert that names no application is about all of them."""
        app, now = key.label("app"), self._clock.now()
        with self._lock:
            for name, (since, applications) in self._silent.items():
                if now - since < _LONGEST and app and (not applications or app in applications):
                    return f"an alert has had no data since {since:%Y-%m-%d %H:%M}Z: {name.partition('|')[0]}"
        return ""


def _key(name: str, focus: Focus) -> str:
    """A key of the notebook holds 255 characters."""
    return f"{name[:100]}|{'|'.join(focus.applications)[:100]}"
