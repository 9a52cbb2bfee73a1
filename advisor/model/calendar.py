"""When changes may be begun, as people write it: windows of the week, and freezes between two dates."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from advisor.model.errors import ConfigurationError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(?P<days>\S+)\s+(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)(?:\s+(?P<zone>\S+))?")
_WINDOW_FIX = 'write it as "Mon-Fri 09:00-17:00", "Sat,Sun 00:00-24:00 Europe/Berlin" or "daily 22:00-06:00 UTC"'
_MOMENT = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?"
_FREEZE = re.compile(rf"(?P<start>{_MOMENT})\s+to\s+(?P<end>{_MOMENT})(?:\s+(?P<zone>\S+))?")
_FREEZE_FIX = 'write it as "2026-12-20 to 2027-01-03" or "2026-12-20T18:00 to 2027-01-03T06:00 Europe/Berlin"'
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWindow:
    """A part of the week, by the clock on the wall of `zone`.

    days: 0 is Monday. Minutes count from midnight; an end at or before the start lies on the next day.
    """

    text: str
    days: frozenset[int]
    start_minute: int
    end_minute: int
    zone: str

    def contains(self, moment: datetime) -> bool:
        """Whether the aware `moment` lies in the window; its end does not belong to it."""
        local = moment.astimezone(zone_named(self.zone))
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.start_minute < self.end_minute:
            return today in self.days and self.start_minute <= minute < self.end_minute
        yesterday = (today - 1) % 7
        return (today in self.days and minute >= self.start_minute) or (
            yesterday in self.days and minute < self.end_minute
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Nothing is begun from `start` on until `end`, which does not belong to it. Both are aware, in UTC."""

    text: str
    start: datetime
    end: datetime

    def contains(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def parse_change_window(text: str, *, where: str = "change window") -> ChangeWindow:
    """Such as "Mon-Fri 09:00-17:00 Europe/Berlin"; UTC where no zone is named. Raises ConfigurationError."""
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(f"{text!r} is not a change window", where=where, fix=_WINDOW_FIX)
    zone = found["zone"] or "UTC"
    zone_named(zone, where=where)
    start, end = _minute(found["start"], where), _minute(found["end"], where)
    if start == end:
        raise ConfigurationError(f"{text!r} is empty", where=where, fix="write a whole day as 00:00-24:00")
    return ChangeWindow(text=text, days=_days(found["days"], where), start_minute=start, end_minute=end, zone=zone)


def parse_freeze(text: str, *, where: str = "freeze") -> Freeze:
    """Such as "2026-12-20 to 2027-01-03": a date alone is the whole day, the last one included.

    Raises ConfigurationError.
    """
    found = _FREEZE.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(f"{text!r} is not a freeze", where=where, fix=_FREEZE_FIX)
    zone = zone_named(found["zone"] or "UTC", where=where)
    try:
        start, end = _moment(found["start"], zone, is_end=False), _moment(found["end"], zone, is_end=True)
    except ValueError:
        raise ConfigurationError(f"{text!r} names a day that is in no calendar", where=where, fix=_FREEZE_FIX) from None
    if end <= start:
        raise ConfigurationError(f"{text!r} ends before it starts", where=where, fix="swap its two dates")
    return Freeze(text=text, start=start, end=end)


def zone_named(name: str, *, where: str = "time zone") -> ZoneInfo:
    """The zone of the IANA data base, such as "Europe/Berlin". Raises ConfigurationError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"no time zone {name!r}", where=where, fix='such as "Europe/Berlin" or "UTC"; is the package tzdata there?'
        ) from None


def _days(text: str, where: str) -> frozenset[int]:
    if text.lower() == "daily":
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise ConfigurationError(f"{part!r} is no day of the week", where=where, fix=_WINDOW_FIX)
        start = _DAYS.index(first)
        days.update((start + step) % 7 for step in range((_DAYS.index(last or first) - start) % 7 + 1))
    return frozenset(days)


def _minute(text: str, where: str) -> int:
    hours, minutes = int(text[:2]), int(text[3:])
    if minutes > 59 or hours * 60 + minutes > _DAY_MINUTES:
        raise ConfigurationError(f"{text!r} is no time of day", where=where, fix="from 00:00 to 24:00")
    return hours * 60 + minutes


def _moment(text: str, zone: tzinfo, *, is_end: bool) -> datetime:
    if "T" in text:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
    return datetime.combine(day, time(), zone).astimezone(UTC)
