"""Windows of the week and freezes, as people write them."""

from datetime import UTC, datetime

import pytest

from advisor.model.calendar import parse_change_window, parse_freeze
from advisor.model.errors import ConfigurationError


def utc(day: int, hour: int, minute: int = 0, month: int = 1) -> datetime:
    """A moment of 2026; January 1st is a Thursday."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("Mon-Fri 09:00-17:00", [utc(1, 9), utc(2, 16, 59)], [utc(1, 8, 59), utc(1, 17), utc(3, 12)]),
        ("Sat,Sun 00:00-24:00", [utc(3, 0), utc(4, 23, 59)], [utc(2, 23, 59), utc(5, 0)]),
        ("daily 22:00-06:00 UTC", [utc(1, 22), utc(2, 5, 59)], [utc(1, 21, 59), utc(2, 6)]),
        ("Fri 22:00-06:00", [utc(2, 23), utc(3, 5)], [utc(2, 5), utc(3, 22)]),  # Saturday morning belongs to Friday
        ("Sat-Mon 10:00-11:00", [utc(3, 10), utc(4, 10), utc(5, 10)], [utc(6, 10), utc(2, 10)]),
    ],
)
def test_a_window_holds_what_a_person_would_say(text: str, inside: list[datetime], outside: list[datetime]) -> None:
    window = parse_change_window(text)
    assert [moment for moment in inside if not window.contains(moment)] == []
    assert [moment for moment in outside if window.contains(moment)] == []


def test_a_window_follows_the_clock_on_its_own_wall_through_summer_and_winter() -> None:
    window = parse_change_window("daily 09:00-10:00 Europe/Berlin")
    assert window.contains(utc(15, 8, month=1))  # 09:00 in winter, UTC+1
    assert window.contains(utc(15, 7, month=7))  # 09:00 in summer, UTC+2
    assert not window.contains(utc(15, 8, month=7))


def test_a_freeze_of_days_holds_its_last_day_too() -> None:
    freeze = parse_freeze("2026-12-20 to 2027-01-03")
    assert not freeze.contains(datetime(2026, 12, 19, 23, 59, tzinfo=UTC))
    assert freeze.contains(datetime(2026, 12, 20, tzinfo=UTC))
    assert freeze.contains(datetime(2027, 1, 3, 23, 59, tzinfo=UTC))
    assert not freeze.contains(datetime(2027, 1, 4, tzinfo=UTC))


def test_a_freeze_with_times_ends_to_the_minute_in_its_zone() -> None:
    freeze = parse_freeze("2026-11-27T18:00 to 2026-11-30T06:00 Europe/Berlin")  # UTC+1
    assert (freeze.start.hour, freeze.end.hour) == (17, 5)
    assert not freeze.contains(datetime(2026, 11, 30, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("weekdays 9-17", "is not a change window"),
        ("Mon-Fry 09:00-17:00", "'mon-fry' is no day of the week"),
        ("Mon 09:00-25:00", "'25:00' is no time of day"),
        ("Mon 09:60-10:00", "'09:60' is no time of day"),
        ("Mon 09:00-09:00", "is empty"),
        ("Mon 09:00-17:00 Mars/Base", "no time zone 'Mars/Base'"),
        ("Mon 09:00-17:00 ../../etc/passwd", "no time zone"),
    ],
)
def test_a_faulty_window_is_refused_with_the_fix(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_change_window(text)
    assert said in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Christmas", "is not a freeze"),
        ("2026-12-20", "is not a freeze"),
        ("2026-02-30 to 2026-03-01", "in no calendar"),
        ("2026-12-20T25:00 to 2026-12-21", "in no calendar"),
        ("2027-01-03 to 2026-12-20", "ends before it starts"),
        ("2026-12-20 to 2027-01-03 Nowhere", "no time zone"),
    ],
)
def test_a_faulty_freeze_is_refused_with_the_fix(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_freeze(text)
    assert said in str(caught.value)
    assert caught.value.fix
