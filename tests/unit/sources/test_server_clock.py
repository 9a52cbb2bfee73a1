"""Clocks: what the time of an answer explains is no difference."""

from datetime import datetime, timedelta

import pytest

from advisor.model.check import CheckLine, CheckStatus
from advisor.model.errors import SourceUnavailableError
from advisor.sources.server_clock import ServerTime, check_clock
from advisor.testing.clock import FakeClock


def checked(ahead: float, *, took: float = 0.0, width: float = 1.0) -> CheckLine:
    """A server whose clock is `ahead` of ours, that looks at it when the answer leaves it after `took` seconds."""
    clock = FakeClock()

    def ask() -> ServerTime:
        clock.advance(took)
        said: datetime = clock.now() + timedelta(seconds=ahead)
        return ServerTime(earliest=said, latest=said + timedelta(seconds=width))

    line = check_clock("server", ask, clock)
    assert line is not None
    return line


@pytest.mark.parametrize("ahead", [0.0, 5.0, -6.0])  # a header of whole seconds: 6 behind may be 5
def test_small_differences_are_none(ahead: float) -> None:
    assert (checked(ahead).name, checked(ahead).detail) == ("server clock", "agrees with ours")


@pytest.mark.parametrize(
    ("ahead", "said"), [(6.0, "is 6s ahead of ours"), (-91.0, "is 1m30s behind ours"), (7200.0, "is 2h ahead of ours")]
)
def test_larger_ones_are_told_with_their_size(ahead: float, said: str) -> None:
    line = checked(ahead)
    assert (line.status, line.detail.partition(":")[0]) == (CheckStatus.WARNING, said)


def test_a_slow_answer_makes_no_clock_wrong() -> None:
    """20 s on the way there: the date in it is 20 s after the question, and both clocks agree."""
    assert checked(0.0, took=20.0).status is CheckStatus.OK


def test_a_server_that_does_not_say_the_time_is_no_fault() -> None:
    def fails() -> ServerTime:
        raise SourceUnavailableError("no answer", where="server")

    assert check_clock("server", lambda: None, FakeClock()) is None
    line = check_clock("server", fails, FakeClock())
    assert line is not None
    assert (line.status, line.detail) == (CheckStatus.OK, "not known: no answer")
