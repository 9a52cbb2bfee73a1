"""A person's word on a change, as it comes from Slack: stored, or answered with why not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from advisor.model.approval import Snooze
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import (
    AdvisorError,
    ChangeAlreadyOpenError,
    ConflictError,
    IllegalTransitionError,
    JournalError,
    PlanChangedError,
    StaleEpochError,
)
from advisor.model.units import parse_duration_seconds
from advisor.ports.clock import Clock
from advisor.ports.journal import Archive
from advisor.surfaces.slack.actions import (
    APPROVE,
    BUTTONS,
    DURATIONS,
    KEEP,
    PUT_BACK,
    REJECT,
    ROLL_BACK,
    SNOOZE,
    WITHDRAW,
    Decision,
)

log = structlog.get_logger()

_ATTEMPTS = 3
"""Something may have been noted of the change, or a new leader have begun, while the decision was on its way."""


class Word(Protocol):
    """The engine's say on a change. Raises what `advisor.engine.approvals.Approvals` says."""

    def approve(
        self, change_id: str, who: str, *, plan: str | None = None, version: int | None = None
    ) -> ChangeRecord: ...

    def reject(self, change_id: str, who: str, reason: str = "", *, version: int | None = None) -> ChangeRecord: ...

    def roll_back(self, change_id: str, who: str, reason: str = "") -> ChangeRecord: ...

    def snooze(self, environment: str, snooze: Snooze) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who decides. name: as people see it; it may change at any time, and proves nothing."""

    user: str
    team: str
    name: str

    def __str__(self) -> str:
        """As the journal keeps it: "mara (slack T0HARBOUR/U0APPROVER)"."""
        return f"{self.name} {self._proof}"

    @property
    def _proof(self) -> str:
        return f"(slack {self.team}/{self.user})"

    def known_as(self, record: ChangeRecord) -> str:
        """As this person stands in `record` already, so that nobody counts as two by taking another name."""
        same = (one.who for one in record.approvals if one.who.endswith(self._proof))
        return next(same, str(self))


class End(StrEnum):
    """What became of a decision."""

    DONE = "done"
    FIRST_OF_TWO = "first_of_two"
    REFUSED = "refused"
    STALE = "stale"
    """The plan is no longer the one that was shown."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """told: one sentence for whoever decided, in which parts may be others' words."""

    end: End
    told: str


