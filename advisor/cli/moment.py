"""Moments as people write them on a command line."""

from datetime import UTC, datetime, timedelta

from advisor.model.errors import ConfigurationError
from advisor.model.units import parse_duration_seconds

_FIX = 'write it as "2026-01-31", "2026-01-31T09:00Z", "now" or, for a week ago, "-7d"'


def parse_moment(text: str, now: datetime, *, where: str) -> datetime:
    """An aware UTC time, whole seconds; UTC where no zone is given. Raises ConfigurationError."""
    compact = text.strip()
    if compact == "now":
        return now.replace(microsecond=0)
    if compact.startswith("-"):
        try:
            ago = timedelta(seconds=parse_duration_seconds(compact[1:]))
            return (now - ago).replace(microsecond=0)
        except (ConfigurationError, OverflowError):
            raise ConfigurationError(f"{text!r} is not a time", where=where, fix=_FIX) from None
    try:
        moment = datetime.fromisoformat(compact)
    except ValueError:
        raise ConfigurationError(f"{text!r} is not a time", where=where, fix=_FIX) from None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC).replace(microsecond=0)
    except OverflowError:  # the year 1 or 9999, moved out of the calendar by its zone
        raise ConfigurationError(f"{text!r} is not a time", where=where, fix=_FIX) from None
