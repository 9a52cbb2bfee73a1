"""The one home of retries: few, jittered, bounded in number and in time, and only where a second try can help.

A call that was refused or cut off is worth another one; one that was slow is not, as the next would be slow as well.
What is still failing afterwards is left to the next cycle, and to the circuit breaker.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """attempts: calls at most (>= 1). within_seconds: after this long no further one is begun; None where each call
    bounds itself, as one that waits for a lock does.

    Pauses grow from the first to the longest, each with up to `jitter_seconds` on top, so that several advisors that
    failed together do not come back together.
    """

    attempts: int
    first_pause_seconds: float
    longest_pause_seconds: float
    within_seconds: float | None
    jitter_seconds: float = 0.2


ONCE_MORE = Retries(attempts=2, first_pause_seconds=0.05, longest_pause_seconds=0.5, within_seconds=5.0)
"""A connection that an idle server or a restart has cut."""


def tried(call: Callable[[], T], retries: Retries, *, on: type[Exception] | Callable[[Exception], bool]) -> T:
    """What `call` returns, called again while it raises `on` or what `on` says yes to. Raises the last error."""
    for attempt in _stamina().retry_context(
        on=on,
        attempts=retries.attempts,
        timeout=retries.within_seconds,
        wait_initial=retries.first_pause_seconds,
        wait_max=retries.longest_pause_seconds,
        wait_jitter=retries.jitter_seconds,
    ):
        with attempt:
            return call()
    raise AssertionError("the last attempt returns or raises")


@cache
def _stamina() -> ModuleType:
    """Loaded with the first call to a server, not with the command line."""
    import stamina
    from stamina.instrumentation import RetryDetails, set_on_retry_hooks

    def tell(details: RetryDetails) -> None:
        """The type of the error alone: the text of a foreign one may hold a password."""
        log.debug(
            "retry_scheduled",
            attempt=details.retry_num,
            pause_seconds=round(details.wait_for, 3),
            error=type(details.caused_by).__name__,
        )

    set_on_retry_hooks([tell])  # in place of its own, which count in the process-wide registry and log the error's text
    return stamina
