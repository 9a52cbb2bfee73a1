"""Read all sources at once. A source that fails or is late is reported; it never hides or delays the others."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from advisor.model.errors import AdvisorError
from advisor.model.signal import Reading, SignalKey
from advisor.model.snapshot import Observation, Snapshot, SourceReport, SourceStatus
from advisor.model.workload import DatabaseLook, RedisLook
from advisor.ports import Clock, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSlot:
    """A source and the seconds it is given; None stands for one that is not configured."""

    name: str
    source: Source | None
    deadline_seconds: float = 20.0


@dataclass(slots=True)
class _Reading:
    """One read under way, and when it began."""

    future: Future[tuple[Observation, float]]
    started: float


@dataclass(slots=True)
class Observer:
    """Reads the sources side by side. One thread a source at most: a read that hangs is not started again."""

    slots: Sequence[SourceSlot]
    clock: Clock
    _pool: ThreadPoolExecutor = field(init=False)
    _under_way: dict[str, _Reading] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(self.slots)), thread_name_prefix="source")

    def observe(self, window_seconds: float) -> Snapshot:
        """One snapshot of everything, with rates over the last `window_seconds`."""
        taken_at = self.clock.now()
        for slot in self.slots:
            if slot.source is not None and slot.name not in self._under_way:
                future = self._pool.submit(self._timed, slot.source, window_seconds)
                self._under_way[slot.name] = _Reading(future=future, started=self.clock.monotonic())
        collected = [self._collect(slot) for slot in self.slots]
        signals: dict[SignalKey, Reading] = {}
        databases: dict[str, DatabaseLook] = {}
        caches: dict[str, RedisLook] = {}
        for _, seen in collected:
            signals |= seen.signals
            databases |= seen.databases
            caches |= seen.caches
        return Snapshot(
            taken_at=taken_at,
            window_seconds=window_seconds,
            signals=signals,
            databases=databases,
            caches=caches,
            sources=tuple(report for report, _ in collected),
        )

    def close(self) -> None:
        """Start nothing more; reads under way end by their own time-outs."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _timed(self, source: Source, window_seconds: float) -> tuple[Observation, float]:
        started = self.clock.monotonic()
        return source.read(window_seconds), self.clock.monotonic() - started

    def _collect(self, slot: SourceSlot) -> tuple[SourceReport, Observation]:
        nothing = Observation()
        if slot.source is None:
            return SourceReport(name=slot.name, status=SourceStatus.OFF, detail="not configured"), nothing
        reading = self._under_way[slot.name]
        left = reading.started + slot.deadline_seconds - self.clock.monotonic()
        wait([reading.future], timeout=max(0.0, left))
        if not reading.future.done():
            detail = f"no answer within {slot.deadline_seconds:g} s; still waiting for it"
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
