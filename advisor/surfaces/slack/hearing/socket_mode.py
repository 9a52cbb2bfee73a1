"""Socket Mode: presses arrive over a connection that the advisor opens; nothing has to be reachable for Slack."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from advisor.clients.slack import SlackCallError
from advisor.ports.clock import Clock
from advisor.surfaces.slack.hearing.interactions import Answer
from advisor.surfaces.slack.hearing.payload import Payload
from advisor.surfaces.slack.sender import Api

log = structlog.get_logger()

OPEN_SECONDS = 60.0
"""apps.connections.open is for about one call a minute [apis/web-api/rate-limits, tier 1]."""
_LONGEST_SECONDS = 600.0
_LOOK_SECONDS = 5.0
_STOP_SECONDS = 5.0


class Session(Protocol):
    """One connection. over: set as soon as it is no use any more."""

    over: threading.Event

    @property
    def is_open(self) -> bool: ...

    def close(self) -> None: ...


Connect = Callable[[str, Callable[[Payload], Answer]], Session]
"""Opens a session at an address, for a handler of what arrives. Raises OSError."""


@dataclass(slots=True, kw_only=True)
class Backoff:
    """When the next connection may be opened, on the clock's monotonic scale."""

    clock: Clock
    spread: Callable[[], float] = random.random
    """From 0 to 1; keeps replicas from marching in step."""
    failures: int = 0
    _next_at: float = float("-inf")

    def seconds(self) -> float:
        """Until then; 0 when it is time."""
        return max(0.0, self._next_at - self.clock.monotonic())

    def opened(self) -> None:
        """Asked for an address; the next one in a minute at the earliest."""
        self._next_at = self.clock.monotonic() + OPEN_SECONDS

    def failed(self, at_least_seconds: float = 0.0) -> None:
        """Each time in a row twice as long, up to ten minutes."""
        wait = min(OPEN_SECONDS * 2.0**self.failures, _LONGEST_SECONDS)
        self.failures = min(self.failures + 1, 10)
        self._next_at = self.clock.monotonic() + max(wait * (1 + self.spread() / 4), at_least_seconds)

    def worked(self) -> None:
        self.failures = 0


class SocketMode:
    """Implements Surface: keeps one session open, from a thread of its own; so does every replica, led or leading."""

    name = "slack-socket"

    def __init__(self, api: Api, connect: Connect, handle: Callable[[Payload], Answer], backoff: Backoff) -> None:
        """api: with the app token."""
        self._api = api
        self._connect = connect
        self._handle = handle
        self._backoff = backoff
        self._session: Session | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        session = self._session
        if session is not None:
            session.over.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        """The new session is open before the old one is closed, so that no press falls between them."""
        while not self._stop.is_set():
            if self._stop.wait(self._backoff.seconds()):
                break
            fresh = self._opened()
            if fresh is not None:
                old, self._session = self._session, fresh
                _close(old)
                self._backoff.worked()
                self._watch(fresh)
        _close(self._session)

    def _opened(self) -> Session | None:
        self._backoff.opened()
        try:
            url = str(self._api.call("apps.connections.open", {}).get("url") or "")
            session = self._connect(url, self._handle)
        except SlackCallError as error:
            self._failed(str(error), error.retry_after_seconds or 0.0)
            self._api.reread_token()
            return None
        except (OSError, ValueError) as error:
            self._failed(type(error).__name__, 0.0)  # its text may hold the address, which is a secret
            return None
        if session.is_open:
            log.info("slack_socket_opened")
            return session
        session.close()
        self._failed("it was closed at once", 0.0)
        return None

    def _watch(self, session: Session) -> None:
        """Until it is over, or the advisor stops."""
        while not self._stop.is_set() and session.is_open:
            session.over.wait(_LOOK_SECONDS)
        if not self._stop.is_set():
            log.info("slack_socket_over")

    def _failed(self, why: str, at_least_seconds: float) -> None:
        self._backoff.failed(at_least_seconds)
        wait = round(self._backoff.seconds())
        log.warning("slack_socket_not_opened", error=why, again_in_seconds=wait, fix="buttons in Slack wait until then")


def _close(session: Session | None) -> None:
    if session is not None:
        session.close()
