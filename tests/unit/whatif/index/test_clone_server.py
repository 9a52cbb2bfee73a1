"""The clone's server that is not there in time: it is said that the time was the user's own, and what gives more."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pytest

from advisor.model.errors import SourceUnavailableError
from advisor.whatif.index.clone.server import CloneServer


def test_a_server_that_does_not_start_in_the_time_budget_is_left_for_want_of_time() -> None:
    may_start = threading.Event()

    @contextmanager
    def slow(_settings: Mapping[str, str]) -> Iterator[str]:
        may_start.wait()
        yield "host=nowhere"

    try:
        with pytest.raises(SourceUnavailableError, match="no time was left to make it") as caught:
            CloneServer(slow, seconds_left=0.01)
        assert caught.value.fix == "give a longer time budget"
    finally:
        may_start.set()


def test_a_server_that_cannot_start_says_why_and_blames_no_time() -> None:
    def refused(_settings: Mapping[str, str]) -> AbstractContextManager[str]:
        raise SourceUnavailableError("initdb failed", where="PostgreSQL of our own")

    with pytest.raises(SourceUnavailableError, match="initdb failed"):
        CloneServer(refused, seconds_left=30.0)
