"""Why callers wait for a connection: a pool is only too small when nothing else explains it. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from advisor.model.database.workload import DatabaseState, Statement
from advisor.settings.guide import GuideSettings, PoolGuide
from advisor_rules.pool.reading import PoolReading

_LEAK_OVER_HOLD = 20
_LEAK_UTILISATION = 0.5
STARVED_THREADS = 0.95


class PoolCause(StrEnum):
    LEAK = "leak"
    SLOW_STATEMENT = "slow statement"
    STARVED_THREADS = "starved thread pool"
    TOO_SMALL = "too small"
    OVERSIZED = "oversized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The cause, and a sentence with what speaks for it. doubts: other causes that could not be ruled out, and why."""

    cause: PoolCause
    text: str
    doubts: tuple[str, ...] = ()


def diagnose_pool(
    reading: PoolReading, look: DatabaseState | None, guide: GuideSettings, siblings: Sequence[PoolReading] = ()
) -> Diagnosis | None:
    """What is wrong with one pool; None when nothing is.

    look: of the database it leads to. siblings: the other pools of its application, which share its threads and may
    have run the statements.
    """
    suffers = _suffers(reading, guide.pool)
    leak = _leak(reading, guide.pool)
    if leak:
        # One old check-out in a calm pool may be a listener that means to keep it; it is never made smaller either.
        alarming = suffers or reading.utilisation >= _LEAK_UTILISATION
        return Diagnosis(cause=PoolCause.LEAK, text=leak) if alarming else None
    starved = _starved(reading, guide.pool, siblings)
    if starved:
        return Diagnosis(cause=PoolCause.STARVED_THREADS, text=starved)
    if not suffers and siblings and _are_threads_busy(reading):
        return None  # how much it is asked for is not seen while the application's threads wait elsewhere
    if not suffers:
        oversized = _oversized(reading, guide.pool)
        return Diagnosis(cause=PoolCause.OVERSIZED, text=oversized) if oversized else None
    slow, slow_doubt = _slow_statement(reading, look, guide, siblings)
    if slow:
        return Diagnosis(cause=PoolCause.SLOW_STATEMENT, text=slow)
    queue = "and callers queue" if reading.wait_p95_seconds is not None else "and waits are not measured"
    return Diagnosis(
        cause=PoolCause.TOO_SMALL,
        text=f"{reading.checked_out:.1f} of {reading.capacity} connections are in use on average, {queue}",
        doubts=(*_doubts(reading, look), *slow_doubt),
    )


def _suffers(reading: PoolReading, guide: PoolGuide) -> bool:
    """Callers wait too long or give up; where nobody measures that, connections are all but used up."""
    if reading.timeouts_per_second:
        return True
    if reading.wait_p95_seconds is None:
        return reading.utilisation >= guide.exhausted_ratio
    return reading.wait_p95_seconds > guide.wait_p95_seconds


def _leak(reading: PoolReading, guide: PoolGuide) -> str:
    """A connection that never comes back; far beyond what a check-out lasts here."""
    longest, hold = reading.longest_checkout, reading.hold_mean_seconds or 0.0
    if longest is None or longest.seconds < guide.leak_seconds or longest.seconds < _LEAK_OVER_HOLD * hold:
        return ""
    usual = f"where {hold:.3g} s is usual" if hold else "longer than any request should take"
    return (
        f"a connection taken at {longest.site} has been out for {longest.seconds:.0f} s, "
        f"{usual}: it is not given back, and a larger pool would only leak longer"
    )


def _slow_statement(
    reading: PoolReading, look: DatabaseState | None, guide: GuideSettings, siblings: Sequence[PoolReading]
) -> tuple[str, tuple[str, ...]]:
    """Slow statements that make up most of the time connections are held; else the doubt that they may.

    Which pool of an application ran a statement is not told: only what the others had no time for is surely its own.
    """
    if look is None or not reading.hold_mean_seconds or not reading.checkouts_per_second:
        return "", ()
    held = reading.hold_mean_seconds * reading.checkouts_per_second
    slow: list[tuple[float, Statement]] = []
    for statement in look.statements:
        if statement.mean_seconds > guide.query.slow_mean_seconds:
            slow.append((statement.calls_per_second(look.window_seconds) * statement.mean_seconds, statement))
    load = sum(one for one, _ in slow)
    if load / held < guide.pool.slow_query_share:
        return "", ()
    elsewhere = sum(math.inf if one.held_per_second is None else one.held_per_second for one in siblings)
    share = (load - elsewhere) / held
    if share < guide.pool.slow_query_share:
        others = ", ".join(one.pool for one in siblings)
        return "", (f"slow statements are not ruled out: they may be its own or those of the pools {others}",)
    worst = max(slow, key=lambda found: found[0])[1]
    return (
        f"slow statements make up {min(share, 1):.0%} of the time connections are held; the worst takes "
        f"{worst.mean_seconds:.3g} s on average: {worst.text[:120]}"
    ), ()


def _starved(reading: PoolReading, guide: PoolGuide, siblings: Sequence[PoolReading]) -> str:
    """All threads busy while connections are free, in the pool used most. With none free, the threads wait for one."""
    busiest = max([reading, *siblings], key=lambda one: one.utilisation)
    if not _are_threads_busy(reading) or reading is not busiest or reading.utilisation >= guide.exhausted_ratio:
        return ""
    return (
        f"{reading.threads_busy_ratio:.0%} of the worker threads are busy while {reading.checked_out:.1f} of "
        f"{reading.capacity} connections are in use: the threads are the limit"
    )


def _are_threads_busy(reading: PoolReading) -> bool:
    return reading.threads_busy_ratio is not None and reading.threads_busy_ratio >= STARVED_THREADS


def _oversized(reading: PoolReading, guide: PoolGuide) -> str:
    """Nearly all idle, and nobody waits: measured, not assumed."""
    largest_needed = max(guide.smallest_size, guide.tiers[0].pool_size)
    if reading.utilisation >= guide.idle_ratio or reading.size <= largest_needed or reading.wait_p95_seconds is None:
        return ""
    return f"{reading.checked_out:.1f} of {reading.capacity} connections are in use on average, and nobody waits"


def _doubts(reading: PoolReading, look: DatabaseState | None) -> list[str]:
    doubts = []
    if reading.longest_checkout is None:
        doubts.append("a leak is not ruled out: how long connections have been out is not measured")
    if look is None:
        doubts.append("a slow statement is not ruled out: the database behind the pool was not read")
    elif look.skipped or not look.has_statements:
        why = "; ".join(look.skipped) or "pg_stat_statements is not installed or may not be read"
        doubts.append(f"a slow statement of database {look.name} is not ruled out: {why}")
    return doubts
