"""Runs steps that belong to the application, each so that it can fail or hang alone."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

_STILL_SECONDS = 5.0
"""How long a fork waits for the step in work. What takes longer waits for the network or the application."""

log = logging.getLogger(__name__)


class Isolation:
    """One worker thread takes the steps in turn. A step that does not end in time is left behind with its thread, and
    is not begun again before it has ended; the steps after it get a new one. So nothing that a knob of the application
    does keeps another knob past the end of its trial.
    """

    def __init__(self, patience_seconds: float = 5.0) -> None:
        """patience_seconds: how long one step is waited for."""
        self._patience_seconds = patience_seconds
        self._worker: _Worker | None = None
        self._still: _Worker | None = None
        self._hanging: dict[str, threading.Event] = {}
        self._faults: dict[str, str] = {}

    def run(self, name: str, step: Callable[[], None]) -> None:
        """Do `step`, known as `name`. What it raises is logged, once until it is another error."""
        hanging = self._hanging.get(name)
        if hanging is not None and not hanging.is_set():
            return
        self._hanging.pop(name, None)
        if self._worker is None or not self._worker.is_alive():
            self._worker = _Worker()
        done = self._worker.give(lambda: self._guarded(name, step))
        if not done.wait(self._patience_seconds):
            log.error("agent_step_hangs: %s has not ended in %g s; the others go on", name, self._patience_seconds)
            self._hanging[name] = done
            self._worker.give(None)  # ends by itself, should the step ever do
            self._worker = None

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.give(None)
            self._worker = None

    def before_fork(self) -> None:
        """Wait for the step in work, so that no lock of the metrics is held while the process is copied."""
        self._still = self._worker if self._worker is not None and self._worker.hold(_STILL_SECONDS) else None

    def after_fork_in_parent(self) -> None:
        """Go on."""
        if self._still is not None:
            self._still.let_go()
            self._still = None

    def after_fork_in_child(self) -> None:
        """The worker and all that hangs were left in the parent."""
        self._worker = self._still = None
        self._hanging.clear()

    def _guarded(self, name: str, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            # An application's own code may raise anything.
            if self._faults.get(name) != repr(error):
                log.exception("agent_step_failed: %s", name)
            self._faults[name] = repr(error)
        else:
            self._faults.pop(name, None)


class _Worker:
    """A daemon thread: one that hangs does not keep the application from ending."""

    def __init__(self) -> None:
        self._steps: SimpleQueue[tuple[Callable[[], None] | None, threading.Event]] = SimpleQueue()
        self._at_work = threading.RLock()  # reentrant: a step may fork
        self._thread = threading.Thread(target=self._run, name="advisor-agent-steps", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        """False also in a process that was forked from the one that started it."""
        return self._thread.is_alive()

    def give(self, step: Callable[[], None] | None) -> threading.Event:
        """Queue `step`; None ends the thread. The event is set when it has ended."""
        done = threading.Event()
        self._steps.put((step, done))
        return done

    def hold(self, patience_seconds: float) -> bool:
        """Whether it begins no step from now on, until `let_go`: False when one is in work for longer than that."""
        return self._at_work.acquire(timeout=patience_seconds)

    def let_go(self) -> None:
        """The end of a `hold`, in the same thread."""
        self._at_work.release()

    def _run(self) -> None:
        while True:
            step, done = self._steps.get()
            if step is None:
                return
            try:
                with self._at_work:
                    step()
            finally:
                done.set()
