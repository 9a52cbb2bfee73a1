"""Field types for change windows and freezes, given as text."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import PlainValidator

from advisor.model.calendar import ChangeWindow, Freeze, parse_change_window, parse_freeze
from advisor.model.errors import ConfigurationError

_Parsed = TypeVar("_Parsed")


def _from_text(parse: Callable[[str], _Parsed]) -> Callable[[object], _Parsed]:
    def read(value: object) -> _Parsed:
        if not isinstance(value, str):
            raise ValueError("must be text, such as " + ("dates" if parse is parse_freeze else "days and hours"))
        try:
            return parse(value)
        except ConfigurationError as error:
            raise ValueError(f"{error.what} ({error.fix})") from error

    return read


Window = Annotated[ChangeWindow, PlainValidator(_from_text(parse_change_window))]
"""A part of the week: "Mon-Fri 09:00-17:00 Europe/Berlin"."""

FreezeDates = Annotated[Freeze, PlainValidator(_from_text(parse_freeze))]
"""From a date to a date: "2026-12-20 to 2027-01-03"."""
