"""Sources are read side by side; one that fails or hangs is reported and hides nothing."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from advisor.engine.observe import Observer, SourceSlot, reachable
from advisor.model.errors import SourceUnavailableError
from advisor.model.signal import Measured, Missing, signal
from advisor.model.snapshot import Observation, SourceStatus
from advisor.resilience.breaker import Breaker
from advisor.settings.breaker import BreakerSettings
from advisor.testing.clock import FakeClock
from advisor.testing.source import FakeCountingSource, FakeSource

LOAD = signal("http.requests_per_second", app="shop")
SEEN = Observation(signals={LOAD: Measured(value=50.0, at=datetime(2026, 1, 1, tzinfo=UTC))})


def observer(*slots: SourceSlot) -> Observer:
    return Observer(slots=slots, clock=FakeClock())


def slot(source: FakeSource, deadline_seconds: float = 5.0) -> SourceSlot:
    return SourceSlot(name=source.name, source=source, deadline_seconds=deadline_seconds)


def wait_until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def test_a_dead_source_is_reported_and_does_not_hide_the_others() -> None:
    dead = FakeSource("postgres:main", SourceUnavailableError("connection refused", where="127.0.0.1:1"))
    snapshot = observer(slot(FakeSource("prometheus", SEEN)), slot(dead)).observe(60)
    assert snapshot.value("http.requests_per_second", app="shop") == 50.0
    assert {report.name: report.status for report in snapshot.sources} == {
        "prometheus": SourceStatus.OK,
        "postgres:main": SourceStatus.UNAVAILABLE,
    }
    assert "connection refused" in snapshot.sources[1].detail
    assert reachable(snapshot.sources)


def test_an_unexpected_error_shows_its_type_and_not_its_text() -> None:
    """The text of a foreign error may hold a password."""
    broken = FakeSource("redis:main", RuntimeError("redis://:hunter2@cache"))
    snapshot = observer(slot(broken)).observe(60)
    assert "RuntimeError" in snapshot.sources[0].detail
    assert "hunter2" not in snapshot.sources[0].detail
    assert not reachable(snapshot.sources)


def test_a_source_that_hangs_is_left_behind_and_not_started_again() -> None:
    gate = threading.Event()
    slow = FakeSource("prometheus", SEEN, gate=gate)
    watching = observer(slot(slow, deadline_seconds=0.05))
    first = watching.observe(60)
    second = watching.observe(60)
    assert [report.status for report in (*first.sources, *second.sources)] == [SourceStatus.UNAVAILABLE] * 2
    assert "no answer within 0.05 s" in first.sources[0].detail
    assert slow.reads == 1
    gate.set()
    watching.close()


def test_a_look_out_of_turn_is_a_glance_at_who_counts_and_a_read_of_who_does_not() -> None:
    counting, plain = FakeCountingSource("redis:main"), FakeSource("prometheus", SEEN)
    watching = observer(slot(counting), slot(plain))
    watching.observe(60)
    assert watching.observe(60, in_turn=False).value("http.requests_per_second", app="shop") == 50.0
    assert (counting.reads, counting.glances, plain.reads) == (1, 1, 2)
    watching.close()


def test_a_source_that_is_not_configured_is_off() -> None:
    snapshot = observer(SourceSlot(name="kubernetes", source=None)).observe(60)
    assert snapshot.sources[0].status is SourceStatus.OFF


def test_what_nobody_delivers_is_missing_and_not_zero() -> None:
    snapshot = observer(slot(FakeSource("prometheus", SEEN))).observe(60)
    assert isinstance(snapshot.reading("http.error_ratio", app="shop"), Missing)
    assert snapshot.value("http.error_ratio", app="shop") is None


def test_what_comes_after_its_own_cycle_is_dropped_and_asked_for_anew() -> None:
    """The late answer shows 50 requests/s of back then; the server now shows 80."""
    gate = threading.Event()
    slow = FakeSource("prometheus", SEEN, gate=gate)
    watching = observer(slot(slow, deadline_seconds=0.05))
    assert watching.observe(60).sources[0].status is SourceStatus.UNAVAILABLE
    gate.set()
    wait_until(lambda: not watching.is_waiting)
    slow.answer = Observation(signals={LOAD: Measured(value=80.0, at=datetime(2026, 1, 1, 0, 1, tzinfo=UTC))})
    later = watching.observe(60)
    assert later.value("http.requests_per_second", app="shop") == 80.0
    assert (slow.reads, later.sources[0].status) == (2, SourceStatus.OK)
    watching.close()


def test_a_source_that_keeps_failing_is_left_alone_and_says_so() -> None:
    """Three failures open it, for 60 s; the probe after that succeeds and closes it."""
    clock = FakeClock()
    dead = FakeSource("redis:main", SourceUnavailableError("connection refused"))
    breaker = Breaker(name="redis:main", settings=BreakerSettings(), clock=clock)
    watching = Observer(slots=(replace(slot(dead), breaker=breaker),), clock=clock)
    for _ in range(5):
        report = watching.observe(60).sources[0]
        assert report.status is SourceStatus.UNAVAILABLE
        clock.advance(15)
    assert dead.reads == 3
    assert "not asked, as it failed 3 times in a row" in report.detail
    assert "connection refused" in report.detail
    dead.answer = SEEN
    clock.advance(30)
    assert watching.observe(60).sources[0].status is SourceStatus.OK
    assert not breaker.is_open()
    watching.close()
