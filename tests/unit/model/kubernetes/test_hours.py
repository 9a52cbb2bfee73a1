"""A number for each hour, packed."""

import copy
import pickle
import struct

import pytest

from advisor.model.kubernetes.hours import HOURS, Hours

DAY = (None, 0.0, 400.0 * 1024**2, -0.25, *(1.5,) * (HOURS - 4))


def test_they_read_as_the_numbers_that_were_given() -> None:
    hours = Hours(DAY)
    assert (hours, hours[0], hours[2], hours[:2], len(hours)) == (DAY, None, DAY[2], (None, 0.0), HOURS)
    assert hours == DAY
    assert hash(hours) == hash(DAY)


def test_they_survive_a_copy_and_the_way_to_another_process() -> None:
    assert copy.deepcopy(Hours(DAY)) == pickle.loads(pickle.dumps(Hours(DAY))) == Hours(DAY)


def test_seven_digits_are_kept() -> None:
    assert Hours((1 / 3,) * HOURS)[0] == pytest.approx(1 / 3, rel=1e-7)


def test_another_number_of_them_is_refused() -> None:
    with pytest.raises(struct.error):
        Hours([1.0])
    with pytest.raises(ValueError, match="4 bytes are no 24 numbers"):
        Hours.of_bytes(b"\0" * 4)
