"""The thread of a surface: woken, timed, and ended by nothing but its end."""

import queue
import threading

import pytest

from advisor.model.errors import JournalError
from advisor.surfaces.rounds import Rounds

_LONG = 60.0


class Work:
    """Rounds that a test lets happen one by one. Each result is what it returns or raises."""

    def __init__(self, *results: float | Exception | None) -> None:
        self.results = list(results)
        self.done: queue.Queue[int] = queue.Queue()
        self.count = 0

    def __call__(self) -> float | None:
        self.count += 1
        result = self.results.pop(0) if self.results else None
        self.done.put(self.count)
        if isinstance(result, Exception):
            raise result
        return result


def test_it_begins_at_once_and_goes_on_when_woken_or_when_its_time_has_come() -> None:
    work = Work(None, 0.0)
    rounds = Rounds("test", work)
    rounds.start()
    assert work.done.get(timeout=_LONG) == 1
    rounds.wake()
    assert work.done.get(timeout=_LONG) == 2
    assert work.done.get(timeout=_LONG) == 3, "its time was over at once"
    rounds.stop(_LONG)
    assert work.count == 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [(JournalError("is away"), "surface_round_failed"), (ValueError("odd"), "surface_round_crashed")],
)
def test_a_round_that_fails_is_logged_and_the_next_one_follows(
    fault: Exception, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Work(fault)
    rounds = Rounds("test", work)
    rounds.start()
    assert work.done.get(timeout=_LONG) == 1
    rounds.wake()
    assert work.done.get(timeout=_LONG) == 2
    rounds.stop(_LONG)
    assert told in capsys.readouterr().out


def test_a_pause_ends_with_the_end() -> None:
    begun = threading.Event()

    def work() -> None:
        begun.set()
        rounds.pause(_LONG)

    rounds = Rounds("test", work)
    rounds.start()
    assert begun.wait(_LONG)
    rounds.stop(_LONG)
    assert rounds.is_ending
