"""What goes on in and around a change's trial, as programs read it: periods, known events, probation."""

from dataclasses import dataclass
from datetime import datetime

from advisor.model.change import ChangeRecord
from advisor.model.course import MarkKind
from advisor.model.finding import KnobValue
from advisor.model.verdict import MechanismCheck, MetricComparison, Outcome, PlaceboCheck, Verdict, VerdictReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceboView:
    """At how many of the `dates` without a change a step as large came by itself; rate: null without a date."""

    dates: int
    as_large: int
    rate: float | None
    largest: float
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanismView:
    """Blocks that the statement of an index reads a call, of so many calls. others_ratio: see others; null without any.

    others: statements on its table that the index does not touch. scans: of the index since; null where that is not
    known. told: all of it in words.
    """

    blocks_before: float
    blocks_after: float
    calls_before: int
    calls_after: int
    others: int
    others_ratio: float | None
    scans: int | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """placebo: what the past did by itself; mechanism: what the change works through. null where that was not asked."""

    outcome: Outcome
    reason: VerdictReason
    explanation: str
    metrics: tuple[MetricComparison, ...]
    placebo: PlaceboView | None
    mechanism: MechanismView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkView:
    """A known event that may have moved a metric by itself."""

    kind: MarkKind
    at: datetime
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodView:
    """A part of the trial with one value. in_force_at: when every instance showed it; None until then."""

    value: KnobValue
    ordered_at: datetime
    in_force_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchBackView:
    """needed: periods before anything is kept. How long each lasts, its warm-up apart, is drawn."""

    needed: int
    shortest_seconds: float
    longest_seconds: float
    periods: tuple[PeriodView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbationView:
    """How a kept change is watched on. came_of: why that is over; "" while it goes on. verdict: of the last look."""

    until: datetime
    looked_at: datetime | None
    verdict: VerdictView | None
    ended_at: datetime | None
    came_of: str


def verdict_view(verdict: Verdict | None) -> VerdictView | None:
    if verdict is None:
        return None
    return VerdictView(
        outcome=verdict.outcome,
        reason=verdict.reason,
        explanation=verdict.explanation,
        metrics=verdict.evidence,
        placebo=_placebo_view(verdict.placebo),
        mechanism=_mechanism_view(verdict.mechanism),
    )


def _placebo_view(check: PlaceboCheck | None) -> PlaceboView | None:
    if check is None:
        return None
    rate = check.rate if check.dates else None
    return PlaceboView(dates=check.dates, as_large=check.as_large, rate=rate, largest=check.largest, told=str(check))


def _mechanism_view(check: MechanismCheck | None) -> MechanismView | None:
    if check is None:
        return None
    return MechanismView(
        blocks_before=check.blocks_before,
        blocks_after=check.blocks_after,
        calls_before=check.calls_before,
        calls_after=check.calls_after,
        others=check.others,
        others_ratio=check.others_ratio if check.others else None,
        scans=check.scans,
        told=str(check),
    )


def mark_views(record: ChangeRecord) -> tuple[MarkView, ...]:
    return tuple(MarkView(kind=mark.kind, at=mark.at, what=mark.what) for mark in record.marks)


def switch_back_view(record: ChangeRecord) -> SwitchBackView | None:
    switching = record.switch_back
    if switching is None:
        return None
    return SwitchBackView(
        needed=switching.periods,
        shortest_seconds=switching.shortest_seconds,
        longest_seconds=switching.longest_seconds,
        periods=_periods(record),
    )


def _periods(record: ChangeRecord) -> tuple[PeriodView, ...]:
    switching, began = record.switch_back, record.trial_since
    if switching is None or began is None:
        return ()
    old, new = record.proposal.current, record.proposal.proposed
    starts = [(new, began, began), *((new if m.is_on else old, m.ordered_at, m.in_force_at) for m in switching.moves)]
    ends: list[datetime | None] = [move.ordered_at for move in switching.moves]
    ends.append(record.settled_at)
    return tuple(
        PeriodView(value=value, ordered_at=ordered, in_force_at=in_force, ended_at=end)
        for (value, ordered, in_force), end in zip(starts, ends, strict=True)
    )


def probation_view(record: ChangeRecord) -> ProbationView | None:
    probation = record.probation
    if probation is None:
        return None
    return ProbationView(
        until=probation.until,
        looked_at=probation.looked_at,
        verdict=verdict_view(probation.verdict),
        ended_at=probation.ended_at,
        came_of=probation.came_of,
    )
