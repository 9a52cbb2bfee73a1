"""A thread that does a surface's work round by round; no error of a round ends it."""

import threading
from collections.abc import Callable

import structlog

from advisor.model.errors import AdvisorError

log = structlog.get_logger()

_AFTER_A_FAULT_SECONDS = 5.0
_STOP_SECONDS = 3.0
"""A call that takes longer is cut off with the process."""


class Rounds:
    """Begins at once, goes on when it is woken or when the time that a round has named is over."""

    def __init__(self, name: str, work: Callable[[], float | None]) -> None:
        """work: one round; returns the seconds until the next one at most, None: there is nothing until it is woken."""
        self._name = name
        self._work = work
        self._wake = threading.Event()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_ending(self) -> bool:
        return self._ends.is_set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """No round is begun any more; the one that runs has so many seconds to end."""
        self._ends.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def wake(self) -> None:
        """There is something to do. From any thread."""
        self._wake.set()

    def pause(self, seconds: float) -> None:
        """From within a round: wait so long, or until it is to end."""
        self._ends.wait(seconds)

    def _run(self) -> None:
        while not self._ends.is_set():
            wait = self._round()
            self._wake.wait(wait)
            self._wake.clear()

    def _round(self) -> float | None:
        """The boundary: what fails is logged, and tried again."""
        try:
            return self._work()
        except AdvisorError as error:
            log.warning("surface_round_failed", surface=self._name, error=str(error))
        except Exception:
            log.exception("surface_round_crashed", surface=self._name)
        return _AFTER_A_FAULT_SECONDS
