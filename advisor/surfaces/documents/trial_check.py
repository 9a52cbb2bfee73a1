"""How far verdicts can be trusted, for people."""

import math
from collections.abc import Mapping, Sequence
from typing import assert_never

from advisor.model.trial_check import (
    MOST_FALSE,
    WANTED_GAIN,
    WANTED_POWER,
    Advice,
    Fault,
    FaultKind,
    TrialCheck,
    WindowCheck,
)
from advisor.model.units import format_duration
from advisor.surfaces.documents.document import Document, Fact, Section, Table
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.views.plain_data import plain_mapping, rfc3339
from advisor.surfaces.views.trial_check import TrialChecksView

_ADVICE: Mapping[Advice, str] = {
    Advice.CANARY: "a canary",
    Advice.SWITCH_BACK: "switching back and forth",
    Advice.LONGER_WINDOWS: "a longest window of three cycles",
}


def trial_check_document(checks: Sequence[TrialCheck]) -> Document:
    tables = [_table(check) for check in checks]
    return Document(
        title="A/A tests over recorded history",
        data=plain_mapping(TrialChecksView(checks=tuple(checks))),
        sections=tuple(
            section
            for check, table in zip(checks, tables, strict=True)
            for section in (_section(check, table), *_by_itself(check))
        ),
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


def _by_itself(check: TrialCheck) -> tuple[Section, ...]:
    """What the metric does by itself, and how the trials beside it fared; nothing where it does nothing."""
    if all(fault.kind is FaultKind.NONE for fault in check.faults):
        return ()
    table = Table(
        columns=("By itself", "On record", "Trials", "False keep", f"{WANTED_GAIN:.0%} kept", "Advice"),
        rows=tuple(_fault_row(fault) for fault in check.faults),
    )
    return (Section(heading="What it does by itself", table=table),)


def _fault_row(fault: Fault) -> tuple[str, ...]:
    shares = (fault.false_keep_ratio, fault.kept_ratio)
    return (
        "nothing of that" if fault.kind is FaultKind.NONE else fault.kind,
        _on_record(fault),
        str(fault.trials),
        *(quantity(share, "ratio") if math.isfinite(share) else "-" for share in shares),
        ", or ".join(_ADVICE[one] for one in fault.advice) or "-",
    )


def _on_record(fault: Fault) -> str:
    match fault.kind:
        case FaultKind.DRIFT:
            return f"{fault.size:+.0%} a day"
        case FaultKind.BREAKS:
            return f"{fault.count}, the largest {fault.size:+.0%}"
        case FaultKind.CYCLE:
            return f"every {format_duration(fault.period_seconds)}, {fault.size:.0%} from lowest to highest"
        case FaultKind.WANDER:
            return f"by {fault.size:.0%} from one longest window to another"
        case FaultKind.NONE:
            return "-"
        case _:
            assert_never(fault.kind)


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
