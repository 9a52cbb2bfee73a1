"""A person's word on a change: the command line, the HTTP API and Slack all call this."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from advisor.engine.decide.manual_clear import cleared
from advisor.engine.rollout.hold import settled_by
from advisor.engine.rollout.lifecycle import TRANSITIONS
from advisor.engine.rollout.transitions import Transitions
from advisor.model.approval import Approval, Snooze
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.errors import ConflictError, IllegalTransitionError, JournalError, PlanChangedError
from advisor.model.proposal import Risk
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener
from advisor.ports.journal import Register

_LATER_CHANGES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Written in the name of the term in force: a person's word is not a new term.

    two_people: from this risk on a second person must approve what one has approved; None: one is enough.

    version: of the change as whoever decides has read it; ConflictError when it is another by now, so that of two who
    decide at once the second is told.

    Every method raises JournalError when there is no such change or the journal fails, ConflictError when somebody
    else was quicker, IllegalTransitionError when the change does not wait for this word, or no longer.
    """

    journal: Register
    listeners: Sequence[ChangeListener]
    clock: Clock
    two_people: Risk | None = None

    def approve(self, change_id: str, who: str, *, plan: str | None = None, version: int | None = None) -> ChangeRecord:
        """Let it happen; a held trial is kept. Of the two who are needed, the first is noted.

        plan: the fingerprint of what was shown (`ChangeRecord.plan_hash`); PlanChangedError when it is another now.
        """
        record = self._find(change_id, version)
        if plan is not None and plan != record.plan_hash:
            raise PlanChangedError(
                "it is no longer what was shown", where=f"change {record.id}", fix="look at it again, then decide"
            )
        if record.is_held:
            return self._settle(record, who, keep=True)
        _check_waits(record, Event.APPROVED, self.clock.now())
        return self._approve(record, who)

    def reject(self, change_id: str, who: str, reason: str = "", *, version: int | None = None) -> ChangeRecord:
        """Drop it; a held trial goes back."""
        record = self._find(change_id, version)
        if record.is_held:
            return self._settle(record, who, keep=False, reason=reason)
        _check_waits(record, Event.REJECTED, None)
        return self._decide(replace(record, approved_by=""), Event.REJECTED, who, reason)

    def roll_back(self, change_id: str, who: str, reason: str = "") -> ChangeRecord:
        """Put the old value back: of a change that is being tried, that was kept, or that is stuck.

        The next cycle does it. Raises ChangeAlreadyOpenError when a kept one cannot be taken up again beside another.
        """
        record = self._find(change_id)
        if record.is_held:
            return self._settle(record, who, keep=False, reason=reason)
        asked = _said("rolled back", who, reason)
        if record.state in (State.APPLYING, State.TRIAL, State.SWITCHED_BACK):
            if record.roll_back_asked:
                raise IllegalTransitionError(f"it is to be {record.roll_back_asked}", where=f"change {record.id}")
            return self._transitions().note(
                replace(record, roll_back_asked=asked), self.clock.now(), f"to be {asked}, in the next cycle"
            )
        _check_waits(record, Event.ROLL_BACK_ASKED, None)
        self._check_latest(record)
        return self._decide(replace(record, restore_attempts=0), Event.ROLL_BACK_ASKED, who, reason)

    def _check_latest(self, record: ChangeRecord) -> None:
        """What a later change has set, be it kept or put back, is not this one's to put back."""
        for later in self.journal.history(record.environment, _LATER_CHANGES):
            if later.id == record.id:
                return
            if later.applying_since is not None and later.proposal.target.overlaps(record.proposal.target):
                raise IllegalTransitionError(
                    f"change {later.id} has set {record.proposal.target} since, and is {later.state}",
                    where=f"change {record.id}",
                    fix="roll that one back if it was kept, else change the value by hand",
                )

    def clear(self, change_id: str, who: str) -> ChangeRecord:
        """Say that a target which had stopped may be changed again."""
        done = cleared(self._find(change_id), who)
        return self._transitions().note(done, self.clock.now(), f"cleared by {who}: the target may be changed again")

    def snooze(self, environment: str, snooze: Snooze) -> None:
        """Begin nothing that `snooze.rule` proposes before its time; what it has proposed already is dropped."""
        self.journal.snooze(environment, snooze)
        record = self.journal.open_change(environment)
        if record is not None and record.proposal.rule == snooze.rule and _is_nobodys_word(record):
            why = f"{snooze.rule} is snoozed until {snooze.until:%Y-%m-%d %H:%M}Z"
            self._decide(record, Event.REJECTED, snooze.who, f"{why}: {snooze.reason}" if snooze.reason else why)

    def _approve(self, record: ChangeRecord, who: str) -> ChangeRecord:
        now = self.clock.now()
        said = (*record.approvals, Approval(who=who, at=now, plan=record.plan_hash))
        people = list(dict.fromkeys(one.who for one in said if one.plan == record.plan_hash))
        if self._needs_two(record) and len(people) < 2:
            if record.approvals:
                fix = "another person must approve it too"
                raise IllegalTransitionError(f"{who} has approved it already", where=f"change {record.id}", fix=fix)
            first = f"approved by {who}; its risk is {record.proposal.risk}, and a second person must approve it"
            return self._transitions().note(replace(record, approvals=said), now, first)
        return self._decide(replace(record, approvals=said, approved_by=" and ".join(people)), Event.APPROVED, who)

    def _needs_two(self, record: ChangeRecord) -> bool:
        return self.two_people is not None and record.proposal.risk.rank >= self.two_people.rank

    def _decide(self, record: ChangeRecord, event: Event, who: str, reason: str = "") -> ChangeRecord:
        word = "rolled back" if event is Event.ROLL_BACK_ASKED else event.value
        return self._transitions().move(record, event, self.clock.now(), _said(word, who, reason))

    def _settle(self, record: ChangeRecord, who: str, *, keep: bool, reason: str = "") -> ChangeRecord:
        """The next cycle carries it out."""
        settled = settled_by(record, who, keep=keep)
        what = f"to be {'kept' if keep else 'rolled back'}: {who}"
        return self._transitions().note(settled, self.clock.now(), f"{what}: {reason}" if reason else what)

    def _find(self, change_id: str, version: int | None = None) -> ChangeRecord:
        record = self.journal.find(change_id)
        if record is None:
            raise JournalError(f"no change {change_id!r}", where="journal", fix="see: advisor changes")
        if version not in (None, record.version):
            raise ConflictError("it has gone on since it was read", where=f"change {record.id}", fix="read it again")
        return record

    def _transitions(self) -> Transitions:
        term = self.journal.term()
        return Transitions(journal=self.journal, listeners=self.listeners, epoch=term.epoch if term else 0)


def _is_nobodys_word(record: ChangeRecord) -> bool:
    """Whether nothing was begun yet, and no person has approved it."""
    return record.state is State.PROPOSED or (record.state is State.APPROVED and not record.approvals)


def _check_waits(record: ChangeRecord, event: Event, now: datetime | None) -> None:
    """now: given where the word must come in time. Tells who has decided, where somebody has."""
    late = record.state is State.PROPOSED and now is not None and now >= record.expires_at
    if (record.state, event) in TRANSITIONS and not late:
        return
    why = f"it expired at {record.expires_at:%Y-%m-%d %H:%M:%S}Z" if late else record.why
    raise IllegalTransitionError(
        f"{event} is not possible while it is {record.state}" + (f": {why}" if why else ""),
        where=f"change {record.id}",
        fix="read the change again",
    )


def _said(word: str, who: str, reason: str) -> str:
    return f"{word} by {who}: {reason}" if reason else f"{word} by {who}"
