"""Why callers wait for a connection: a pool is only too small when nothing else explains it. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from advisor.model.snapshot import Snapshot
from advisor.model.workload import Statement
from advisor.rules.pool_reading import PoolReading
from advisor.settings.guide import GuideSettings, PoolGuide

_LEAK_OVER_HOLD = 20
_STARVED_THREADS = 0.95


class PoolCause(StrEnum):
    LEAK = "leak"
    SLOW_STATEMENT = "slow statement"
    STARVED_THREADS = "starved thread pool"
    TOO_SMALL = "too small"
    OVERSIZED = "oversized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The cause, and a sentence with what speaks for it."""

    cause: PoolCause
    text: str


def diagnose_pool(reading: PoolReading, snapshot: Snapshot, guide: GuideSettings) -> Diagnosis | None:
    """What is wrong with one pool; None when nothing is."""
    leak = _leak(reading, guide.pool)
    if leak and (_suffers(reading, guide.pool) or reading.utilisation >= 0.5):
        return Diagnosis(cause=PoolCause.LEAK, text=leak)
    if not _suffers(reading, guide.pool):
        starved = _starved(reading)
        if starved:
            return Diagnosis(cause=PoolCause.STARVED_THREADS, text=starved)
        oversized = _oversized(reading, guide.pool)
        return Diagnosis(cause=PoolCause.OVERSIZED, text=oversized) if oversized else None
    slow = _slow_statement(reading, snapshot, guide)
    if slow:
        return Diagnosis(cause=PoolCause.SLOW_STATEMENT, text=slow)
    return Diagnosis(
        cause=PoolCause.TOO_SMALL,
        text=f"{reading.checked_out:.1f} of {reading.capacity} connections are in use on average, and callers queue",
    )


def _suffers(reading: PoolReading, guide: PoolGuide) -> bool:
    slow_wait = reading.wait_p95_seconds is not None and reading.wait_p95_seconds > guide.wait_p95_seconds
    return slow_wait or reading.timeouts_per_second > 0


def _leak(reading: PoolReading, guide: PoolGuide) -> str:
    """A connection that never comes back; far beyond what a check-out lasts here."""
    age, hold = reading.longest_checkout_seconds, reading.hold_mean_seconds or 0.0
    if age < guide.leak_seconds or age < _LEAK_OVER_HOLD * hold:
        return ""
    return (
        f"a connection taken at {reading.longest_checkout_site} has been out for {age:.0f} s, "
        f"where {hold:.3g} s is usual: it is not given back, and a larger pool would only leak longer"
    )


def _slow_statement(reading: PoolReading, snapshot: Snapshot, guide: GuideSettings) -> str:
    """Slow statements that make up most of the time connections are held."""
    if not reading.hold_mean_seconds:
        return ""
    held = reading.hold_mean_seconds * reading.checkouts_per_second
    slow: list[tuple[float, Statement]] = []
    for look in snapshot.databases.values():
        for statement in look.statements:
            if not look.is_first_look and statement.mean_seconds > guide.query.slow_mean_seconds:
                load = statement.calls_per_second(look.window_seconds) * statement.mean_seconds
                slow.append((load, statement))
    share = sum(load for load, _ in slow) / held if held > 0 else 0.0
    if share < guide.pool.slow_query_share:
        return ""
    worst = max(slow, key=lambda found: found[0])[1]
    return (
        f"slow statements make up {min(share, 1):.0%} of the time connections are held; the worst takes "
        f"{worst.mean_seconds:.3g} s on average: {worst.text[:120]}"
    )


def _starved(reading: PoolReading) -> str:
    ratio = reading.threads_busy_ratio
    if ratio is None or ratio < _STARVED_THREADS or reading.utilisation >= 1:
        return ""
    return f"{ratio:.0%} of the worker threads are busy while connections are idle: the threads are the limit"


def _oversized(reading: PoolReading, guide: PoolGuide) -> str:
    largest_needed = max(guide.smallest_size, guide.tiers[0].pool_size)
    if reading.utilisation >= guide.idle_ratio or reading.size <= largest_needed or not reading.checkouts_per_second:
        return ""
    return f"{reading.checked_out:.1f} of {reading.capacity} connections are in use on average, and nobody waits"
