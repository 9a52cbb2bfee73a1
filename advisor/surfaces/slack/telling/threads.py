"""Every change brought up to date in Slack: its message, and the steps, the detail and the pictures in its thread.

What should stand there follows from the journal, and what does stand there from the notebook. So it does not matter who
moved a change, how often Slack was down meanwhile, or which process leads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from advisor.clients.slack import SlackCallError
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import AdvisorError
from advisor.model.signal import SignalKey
from advisor.ports.clock import Clock
from advisor.ports.journal import Book
from advisor.surfaces.documents.sparkline import sparkline
from advisor.surfaces.slack.blocks import Message, in_messages
from advisor.surfaces.slack.faults import Fault, fault_of
from advisor.surfaces.slack.messages import change_message, elsewhere, plain_message
from advisor.surfaces.slack.pace import POST
from advisor.surfaces.slack.sender import NotYetError, Sender
from advisor.surfaces.slack.state import Memory, Place, Told, content_of, detail_of
from advisor.surfaces.slack.telling.live import LiveNumbers
from advisor.surfaces.slack.telling.once import Once, Posted
from advisor.surfaces.slack.telling.pictures import Pictures
from advisor.surfaces.slack.telling.quiet_hours import QuietHours
from advisor.surfaces.slack.telling.steps import LOUD, steps_message
from advisor.surfaces.slack.words import notification

log = structlog.get_logger()

_LATEST = 50
_LIVE_SECONDS = 10.0
"""Numbers of a trial are edited into its message no more often: 50 edits a minute are for all messages together."""
_MOST_LOST = 3
"""Messages of one change that were deleted, after which no more is said of it than its thread steps in the log."""


@dataclass(slots=True, kw_only=True)
class ChangeThreads:
    """One round brings every change one step on. environment: whose changes."""

    journal: Book
    memory: Memory
    sender: Sender
    once: Once
    live: LiveNumbers
    pictures: Pictures
    clock: Clock
    environment: str
    quiet: QuietHours = field(default_factory=QuietHours)
    _edited_at: dict[str, float] = field(default_factory=dict)
    _since: datetime | None = None
    _done: dict[str, int] = field(default_factory=dict)
    """The versions of which all is told, so that the notebook is not asked for each old change in every round."""

    def round(self) -> None:
        """Raises NotYetError when something waits for its time, JournalError."""
        soonest: NotYetError | None = None
        for line in self._due():
            try:
                self._bring_up(line.id)
            except NotYetError as wait:
                soonest = wait if soonest is None or wait.seconds < soonest.seconds else soonest
            except SlackCallError as error:
                log.debug("slack_call_failed", change_id=line.id, error=str(error))
                if fault_of(error) is Fault.GONE:  # its thread has no beginning any more
                    told = self.memory.told(line.id)
                    self.memory.tell(line.id, replace(told, ts="", lost=told.lost + 1))
            except AdvisorError:
                raise
            except Exception:  # one change that cannot be shown hides no other
                log.exception("slack_change_not_told", change_id=line.id)
        if soonest is not None:
            raise soonest

    def _due(self) -> Iterator[ChangeRecord]:
        """Oldest first: those that are open, and those of whose end not everything was told."""
        if self._since is None:
            self._since = datetime.fromisoformat(self.memory.first_start(self.clock.now().isoformat()))
        known = self.journal.history(self.environment, _LATEST)
        self.live.watch(next((record for record in known if record.state is State.TRIAL), None))
        copied = self.memory.copied()
        self._done = {record.id: self._done[record.id] for record in known if record.id in self._done}
        for record in reversed(known):
            if self._is_due(record, self._since) or record.id in copied:
                yield record

    def _is_due(self, record: ChangeRecord, since: datetime) -> bool:
        if self._done.get(record.id) == record.version:
            return False
        told = self.memory.told(record.id)
        is_old = record.settled_at is not None and record.settled_at < since and not told.content
        if told.done == record.version or is_old:
            self._done[record.id] = record.version
            return False
        return True

    def _bring_up(self, change_id: str) -> None:
        record = self.journal.find(change_id)
        if record is None:
            return
        told = self.memory.told(record.id)
        told = self._with_message(record, told)
        place = told.place
        if place is None:
            return
        self._without_copies(record, place)
        if not self.quiet.hold(self.clock.now(), record):
            told = self._with_steps(record, told, place)
            told = self._with_detail(record, told, place)
            told = self._with_picture(record, told, place)
            is_shown = told.content == content_of(self._message(record, told))
            if is_shown and not record.is_open and not self.pictures.owes(record, told):
                self._keep(record, replace(told, done=record.version))

    def _with_message(self, record: ChangeRecord, told: Told) -> Told:
        """Its message as it should stand now, new or edited."""
        if told.place is None:
            return self._posted(record, told)
        message = self._message(record, told)
        content = content_of(message)
        if content == told.content or (_standing(record) == told.standing and self._was_edited_lately(record)):
            return told
        try:
            self.sender.update(told.place, message, plain_message(record))
        except SlackCallError as error:
            if fault_of(error) is Fault.GONE:
                log.warning("slack_message_gone", change_id=record.id, error=error.code)
                return self._posted(record, self._keep(record, replace(told, ts="", lost=told.lost + 1)))
            if fault_of(error) is not Fault.OURS:
                raise
        self._edited_at[record.id] = self.clock.monotonic()
        return self._keep(record, replace(told, content=content, standing=_standing(record)))

    def _posted(self, record: ChangeRecord, told: Told) -> Told:
        if told.lost > _MOST_LOST or self.quiet.hold(self.clock.now(), record):
            return told
        self.sender.check(POST)  # before anything is read for it
        before = told.before or sparkline([one.value for one in self.pictures.past(record)])
        message = self._message(record, replace(told, before=before))
        content = content_of(message)
        if content == told.refused:
            return told
        name = f"{record.id}/message"
        try:
            posted = self.once.post(name, message, plain_message(record))
        except SlackCallError as error:
            if fault_of(error) is not Fault.OURS:
                raise
            return self._keep(record, replace(told, refused=content))
        self._edited_at[record.id] = self.clock.monotonic()
        place, shown = posted.place, "" if posted.known else content  # one that was found may show a former state
        told = replace(told, before=before, channel=place.channel, ts=place.ts, home=place.home, content=shown)
        told = self._keep(record, replace(told, standing=_standing(record) if shown else "", steps=max(told.steps, 1)))
        self.once.done(name)
        return told

    def _with_steps(self, record: ChangeRecord, told: Told, place: Place) -> Told:
        message = steps_message(record, told.steps)
        if message is None:
            return told
        name, until = f"{record.id}/steps/{told.steps}", len(record.phases)
        posted = self._reply(name, message, place, record, steps=until)
        steps = int(posted.payload.get("steps", until)) if posted is not None else until
        told = self._keep(record, replace(told, steps=steps))
        self.once.done(name)
        return told

    def _with_picture(self, record: ChangeRecord, told: Told, place: Place) -> Told:
        hung = self.pictures.send(record, told)
        if hung.charts == told.charts:
            return told
        name = f"{record.id}/picture/{hung.lost}"
        if hung.lost:
            said = f"The picture of the {hung.lost} could not be sent: advisor changes show {record.id} has the numbers"
            self._reply(name, Message(text=notification(said)), place, record, lost=hung.lost)
        told = self._keep(record, replace(told, charts=hung.charts))
        if hung.lost:
            self.once.done(name)
        return told

    def _with_detail(self, record: ChangeRecord, told: Told, place: Place) -> Told:
        """What found no room, once for each content of the proposal."""
        if record.state not in (State.PROPOSED, State.APPROVED) and told.detail:
            return told
        message = self._message(record, told)
        detail = detail_of(message)
        if detail in ("", told.detail):
            return told
        pieces = list(in_messages(message.detail, f"More on {record.id}"))
        for number, piece in list(enumerate(pieces))[told.pieces :]:
            name = f"{record.id}/detail/{detail}/{number}"
            self._reply(name, piece, place, record, detail=detail, piece=number)
            told = self._keep(record, replace(told, pieces=number + 1))
            self.once.done(name)
        return self._keep(record, replace(told, detail=detail, pieces=0))

    def _reply(
        self, name: str, message: Message, place: Place, record: ChangeRecord, **known_by: str | int
    ) -> Posted | None:
        """Into the thread; None for what Slack will not have, which is left out, as the journal has it."""
        is_loud = "steps" in known_by and (record.state in LOUD or record.is_held)
        metadata = {"event_type": "advisor_reply", "event_payload": {"change": record.id, **known_by}}
        whole, plain = replace(message, metadata=metadata), Message(text=message.text, metadata=metadata)
        try:
            return self.once.post(name, whole, plain, thread=place, is_loud=is_loud)
        except SlackCallError as error:
            if fault_of(error) is not Fault.OURS:
                raise
            log.error("slack_reply_refused", change_id=record.id, error=error.code)
            return None

    def _without_copies(self, record: ChangeRecord, place: Place) -> None:
        """Second copies, and former messages, point to the one that lives and lose their buttons."""
        for copy in self.memory.copies(record.id):
            if copy != place:
                try:
                    self.sender.update(copy, elsewhere(record), elsewhere(record))
                except SlackCallError as error:
                    if fault_of(error) not in (Fault.GONE, Fault.OURS, Fault.CHANNEL):
                        raise
            self.memory.forget_copy(record.id, copy)

    def _message(self, record: ChangeRecord, told: Told) -> Message:
        return change_message(record, self._numbers(record), told.before)

    def _numbers(self, record: ChangeRecord) -> Mapping[SignalKey, Sequence[float]]:
        return self.live.values() if record.state is State.TRIAL else {}

    def _was_edited_lately(self, record: ChangeRecord) -> bool:
        return self.clock.monotonic() - self._edited_at.get(record.id, -_LIVE_SECONDS) < _LIVE_SECONDS

    def _keep(self, record: ChangeRecord, told: Told) -> Told:
        self.memory.tell(record.id, told)
        return told


def _standing(record: ChangeRecord) -> str:
    """What must not wait to be shown: state, and what was said of it."""
    said = (record.is_held, bool(record.roll_back_asked), len(record.approvals), record.plan_hash)
    return f"{record.state}/{said}"
