"""What the daemon is about, on one page: the open change, the changes so far, and the last report."""

from dataclasses import replace

from advisor.surfaces.documents.change import change_document, changes_document
from advisor.surfaces.documents.document import Document, Fact, Section
from advisor.surfaces.documents.report_page import report_page
from advisor.surfaces.views.change import ChangesView, ChangeView
from advisor.surfaces.views.report import ReportView


def overview(report: ReportView | None, open_change: ChangeView | None, changes: ChangesView) -> Document:
    """Its data is that of the list of changes. report: None before the first cycle has ended."""
    listed = changes_document(changes)
    found = report_page(report).sections if report is not None else (_nothing_yet(),)
    return Document(
        title=f"Tuning advisor, environment {changes.environment}",
        data=listed.data,
        sections=(*_open_change(open_change), *listed.sections, *found),
        rows=listed.rows,
    )


def _open_change(change: ChangeView | None) -> tuple[Section, ...]:
    if change is None:
        return (Section(heading="Open change: none", facts=()),)
    whole = change_document(change)
    state, *rest = whole.sections
    return (replace(state, heading=f"{whole.title}, {change.state.value}"), *rest)


def _nothing_yet() -> Section:
    return Section(heading="Report", facts=(Fact(label="Report", text="none yet: no cycle has ended"),))