class Decisions:
    """Each is carried out at once, by the journal: whoever comes first is the one who has decided."""

    def __init__(self, archive: Archive, word: Callable[[], Word], clock: Clock) -> None:
        """word: the engine's, under the settings in force."""
        self._archive = archive
        self._word = word
        self._clock = clock

    def carry_out(self, action: str, decision: Decision, who: Decider, reason: str = "") -> Outcome:
        """Raises nothing of the advisor's own: what goes wrong is told."""
        outcome = self._judged(decision, lambda record: self._carry_out(action, decision, record, who, reason))
        log.info("slack_decision", action=action, change_id=decision.change_id, who=str(who), outcome=outcome.end.value)
        return outcome

    def objection(self, action: str, decision: Decision) -> Outcome | None:
        """Why this cannot be decided now; None when it can, as far as is known without deciding it."""
        outcome = self._judged(decision, lambda record: _check(action, decision, record) or _YES)
        return None if outcome is _YES else outcome

    def _judged(self, decision: Decision, work: Callable[[ChangeRecord], Outcome]) -> Outcome:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                record = self._archive.find(decision.change_id)
                if record is None or record.id != decision.change_id:
                    return Outcome(end=End.REFUSED, told="This change is not known here any more.")
                return work(record)
            except PlanChangedError:
                return _STALE
            except (ConflictError, StaleEpochError) as error:
                if attempt == _ATTEMPTS:
                    return Outcome(end=End.REFUSED, told=f"Nothing was decided: {error.what}. Press again.")
            except (IllegalTransitionError, ChangeAlreadyOpenError) as error:
                return Outcome(end=End.REFUSED, told=f"Nothing was decided: {error.what}.")
            except JournalError as error:
                log.warning("slack_decision_not_stored", change_id=decision.change_id, error=str(error))
                break
            except AdvisorError as error:
                return Outcome(end=End.REFUSED, told=f"Nothing was decided: {error.what}.")
        return UNREACHABLE

    def _carry_out(self, action: str, decision: Decision, record: ChangeRecord, who: Decider, reason: str) -> Outcome:
        objection = _check(action, decision, record)
        if objection is not None:
            return objection
        name = who.known_as(record)
        match action:
            case str() if action == SNOOZE:
                return self._snooze(decision, record, name, reason)
            case str() if action in (REJECT, WITHDRAW, PUT_BACK):
                self._word().reject(record.id, name, reason, version=record.version)
            case str() if action == ROLL_BACK:
                self._word().roll_back(record.id, name, reason)
            case str() if action in (APPROVE, KEEP):
                after = self._word().approve(record.id, name, plan=decision.plan_hash, version=record.version)
                if after.state is State.PROPOSED:
                    told = f"Noted. Its risk is {after.proposal.risk}: a second person must approve it too."
                    return Outcome(end=End.FIRST_OF_TWO, told=told)
            case _:
                return _UNKNOWN
        return Outcome(end=End.DONE, told=_DONE[action])

    def _snooze(self, decision: Decision, record: ChangeRecord, name: str, reason: str) -> Outcome:
        until = self._clock.now() + timedelta(seconds=parse_duration_seconds(decision.duration))
        rule = record.proposal.rule
        self._word().snooze(record.environment, Snooze(rule=rule, until=until, who=name, reason=reason))
        return snoozed(rule, until)


def snoozed(rule: str, until: datetime) -> Outcome:
    return Outcome(end=End.DONE, told=f"{rule} proposes nothing until {until:%Y-%m-%d %H:%M} UTC.")


UNREACHABLE = Outcome(end=End.UNREACHABLE, told="Nothing was decided: the journal cannot be reached. Press again soon.")
_UNKNOWN = Outcome(end=End.REFUSED, told="Nothing was decided: this button is not known here.")
_YES = Outcome(end=End.DONE, told="")
_STALE = Outcome(end=End.STALE, told="Nothing was decided: the plan has changed since this was shown.")
_DONE = {
    APPROVE: "Approved; the next cycle applies it.",
    REJECT: "Rejected; nothing is changed.",
    WITHDRAW: "Rejected; nothing is changed.",
    ROLL_BACK: "To be rolled back, in the next cycle.",
    KEEP: "It stays as it is; the next cycle settles it.",
    PUT_BACK: "The old value comes back in the next cycle.",
}


def _check(action: str, decision: Decision, record: ChangeRecord) -> Outcome | None:
    """What a button may not do, whatever the engine says.

    A button decides only about the state in which it was shown: to the engine Approve and Keep are one word, and so are
    Reject, Withdraw and Put back; yet of Approve and Reject, pressed at once, the first is to win. What brings an old
    value back is never held up by a plan that reads differently now.
    """
    if action not in BUTTONS:
        return _UNKNOWN
    if action == SNOOZE:
        is_known = decision.duration in DURATIONS
        return None if is_known else Outcome(end=End.REFUSED, told="Nothing was decided: no such time to choose.")
    if action in (KEEP, PUT_BACK) and not record.is_held:
        return _too_late(record)
    if _STATES.get(action, record.state) is not record.state:
        return _too_late(record)
    if action in _BOUND and decision.plan_hash != record.plan_hash:
        return _STALE
    return None


_STATES = {APPROVE: State.PROPOSED, REJECT: State.PROPOSED, WITHDRAW: State.APPROVED}
_BOUND = frozenset({APPROVE, REJECT, WITHDRAW, KEEP})


def _too_late(record: ChangeRecord) -> Outcome:
    why = f": {record.why}" if record.why else ""
    return Outcome(end=End.REFUSED, told=f"Nothing was decided: it is {record.state} already{why}.")
