"""What happened in and around a trial: which value was in force when, and events that are known by themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from advisor.model.verdict import Verdict


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Probation:
    """What was kept is watched on until `until`, or until another change begins.

    looked_at: the last look at it; None before the first. verdict: what that look said. ended_at, came_of: when it was
    over, and why; None and "" while it goes on.
    """

    until: datetime
    looked_at: datetime | None = None
    verdict: Verdict | None = None
    ended_at: datetime | None = None
    came_of: str = ""
