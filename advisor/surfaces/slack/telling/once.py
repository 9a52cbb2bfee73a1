"""A post that is made once, also when the process ends in the middle of it or Slack does not answer.

That it is begun is noted before, with what it is to be known by; what was begun and not noted as done is looked for in
the channel before it is made again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from advisor.clients.slack import SlackCallError
from advisor.ports.clock import Clock
from advisor.surfaces.slack.blocks import Message
from advisor.surfaces.slack.faults import Fault, fault_of
from advisor.surfaces.slack.pace import POST
from advisor.surfaces.slack.sender import Sender
from advisor.surfaces.slack.state import Memory, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """known: that it was posted before, and only found now. payload: of the metadata that it went with."""

    place: Place
    payload: Mapping[str, Any]
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    memory: Memory
    sender: Sender
    clock: Clock

    def post(
        self, name: str, message: Message, plain: Message, *, thread: Place | None = None, is_loud: bool = False
    ) -> Posted:
        """The caller stores what follows from it, and says `done` then. name: unique until then.

        Raises NotYetError, SlackCallError, JournalError.
        """
        key = f"begun/{name}"
        metadata: Mapping[str, Any] = message.metadata or {}
        self.sender.check(POST)
        begun = self.memory.value(key)
        since = float(begun["at"]) if begun is not None else self.clock.now().timestamp() - 1
        if begun is not None:
            found = self.sender.find(since, begun["metadata"], thread)
            if found is not None:
                return Posted(place=found, payload=begun["metadata"].get("event_payload", {}), known=True)
        self.memory.keep(key, {"at": since, "metadata": metadata})
        try:
            place = self.sender.post(message, plain, thread=thread, is_loud=is_loud)
        except SlackCallError as error:
            if fault_of(error) not in (Fault.UNKNOWN, Fault.SLACK) or error.code == "not_connected":
                self.memory.drop(key)  # it was surely not posted
            raise
        return Posted(place=place, payload=metadata.get("event_payload", {}))

    def done(self, name: str) -> None:
        """What followed is stored."""
        self.memory.drop(f"begun/{name}")
