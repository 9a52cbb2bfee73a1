"""A circuit breaker: a server that keeps failing is left alone for a while instead of being waited for each time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from advisor.model.errors import CircuitOpenError, SourceUnavailableError
from advisor.ports.clock import Clock
from advisor.settings.breaker import BreakerSettings

log = structlog.get_logger()


@dataclass(slots=True)
class Breaker:
    """Closed: every call is let through. Open after `failures` in a row: none is, for `pause_seconds`.

    Then half-open: one call is let through as a probe; its success closes the breaker, its failure opens it anew.
    Only a server that did not answer has failed: one that refuses is there. May be asked from several threads.
    """

    name: str
    settings: BreakerSettings
    clock: Clock
    _failures: int = field(default=0, init=False)
    _opened_at: float | None = field(default=None, init=False)
    _probing: bool = field(default=False, init=False)
    _last: str = field(default="", init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False)

    def is_open(self) -> bool:
        """Whether the server is being left alone, a probe included."""
        return self._opened_at is not None

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around one call. Raises CircuitOpenError in its place, and whatever the call raises."""
        self._enter()
        try:
            yield
        except SourceUnavailableError as error:
            self._failed(str(error))
            raise
        except BaseException:
            self._answered()
            raise
        self._answered()

    def _enter(self) -> None:
        with self._turn:
            if self._opened_at is None:
                return
            left = self._opened_at + self.settings.pause_seconds - self.clock.monotonic()
            if left <= 0 and not self._probing:
                self._probing = True
                return
        again = f"it is tried again in {left:.0f} s" if left > 0 else "it is being tried again now"
        raise CircuitOpenError(f"not asked, as it failed {self._failures} times in a row; {again}; last: {self._last}")

    def _failed(self, reason: str) -> None:
        with self._turn:
            self._failures += 1
            self._last = reason
            is_news = self._opened_at is None
            if self._failures < self.settings.failures:
                return
            self._opened_at, self._probing = self.clock.monotonic(), False
        if is_news:
            log.warning("breaker_opened", source=self.name, failures=self._failures, error=reason)

    def _answered(self) -> None:
        with self._turn:
            was_open = self._opened_at is not None
            self._failures, self._opened_at, self._probing = 0, None, False
        if was_open:
            log.info("breaker_closed", source=self.name)
