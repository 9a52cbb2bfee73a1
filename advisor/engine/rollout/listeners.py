"""Whoever listens is told, and what one of them raises is nobody else's trouble."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

log = structlog.get_logger()

Listener = TypeVar("Listener")


def tell(listeners: Iterable[Listener], event: Callable[[Listener], None], **bound: str) -> None:
    """Call `event` with each. bound: what the log says beside the listener that failed."""
    for listener in listeners:
        try:
            event(listener)
        except Exception:
            # A listener may be anybody's; what it is told of has happened, and the others are told all the same.
            log.exception("listener_failed", listener=type(listener).__name__, **bound)
