"""How far verdicts can be trusted, for people."""

import math
from collections.abc import Sequence

from advisor.model.trial_check import MOST_FALSE, WANTED_GAIN, WANTED_POWER, TrialCheck, WindowCheck
from advisor.model.units import format_duration
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.views.plain_data import plain_mapping, rfc3339
from advisor.surfaces.views.trial_check import TrialChecksView


def trial_check_document(checks: Sequence[TrialCheck]) -> Document:
    tables = [_table(check) for check in checks]
    return Document(
        title="A/A tests over recorded history",
        data=plain_mapping(TrialChecksView(checks=tuple(checks))),
        sections=tuple(_section(check, table) for check, table in zip(checks, tables, strict=True)),
        rows=Table(
            columns=("Goal", *tables[0].columns) if tables else (),
            rows=tuple(
                (str(check.signal), *row) for check, table in zip(checks, tables, strict=True) for row in table.rows
            ),
        ),
    )


def _section(check: TrialCheck, table: Table) -> Section:
    facts = [
        Fact(label="Recording", text=f"{rfc3339(check.start)} to {rfc3339(check.end)}"),
        Fact(label="Asked of a change", text=f"a gain of at least {quantity(check.minimum_gain_ratio, 'ratio')}"),
    ]
    if check.problem:
        facts.append(Fact(label="Problem", text=check.problem))
    else:
        facts.append(Fact(label="Advice", text=_advice(check)))
    if check.trials:
        facts.append(Fact(label="In brackets", text="what the true share is at most or at least, with 95% confidence"))
    return Section(heading=str(check.signal), facts=tuple(facts), table=table, if_empty="No trial could be played.")


def _advice(check: TrialCheck) -> str:
    bars = (
        f"at most {quantity(MOST_FALSE, 'ratio')} false and {quantity(WANTED_POWER, 'ratio')} of gains of "
        f"{quantity(WANTED_GAIN, 'ratio')} kept"
    )
    if check.enough is None:
        return f"no window reaches {bars} here; a canary does with less, or ask for larger gains"
    if check.configured is not None and check.enough.longest_seconds == check.configured.longest_seconds:
        return f"the configured windows reach {bars}, and no shorter ones do{_doubt(check.enough)}"
    return (
        f"trial.longest_seconds: {format_duration(check.enough.longest_seconds)} reaches {bars}{_doubt(check.enough)}"
    )


def _doubt(window: WindowCheck) -> str:
    """What so few trials cannot tell."""
    if window.false_keep_most <= MOST_FALSE:
        return ""
    return (
        f". As {window.apart} trials side by side are few, up to {quantity(window.false_keep_most, 'ratio')} false "
        "cannot be ruled out; a longer recording says more"
    )


def _table(check: TrialCheck) -> Table:
    windows = [window for window in (check.configured, *check.others) if window is not None]
    gains = [f"{power.gain_ratio:.0%} kept" for power in windows[0].powers] if windows else []
    columns = ("Longest", "Trials", "Side by side", "False keep", "False alarm", *gains, "Verdict after")
    rows = [_row(window, is_configured=window is check.configured) for window in windows]
    return Table(columns=columns, rows=tuple(rows))


def _row(window: WindowCheck, *, is_configured: bool) -> tuple[str, ...]:
    after = next((p.median_seconds for p in window.powers if p.gain_ratio == WANTED_GAIN), math.nan)
    return (
        format_duration(window.longest_seconds) + (" (configured)" if is_configured else ""),
        str(window.trials),
        str(window.apart),
        _with_bound(window.false_keep_ratio, window.false_keep_most, "<="),
        _with_bound(window.false_alarm_ratio, window.false_alarm_most, "<="),
        *(_with_bound(power.kept_ratio, power.kept_least, ">=") for power in window.powers),
        quantity(after, "s") if math.isfinite(after) else "-",
    )


def _with_bound(ratio: float, bound: float, sign: str) -> str:
    """Such as "0% (<=10.1%)"; of no trial there is nothing to say."""
    return f"{quantity(ratio, 'ratio')} ({sign}{quantity(bound, 'ratio')})" if math.isfinite(ratio) else "-"
