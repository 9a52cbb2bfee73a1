"""What happens in and around a trial: the value in force, events known by themselves, and what comes after."""

import hashlib
from dataclasses import dataclass, replace
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
class Move:
    """One move of the knob within a trial. in_force_at: when it was seen everywhere; None until then."""

    is_on: bool
    ordered_at: datetime
    in_force_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchBack:
    """A trial in which the old value comes back for a while, and the new one again, so that the effect must follow.

    periods: of one value each, the fewest before anything is kept; the first has the new value. shortest_seconds,
    longest_seconds: of a period, its warm-up apart; how long each is, is drawn. moves: after the first, in their order.
    """

    periods: int
    shortest_seconds: float
    longest_seconds: float
    moves: tuple[Move, ...] = ()

    def drawn_seconds(self, change_id: str, number: int) -> float:
        """How long period `number` (from 0) lasts. Drawn from the id, which is random: a restart draws the same."""
        digest = hashlib.sha256(f"{change_id}/{number}".encode()).digest()
        share = int.from_bytes(digest[:8], "big") / 2**64
        return self.shortest_seconds + share * (self.longest_seconds - self.shortest_seconds)

    def moved(self, *, is_on: bool, at: datetime) -> "SwitchBack":
        """With one move more, which is ordered."""
        return replace(self, moves=(*self.moves, Move(is_on=is_on, ordered_at=at)))

    def no_later_than(self, now: datetime) -> "SwitchBack":
        """With no stored time in the future."""
        moves = (
            replace(
                move, ordered_at=min(move.ordered_at, now), in_force_at=move.in_force_at and min(move.in_force_at, now)
            )
            for move in self.moves
        )
        return replace(self, moves=tuple(moves))

    def in_force(self, at: datetime) -> "SwitchBack":
        """With the last move seen everywhere."""
        return replace(self, moves=(*self.moves[:-1], replace(self.moves[-1], in_force_at=at)))


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
