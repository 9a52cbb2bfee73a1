"""A kept change on probation: looked at again and again, and taken back when its gain goes or harm comes.

It is not open, and does not stand in the way of the next change: once another value is moved, what is measured is no
longer this one's doing, and the probation is over. A taking back is a write like any other: by the leader, with the
place for a change free, not in a pause, not of a knob that is never changed. One that waits for its approval or its
baseline gives the place up: it was measured beside a value that goes.
"""

from dataclasses import replace
from datetime import datetime

from advisor.engine.decide.global_gates import frozen
from advisor.engine.decide.proposal_gates import outside_windows
from advisor.engine.judge.probation import looks_made, watched
from advisor.engine.rollout.context import RolloutContext
from advisor.engine.rollout.memory import kept
from advisor.engine.rollout.settle import restore
from advisor.engine.rollout.trial_so_far import read_trial, replaced_since, steady_at
from advisor.model.change import ChangeRecord, Event, State
from advisor.model.knob import KnobState
from advisor.model.verdict import Outcome, Verdict, VerdictReason
from advisor.settings.policy import Mode, Permission

_LOOKED_AT = 20
_NOT_BEGUN = frozenset({State.PROPOSED, State.APPROVED})
_MOVES = frozenset({State.APPLYING, State.ROLLING_BACK})


def look_again(in_flight: ChangeRecord | None, rollout: RolloutContext) -> ChangeRecord | None:
    """One look at what is on probation, where one is due; the change if it is being taken back. Raises JournalError.

    in_flight: the open change. Only one that is not begun lets another be looked at.
    """
    record = _watched_on(rollout)
    if record is None:
        return None
    if other := _overtaking(record, rollout):
        _end(record, f"over: change {other} was begun", rollout)
        return None
    if in_flight is not None and in_flight.state not in _NOT_BEGUN:
        return None
    pause = rollout.kill_switch.paused()
    if pause is not None or rollout.mode is not Mode.APPLY or not _is_due(record, rollout):
        return None
    return _look(record, in_flight, rollout)


def _watched_on(rollout: RolloutContext) -> ChangeRecord | None:
    """The whole record of the change on probation; there is one at most."""
    history = rollout.journal.history(rollout.policy.environment, _LOOKED_AT)
    found = next((record for record in history if record.is_on_probation), None)
    return rollout.journal.find(found.id) if found is not None else None


def _overtaking(record: ChangeRecord, rollout: RolloutContext) -> str:
    """The change that has moved a value since this one was kept; "" where none has."""
    since = record.settled_at
    for other in rollout.journal.history(rollout.policy.environment, _LOOKED_AT):
        if other.id != record.id and since and any(one.state in _MOVES and one.at >= since for one in other.phases):
            return other.id
    return ""


def _is_due(record: ChangeRecord, rollout: RolloutContext) -> bool:
    start, probation = steady_at(record), record.probation
    if start is None or probation is None:
        return False
    last = probation.looked_at or record.settled_at or start
    before, now = ((at - start).total_seconds() for at in (last, rollout.clock.now()))
    is_put_back = now < before  # the clock: what is timed by it is looked at anew
    return is_put_back or looks_made(record.plan, now) > looks_made(record.plan, before)


def _look(record: ChangeRecord, in_flight: ChangeRecord | None, rollout: RolloutContext) -> ChangeRecord | None:
    start, status = steady_at(record), rollout.look(record)
    if start is None or status.kind is KnobState.UNKNOWN:
        return None
    if status.kind is not KnobState.NEW:
        _end(record, f"over: the value is no longer in force as it was kept: {status.kind}, {status.detail}", rollout)
        return None
    if replacement := replaced_since(record, rollout):
        _end(record, f"over: {replacement}", rollout)
        return None
    trial, samples = read_trial(record, start, rollout)
    verdict = watched(trial)
    if verdict.outcome is Outcome.ROLL_BACK:
        return _take_back(replace(record, trial=tuple(samples), marks=trial.marks), verdict, in_flight, rollout)
    looked = _with(kept(record, samples, start, rollout), verdict, rollout.clock.now())
    match verdict.outcome:
        case Outcome.KEEP:
            _end(looked, f"over: {verdict.explanation}", rollout)
        case Outcome.HOLD:
            _end(looked, f"left to a person: {verdict.explanation}", rollout)
        case _:
            rollout.store(looked)
    return None


def _take_back(
    record: ChangeRecord, verdict: Verdict, in_flight: ChangeRecord | None, rollout: RolloutContext
) -> ChangeRecord | None:
    """Journal that the old value is owed, then put it back; None while that may not be begun."""
    if not_now := _forbidden(record, verdict, rollout.clock.now(), rollout):
        rollout.wait(record, f"to be taken back ({verdict.explanation}), and waits: {not_now}")
        return None
    if in_flight is not None:
        rollout.move(in_flight, Event.EXPIRED, f"change {record.id}, beside which it was measured, is taken back")
    owed = _with(replace(record, restore_attempts=0), verdict, rollout.clock.now())
    return restore(rollout.move(owed, Event.TAKEN_BACK, f"{verdict.reason}: {verdict.explanation}"), rollout)


def _forbidden(record: ChangeRecord, verdict: Verdict, now: datetime, rollout: RolloutContext) -> str:
    """Why it may not be written now; "" when it may. What harms is put back in a freeze, too, and at any hour."""
    knob = record.proposal.target.knob
    if rollout.policy.for_knob(knob).permission is Permission.NEVER:
        return f"policy: {knob} is never changed"
    if verdict.reason is not VerdictReason.GAIN_GONE:
        return ""
    return frozen(rollout.policy, now) or outside_windows(record.proposal, rollout.policy, now)


def _with(record: ChangeRecord, verdict: Verdict, now: datetime) -> ChangeRecord:
    if record.probation is None:
        return record
    return replace(record, probation=replace(record.probation, looked_at=now, verdict=verdict))


def _end(record: ChangeRecord, came_of: str, rollout: RolloutContext) -> None:
    if record.probation is not None:
        ended = replace(record.probation, ended_at=rollout.clock.now(), came_of=came_of)
        rollout.mark(replace(record, probation=ended), f"probation {came_of}")
