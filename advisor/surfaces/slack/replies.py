"""What is said to whoever pressed, after the press was answered: by the address that came with it, else in the channel.

Such an address is good for five answers within half an hour, and is never stored.
"""

import json
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import structlog

from advisor.model.errors import AdvisorError, SourceUnavailableError
from advisor.surfaces.slack.web_api import WebApi
from advisor.surfaces.slack.words import words

log = structlog.get_logger()

_THREADS = 4
_WAITING = 200
"""So many answers may wait; a decision is stored before, so no more than a sentence is lost beyond that."""
_TIMEOUT_SECONDS = 5.0
_LONGEST = 2500
"""Characters of a sentence; below what a section and a notification may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Where somebody pressed. response_url: is a secret of its own, and stands in no log."""

    user: str
    channel: str | None
    message_ts: str | None
    is_ephemeral: bool
    response_url: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The message in which a change is shown now."""

    channel: str
    ts: str


class Replies:
    """Its own few threads: what it does never holds up the answer to Slack, nor the walk."""

    def __init__(self, api: WebApi, base_url: str) -> None:
        """base_url: of the Web API; addresses for answers count only where they are of the same house."""
        self._api = api
        self._base = urlsplit(base_url)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="slack-reply")
        self._room = BoundedSemaphore(_WAITING)

    def stop(self) -> None:
        """What has begun ends; what waits is left out."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def soon(self, work: Callable[[], None]) -> None:
        """Do it after the answer; what it raises is logged."""
        if not self._room.acquire(blocking=False):
            log.warning("slack_reply_left_out", reason="too many wait")
            return
        try:
            self._threads.submit(self._run, work)
        except RuntimeError:
            self._room.release()
            log.warning("slack_reply_left_out", reason="the advisor is stopping")

    def tell(self, to: Pressed, sentence: str, see: Present | None = None) -> None:
        """Say it to this person alone. see: the message that is linked to."""
        self.soon(lambda: self._tell(to, {"text": self._text(sentence, see)}))

    def retire(self, at: Pressed, sentence: str, see: Present | None = None) -> None:
        """Put `sentence` in place of a message whose buttons decide nothing any more."""
        self.soon(lambda: self._retire(at, self._text(sentence, see)))

    def _tell(self, to: Pressed, message: Mapping[str, Any]) -> None:
        if self._respond(to, {**message, "response_type": "ephemeral", "replace_original": False}):
            return
        if to.channel is not None:
            self._api.call("chat.postEphemeral", {"channel": to.channel, "user": to.user, **message})

    def _retire(self, at: Pressed, text: str) -> None:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
        content = {"text": text, "blocks": [block]}
        if self._respond(at, {**content, "replace_original": True}) or at.is_ephemeral:
            return
        if at.channel is not None and at.message_ts is not None:
            self._api.call("chat.update", {"channel": at.channel, "ts": at.message_ts, **content})

    def _text(self, sentence: str, see: Present | None) -> str:
        text = words(sentence, _LONGEST)
        if see is None:
            return text
        try:
            answer = self._api.call("chat.getPermalink", {"channel": see.channel, "message_ts": see.ts})
        except AdvisorError:
            return text
        return f"{text} See <{answer.get('permalink')}|the present message>."

    def _respond(self, to: Pressed, message: Mapping[str, Any]) -> bool:
        """Whether it went by the address that came with the press."""
        if to.response_url is None or not self._is_ours(to.response_url):
            return False
        try:
            self._post(to.response_url, message)
        except AdvisorError as error:
            log.info("slack_response_address_refused", error=str(error))
            return False
        return True

    def _post(self, address: str, message: Mapping[str, Any]) -> None:
        body = json.dumps(message).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_SECONDS) as response:
                response.read(1000)
        except (URLError, OSError, ValueError) as error:
            code = getattr(error, "code", type(error).__name__)  # its text may hold the address
            raise SourceUnavailableError(f"it answered {code}", where="Slack's response_url") from None

    def _is_ours(self, address: str) -> bool:
        """Of the same house as the Web API, so that a payload cannot send us anywhere."""
        try:
            place = urlsplit(address)
        except ValueError:
            return False
        host, home = place.hostname or "", (self._base.hostname or "").removeprefix("www.")
        is_near = host == home or host.endswith(f".{home}")
        return is_near and place.scheme == self._base.scheme and place.username is None

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except AdvisorError as error:
            log.warning("slack_reply_failed", error=str(error))
        except Exception:
            log.exception("slack_reply_crashed")  # the boundary of the thread: nobody else would hear of it
        finally:
            self._room.release()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Nobody sends us elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
