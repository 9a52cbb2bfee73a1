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
from advisor.surfaces.slack.sender import Sender
from advisor.surfaces.slack.state import Memory
from advisor.surfaces.slack.telling.quiet_hours import QuietHours

log = structlog.get_logger()

_MOST = 100
"""Messages that may wait; beyond it the oldest are dropped, and the log says so."""


@dataclass(slots=True, kw_only=True)
class Mail:
    """First in, first out. Any thread may put something in."""

    memory: Memory
    sender: Sender
    clock: Clock
    quiet: QuietHours = field(default_factory=QuietHours)

    def put(self, name: str, message: Message, *, change_id: str = "") -> bool:
        """Whether it is new: one of the same name was not put in before. change_id: into its thread, if it has one.

        Raises JournalError.
        """
        if not self.memory.claim(f"mailed/{name}", {"at": self.clock.now().isoformat()}):
            return False
        stored = {"text": message.text, "blocks": list(message.blocks), "change": change_id}
        self.memory.claim(f"mail/{name}", stored)
        return True

    def round(self) -> None:
        """Raises NotYetError, SlackCallError, JournalError."""
        waiting = self.memory.values("mail/")
        for key, _ in waiting[:-_MOST] if len(waiting) > _MOST else ():
            log.warning("slack_mail_dropped", name=key.removeprefix("mail/"), fix="Slack was away for too long")
            self.memory.drop(key)
        if self.quiet.hold(self.clock.now()):
            return
        for key, stored in waiting[-_MOST:]:
            self._send(key, stored)

    def _send(self, key: str, stored: Mapping[str, Any]) -> None:
        message = Message(text=str(stored.get("text") or "-"), blocks=tuple(stored.get("blocks") or ()))
        change_id = str(stored.get("change") or "")
        thread = self.memory.place_of(change_id) if change_id else None
        try:
            self.sender.post(message, Message(text=message.text), thread=thread)
        except SlackCallError as error:
            match fault_of(error):
                case Fault.GONE:  # its thread went; it can stand alone
                    self.memory.keep(key, {**stored, "change": ""})
                    return
                case Fault.OURS:
                    log.error("slack_mail_refused", name=key.removeprefix("mail/"), error=error.code)
                case _:
                    raise
        self.memory.drop(key)

    def forget(self, before: datetime) -> None:
        """Names of long ago may come again. Raises JournalError."""
        for key, mailed in self.memory.values("mailed/"):
            if datetime.fromisoformat(str(mailed.get("at") or before.isoformat())) < before:
                self.memory.drop(key)
