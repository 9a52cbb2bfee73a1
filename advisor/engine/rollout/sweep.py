"""Closed is closed only if it stays so: a value of ours that turns up after its change has ended is put back.

A leader that was frozen in the middle of a write can finish it long after another has found the old value live and has
closed the change. Its next write is refused; what this last one left behind is seen here.
"""

from advisor.engine.rollout.context import RolloutContext, log
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import AdvisorError, StaleEpochError
from advisor.model.knob import KnobState, KnobTarget

_OURS = frozenset({KnobState.NEW, KnobState.PARTIAL, KnobState.LAPSED, KnobState.REMAINS})
_LOOKED_AT = 20


def sweep(rollout: RolloutContext) -> None:
    """Look again at what ended with the old value a short while ago. Only called while no change is open.

    A short while: as long as the plan gave the write to come into force. Raises JournalError.
    """
    targets: list[KnobTarget] = []
    for record in rollout.journal.history(rollout.policy.environment, _LOOKED_AT):
        if any(record.proposal.target.overlaps(later) for later in targets):
            continue  # a later change has the last word on it
        targets.append(record.proposal.target)
        if _may_still_turn_up(record, rollout):
            _put_back(record, rollout)


def _may_still_turn_up(record: ChangeRecord, rollout: RolloutContext) -> bool:
    if record.state not in (State.FAILED, State.ROLLED_BACK):
        return False
    return rollout.seconds_since(record.settled_at) <= record.plan.apply_seconds


def _put_back(record: ChangeRecord, rollout: RolloutContext) -> None:
    status = rollout.look(record)
    if status.kind not in _OURS:
        return
    whole = rollout.journal.find(record.id) or record
    rollout.mark(whole, f"the new value turned up after all ({status.kind}); putting the old one back")
    try:
        rollout.knob.restore(rollout.order(record))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        log.warning("restore_failed", change_id=record.id, error=str(error))
