"""A change that somebody else overwrote stops its target until a person has said whose the knob is. Pure."""

from dataclasses import replace
from datetime import datetime

from advisor.model.change import ChangeRecord, Phase
from advisor.model.errors import IllegalTransitionError


def cleared(record: ChangeRecord, who: str, now: datetime) -> ChangeRecord:
    """`record` with the word of `who` that its target may be changed again. Raises IllegalTransitionError."""
    if not record.is_fight:
        ended = f"cleared by {record.cleared_by}" if record.cleared_by else f"{record.state}, not superseded"
        raise IllegalTransitionError(
            f"there is no fight to clear: it is {ended}", where=f"change {record.id}", fix="see: advisor changes list"
        )
    phase = Phase(state=record.state, at=now, reason=f"cleared by {who}: the target may be changed again")
    return replace(record, cleared_by=who, phases=(*record.phases, phase))
