"""What is proposed where nothing may be changed: one recommendation for an application at a time, and none twice."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from advisor.clients.slack import SlackCallError
from advisor.model.proposal import Proposal
from advisor.model.report import Diagnosis
from advisor.ports.clock import Clock
from advisor.settings.policy import Mode
from advisor.surfaces.slack.blocks import Message, in_messages, section
from advisor.surfaces.slack.faults import Fault, fault_of
from advisor.surfaces.slack.messages import recommendation, title
from advisor.surfaces.slack.sender import Sender
from advisor.surfaces.slack.state import Memory, Place
from advisor.surfaces.slack.telling.quiet_hours import QuietHours
from advisor.surfaces.slack.words import notification, words

log = structlog.get_logger()

_FORGOTTEN = timedelta(days=30)
"""A recommendation that was not seen for so long is news again."""
_GONE_AFTER = timedelta(hours=1)
"""One that no cycle has made for so long makes room for the next; what flickers is not gone."""


@dataclass(slots=True, kw_only=True)
class Recommendations:
    """Of the cycles that propose, in mode propose; in mode apply a change is told instead, and observe tells none."""

    memory: Memory
    sender: Sender
    clock: Clock
    quiet: QuietHours = field(default_factory=QuietHours)
    _done: Diagnosis | None = None
    """The cycle of which nothing is left to tell."""

    def round(self, diagnosis: Diagnosis | None, mode: Mode) -> None:
        """Raises NotYetError, SlackCallError, JournalError."""
        if mode is not Mode.PROPOSE or diagnosis is None or diagnosis is self._done:
            return
        now = self.clock.now()
        if self.quiet.hold(now):
            return
        present = {proposal.id for proposal in diagnosis.proposals}
        self._refresh(present, now)
        chosen = diagnosis.choice.proposal
        if chosen is not None and self._is_its_turn(chosen):
            self._tell(chosen, diagnosis.choice.reason, now)
        self._details()
        self._done = diagnosis

    def _refresh(self, present: set[str], now: datetime) -> None:
        """Note which are still made, edit those that are not any more, forget those of long ago."""
        for key, known in self.memory.values("proposal/"):
            seen = datetime.fromisoformat(str(known["seen"]))
            if key.removeprefix("proposal/") in present:
                if now - seen > _GONE_AFTER / 4:  # a row an hour or so, not one a cycle
                    self.memory.keep(key, {**known, "seen": now.isoformat(), "is_open": True})
            elif known["is_open"] and now - seen > _GONE_AFTER:
                self._withdraw(known)
                self.memory.keep(key, {**known, "is_open": False})
            elif now - seen > _FORGOTTEN:
                self.memory.drop(key)

    def _withdraw(self, known: dict[str, object]) -> None:
        line = f"No longer recommended: {known['title']}"
        message = Message(text=notification(line), blocks=(section(words(line, 600)),))
        place = Place(channel=str(known["channel"]), ts=str(known["ts"]))
        try:
            self.sender.update(place, message, message)
        except SlackCallError as error:
            if fault_of(error) not in (Fault.GONE, Fault.OURS):
                raise

    def _is_its_turn(self, chosen: Proposal) -> bool:
        if self.memory.value(f"proposal/{chosen.id}") is not None:
            return False
        return not any(
            known["is_open"] and known["app"] == _application(chosen) for _, known in self.memory.values("proposal/")
        )

    def _tell(self, chosen: Proposal, reason: str, now: datetime) -> None:
        message = recommendation(chosen, reason, Mode.PROPOSE.value)
        try:
            place = self.sender.post(message, _plain(chosen, message))
        except SlackCallError as error:
            if fault_of(error) is not Fault.OURS:
                raise
            place = Place(channel="", ts="")
        told = {"channel": place.channel, "ts": place.ts, "app": _application(chosen), "title": title(chosen)}
        detail = list(message.detail) if place.ts else []
        self.memory.keep(f"proposal/{chosen.id}", {**told, "seen": now.isoformat(), "is_open": True, "detail": detail})
        log.info("recommendation_sent", proposal_id=chosen.id, rule_id=chosen.rule)

    def _details(self) -> None:
        """What found no room in a recommendation, into its thread. Raises NotYetError, SlackCallError, JournalError."""
        for key, known in self.memory.values("proposal/"):
            pieces = [str(piece) for piece in known.get("detail") or ()]
            sent = int(known.get("pieces") or 0)
            place = Place(channel=str(known["channel"]), ts=str(known["ts"]))
            for message in list(in_messages(pieces, f"More on {known['title']}"))[sent:]:
                self.sender.post(message, message, thread=place)
                sent += 1
                self.memory.keep(key, {**known, "pieces": sent})
            if pieces:
                self.memory.keep(key, {**known, "detail": [], "pieces": 0})


def _application(proposal: Proposal) -> str:
    """What "one at a time" counts by: the application, else the first thing that the knob belongs to."""
    return proposal.app or next(iter(proposal.target.as_dict().values()), "")


def _plain(chosen: Proposal, message: Message) -> Message:
    line = f"Recommended: {title(chosen)}. The whole of it: advisor report"
    return Message(text=notification(line), blocks=(section(words(line, 600)),), metadata=message.metadata)
