"""The agents' board: where wanted values hang, and the shape they have on the wire.

Nothing here knows agents' code: the shape of an entry is the whole agreement. Judgement stays in Python and is
written down once, in `agent_board`; a board itself only swaps one text for another if nobody came in between.
"""

import json
import math
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from advisor.model.errors import BadDataError

SCHEMA_VERSION = 1
EVERY_INSTANCE = 1.0
_LEAST, _MOST = -sys.float_info.max, sys.float_info.max
"""NaN, infinities and whole numbers too large for a float lie outside."""


class Board(Protocol):
    """One application's entries, by knob name, as text."""

    @property
    def name(self) -> str:
        """What errors call it; without secrets."""

    def read(self, app: str, knob: str) -> str | None:
        """The entry's text, None when there is none. Raises TransientError, or KnobError when it is not a board."""

    def swap(self, app: str, knob: str, *, seen: str | None, wanted: str) -> bool:
        """Write `wanted` if the entry is still `seen`, in one indivisible step; else False. Raises as read."""

    def check_writable(self, app: str) -> None:
        """Whether `swap` would work; writes nothing. Raises as read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One wanted value.

    cohort: share of the instances that take it (0 to 1). expires_at: when it falls back to `previous` by itself;
    None when it is confirmed. An entry whose value is its previous one has been rolled back.
    """

    value: float
    previous: float
    change: str
    epoch: int
    cohort: float = EVERY_INSTANCE
    expires_at: datetime | None = None

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def value_at(self, now: datetime) -> float:
        """The value that agents hold when they have read this entry."""
        return self.previous if self.has_expired(now) else self.value


def same_value(one: float, other: float) -> bool:
    """30 is 30.0; Prometheus keeps every number as a float, so the last digits are no difference."""
    return math.isclose(one, other, rel_tol=1e-9)


def to_wire(entry: Entry) -> str:
    """The entry's text. Times are whole seconds, rounded down: a value rather falls back early than late."""
    shape: dict[str, object] = {
        "v": SCHEMA_VERSION,
        "value": entry.value,
        "previous": entry.previous,
        "change": entry.change,
        "epoch": entry.epoch,
        "cohort": entry.cohort,
    }
    if entry.expires_at is not None:
        shape["expires_at"] = entry.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(shape)


def from_wire(text: str) -> Entry:
    """The entry that `text` stands for. Raises BadDataError naming the field that is wrong."""
    try:
        shape = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadDataError("is not JSON", where="board entry") from error
    if not isinstance(shape, dict):
        raise BadDataError("is not a JSON object", where="board entry")
    if shape.get("v") != SCHEMA_VERSION:
        raise BadDataError(f"has version {shape.get('v')!r}, {SCHEMA_VERSION} is known", where="board entry")
    change, epoch = shape.get("change"), shape.get("epoch")
    if not isinstance(change, str) or not change:
        raise BadDataError("change is not text", where="board entry")
    if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < 0:
        raise BadDataError("epoch is not a whole number from 0", where="board entry")
    cohort = _number(shape, "cohort") if "cohort" in shape else EVERY_INSTANCE
    if not 0 <= cohort <= 1:
        raise BadDataError("cohort is not a share from 0 to 1", where="board entry")
    return Entry(
        value=_number(shape, "value"),
        previous=_number(shape, "previous"),
        change=change,
        epoch=epoch,
        cohort=cohort,
        expires_at=_moment(shape),
    )


def _number(shape: dict[str, object], field: str) -> float:
    number = shape.get(field)
    if isinstance(number, bool) or not isinstance(number, int | float) or not _LEAST <= number <= _MOST:
        raise BadDataError(f"{field} is not a finite number", where="board entry")
    return number


def _moment(shape: dict[str, object]) -> datetime | None:
    text = shape.get("expires_at")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadDataError("expires_at is not a time", where="board entry") from error
    if moment.tzinfo is None:
        raise BadDataError("expires_at has no time zone", where="board entry")
    return moment
