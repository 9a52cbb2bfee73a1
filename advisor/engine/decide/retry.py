"""Whether advice that was rolled back may be tried again: only on other evidence. Pure.

The evidence of a finding is its set of named numbers and words. It has changed when a word differs, when a signal
has come or gone, or when a number has moved by more than the tolerance, relative to the larger of the two and, where
there is one, of its threshold: an error ratio that goes from 0.0001 to 0.0002 under a limit of 0.01 has not moved.
"""

import math
from collections.abc import Mapping, Sequence

from advisor.model.change import ChangeRecord, State
from advisor.model.finding import Evidence, KnobValue
from advisor.model.proposal import Proposal
from advisor.model.verdict import Outcome, VerdictReason


def unchanged_since(proposal: Proposal, history: Sequence[ChangeRecord], tolerance: float) -> str:
    """The roll-back of the same advice on the same evidence; "" when there is none. History: newest first."""
    for record in history:
        refuted = record.state is State.ROLLED_BACK and not _was_interrupted(record)
        if not refuted or not same_advice(proposal, record.proposal, tolerance):
            continue
        if not evidence_changed(record.proposal.evidence, proposal.evidence, tolerance):
            return f"change {record.id} tried this and was rolled back; waits until the evidence changes"
    return ""


def _was_interrupted(record: ChangeRecord) -> bool:
    """It was on trial, and ended undecided: by a pause, a new mode, a dead daemon or a new release."""
    if record.trial_since is None:
        return False
    if record.verdict is None or record.verdict.outcome in (Outcome.EXTEND, Outcome.HOLD):
        return True
    return record.verdict.reason is VerdictReason.REPLACED


def same_advice(one: Proposal, other: Proposal, tolerance: float) -> bool:
    """The same knob, from the same value to nearly the same: 12 connections in place of 13 is no new idea."""
    if not one.target.overlaps(other.target) or one.current != other.current:
        return False
    return one.proposed == other.proposed or not _moved(one.proposed, other.proposed, tolerance, scale=0.0)


def evidence_changed(before: Sequence[Evidence], after: Sequence[Evidence], tolerance: float) -> bool:
    """Whether a person would call these different grounds; of a record that kept no evidence nobody can say so."""
    if not before:
        return False
    old, new = _by_signal(before), _by_signal(after)
    if old.keys() != new.keys():
        return True
    return any(_moved(old[name].value, new[name].value, tolerance, scale=_scale(old[name])) for name in old)


def _by_signal(evidence: Sequence[Evidence]) -> Mapping[str, Evidence]:
    return {one.signal: one for one in evidence}


def _scale(evidence: Evidence) -> float:
    return abs(evidence.threshold) if isinstance(evidence.threshold, int | float) else 0.0


def _moved(old: KnobValue, new: KnobValue, tolerance: float, *, scale: float) -> bool:
    if not isinstance(old, int | float) or not isinstance(new, int | float):
        return old != new
    if not math.isfinite(old) or not math.isfinite(new):
        return repr(old) != repr(new)
    return abs(new - old) > tolerance * max(abs(old), abs(new), scale)
