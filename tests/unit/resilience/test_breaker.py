"""A breaker lets calls through, or refuses them at once; one call alone tries whether the server is back."""

import pytest

from advisor.model.errors import BadDataError, CircuitOpenError, SourceUnavailableError
from advisor.resilience.breaker import Breaker
from advisor.settings.breaker import BreakerSettings
from advisor.testing.clock import FakeClock

SILENT = SourceUnavailableError("no answer")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker(name="prometheus", settings=BreakerSettings(failures=3), clock=clock)


def call(breaker: Breaker, error: Exception | None = None) -> None:
    with breaker.guard():
        if error is not None:
            raise error


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(SourceUnavailableError, match="no answer"):
            call(breaker, SILENT)


def test_it_opens_after_so_many_failures_in_a_row_and_says_what_the_last_one_was(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert not breaker.is_open()
    fail(breaker)
    assert breaker.is_open()
    with pytest.raises(CircuitOpenError, match=r"failed 3 times in a row; it is tried again in 60 s; last: no answer"):
        call(breaker)


def test_an_answer_in_between_begins_the_count_anew(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker, 2)
        call(breaker)
    assert not breaker.is_open()


def test_a_server_that_refuses_is_there(breaker: Breaker) -> None:
    for _ in range(5):
        with pytest.raises(BadDataError):
            call(breaker, BadDataError("access denied"))
    assert not breaker.is_open()


def test_after_the_pause_one_call_alone_is_let_through(breaker: Breaker, clock: FakeClock) -> None:
    fail(breaker, 3)
    clock.advance(59)
    with pytest.raises(CircuitOpenError):
        call(breaker)
    clock.advance(1)
    with breaker.guard(), pytest.raises(CircuitOpenError, match="being tried again now"):
        call(breaker)
    assert not breaker.is_open()
    call(breaker)


def test_a_probe_that_fails_opens_it_for_another_pause(breaker: Breaker, clock: FakeClock) -> None:
    fail(breaker, 3)
    clock.advance(60)
    fail(breaker)
    with pytest.raises(CircuitOpenError, match="in 60 s"):
        call(breaker)


def test_setting_the_wall_clock_moves_no_pause(breaker: Breaker, clock: FakeClock) -> None:
    """F9."""
    fail(breaker, 3)
    clock.jump(3600)
    with pytest.raises(CircuitOpenError):
        call(breaker)
