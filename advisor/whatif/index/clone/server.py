"""The server that a clone lives in: it runs as long as the thread that started it, so it gets a thread of its own."""

import math
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from advisor.model.errors import AdvisorError, SourceUnavailableError

StartServer = Callable[[Mapping[str, str]], AbstractContextManager[str]]

_START_SECONDS, _STOP_SECONDS = 60.0, 15.0
# No file of the clone's may hold what its statements say: they carry users' data.
_SETTINGS = {
    "shared_preload_libraries": "",
    "autovacuum": "off",
    "log_min_messages": "panic",
    "log_min_error_statement": "panic",
    "max_connections": "5",
    "shared_buffers": "16MB",
    "max_locks_per_transaction": "1024",
}


def no_time_left() -> SourceUnavailableError:
    """Of the time that the user gave, at whatever step it ends: the reader gets the same words and the same remedy."""
    return SourceUnavailableError("no time was left to make it", where="planner clone", fix="give a longer time budget")


class CloneServer:
    """A PostgreSQL of our own, started at once; `stop` ends it and wipes its folder.

    A process that starts one asks the kernel to end it with the thread that did; a cycle's thread may end before.
    seconds_left: to start it.
    Raises SourceUnavailableError when it cannot be started.
    """

    def __init__(self, start: StartServer, seconds_left: float = math.inf) -> None:
        self._start = start
        self._stopping, self._settled = threading.Event(), threading.Event()
        self._dsn = ""
        self._problem = "it did not start in time"
        self._thread = threading.Thread(target=self._live, name="planner-clone", daemon=True)
        self._thread.start()
        if not self._settled.wait(min(_START_SECONDS, max(0.0, seconds_left))) or not self._dsn:
            self._stopping.set()
            if seconds_left < _START_SECONDS and not self._settled.is_set():
                raise no_time_left()
            raise SourceUnavailableError(self._problem, where="planner clone")

    @property
    def dsn(self) -> str:
        """Of its superuser; never to be shown."""
        return self._dsn

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)

    def _live(self) -> None:
        try:
            with self._start(_SETTINGS) as self._dsn:
                self._settled.set()
                self._stopping.wait()
        except AdvisorError as error:
            self._problem = str(error)
        except OSError as error:
            self._problem = f"no folder for it: {error.strerror}"
        finally:
            self._settled.set()
