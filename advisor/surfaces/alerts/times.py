"""Times as Go programs write them: RFC 3339, with none to nine digits of a second and any offset."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


@lru_cache(maxsize=1_024)  # the alerts of a burst start together
def moment(text: str) -> datetime | None:
    """The moment in UTC, to the microsecond; None for "" and for Go's zero time, which mean that it is not known.

    Raises ValueError for what is no RFC 3339 time.
    """
    if not text:
        return None
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError("no RFC 3339 time")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if year <= 1:
        return None  # no zone may shift the year 1 westward: there is none before it
    fraction = (found[7] or "").ljust(6, "0")[:6]
    offset = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    try:
        zone = timezone(-offset if found[8] == "-" else offset)
        return datetime(year, month, day, hour, minute, second, int(fraction), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("no time of the calendar") from error
