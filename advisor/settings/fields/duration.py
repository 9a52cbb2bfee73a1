"""Field types for durations: configuration writes "30s"; a bare number is refused, as nobody knows its unit."""

from typing import Annotated

from pydantic import BeforeValidator

from advisor.model.errors import ConfigurationError
from advisor.model.units import parse_duration_seconds


def _seconds(value: object) -> float:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} has no unit; write it as "30s" or "1h30m"')
    try:
        return parse_duration_seconds(value)
    except ConfigurationError as error:
        raise ValueError(str(error)) from error


def _positive(value: object) -> float:
    seconds = _seconds(value)
    if seconds <= 0:
        raise ValueError(f"{value!r} is no time at all; write one above 0s")
    return seconds


SecondsOrZero = Annotated[float, BeforeValidator(_seconds)]
"""Seconds, given as text with a unit, up to ten years; 0s where it means "none" or "at once"."""

Seconds = Annotated[float, BeforeValidator(_positive)]
"""The same, but above 0. Defaults in code are plain numbers and are not parsed."""
