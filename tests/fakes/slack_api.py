"""A double of Slack's Web API over real HTTP, that is as strict as the documentation says Slack is.

Its clock is handed in: what is about rates, triggers and addresses that end follows it.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.slack_http import Call, Fault, Reply, faulty, served, too_fast
from tests.fakes.slack_limits import ALL_CHARACTERS, MESSAGE_BLOCKS, characters, faults_of_blocks, faults_of_view
from tests.fakes.slack_methods import BURST, FORM_ONLY, NEEDED, PER_MINUTE, SCOPES

TEAM, APP, BOT_USER, BOT = "T0HARBOUR", "A0ADVISOR", "U0ADVISOR", "B0ADVISOR"
CHANNEL, GROUP = "C0TUNING", "S0TUNERS"
BOT_TOKEN, APP_TOKEN = "xoxb-double-of-a-bot-token", "xapp-double-of-an-app-token"
_LONGEST_HOLD_SECONDS = 60.0
_TRIGGER_SECONDS, _RESPONSE_SECONDS, _RESPONSES = 3.0, 1800.0, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One that stands in a channel. to: the only person who sees it; "" where all do. edits: how often."""

    channel: str
    ts: str
    text: str
    blocks: tuple[Mapping[str, Any], ...] = ()
    thread_ts: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    edits: int = 0

    def buttons(self) -> list[Mapping[str, Any]]:
        """Everything that can be pressed or chosen."""
        actions = [block for block in self.blocks if block["type"] == "actions"]
        accessories = [block["accessory"] for block in self.blocks if "accessory" in block]
        return [element for block in actions for element in block["elements"]] + accessories


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation, as conversations.info shows it."""

    name: str = "tuning"
    is_member: bool = True
    is_archived: bool = False
    is_ext_shared: bool = False


class SlackApi:
    """What Slack knows. Everything is in the open: a test reads what was sent, and sets what is to be answered."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.address = ""
        """Such as http://127.0.0.1:4711/; the Web API is under `api_url`."""
        self.bot_tokens, self.app_tokens = {BOT_TOKEN}, {APP_TOKEN}
        self.scopes = set(SCOPES)
        self.team = TEAM
        self.channels = {CHANNEL: Channel()}
        self.groups: dict[str, list[str]] = {GROUP: []}
        self.organisation, self.teams = "", [TEAM]
        """The organisation that it is installed for as a whole, if any, and its workspaces."""
        self.messages: list[Message] = []
        self.views: list[Mapping[str, Any]] = []
        self.responses: list[Mapping[str, Any]] = []
        self.calls: list[Call] = []
        self.files: dict[str, bytes] = {}
        self.ready_files: set[str] = set()
        self.paced = True
        """Whether the documented rates are kept to."""
        self.socket_url = ""
        """What apps.connections.open answers, where a double of Socket Mode runs."""
        self._faults: list[tuple[str, str, int]] = []
        self._tokens: dict[tuple[str, str], tuple[float, float]] = {}
        self._triggers: dict[str, float | None] = {}
        self._addresses: dict[str, tuple[float, int]] = {}
        self._count = 0
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)

    @property
    def api_url(self) -> str:
        """For `base_url` of slack_sdk, and `slack.api_base_url` of the settings."""
        return f"{self.address}api/"

    @contextmanager
    def running(self) -> Iterator["SlackApi"]:
        with served(self._answer) as self.address:
            yield self

    def fail(self, fault: str, method: str = "", times: int = 1_000_000) -> None:
        """The next `times` calls of `method` ("" is any) fail: a Fault, or an error such as "channel_not_found"."""
        with self._lock:
            self._faults.append((method, fault, times))

    def hold(self) -> None:
        """From now on nothing is answered before `heal`."""
        self._flows.clear()

    def heal(self) -> None:
        with self._lock:
            self._faults.clear()
        self._flows.set()

    def calls_of(self, method: str) -> list[Call]:
        with self._lock:
            return [call for call in self.calls if call.method == method]

    def wait_for(self, holds: Callable[["SlackApi"], bool], seconds: float = 10.0) -> None:
        """Wait until `holds` of this double; checked after every call. Raises AssertionError after so long."""
        with self._changed:
            assert self._changed.wait_for(lambda: holds(self), seconds), self.calls

    def message(self, ts: str) -> Message:
        with self._lock:
            (found,) = (one for one in self.messages if one.ts == ts)
            return found

    def post(self, channel: str, text: str, blocks: Sequence[Mapping[str, Any]] = ()) -> str:
        """The ts of a message that simply is there."""
        with self._lock:
            self._stored({"channel": channel, "text": text, "blocks": blocks})
            return self.messages[-1].ts

    def delete(self, ts: str) -> None:
        """As a person would."""
        with self._lock:
            self.messages = [one for one in self.messages if one.ts != ts]

    def new_trigger(self) -> str:
        """A trigger_id: good for one modal, within 3 s."""
        with self._lock:
            trigger = f"{self._number()}.1.trigger"
            self._triggers[trigger] = self.now() + _TRIGGER_SECONDS
            return trigger

    def new_response_url(self) -> str:
        """Good for 5 answers within 30 minutes."""
        with self._lock:
            path = f"actions/{self.team}/{self._number()}/secret-of-a-response-url"
            self._addresses[path] = (self.now() + _RESPONSE_SECONDS, _RESPONSES)
            return self.address + path

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _answer(self, call: Call) -> Reply:
        self._flows.wait(_LONGEST_HOLD_SECONDS)
        with self._changed:
            try:
                self.calls.append(call)
                for place, (method, fault, times) in enumerate(self._faults):
                    if times > 0 and method in ("", call.method):
                        self._faults[place] = (method, fault, times - 1)
                        return faulty(fault, lambda: self._work(call))
                return self._work(call)
            finally:
                self._changed.notify_all()

    def _work(self, call: Call) -> Reply:
        path = call.method.lstrip("/")
        if path.startswith("actions/"):
            return self._respond(path, call)
        if path.startswith("upload/"):
            self.files[path.removeprefix("upload/")] = call.body
            return Reply(body=b"OK - 1")
        known = self.app_tokens if call.method == "apps.connections.open" else self.bot_tokens
        if call.token not in known:
            return _error("invalid_auth" if call.token else "not_authed")
        needed = NEEDED.get(call.method)
        if needed is not None and needed not in self.scopes:
            return _error("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))
        wait = self._wait_seconds(call)
        if wait > 0:
            return too_fast(math.ceil(wait))
        handler = getattr(self, "_" + call.method.replace(".", "_"), None)
        if handler is None:
            return _error("unknown_method")
        reply: Reply = handler({} if call.is_json and call.method in FORM_ONLY else call.arguments)
        return replace(reply, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    def _wait_seconds(self, call: Call) -> float:
        """A bucket for each method, of chat.postMessage for each channel; 0 where there is room."""
        rate = PER_MINUTE.get(call.method)
        if rate is None or not self.paced:
            return 0.0
        most = float(BURST.get(call.method, rate))
        key = (call.method, str(call.arguments.get("channel", "")) if call.method in BURST else "")
        tokens, since = self._tokens.get(key, (most, self.now()))
        tokens = min(most, tokens + (self.now() - since) * rate / 60)
        is_free = tokens >= 1
        self._tokens[key] = (tokens - 1 if is_free else tokens, self.now())
        return 0.0 if is_free else (1 - tokens) * 60 / rate

    def _respond(self, path: str, call: Call) -> Reply:
        until, left = self._addresses.get(path, (0.0, 0))
        if self.now() > until or left <= 0:
            return Reply(status=404, body=b"used_url" if path in self._addresses else b"expired_url")
        self._addresses[path] = (until, left - 1)
        self.responses.append(call.arguments)
        return Reply(body=b"ok")

    def _auth_test(self, _: Mapping[str, Any]) -> Reply:
        ids = {"team_id": self.team, "user_id": BOT_USER, "bot_id": BOT}
        whole = {"is_enterprise_install": bool(self.organisation), "enterprise_id": self.organisation or None}
        return _ok(url="https://harbour.slack.example/", team="Harbour", user="advisor", **ids, **whole)

    def _auth_teams_list(self, _: Mapping[str, Any]) -> Reply:
        if not self.organisation:
            return _error("not_allowed_token_type")
        return _ok(teams=[{"id": team, "name": team.lower()} for team in self.teams])

    def _bots_info(self, _: Mapping[str, Any]) -> Reply:
        return _ok(bot={"id": BOT, "app_id": APP, "user_id": BOT_USER, "name": "advisor", "deleted": False})

    def _apps_connections_open(self, _: Mapping[str, Any]) -> Reply:
        return _ok(url=self.socket_url)

    def _usergroups_users_list(self, given: Mapping[str, Any]) -> Reply:
        group = self.groups.get(str(given.get("usergroup")))
        return _error("no_such_subteam") if group is None else _ok(users=list(group))

    def _conversations_info(self, given: Mapping[str, Any]) -> Reply:
        channel = self.channels.get(str(given.get("channel")))
        if channel is None:
            return _error("channel_not_found")
        shown = {name: getattr(channel, name) for name in ("name", "is_member", "is_archived", "is_ext_shared")}
        return _ok(channel={"id": given["channel"], **shown})

    def _conversations_history(self, given: Mapping[str, Any]) -> Reply:
        return self._listed(given, "")

    def _conversations_replies(self, given: Mapping[str, Any]) -> Reply:
        return self._listed(given, str(given.get("ts")))

    def _listed(self, given: Mapping[str, Any], thread_ts: str) -> Reply:
        """Newest first; metadata only where they are asked for."""
        shown = []
        for message in reversed(self.messages):
            if message.channel != given.get("channel") or message.to or message.thread_ts != thread_ts:
                continue
            if float(message.ts) > float(given.get("oldest", 0)):
                metadata = {"metadata": message.metadata} if given.get("include_all_metadata") else {}
                shown.append({"type": "message", "ts": message.ts, "text": message.text, **metadata})
        return _ok(messages=shown[: int(given.get("limit", 100))], has_more=False)

    def _chat_postMessage(self, given: Mapping[str, Any]) -> Reply:  # noqa: N802
        refused = self._refused(given)
        return refused or self._stored(given)

    def _chat_postEphemeral(self, given: Mapping[str, Any]) -> Reply:  # noqa: N802
        refused = self._refused(given)
        if refused is None and not given.get("user"):
            refused = _error("user_not_in_channel")
        return refused or self._stored(given, to=str(given["user"]))

    def _stored(self, given: Mapping[str, Any], to: str = "") -> Reply:
        message = Message(
            channel=given["channel"],
            ts=f"{int(self.now())}.{self._number():06d}",
            text=str(given.get("text", ""))[:40_000],
            blocks=tuple(given.get("blocks") or ()),
            thread_ts=str(given.get("thread_ts", "")),
            metadata=given.get("metadata") or {},
            to=to,
        )
        self.messages.append(message)
        if to:
            return _ok(message_ts=message.ts)
        return _ok(channel=message.channel, ts=message.ts, message={"text": message.text, "ts": message.ts})

    def _chat_update(self, given: Mapping[str, Any]) -> Reply:
        refused = self._refused(given)
        if refused is not None:
            return refused
        for place, old in enumerate(self.messages):
            if old.ts == given.get("ts") and old.channel == given.get("channel") and not old.to:
                blocks = tuple(given["blocks"] or ()) if "blocks" in given else ()
                metadata = given.get("metadata") or old.metadata
                new = replace(old, text=str(given.get("text", "")), blocks=blocks, metadata=metadata)
                self.messages[place] = replace(new, edits=old.edits + 1)
                return _ok(channel=old.channel, ts=old.ts, text=new.text)
        return _error("message_not_found")

    def _chat_delete(self, given: Mapping[str, Any]) -> Reply:
        if all(one.ts != given.get("ts") for one in self.messages):
            return _error("message_not_found")
        self.delete(str(given["ts"]))
        return _ok(channel=given.get("channel"), ts=given["ts"])

    def _chat_getPermalink(self, given: Mapping[str, Any]) -> Reply:  # noqa: N802
        channel, ts = given.get("channel"), str(given.get("message_ts"))
        if all(one.ts != ts for one in self.messages):
            return _error("message_not_found")
        place = f"https://harbour.slack.example/archives/{channel}/p{ts.replace('.', '')}"
        return _ok(channel=channel, permalink=place)

    def _refused(self, given: Mapping[str, Any]) -> Reply | None:
        channel = self.channels.get(str(given.get("channel", "")))
        if channel is None:
            return _error("channel_not_found")
        if channel.is_archived or not channel.is_member:
            return _error("is_archived" if channel.is_archived else "not_in_channel")
        blocks = given.get("blocks")
        if not given.get("text") and not blocks and not given.get("markdown_text"):
            return _error("no_text")
        if blocks is None:
            return None
        faults = faults_of_blocks(blocks, most=MESSAGE_BLOCKS, ready_files=self.ready_files)
        if faults:
            return _error("invalid_blocks", response_metadata={"messages": [f"[ERROR] {one}" for one in faults]})
        return _error("msg_blocks_too_long") if characters(blocks) > ALL_CHARACTERS else None

    def _views_open(self, given: Mapping[str, Any]) -> Reply:
        trigger = str(given.get("trigger_id", ""))
        until = self._triggers.get(trigger, -1.0)
        if until is None:
            return _error("exchanged_trigger_id")
        if until < 0:
            return _error("invalid_trigger_id")
        if until < self.now():
            return _error("expired_trigger_id")
        view = given.get("view")
        faults = faults_of_view(view) if isinstance(view, dict) else ["no view"]
        if faults or not isinstance(view, dict):
            return _error("invalid_arguments", response_metadata={"messages": faults})
        self._triggers[trigger] = None
        opened = {**view, "id": f"V{self._number()}", "team_id": self.team, "app_id": APP, "bot_id": BOT}
        self.views.append(opened)
        return _ok(view=opened)

    def _files_getUploadURLExternal(self, given: Mapping[str, Any]) -> Reply:  # noqa: N802
        if not given.get("filename") or int(given.get("length", 0)) <= 0:
            return _error("invalid_arguments")
        file = f"F{self._number()}"
        return _ok(upload_url=f"{self.address}upload/{file}", file_id=file)

    def _files_completeUploadExternal(self, given: Mapping[str, Any]) -> Reply:  # noqa: N802
        """A file is ready for blocks only when a test has said so (`ready_files`)."""
        files = given.get("files") or []
        missing = [one for one in files if one.get("id") not in self.files]
        if not files or missing:
            return _error("file_not_found")
        channel = given.get("channel_id") or given.get("channels")
        if channel and channel not in self.channels:
            return _error("channel_not_found")
        thread = str(given.get("thread_ts", ""))
        if channel:
            self._stored({"channel": channel, "text": str(given.get("initial_comment") or "file"), "thread_ts": thread})
        return _ok(files=[{"id": one["id"], "title": one.get("title", "")} for one in files])

    def _files_info(self, given: Mapping[str, Any]) -> Reply:
        file = str(given.get("file"))
        if file not in self.files:
            return _error("file_not_found")
        kind = {"mimetype": "image/png", "filetype": "png"} if file in self.ready_files else {"mimetype": ""}
        return _ok(file={"id": file, **kind})


def _ok(**values: Any) -> Reply:
    return Reply(body={"ok": True, **values})


def _error(name: str, **values: Any) -> Reply:
    return Reply(body={"ok": False, "error": name, **values})


__all__ = ["SCOPES", "Fault", "SlackApi"]
