"""One entry of the board, as it travels."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

_VERSION = 1


class MalformedEntryError(ValueError):
    """The entry cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A wanted value.

    value, previous: numbers; whether they are allowed is the application's to say. change: the advisor's id.
    epoch: a lower one than seen before is out of date. cohort: share (0 to 1) of instances that take the value.
    expires_at: when the value falls back to `previous` by itself; None when it is confirmed.
    """

    value: object
    previous: object
    change: str
    epoch: int
    cohort: float = 1.0
    expires_at: datetime | None = None


def parse(text: str | bytes) -> Entry:
    """The entry in `text`. Raises MalformedEntryError for anything that is not exactly one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedEntryError("not JSON") from error
    if not isinstance(found, dict):
        raise MalformedEntryError("not a JSON object")
    if found.get("v") != _VERSION:
        raise MalformedEntryError(f"version {found.get('v')!r} is not {_VERSION}")
    if "value" not in found or "previous" not in found:
        raise MalformedEntryError("value or previous is missing")
    change, epoch, cohort = found.get("change"), found.get("epoch"), found.get("cohort", 1.0)
    if not isinstance(change, str) or not change:
        raise MalformedEntryError("change is not a text")
    if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < 0:
        raise MalformedEntryError("epoch is not a whole number from 0")
    if isinstance(cohort, bool) or not isinstance(cohort, int | float) or not 0 <= cohort <= 1:  # NaN is not either
        raise MalformedEntryError("cohort is not a share from 0 to 1")
    return Entry(
        value=found["value"],
        previous=found["previous"],
        change=change,
        epoch=epoch,
        cohort=float(cohort),
        expires_at=_moment(found.get("expires_at")),
    )


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise MalformedEntryError("expires_at is not a time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedEntryError("expires_at is not a time in ISO 8601") from error
    if moment.tzinfo is None:
        raise MalformedEntryError("expires_at has no time zone")
    return moment.astimezone(UTC)
