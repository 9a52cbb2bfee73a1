"""What is said to whoever pressed, after the press was answered: by the address that came with it, else in the channel.

Such an address is good for five answers within half an hour, and is never stored.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import structlog

from advisor.clients.http import NoAnswerError, post
from advisor.model.errors import AdvisorError, TransientError
from advisor.surfaces.slack.sender import Api
from advisor.surfaces.slack.state import Place
from advisor.surfaces.slack.words import words

log = structlog.get_logger()

_THREADS = 4
_WAITING = 200
"""So many answers may wait; beyond that nothing is taken, and whoever asks is told so."""
_AS_JSON = {"Content-Type": "application/json; charset=utf-8"}
_TIMEOUT_SECONDS = 5.0
_LONGEST = 2500
"""Characters of a sentence; below what a section and a notification may have."""


class UntoldError(TransientError):
    """Nobody can be told that nothing was decided: the press is not acknowledged, so that Slack shows a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Where somebody pressed. response_url: is a secret of its own, and stands in no log."""

    user: str
    channel: str | None
    message_ts: str | None
    is_ephemeral: bool
    response_url: str | None = field(repr=False)


class Replies:
    """Its own few threads: what it does never holds up the answer to Slack, nor the walk."""

    def __init__(self, api: Api, base_url: str) -> None:
        """base_url: of the Web API; addresses for answers count only where they are of the same house."""
        self._api = api
        self._base = urlsplit(base_url)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="slack-reply")
        self._room = BoundedSemaphore(_WAITING)
        self._left_out: list[Callable[[], None]] = []

    def stop(self) -> None:
        """What has begun ends; what waits is left out, or done as it was said to be done then."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        while self._left_out:
            self._run(self._left_out.pop(0))

    def soon(self, work: Callable[[], None], instead: Callable[[], None] | None = None) -> bool:
        """Do it after the answer; what it raises is logged. False: it will not be done, as too many wait or all stops.

        instead: done in its place where the advisor stops before its turn.
        """
        if not self._room.acquire(blocking=False):
            log.warning("slack_reply_left_out", reason="too many wait")
            return False
        try:
            begun = self._threads.submit(self._run, work)
        except RuntimeError:
            self._room.release()
            log.warning("slack_reply_left_out", reason="the advisor is stopping")
            return False
        begun.add_done_callback(lambda ended: self._ended(ended, instead))
        return True

    def tell(self, to: Pressed, sentence: str, see: Place | None = None) -> bool:
        """Say it to this person alone; False where it will not be said. see: the message that is linked to."""
        return self.soon(lambda: self._tell(to, self._text(sentence, see)))

    def insist(self, to: Pressed, sentence: str, see: Place | None = None) -> None:
        """Say that nothing was decided. Raises UntoldError."""
        if not self.tell(to, sentence, see):
            raise UntoldError("nobody can be told that nothing was decided", where="slack", fix="press again soon")

    def retire(self, at: Pressed, sentence: str) -> bool:
        """Put `sentence` in place of a message that only this person sees; the Web API cannot edit those."""
        return self.soon(lambda: self._retire(at, self._text(sentence, None)))

    def _tell(self, to: Pressed, text: str) -> None:
        if self._respond(to, {"text": text, "response_type": "ephemeral", "replace_original": False}):
            return
        if to.channel is not None:
            self._api.call("chat.postEphemeral", {"channel": to.channel, "user": to.user, "text": text})

    def _retire(self, at: Pressed, text: str) -> None:
        if not self._respond(at, {"text": text, "blocks": [], "replace_original": True}):
            self._tell(at, text)

    def _text(self, sentence: str, see: Place | None) -> str:
        text = words(sentence, _LONGEST)
        if see is None:
            return text
        try:
            answer = self._api.call_form("chat.getPermalink", {"channel": see.channel, "message_ts": see.ts})
        except AdvisorError:
            return text
        return f"{text} See <{answer.get('permalink')}|the present message>."

    def _respond(self, to: Pressed, message: Mapping[str, Any]) -> bool:
        """Whether it went by the address that came with the press."""
        if to.response_url is None or not self._is_ours(to.response_url):
            return False
        try:
            status = post(to.response_url, json.dumps(message).encode(), _AS_JSON, timeout_seconds=_TIMEOUT_SECONDS)
        except NoAnswerError as error:
            log.info("slack_response_not_taken", reason=str(error))
            return False
        if status != 200:
            log.info("slack_response_not_taken", reason=f"status {status}")
        return status == 200

    def _is_ours(self, address: str) -> bool:
        """Of the same house as the Web API, so that a payload cannot send us anywhere."""
        try:
            place = urlsplit(address)
        except ValueError:
            return False
        host, home = place.hostname or "", (self._base.hostname or "").removeprefix("www.")
        is_near = host == home or host.endswith(f".{home}")
        return is_near and place.scheme == self._base.scheme and place.username is None

    def _ended(self, ended: Future[None], instead: Callable[[], None] | None) -> None:
        self._room.release()
        if ended.cancelled():
            log.warning("slack_reply_left_out", reason="the advisor is stopping")
            if instead is not None:
                self._left_out.append(instead)  # not here: the pool is locked while it ends

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except AdvisorError as error:
            log.warning("slack_reply_failed", error=str(error))
        except Exception:
            log.exception("slack_reply_crashed")  # the boundary of the thread: nobody else would hear of it
