"""What goes on in and around a change's trial, for people."""

from advisor.surfaces.documents.document import Fact, Section, Table
from advisor.surfaces.documents.quantity import setting
from advisor.surfaces.views.change import ChangeView
from advisor.surfaces.views.course import ProbationView, SwitchBackView
from advisor.surfaces.views.plain_data import to_the_second


def probation_fact(view: ProbationView | None) -> tuple[Fact, ...]:
    """Until when it is watched on, and what the last look said; or what came of it."""
    return (Fact(label="Probation", text=probation_text(view)),) if view is not None else ()


def probation_text(view: ProbationView) -> str:
    """Such as "until 2026-01-01 12:00:00Z; the gain lasts: ..."."""
    if view.ended_at is not None:
        return f"ended {to_the_second(view.ended_at)}, {view.came_of}"
    said = f"; {view.verdict.explanation}" if view.verdict is not None else ""
    return f"until {to_the_second(view.until)}{said}"


def switch_back_fact(view: SwitchBackView | None) -> tuple[Fact, ...]:
    if view is None:
        return ()
    return (Fact(label="Switches back", text=f"period {len(view.periods)} of {view.needed} or more"),)


def course_sections(view: ChangeView) -> tuple[Section, ...]:
    """The periods and the known events; a section for each that there is."""
    return (*_periods(view), *_marks(view))


def _periods(view: ChangeView) -> tuple[Section, ...]:
    if view.switch_back is None or not view.switch_back.periods:
        return ()
    rows = tuple(
        (
            setting(period.value, view.unit, view.proposal.target),
            to_the_second(period.ordered_at),
            to_the_second(period.in_force_at) if period.in_force_at is not None else "not yet",
            to_the_second(period.ended_at) if period.ended_at is not None else "",
        )
        for period in view.switch_back.periods
    )
    return (Section(heading="Periods", table=Table(columns=("Value", "Ordered", "In force", "Ended"), rows=rows)),)


def _marks(view: ChangeView) -> tuple[Section, ...]:
    if not view.marks:
        return ()
    rows = tuple((mark.kind.value, to_the_second(mark.at), mark.what) for mark in view.marks)
    return (Section(heading="Known events", table=Table(columns=("Kind", "At", "What"), rows=rows)),)
