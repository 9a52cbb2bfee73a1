"""Questions under way while an answer is worked on."""

from functools import partial
from threading import Barrier

import pytest

from advisor.model.errors import BadDataError
from advisor.sources.kubernetes_usage.answers.asking import ahead


def test_two_calls_are_under_way_at_once_and_answers_keep_their_order() -> None:
    """Each waits for another one: one after the other they would not end."""
    both = Barrier(2)

    def call(number: int) -> int:
        both.wait(timeout=10)
        return number

    with ahead(partial(call, number) for number in range(4)) as answers:
        assert list(answers) == [0, 1, 2, 3]


def test_no_more_than_two_answers_wait_to_be_taken() -> None:
    begun: list[int] = []
    with ahead(partial(begun.append, number) for number in range(10)) as answers:
        next(answers)
    assert set(begun) <= {0, 1, 2}


def test_after_a_call_that_fails_none_begins_that_did_not_wait_already() -> None:
    begun: list[int] = []

    def call(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise BadDataError("refused", where="prometheus", fix="ask for less")

    with pytest.raises(BadDataError), ahead(partial(call, number) for number in range(10)) as answers:
        list(answers)
    assert set(begun) <= {0, 1, 2}
