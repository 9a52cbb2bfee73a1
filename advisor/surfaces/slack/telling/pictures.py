"""The two pictures of a change: what its goal was like before, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from advisor.clients.slack import SlackCallError
from advisor.model.change import ChangeRecord, NamedSeries, State
from advisor.model.errors import AdvisorError
from advisor.model.signal import Sample, SignalKey
from advisor.ports.observing import SampleReader
from advisor.surfaces.slack.faults import Fault, fault_of
from advisor.surfaces.slack.pace import FILES
from advisor.surfaces.slack.sender import NotYetError, Sender
from advisor.surfaces.slack.state import Place, Told
from advisor.surfaces.slack.telling.chart import Chart, is_drawable, png

log = structlog.get_logger()

_EVIDENCE, _OUTCOME = "evidence", "outcome"
_BEFORE = timedelta(hours=1)
_TRIES = 3
"""While everything else can be sent; an outage of all of Slack's uses up none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hung:
    """charts: those that the thread has, or will not get. lost: the one that was given up just now, "" for none."""

    charts: tuple[str, ...]
    lost: str = ""


@dataclass(slots=True, kw_only=True)
class Pictures:
    """samples: None where nothing can be read of the past; then there is only the picture of the outcome."""

    sender: Sender
    samples: SampleReader | None
    _tries: dict[tuple[str, str], int] = field(default_factory=dict)

    def past(self, record: ChangeRecord) -> Sequence[Sample]:
        """The goal in the hour before the change was proposed; nothing where it cannot be read."""
        if self.samples is None:
            return ()
        goal, end = record.proposal.goal.signal, record.created_at
        try:
            found = self.samples.series([goal], end - _BEFORE, end)
        except AdvisorError as error:
            log.debug("slack_past_unreadable", change_id=record.id, error=str(error))
            return ()
        return found[goal].samples if goal in found else ()

    def owes(self, record: ChangeRecord, told: Told) -> bool:
        """Whether one is still to be sent."""
        return told.place is not None and is_drawable() and bool(self._due(record, told))

    def send(self, record: ChangeRecord, told: Told) -> Hung:
        """One that is due, if it can be sent now; it is tried some times, as an ornament is not worth a queue."""
        place = told.place
        if place is None or not self.owes(record, told):
            return Hung(charts=told.charts)
        name = self._due(record, told)[0]
        key, hung = (record.id, name), (*told.charts, name)
        try:
            self.sender.check(FILES)  # before anything is read or drawn for it
            self._send_one(name, record, place)
        except NotYetError:
            return Hung(charts=told.charts)
        except SlackCallError as error:
            self._tries[key] = self._tries.get(key, 0) + 1
            may_help = fault_of(error) in (Fault.PACE, Fault.UNKNOWN, Fault.SLACK)
            if may_help and self._tries[key] < _TRIES:
                return Hung(charts=told.charts)
            log.warning("slack_picture_given_up", change_id=record.id, picture=name, error=str(error))
            return Hung(charts=hung, lost=name if may_help else "")  # a scope that is missing is told by the doctor
        return Hung(charts=hung)

    def _due(self, record: ChangeRecord, told: Told) -> list[str]:
        is_judged = record.verdict is not None and record.state in (State.KEPT, State.ROLLED_BACK)
        wanted = [_EVIDENCE, *([_OUTCOME] if is_judged else [])]
        return [name for name in wanted if name not in told.charts]

    def _send_one(self, name: str, record: ChangeRecord, place: Place) -> None:
        drawn = png(self._before(record) if name == _EVIDENCE else _outcome(record))
        if drawn is not None:
            self.sender.picture(drawn, f"{record.id}-{name}.png", f"{name} of {record.id}", place)

    def _before(self, record: ChangeRecord) -> Chart:
        goal = record.proposal.goal.signal
        return Chart(title=str(goal), unit=record.proposal.prediction.unit, before=self.past(record))


def _outcome(record: ChangeRecord) -> Chart:
    goal, prediction = record.proposal.goal.signal, record.proposal.prediction
    is_same = goal == prediction.signal
    return Chart(
        title=str(goal),
        unit=prediction.unit if is_same else "",
        before=_of(goal, record.baseline),
        after=_of(goal, record.trial),
        band=(prediction.low, prediction.high) if is_same else None,
        changed_at=_changed_at(record),
    )


def _changed_at(record: ChangeRecord) -> datetime | None:
    return record.applying_since


def _of(key: SignalKey, series: Sequence[NamedSeries]) -> Sequence[Sample]:
    return next((one.series.samples for one in series if one.signal == key), ())
