"""What is proposed where nothing may be changed: one recommendation for an application at a time, and none twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from advisor.clients.slack import SlackCallError
from advisor.model.proposal import Proposal
from advisor.model.report import Diagnosis
from advisor.ports.clock import Clock
from advisor.settings.policy import Mode
from advisor.surfaces.slack.blocks import Message, in_messages, section
from advisor.surfaces.slack.faults import Fault, fault_of
from advisor.surfaces.slack.messages import plain_recommendation, recommendation, title
from advisor.surfaces.slack.pace import POST
from advisor.surfaces.slack.state import PROPOSAL, SNOOZED, Memory, Place
from advisor.surfaces.slack.telling.once import Once
from advisor.surfaces.slack.telling.quiet_hours import QuietHours
from advisor.surfaces.slack.words import notification, words

log = structlog.get_logger()

_FORGOTTEN = timedelta(days=30)
"""A recommendation that was not seen for so long is news again."""
_GONE_AFTER = timedelta(hours=1)
"""One that no cycle has made for so long makes room for the next; what flickers is not gone."""
_ENDS = (Fault.GONE, Fault.OURS)
"""Faults after which trying again is of no use."""


@dataclass(slots=True, kw_only=True)
class Recommendations:
    """Of the cycles that propose, in mode propose; in mode apply a change is told instead, and observe tells none."""

    memory: Memory
    once: Once
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
        self.once.sender.check(POST)  # before anything is read for what cannot be sent anyway
        self._snoozed()
        self._refresh({proposal.id for proposal in diagnosis.proposals}, now)
        chosen = diagnosis.choice.proposal
        if chosen is not None and self._is_its_turn(chosen):
            self._tell(chosen, diagnosis.choice.reason, now)
        self._details()
        self._done = diagnosis

    def _snoozed(self) -> None:
        """Those whose rule somebody has snoozed say so; once that is over they are news again."""
        for key, snoozed in self.memory.values(SNOOZED):
            until, known_key = datetime.fromisoformat(str(snoozed["until"])), key.replace(SNOOZED, PROPOSAL, 1)
            known = self.memory.value(known_key)
            if known is not None:
                line = f"Snoozed until {until:%Y-%m-%d %H:%M} UTC by {snoozed['who']}: {known['title']}"
                self._put_in_place(known, line)
                self.memory.keep(known_key, {**known, "is_open": False, "snoozed": until.isoformat()})
            self.memory.drop(key)

    def _refresh(self, present: set[str], now: datetime) -> None:
        """Note which are still made, edit those that are not any more, forget those of long ago."""
        for key, known in self.memory.values(PROPOSAL):
            seen, snoozed = datetime.fromisoformat(str(known["seen"])), known.get("snoozed")
            if snoozed:
                if datetime.fromisoformat(str(snoozed)) <= now:
                    self.memory.drop(key)
            elif key.removeprefix(PROPOSAL) in present:
                if now - seen > _GONE_AFTER / 4:  # a row an hour or so, not one a cycle
                    self.memory.keep(key, {**known, "seen": now.isoformat(), "is_open": True})
            elif known["is_open"] and now - seen > _GONE_AFTER:
                self._put_in_place(known, f"No longer recommended: {known['title']}")
                self.memory.keep(key, {**known, "is_open": False})
            elif now - seen > _FORGOTTEN:
                self.memory.drop(key)

    def _put_in_place(self, known: Mapping[str, Any], line: str) -> None:
        """Of the whole message; nothing where that is gone, or Slack will not have it."""
        message = Message(text=notification(line), blocks=(section(words(line, 600)),))
        place = _place(known)
        if not place.ts:
            return
        try:
            self.once.sender.update(place, message, message)
        except SlackCallError as error:
            if fault_of(error) not in _ENDS:
                raise
            log.info("recommendation_not_edited", error=error.code)

    def _is_its_turn(self, chosen: Proposal) -> bool:
        if self.memory.value(f"{PROPOSAL}{chosen.id}") is not None:
            return False
        return not any(
            known["is_open"] and known["app"] == _application(chosen) for _, known in self.memory.values(PROPOSAL)
        )

    def _tell(self, chosen: Proposal, reason: str, now: datetime) -> None:
        message, name = recommendation(chosen, reason, Mode.PROPOSE.value), f"recommendation/{chosen.id}"
        try:
            place = self.once.post(name, message, plain_recommendation(chosen)).place
        except SlackCallError as error:
            if fault_of(error) is not Fault.OURS:
                raise
            place = Place(channel="", ts="")
        told = {"channel": place.channel, "ts": place.ts, "home": place.home, "title": title(chosen)}
        about = {"app": _application(chosen), "rule": chosen.rule}
        detail = list(message.detail) if place.ts else []
        kept = {**told, **about, "seen": now.isoformat(), "is_open": True, "detail": detail}
        self.memory.keep(f"{PROPOSAL}{chosen.id}", kept)
        self.once.done(name)
        log.info("recommendation_sent", proposal_id=chosen.id, rule_id=chosen.rule)

    def _details(self) -> None:
        """What found no room in a recommendation, into its thread. Raises NotYetError, SlackCallError, JournalError."""
        for key, known in self.memory.values(PROPOSAL):
            pieces = [str(piece) for piece in known.get("detail") or ()]
            messages = list(in_messages(pieces, f"More on {known['title']}"))
            for number, message in list(enumerate(messages))[int(known.get("pieces") or 0) :]:
                if not self._has_piece(key, number, message, _place(known)):
                    break  # the thread is gone, and so is whoever would read on
                self.memory.keep(key, {**known, "pieces": number + 1})
                self.once.done(f"{key}/{number}")
            if pieces:
                self.memory.keep(key, {**known, "detail": [], "pieces": 0})

    def _has_piece(self, key: str, number: int, message: Message, thread: Place) -> bool:
        """False where there is no thread any more; what Slack will not have is left out."""
        payload = {"proposal": key.removeprefix(PROPOSAL), "piece": number}
        whole = replace(message, metadata={"event_type": "advisor_reply", "event_payload": payload})
        try:
            self.once.post(f"{key}/{number}", whole, replace(whole, blocks=()), thread=thread)
        except SlackCallError as error:
            if fault_of(error) not in _ENDS:
                raise
            log.info("recommendation_cut_short", error=error.code)
            return fault_of(error) is Fault.OURS
        return True


def _place(known: Mapping[str, Any]) -> Place:
    return Place(channel=str(known["channel"]), ts=str(known["ts"]), home=str(known.get("home") or ""))


def _application(proposal: Proposal) -> str:
    """What "one at a time" counts by: the application, else the first thing that the knob belongs to."""
    return proposal.app or next(iter(proposal.target.as_dict().values()), "")
