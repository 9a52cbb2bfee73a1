"""The settings file while the daemon runs: when it was changed, and what it says then."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from advisor.model.errors import AdvisorError, ConfigurationError
from advisor.settings.reload import Stamp, brought_up_to_date, stamp_of
from advisor.settings.schema import Settings

log = structlog.get_logger()

_STILL_WRITTEN_SECONDS = 2.0
"""A file that was written to so short a time ago may be half of what it will be: editors empty it first."""


class SettingsFile:
    """Read again when it has another stamp than when it was read last, or when somebody asks."""

    def __init__(self, path: Path | None, read: Callable[[], Settings]) -> None:
        """path: None where there is none; then only somebody's asking counts. read: raises ConfigurationError."""
        self._path = path
        self._read = read
        self._stamp = stamp_of(path) if path is not None else {}
        self._seen = self._stamp
        self._asked = threading.Event()

    def ask(self) -> None:
        """Have it read again, changed or not. Safe in a signal handler."""
        self._asked.set()

    def is_due(self) -> bool:
        """Whether it should be read again. One that is not there, or is still written to, is waited for."""
        stamp = stamp_of(self._path) if self._path is not None else {}
        is_settled, self._seen = stamp == self._seen or _is_old(stamp), stamp
        return self._asked.is_set() or (bool(stamp) and stamp != self._stamp and is_settled)

    def reread(self, former: Settings) -> Settings | None:
        """`former` brought up to date; None, and the reason in the log, where the file is wrong: `former` stays."""
        self._asked.clear()
        if self._path is not None:
            self._stamp = stamp_of(self._path)
        try:
            if self._stamp.get("size") == 0:
                raise ConfigurationError("is empty", where=str(self._path), fix="write `{}` to have every default")
            current, waiting = brought_up_to_date(former, self._read())
        except AdvisorError as error:
            log.error("settings_refused", error=str(error), fix="the former settings stay in force")
            return None
        if waiting:
            log.warning("settings_need_restart", keys=", ".join(waiting), fix="restart the advisor for these")
        log.info("settings_reloaded", mode=current.mode, changed=current != former)
        return current


def _is_old(stamp: Stamp) -> bool:
    return time.time() - stamp.get("changed", 0) / 1e9 >= _STILL_WRITTEN_SECONDS
