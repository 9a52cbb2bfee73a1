"""Whether the kill switch is on, and what it leaves changed; the schema "advisor/pause/v1"."""

from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.change import ChangeRecord, Pause, State
from advisor.model.finding import KnobValue

_MAY_BE_CHANGED = frozenset({State.APPLYING, State.TRIAL, State.SWITCHED_BACK, State.ROLLING_BACK, State.STUCK})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftChanged:
    """A knob that may stand at its new value, as its change is neither kept nor rolled back."""

    change: str
    state: State
    target: str
    old: KnobValue
    new: KnobValue
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseView:
    schema: str = field(default="advisor/pause/v1", init=False)
    paused: bool
    reason: str
    since: datetime | None
    freeze: bool
    left_changed: LeftChanged | None


def pause_view(pause: Pause | None, open_change: ChangeRecord | None) -> PauseView:
    return PauseView(
        paused=pause is not None,
        reason=pause.reason if pause is not None else "",
        since=pause.since if pause is not None else None,
        freeze=pause.freeze if pause is not None else False,
        left_changed=_left_changed(open_change) if open_change is not None else None,
    )


def _left_changed(record: ChangeRecord) -> LeftChanged | None:
    if record.state not in _MAY_BE_CHANGED:
        return None
    proposal = record.proposal
    return LeftChanged(
        change=record.id,
        state=record.state,
        target=str(proposal.target),
        old=proposal.current,
        new=proposal.proposed,
        unit=proposal.unit,
    )
