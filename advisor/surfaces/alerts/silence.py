"""Applications whose alerts have no data: while that lasts, a trial of theirs reads nothing, and so keeps nothing."""

import hashlib
import threading
from dataclasses import dataclass, replace
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
_MOST = 1_000
_SELDOM = timedelta(minutes=30)
"""What is repeated more often than this is not written down again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Silence:
    """name: of the rule of theirs. heard: when its sender said so last."""

    name: str
    since: datetime
    heard: datetime
    applications: tuple[str, ...]


_SILENCE = TypeAdapter(_Silence)


class SilentApplications:
    """Remembers which alerts have no data, over a restart too.

    Asked from the walk's thread, told from the worker's and from those of HTTP.
    """

    def __init__(self, notebook: Notebook, clock: Clock) -> None:
        self._notebook = notebook
        self._clock = clock
        self._lock = threading.Lock()
        self._silent: dict[str, _Silence] = {}
        self._owed: set[str] = set()

    def load(self) -> None:
        """What was known before the restart, or by another replica; what could not be written down is tried again."""
        for key in tuple(self._owed):
            self._store(key)
        try:
            entries = self._notebook.entries(_SURFACE, _PREFIX)
        except JournalError as error:
            log.warning("alerts_unreadable", error=str(error))
            return
        found = {key.removeprefix(_PREFIX): _silence_in(text) for key, text in entries}
        with self._lock:
            owed = {key: self._silent.get(key) for key in self._owed}
            self._silent = {key: one for key, one in (found | owed).items() if one is not None and self._is_fresh(one)}
            ended = [key for key, one in found.items() if one is not None and key not in self._silent]
        for key in ended:
            self._store(key)

    def begin(self, name: str, focus: Focus) -> None:
        """The rule `name` of theirs has no data for these applications. Without a rule of ours no trial reads it."""
        if not focus.rules:
            return
        key, now = _key(name, focus), self._clock.now()
        with self._lock:
            known = self._silent.get(key)
            since = known.since if known is not None and self._is_fresh(known) else now
            self._silent[key] = _Silence(name=name, since=since, heard=now, applications=focus.applications)
            most_silent = list(self._silent)[:-_MOST]
            for oldest in most_silent:
                del self._silent[oldest]
        for changed in (key, *most_silent):
            self._store(changed)

    def goes_on(self, name: str, focus: Focus) -> None:
        """It was said again."""
        key, now = _key(name, focus), self._clock.now()
        with self._lock:
            known = self._silent.get(key)
            is_news = known is None or now - known.heard > _SELDOM
            if known is not None and is_news:
                self._silent[key] = replace(known, heard=now)
        if known is None:
            self.begin(name, focus)
        elif is_news:
            self._store(key)

    def end(self, name: str, focus: Focus) -> None:
        """It has data again."""
        key = _key(name, focus)
        with self._lock:
            self._silent.pop(key, None)
        self._store(key)

    def problem(self, key: SignalKey) -> str:
        """Why `key` is no evidence now, "" when it is. An alert that names no application is about all of them."""
        app = key.label("app")
        with self._lock:
            for one in self._silent.values():
                if app and (not one.applications or app in one.applications) and self._is_fresh(one):
                    return f"an alert has had no data since {one.since:%Y-%m-%d %H:%M}Z: {one.name}"
        return ""

    def _is_fresh(self, one: _Silence) -> bool:
        return self._clock.now() - one.heard < _LONGEST

    def _store(self, key: str) -> None:
        """Bring the notebook up to what is known here; where that fails it is owed."""
        with self._lock:
            one = self._silent.get(key)
        try:
            if one is not None:
                self._notebook.write(_SURFACE, _PREFIX + key, _SILENCE.dump_json(one).decode())
            else:
                self._notebook.drop(_SURFACE, _PREFIX + key)
            self._owed.discard(key)
        except JournalError as error:
            self._owed.add(key)
            log.warning("alert_not_written_down", error=str(error))


def _silence_in(text: str) -> _Silence | None:
    """None for what another version wrote."""
    try:
        return _SILENCE.validate_json(text)
    except ValidationError:
        return None


def _key(name: str, focus: Focus) -> str:
    """The same for the same rule and applications, in every process."""
    return hashlib.sha256("\0".join((name, *focus.applications)).encode()).hexdigest()[:24]
