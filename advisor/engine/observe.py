"""Read all sources at once. A source that fails or is late is reported; it never hides or delays the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field

from advisor.model.database.workload import DatabaseState, RedisState
from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.model.signal import Reading, SignalKey
from advisor.model.snapshot import Observation, Snapshot, SourceReport, SourceStatus
from advisor.ports.clock import Clock
from advisor.ports.observing import CountingSource, Source
from advisor.resilience.breaker import Breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSlot:
    """A source and the seconds it is given; None stands for one that is not configured.

    breaker: around the whole read, for a source that has none around each of its own calls.
    """

    name: str
    source: Source | None
    deadline_seconds: float = 20.0
    breaker: Breaker | None = None


@dataclass(slots=True)
class _Reading:
    """One read under way, and when it began."""

    future: Future[tuple[Observation, float]]
    started: float


@dataclass(slots=True)
class Observer:
    """Reads the sources side by side. One thread a source at most: a read that hangs is not started again.

    What a read brings after its own cycle is dropped: it shows an earlier moment than the snapshot would say.
    """

    slots: Sequence[SourceSlot]
    clock: Clock
    _pool: ThreadPoolExecutor = field(init=False)
    _under_way: dict[str, _Reading] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(self.slots)), thread_name_prefix="source")

    def observe(self, window_seconds: float, *, in_turn: bool = True) -> Snapshot:
        """One snapshot of everything, with rates over the last `window_seconds`.

        in_turn: False for a look beside the regular ones, whose rates it leaves as they are.
        """
        taken_at = self.clock.now()
        fresh = self._start(window_seconds, in_turn=in_turn)
        collected = [self._collect(slot) if slot.name in fresh else self._left_out(slot) for slot in self.slots]
        signals: dict[SignalKey, Reading] = {}
        presets: dict[SignalKey, str] = {}
        databases: dict[str, DatabaseState] = {}
        caches: dict[str, RedisState] = {}
        clusters: dict[str, ClusterState] = {}
        usage: ClusterUsage | None = None
        for _, seen in collected:
            signals |= seen.signals
            presets |= seen.presets
            databases |= seen.databases
            caches |= seen.caches
            clusters |= seen.clusters
            usage = seen.usage or usage
        return Snapshot(
            taken_at=taken_at,
            window_seconds=window_seconds,
            signals=signals,
            presets=presets,
            databases=databases,
            caches=caches,
            clusters=clusters,
            usage=usage,
            sources=tuple(report for report, _ in collected),
        )

    @property
    def is_waiting(self) -> bool:
        """Whether a read is under way that has not ended."""
        return any(not reading.future.done() for reading in self._under_way.values())

    def close(self) -> None:
        """Start nothing more; reads under way end by their own time-outs."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, window_seconds: float, *, in_turn: bool) -> set[str]:
        """Begin a read of every source that has none under way; the names of those."""
        self._under_way = {name: reading for name, reading in self._under_way.items() if not reading.future.done()}
        fresh = set()
        for slot in self.slots:
            if slot.source is not None and slot.name not in self._under_way:
                read = slot.source.read
                if not in_turn and isinstance(slot.source, CountingSource):
                    read = slot.source.glance
                future = self._pool.submit(self._timed, slot, read, window_seconds)
                self._under_way[slot.name] = _Reading(future=future, started=self.clock.monotonic())
                fresh.add(slot.name)
        return fresh

    def _timed(
        self, slot: SourceSlot, read: Callable[[float], Observation], window_seconds: float
    ) -> tuple[Observation, float]:
        started = self.clock.monotonic()
        with slot.breaker.guard() if slot.breaker is not None else nullcontext():
            return read(window_seconds), self.clock.monotonic() - started

    def _left_out(self, slot: SourceSlot) -> tuple[SourceReport, Observation]:
        """Of one that is not configured, or whose read of an earlier cycle has not ended."""
        if slot.source is None:
            return SourceReport(name=slot.name, status=SourceStatus.OFF, detail="not configured"), Observation()
        seconds = self.clock.monotonic() - self._under_way[slot.name].started
        detail = f"no answer within {slot.deadline_seconds:g} s; still waiting for it after {seconds:.0f} s"
        return SourceReport(name=slot.name, status=SourceStatus.UNAVAILABLE, detail=detail), Observation()

    def _collect(self, slot: SourceSlot) -> tuple[SourceReport, Observation]:
        nothing = Observation()
        reading = self._under_way[slot.name]
        left = reading.started + slot.deadline_seconds - self.clock.monotonic()
        wait([reading.future], timeout=max(0.0, left))
        if not reading.future.done():
            detail = f"no answer within {slot.deadline_seconds:g} s; what it still brings is dropped"
            return SourceReport(name=slot.name, status=SourceStatus.UNAVAILABLE, detail=detail), nothing
        del self._under_way[slot.name]
        fault = reading.future.exception()
        if fault is not None:
            return _failed(slot, fault), nothing
        seen, seconds = reading.future.result()
        return SourceReport(name=slot.name, status=seen.status, detail=seen.detail, latency_seconds=seconds), seen


def _failed(slot: SourceSlot, fault: BaseException) -> SourceReport:
    """An error of ours carries a message without secrets; of any other only the type is shown."""
    detail = str(fault) if isinstance(fault, AdvisorError) else f"unexpected {type(fault).__name__}; see the log"
    return SourceReport(name=slot.name, status=SourceStatus.UNAVAILABLE, detail=detail)


def reachable(reports: Sequence[SourceReport]) -> bool:
    """Whether at least one source answered."""
    return any(report.status in (SourceStatus.OK, SourceStatus.DEGRADED) for report in reports)
