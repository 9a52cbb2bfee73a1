"""The daily digest, and what became of changes in a week or a month."""

import calendar
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from advisor.model.change import ChangeRecord, State
from advisor.model.finding import Severity
from advisor.model.report import Diagnosis
from advisor.surfaces.documents.report_words import brief
from advisor.surfaces.slack import parts
from advisor.surfaces.slack.blocks import Message, Part, context, fitted, header, listed, section
from advisor.surfaces.slack.messages import title
from advisor.surfaces.slack.words import code, notification, words
from advisor.surfaces.views.fold import FindingGroup, grouped
from advisor.surfaces.views.report import ReportView, report_view

_MOST = 10
_LINE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a report is about. name: unique, so that it is sent once, such as "daily-2026-01-01"."""

    name: str
    heading: str
    start: datetime
    end: datetime


def spans(now: datetime, local: date, reports: Sequence[str]) -> tuple[Span, ...]:
    """Those that are due on a day: the digest, on Mondays the week, on the first the month. local: the day where the
    readers are; now: aware, the end of every span.
    """
    due = [_span("daily", "The last day", local, now, timedelta(days=1))]
    if "weekly" in reports and local.weekday() == calendar.MONDAY:
        due.append(_span("weekly", "The last week", local, now, timedelta(days=7)))
    if "monthly" in reports and local.day == 1:
        last = local - timedelta(days=1)
        days = calendar.monthrange(last.year, last.month)[1]
        due.append(_span("monthly", f"{last:%B %Y}", local, now, timedelta(days=days)))
    return tuple(due)


def daily_digest(span: Span, diagnosis: Diagnosis | None, records: Sequence[ChangeRecord], mode: str) -> Message | None:
    """What waits and why, what is found now, what changed. None where there is nothing at all to say."""
    view = report_view(diagnosis, mode=mode) if diagnosis is not None else None
    groups = [one for one in grouped(view.findings) if one.severity is not Severity.INFO] if view is not None else []
    waiting = _waiting(view) if view is not None else []
    lines = _changes(span, records)
    if not (groups or waiting or lines):
        return None
    blocks, _ = fitted(
        (
            Part(blocks=(header(f"Digest, {span.name.removeprefix('daily-')}"),)),
            *_list("Changes", lines, 0),
            *_list("Found now", [_group(group) for group in groups], 2),
            *_list("Waiting", waiting, 1),
            Part(blocks=(context(f"mode {words(mode, 20)}; all of it: {code('advisor report')}"),)),
        )
    )
    said = f"Digest: {len(lines)} changes, {len(groups)} findings, {len(waiting)} proposals wait"
    return Message(text=notification(said), blocks=blocks)


def review(span: Span, records: Sequence[ChangeRecord]) -> Message:
    """What became of the changes of a week or a month, predicted beside measured."""
    settled = [record for record in records if _settled_within(span, record)]
    counts = Counter(record.state for record in settled)
    told = ", ".join(f"{counts[state]} {state.value.replace('_', ' ')}" for state in State if counts[state])
    checks = [record.verdict.prediction for record in settled if record.verdict and record.verdict.prediction]
    true = sum(check.is_covered for check in checks)
    forecasts = f"Forecasts: {true} of {len(checks)} came true" if checks else "No forecast could be checked"
    blocks, _ = fitted(
        (
            Part(blocks=(header(f"{span.heading}: {told or 'no change was settled'}"), section(words(forecasts)))),
            *_list("Changes", _changes(span, records), 1),
            *_list("Predicted and measured", [parts.beside(check) for check in checks], 2),
            Part(blocks=(context(f"all of it: {code('advisor changes list')}"),)),
        )
    )
    return Message(text=notification(f"{span.heading}: {told or 'no change was settled'}. {forecasts}"), blocks=blocks)


def _span(kind: str, heading: str, local: date, now: datetime, length: timedelta) -> Span:
    return Span(name=f"{kind}-{local.isoformat()}", heading=heading, start=now - length, end=now)


def _settled_within(span: Span, record: ChangeRecord) -> bool:
    return record.settled_at is not None and span.start <= record.settled_at < span.end


def _changes(span: Span, records: Sequence[ChangeRecord]) -> list[str]:
    """Those that are open, and those that came to their end in the span."""
    shown = [record for record in records if record.is_open or _settled_within(span, record)]
    return [
        f"{code(record.id)} *{record.state.value.replace('_', ' ')}* {words(title(record.proposal), _LINE)}"
        for record in shown
    ]


def _waiting(view: ReportView) -> list[str]:
    every = [(view.next.proposal, view.next.reason)] if view.next.proposal is not None else []
    every += [(one.proposal, one.reason) for one in view.waiting]
    named = [(view.proposal(proposal), reason) for proposal, reason in every]
    return [
        f"{words(brief(proposal), _LINE)} ({code(proposal.rule)}): {words(reason, _LINE)}"
        for proposal, reason in named
        if proposal is not None
    ]


def _group(group: FindingGroup) -> str:
    first, more = group.findings[0], len(group.findings) - 1
    return f"*{group.severity.value}* {words(first.summary, _LINE)}" + (f", and {more} more like it" if more else "")


def _list(heading: str, lines: Sequence[str], rank: int) -> tuple[Part, ...]:
    if not lines:
        return ()
    more = [f"_and {len(lines) - _MOST} more_"] if len(lines) > _MOST else []
    return (Part(blocks=listed([f"*{heading}*", *(f"• {line}" for line in lines[:_MOST]), *more]), rank=rank),)
