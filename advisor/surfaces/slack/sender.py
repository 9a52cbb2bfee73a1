"""Messages on their way to one channel: at Slack's pace, none posted twice blindly, none again as it was refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from advisor.clients.slack import SlackCallError
from advisor.surfaces.slack.blocks import Message
from advisor.surfaces.slack.faults import Fault, fault_of, fix_of
from advisor.surfaces.slack.pace import FILES, POST, UPDATE, NotYetError, Pace
from advisor.surfaces.slack.state import Place

log = structlog.get_logger()

_MENDING_SECONDS = 240.0
"""Between two tries at what only a person can mend: a channel, a token."""
_SHORTEST_LOOK_SECONDS = 5.0
_PICTURE_SECONDS = 60.0
"""A picture is worth one try a minute."""
_AS_IT_IS: Mapping[str, object] = {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}
"""Nothing in a text becomes a link, a mention or a preview by itself [reference/methods/chat.postMessage]."""


class Api(Protocol):
    """What is needed of the client. Every method raises SlackCallError."""

    def call(self, method: str, arguments: Mapping[str, object] | None = None) -> Mapping[str, Any]: ...

    def call_form(self, method: str, arguments: Mapping[str, object]) -> Mapping[str, Any]: ...

    def upload(self, url: str, data: bytes) -> None: ...

    def reread_token(self) -> bool: ...


@dataclass(slots=True, kw_only=True)
class Sender:
    """Every method raises NotYetError when it is not the time, and SlackCallError for what the caller must settle.

    count: is told of every failed call whose fault it was. problem: what a person must mend, "" while all is well.
    """

    api: Api
    channel: str
    pace: Pace
    count: Callable[[Fault], None] = lambda fault: None
    problem: str = field(default="", init=False)

    def post(self, message: Message, plain: Message, *, thread: Place | None = None, is_loud: bool = False) -> Place:
        """Where it stands now. plain: sent in its place when Slack refuses the blocks. is_loud: shown in the channel
        too, though it is in a thread.
        """
        where: dict[str, object] = {"channel": thread.channel if thread is not None else self.channel}
        if thread is not None:
            where.update(thread_ts=thread.ts, reply_broadcast=is_loud)
        answer = self._send(POST, where, message, plain, thread)
        channel = str(answer.get("channel") or self.channel)
        return Place(channel=channel, ts=str(answer.get("ts", "")), home=self.channel)

    def update(self, place: Place, message: Message, plain: Message) -> None:
        self._send(UPDATE, {"channel": place.channel, "ts": place.ts}, message, plain, place)

    def find(self, since: float, metadata: Mapping[str, object], thread: Place | None = None) -> Place | None:
        """A message of ours with this metadata since a time, in the channel or in a thread; None where there is none,
        or history is closed to us.
        """
        channel = thread.channel if thread is not None else self.channel
        arguments = {"channel": channel, "oldest": f"{since:.0f}", "limit": 50, "include_all_metadata": True}
        method = "conversations.history" if thread is None else "conversations.replies"
        if thread is not None:
            arguments["ts"] = thread.ts
        self.pace.check(method)
        try:
            found = self.api.call_form(method, arguments)
        except SlackCallError as error:
            if fault_of(error) is Fault.UNKNOWN or error.code.startswith("http_5"):
                self._settle(error)
                raise
            return None  # most apps may not read history; then a second copy is harmless, as a decision counts once
        for one in found.get("messages") or ():
            if isinstance(one, dict) and one.get("metadata") == metadata and isinstance(one.get("ts"), str):
                return Place(channel=channel, ts=one["ts"], home=self.channel)
        return None

    def picture(self, data: bytes, name: str, title: str, thread: Place) -> None:
        """A PNG into a thread, by the upload that files.upload gave way to [reference/methods/files.upload]."""
        self.pace.book(FILES)
        try:
            asked = self.api.call_form("files.getUploadURLExternal", {"filename": name, "length": len(data)})
            self.api.upload(str(asked.get("upload_url", "")), data)
            file = [{"id": asked.get("file_id"), "title": title}]
            arguments = {"files": file, "channel_id": thread.channel, "thread_ts": thread.ts}
            self.api.call("files.completeUploadExternal", arguments)
        except SlackCallError as error:
            self.count(fault_of(error))
            self.pace.hold(FILES, error.retry_after_seconds or _PICTURE_SECONDS)
            raise

    def check_all(self) -> None:
        """Raises NotYetError while nothing at all can be sent."""
        self.pace.check_all()

    def check(self, method: str) -> None:
        """Raises NotYetError when a call of `method` would have to wait."""
        self.pace.check(method)

    def look_again(self) -> None:
        """Go on at once when the token's file holds another token."""
        if self.problem and self.api.reread_token():
            self.pace.release()

    def _send(
        self, method: str, where: Mapping[str, object], message: Message, plain: Message, place: Place | None
    ) -> Mapping[str, Any]:
        """place: of the message or thread that is written to, None: the channel itself."""
        self.pace.book(method)
        try:
            try:
                answer = self.api.call(method, {**where, **_arguments(message, method)})
            except SlackCallError as error:
                if fault_of(error) is not Fault.OURS:
                    raise
                self.count(fault_of(error))
                log.error("slack_message_refused", method=method, error=error.code, blocks="; ".join(error.messages))
                answer = self.api.call(method, {**where, **_arguments(plain, method)})
        except SlackCallError as error:
            if fault_of(error) is Fault.CHANNEL and place is not None and place.home not in ("", self.channel):
                error = SlackCallError(method, "channel_left")  # the settings name another one since: no fault of that
            self._settle(error)
            raise error from None
        self._worked()
        return answer

    def _settle(self, error: SlackCallError) -> None:
        """How long to wait now, and who must know."""
        self.count(fault_of(error))
        match fault_of(error):
            case Fault.PACE:
                self.pace.hold(error.method, error.retry_after_seconds or _SHORTEST_LOOK_SECONDS)
            case Fault.UNKNOWN | Fault.SLACK:
                self.pace.failed()
                self._say(str(error), fix_of(error))
            case Fault.TOKEN if self.api.reread_token():
                return  # a new token was there: at once again
            case Fault.TOKEN | Fault.CHANNEL:
                self.pace.hold_all(_MENDING_SECONDS)
                self._say(str(error), fix_of(error))
            case Fault.OURS | Fault.GONE:
                return

    def _say(self, what: str, fix: str) -> None:
        if what != self.problem:
            log.warning("slack_unreachable", error=what, fix=fix)
        self.problem = what

    def _worked(self) -> None:
        self.pace.worked()
        if self.problem:
            log.info("slack_reached")
        self.problem = ""


def _arguments(message: Message, method: str) -> dict[str, object]:
    made: dict[str, object] = {"text": message.text, **_AS_IT_IS}
    if method == UPDATE:
        made = {key: value for key, value in made.items() if not key.startswith("unfurl")}
    if message.blocks or method == UPDATE:  # without the key an edit leaves the former blocks, buttons and all
        made["blocks"] = list(message.blocks)
    if message.metadata is not None:
        made["metadata"] = message.metadata
    return made


__all__ = ["Api", "NotYetError", "Sender"]
