"""A cache of two tiers that is measured and can be tuned while it runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from advisor_agents.bounds import Bounds
from advisor_agents.instruments import Instruments
from advisor_agents.knob import Knob
from advisor_agents.memory_tier import MemoryTier
from advisor_agents.redis_tier import RedisTier, RedisTierError
from advisor_agents.reuse import ReuseStatistics

DEFAULT_BOUNDS = {
    "cache.l1.ttl": Bounds(minimum=0.05, maximum=3600, kind=float),
    "cache.l1.max_items": Bounds(minimum=1, maximum=1_000_000),
    "cache.l2.ttl": Bounds(minimum=0.05, maximum=86_400, kind=float),
}


class TieredCache:
    """Looks in the process, then in Redis, then loads. One load at a time for a key; Redis may fail at any time."""

    def __init__(
        self, *, app: str, name: str, instruments: Instruments, l1: tuple[float, int], l2: RedisTier | None
    ) -> None:
        """l1: (TTL in seconds, most items)."""
        self._labels = (app, name)
        self._metrics = instruments
        evictions = instruments.cache_evictions
        ttl_seconds, max_items = l1
        self.l1: MemoryTier[Any] = MemoryTier(
            ttl_seconds=ttl_seconds,
            max_items=max_items,
            evicted=lambda reason: evictions.labels(app, name, "l1", reason).inc(),
        )
        self.l2 = l2
        self._reuse = ReuseStatistics()
        for tier in ("l1",) if l2 is None else ("l1", "l2"):
            for metric in (instruments.cache_hits, instruments.cache_misses, instruments.cache_errors):
                metric.labels(app, name, tier)  # from the start at 0, so that a first hit is seen as a rise
        evictions.labels(app, name, "l1", "capacity")  # likewise: no series would mean that nobody counts
        self._flights: dict[str, asyncio.Future[Any]] = {}

    async def get_or_load(self, key: str, load: Callable[[], Awaitable[Any]]) -> Any:
        """The value of `key`, which JSON must be able to hold. Raises what `load` raises.

        Callers that ask for the same key meanwhile wait for the one load; when it fails, the next of them tries.
        """
        self._note_asked(key)
        while True:
            found = self._from_l1(key)
            if found is not None:
                return found[0]
            flight = self._flights.get(key)
            if flight is None:
                return await self._lead(key, load)
            await asyncio.wait([flight])
            if not flight.cancelled():
                return flight.result()

    async def drop(self, key: str) -> None:
        """Forget `key` in both tiers, as after a write."""
        self.l1.drop(key)
        if self.l2 is not None:
            try:
                await self.l2.drop(key)
            except RedisTierError:
                self._metrics.cache_errors.labels(*self._labels, "l2").inc()

    def knobs(self, bounds: dict[str, Bounds]) -> list[Knob]:
        """TTL and size of tier 1 and TTL of tier 2, each within its declared bounds."""
        declared = {**DEFAULT_BOUNDS, **bounds}
        own = [
            Knob(
                name="cache.l1.ttl",
                bounds=declared["cache.l1.ttl"],
                read=lambda: self.l1.ttl_seconds,
                apply=lambda value: setattr(self.l1, "ttl_seconds", value),
            ),
            Knob(
                name="cache.l1.max_items",
                bounds=declared["cache.l1.max_items"],
                read=lambda: self.l1.max_items,
                apply=lambda value: setattr(self.l1, "max_items", int(value)),
            ),
        ]
        l2 = self.l2
        if l2 is not None:
            own.append(
                Knob(
                    name="cache.l2.ttl",
                    bounds=declared["cache.l2.ttl"],
                    read=lambda: l2.ttl_seconds,
                    apply=lambda value: setattr(l2, "ttl_seconds", value),
                )
            )
        return own

    def push(self) -> None:
        """Bring the gauges up to date."""
        self._metrics.cache_items.labels(*self._labels, "l1").set(len(self.l1))
        self._metrics.cache_max_items.labels(*self._labels, "l1").set(self.l1.max_items)
        self._metrics.cache_ttl.labels(*self._labels, "l1").set(self.l1.ttl_seconds)
        if self.l2 is not None:
            self._metrics.cache_ttl.labels(*self._labels, "l2").set(self.l2.ttl_seconds)

    def renew(self) -> None:
        """In a process that was forked: what others were loading there, and their locks, are not here."""
        self._flights.clear()
        self.l1.renew()
        self._reuse.renew()

    async def _lead(self, key: str, load: Callable[[], Awaitable[Any]]) -> Any:
        flight = asyncio.get_running_loop().create_future()
        self._flights[key] = flight
        try:
            value = await self._fill(key, load)
            flight.set_result(value)
            return value
        finally:
            del self._flights[key]
            if not flight.done():
                flight.cancel()

    async def _fill(self, key: str, load: Callable[[], Awaitable[Any]]) -> Any:
        found = await self._from_l2(key)
        if found is not None:
            self.l1.put(key, found[0])
            return found[0]
        started = time.monotonic()
        value = await load()
        self._metrics.cache_load.labels(*self._labels).observe(time.monotonic() - started)
        self._note_loaded(key, value)
        self.l1.put(key, value)
        if self.l2 is not None:
            try:
                await self.l2.put(key, value)
            except RedisTierError:
                self._metrics.cache_errors.labels(*self._labels, "l2").inc()
        return value

    def _from_l1(self, key: str) -> tuple[Any] | None:
        started = time.monotonic()
        found = self.l1.get(key)
        self._count("l1", started, hit=found is not None)
        return found

    async def _from_l2(self, key: str) -> tuple[Any] | None:
        if self.l2 is None:
            return None
        started = time.monotonic()
        try:
            found = await self.l2.get(key)
        except RedisTierError:
            # No miss: a ratio of hits to misses that came of errors would call for a longer TTL.
            self._metrics.cache_errors.labels(*self._labels, "l2").inc()
            return None
        self._count("l2", started, hit=found is not None)
        return found

    def _count(self, tier: str, started: float, *, hit: bool) -> None:
        labels = (*self._labels, tier)
        self._metrics.cache_latency.labels(*labels).observe(time.monotonic() - started)
        (self._metrics.cache_hits if hit else self._metrics.cache_misses).labels(*labels).inc()

    def _note_asked(self, key: str) -> None:
        self._metrics.cache_asked.labels(*self._labels).inc()
        gap = self._reuse.asked(key)
        if gap is not None:
            self._metrics.cache_reuse.labels(*self._labels).observe(gap)

    def _note_loaded(self, key: str, value: Any) -> None:
        changed = self._reuse.loaded(key, value)
        if changed is not None:
            self._metrics.cache_reloaded.labels(*self._labels).inc()
            self._metrics.cache_changed.labels(*self._labels).inc(changed)
