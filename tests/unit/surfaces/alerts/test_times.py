"""Times as Go programs write them."""

from datetime import UTC, datetime

import pytest

from advisor.surfaces.alerts.times import moment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [("2026-03-02T12:00:00Z", 0), *((f"2026-03-02T12:00:00.{'123456789'[:n]}Z", n) for n in range(1, 10))],
)
def test_none_to_nine_digits_of_a_second_are_read(text: str, microseconds: int) -> None:
    wanted = int("123456789"[:microseconds][:6].ljust(6, "0")) if microseconds else 0
    assert moment(text) == NOON.replace(microsecond=wanted)


@pytest.mark.parametrize(
    "text", ["2026-03-02T14:00:00+02:00", "2026-03-02T06:30:00-05:30", "2026-03-03T02:00:00+14:00"]
)
def test_any_offset_is_the_same_moment(text: str) -> None:
    assert moment(text) == NOON


@pytest.mark.parametrize("text", ["", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0000-12-31T23:00:00Z"])
def test_the_zero_time_is_not_known_in_whatever_zone(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-03-02",
        "2026-03-02T12:00:00",
        "2026-02-30T12:00:00Z",
        "2026-03-02T25:00:00Z",
        "2026-03-02T12:00:00+99:00",
        "9999-12-31T23:59:59-05:00",
        "2026-03-02T12:00:00.1234567890Z",
        "２０２６-03-02T12:00:00Z",
        "2026-03-02T12:00:00Z\n",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        moment(text)
