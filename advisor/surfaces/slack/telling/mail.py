"""Messages that stand for themselves and wait in the notebook until they are sent: digests, and answers to alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from advisor.clients.slack import SlackCallError
from advisor.ports.clock import Clock
from advisor.surfaces.slack.blocks import Message
from advisor.surfaces.slack.faults import Fault, fault_of
from advisor.surfaces.slack.pace import POST
from advisor.surfaces.slack.state import Memory
from advisor.surfaces.slack.telling.once import Once
from advisor.surfaces.slack.telling.quiet_hours import QuietHours

log = structlog.get_logger()

_MOST = 100
"""Messages that may wait; beyond it the oldest are dropped, and the log says so."""


@dataclass(slots=True, kw_only=True)
class Mail:
    """First in, first out. Any thread may put something in.

    A name is noted as mailed when it was sent, and before its message is dropped: killed in between, nothing is lost,
    and nothing sent again.
    """

    memory: Memory
    once: Once
    clock: Clock
    quiet: QuietHours = field(default_factory=QuietHours)
    _may_wait: bool = True
    """Whether the notebook may hold any; another process may have left some."""

    def put(self, name: str, message: Message, *, change_id: str = "") -> bool:
        """Whether it is new: one of the same name was not put in before. change_id: into its thread, if it has one.

        Raises JournalError.
        """
        if self.memory.value(f"mailed/{name}") is not None:
            return False
        stored = {"text": message.text, "blocks": list(message.blocks), "change": change_id}
        is_new = self.memory.claim(f"mail/{name}", stored)
        self._may_wait = True
        return is_new

    def look_again(self) -> None:
        """Another process may have left something."""
        self._may_wait = True

    def round(self) -> None:
        """Raises NotYetError, SlackCallError, JournalError."""
        if not self._may_wait or self.quiet.hold(self.clock.now()):
            return
        self.once.sender.check(POST)
        self._may_wait = False  # before it is read: what is put in meanwhile sets it again
        try:
            self._send_all()
        except Exception:
            self._may_wait = True
            raise

    def _send_all(self) -> None:
        waiting = self.memory.values("mail/")
        for key, _ in waiting[:-_MOST] if len(waiting) > _MOST else ():
            log.warning("slack_mail_dropped", name=key.removeprefix("mail/"), fix="Slack was away for too long")
            self.memory.drop(key)
        for key, stored in waiting[-_MOST:]:
            self._send(key, stored)

    def _send(self, key: str, stored: Mapping[str, Any]) -> None:
        name = key.removeprefix("mail/")
        if self.memory.value(f"mailed/{name}") is None and not self._is_sent(key, name, stored):
            return
        self.memory.keep(f"mailed/{name}", {"at": self.clock.now().isoformat()})
        self.memory.drop(key)
        self.once.done(key)

    def _is_sent(self, key: str, name: str, stored: Mapping[str, Any]) -> bool:
        """Or refused for good, which comes to the same."""
        metadata = {"event_type": "advisor_mail", "event_payload": {"name": name}}
        text = str(stored.get("text") or "-")
        message = Message(text=text, blocks=tuple(stored.get("blocks") or ()), metadata=metadata)
        change_id = str(stored.get("change") or "")
        thread = self.memory.place_of(change_id) if change_id else None
        try:
            self.once.post(key, message, Message(text=text, metadata=metadata), thread=thread)
        except SlackCallError as error:
            match fault_of(error):
                case Fault.GONE:  # its thread went; it can stand alone
                    self.memory.keep(key, {**stored, "change": ""})
                    self._may_wait = True
                    return False
                case Fault.OURS:
                    log.error("slack_mail_refused", name=name, error=error.code)
                case _:
                    raise
        return True

    def forget(self, before: datetime) -> None:
        """Names of long ago may come again, and what was begun then is no matter any more. Raises JournalError."""
        for key, mailed in self.memory.values("mailed/"):
            if datetime.fromisoformat(str(mailed.get("at") or before.isoformat())) < before:
                self.memory.drop(key)
        for key, begun in self.memory.values("begun/"):
            if float(begun.get("at") or 0.0) < before.timestamp():
                self.memory.drop(key)
