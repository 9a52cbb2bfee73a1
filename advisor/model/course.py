"""What happened in and around a trial: which value was in force when, and events that are known by themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MarkKind(StrEnum):
    RELEASE = "release"
    """Processes of the application were replaced, most of them at about the same time."""
    RESTART = "restart"
    """Some of its processes began anew."""
    SCALING = "scaling"
    """It has more or fewer instances."""
    ALERT = "alert"
    """An alert was firing when the change was proposed; `at` is when it began."""
    CHANGE = "change"
    """Another change of ours came into force, or went back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A known event that may have moved a metric by itself, in the baseline or in the trial. what: for people."""

    kind: MarkKind
    at: datetime
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of a trial that switches back, in [start, end), with the new value in force (`is_on`) or the old one.

    The warm-up after the move is cut off its beginning.
    """

    is_on: bool
    start: datetime
    end: datetime
