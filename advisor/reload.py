"""The settings file while the daemon runs: when it was changed, and what it says then."""

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from advisor.model.errors import AdvisorError
from advisor.settings.reload import brought_up_to_date, stamp_of
from advisor.settings.schema import Settings

log = structlog.get_logger()


class SettingsFile:
    """Read again when it has another stamp than when it was read last, or when somebody asks."""

    def __init__(self, path: Path | None, read: Callable[[], Settings]) -> None:
        """path: None where there is none; then only somebody's asking counts. read: raises ConfigurationError."""
        self._path = path
        self._read = read
        self._stamp = stamp_of(path) if path is not None else {}
        self._asked = threading.Event()

    def ask(self) -> None:
        """Have it read again, changed or not. Safe in a signal handler."""
        self._asked.set()

    def is_due(self) -> bool:
        """Whether it should be read again. One that is not there, as while it is replaced, is waited for."""
        stamp = stamp_of(self._path) if self._path is not None else {}
        return self._asked.is_set() or (bool(stamp) and stamp != self._stamp)

    def reread(self, former: Settings) -> Settings | None:
        """`former` brought up to date; None, and the reason in the log, where the file is wrong: `former` stays."""
        self._asked.clear()
        if self._path is not None:
            self._stamp = stamp_of(self._path)
        try:
            current, waiting = brought_up_to_date(former, self._read())
        except AdvisorError as error:
            log.error("settings_refused", error=str(error), fix="the former settings stay in force")
            return None
        if waiting:
            log.warning("settings_need_restart", keys=", ".join(waiting), fix="restart the advisor for these")
        log.info("settings_reloaded", mode=current.mode, changed=current != former)
        return current
