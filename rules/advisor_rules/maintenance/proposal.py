"""What the rules of maintenance share: how a proposal to see to one table or index is put together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from advisor.model.database.maintenance import NEVER, Bloat, BloatMethod, OpenTransaction, TableMaintenance
from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Finding, KnobValue
from advisor.model.knob import KnobTarget
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import SignalKey
from advisor.model.snapshot import Snapshot
from advisor.settings.guide import GuideSettings

_FRESH_RATIO = 0.1
"""Rows changed since ANALYZE up to which an estimate from its widths and counts is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the watched metric is expected to be after; high: at worst. unit: the metric's."""

    metric: SignalKey
    unit: str
    after: float
    high: float
    minimum_gain_ratio: float
    model: str


def maintenance_proposal(
    finding: Finding,
    app: str,
    target: KnobTarget,
    values: tuple[KnobValue, KnobValue],
    expectation: Expectation,
    texts: tuple[str, str, str],
) -> Proposal:
    """app: whose guardrails watch the trial. values: old and new.

    texts: the rationale, the SQL that does it, the SQL that undoes it.
    """
    rationale, apply, undo = texts
    return Proposal(
        finding=finding.id,
        rule=finding.rule,
        target=target,
        current=values[0],
        proposed=values[1],
        unit="",
        rationale=rationale,
        risk=Risk.LOW,
        prediction=Prediction(
            signal=expectation.metric,
            unit=expectation.unit,
            low=min(expectation.after, 0.8 * expectation.after),
            expected=expectation.after,
            high=expectation.high,
            model=expectation.model,
        ),
        goal=Goal(signal=expectation.metric, better=Better.LOWER, minimum_gain_ratio=expectation.minimum_gain_ratio),
        gain_seconds_per_second=finding.waste_seconds_per_second,
        app=app,
        apply=apply,
        undo=undo,
    )


def last_done(at: datetime | None) -> str:
    """A time as the knobs of maintenance carry it."""
    return NEVER if at is None else at.astimezone(UTC).isoformat()


def holding_back(look: DatabaseState, guide: GuideSettings) -> OpenTransaction | None:
    """The oldest transaction that keeps VACUUM from removing anything; None when there is none that matters."""
    old = [
        transaction
        for transaction in look.transactions
        if transaction.horizon_age > 0 and transaction.open_seconds >= guide.transaction.long_seconds
    ]
    return max(old, key=lambda transaction: transaction.open_seconds, default=None)


def is_believed(bloat: Bloat, maintenance: TableMaintenance | None) -> bool:
    """A measurement always; an estimate only from statistics that are fresh."""
    if bloat.method is BloatMethod.MEASURED:
        return True
    return maintenance is not None and maintenance.analyzed_at is not None and maintenance.changed_ratio < _FRESH_RATIO


def wasteful(look: DatabaseState, guide: GuideSettings) -> Sequence[tuple[Bloat, TableMaintenance]]:
    """The tables and indexes whose waste is worth doing something about, the largest first."""
    found = []
    for bloat in look.bloat:
        maintenance = look.maintenance_of(bloat.schema, bloat.table)
        is_large = bloat.wasted_bytes >= guide.maintenance.smallest_bloat_bytes
        is_airy = bloat.wasted_ratio >= guide.maintenance.bloat_ratio
        if is_large and is_airy and maintenance is not None and is_believed(bloat, maintenance):
            found.append((bloat, maintenance))
    return sorted(found, key=lambda pair: -pair[0].wasted_bytes)


def on_primary(snapshot: Snapshot) -> Sequence[DatabaseState]:
    """The databases that can be seen to: a replica follows its primary, and knows nothing of its statistics."""
    return [look for look in snapshot.databases.values() if not look.is_in_recovery]
