"""Retries are few, and bounded in number and in time."""

import time

import pytest

from advisor.model.errors import BadDataError, SourceBusyError
from advisor.resilience.retries import Retries, tried

QUICK = Retries(attempts=3, first_pause_seconds=0.01, longest_pause_seconds=0.02, within_seconds=5, jitter_seconds=0)


class Server:
    def __init__(self, *answers: Exception | str) -> None:
        self.answers = list(answers)
        self.calls = 0

    def ask(self) -> str:
        self.calls += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_call_that_fails_and_then_succeeds_has_succeeded() -> None:
    server = Server(SourceBusyError("503"), SourceBusyError("503"), "42")
    assert (tried(server.ask, QUICK, on=SourceBusyError), server.calls) == ("42", 3)


def test_what_keeps_failing_is_given_up_with_its_own_last_error() -> None:
    server = Server(*(SourceBusyError(f"503, {n}") for n in range(5)))
    with pytest.raises(SourceBusyError, match="503, 2"):
        tried(server.ask, QUICK, on=SourceBusyError)
    assert server.calls == 3


def test_what_a_retry_cannot_help_is_not_tried_again() -> None:
    server = Server(BadDataError("no such metric"), "42")
    with pytest.raises(BadDataError):
        tried(server.ask, QUICK, on=SourceBusyError)
    assert server.calls == 1


def test_when_the_time_is_up_no_further_call_is_begun() -> None:
    """Each call takes 30 ms; after 20 ms none is begun any more."""

    def slow() -> str:
        time.sleep(0.03)
        return server.ask()

    server = Server(*(SourceBusyError("503") for _ in range(5)))
    short = Retries(attempts=5, first_pause_seconds=0.01, longest_pause_seconds=0.01, within_seconds=0.02)
    with pytest.raises(SourceBusyError):
        tried(slow, short, on=SourceBusyError)
    assert server.calls == 1
