"""A field type for a time of day: "09:00 Europe/Berlin"."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator

from advisor.model.calendar import zone_named
from advisor.model.errors import ConfigurationError

_TIME = re.compile(r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?:\s+(?P<zone>\S+))?")
_FIX = 'write it as "09:00" or "09:00 Europe/Berlin"'


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfDay:
    """By the clock on the wall of `zone`, UTC where none is named."""

    hour: int
    minute: int
    zone: str = "UTC"


def parse_time_of_day(text: object) -> TimeOfDay:
    """Raises ValueError, as field types do."""
    found = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{str(text)[:40]!r} is not a time of day; {_FIX}")
    zone = found["zone"] or "UTC"
    try:
        zone_named(zone)
    except ConfigurationError as error:
        raise ValueError(f"{error.what} ({error.fix})") from error
    return TimeOfDay(hour=int(found["hour"]), minute=int(found["minute"]), zone=zone)


DailyAt = Annotated[TimeOfDay, PlainValidator(parse_time_of_day)]
"""Once a day."""
