"""What no-change trials over recorded history say about the verdicts that trials would get there."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from advisor.model.signal import SignalKey

WANTED_GAIN, WANTED_POWER, MOST_FALSE = 0.2, 0.9, 0.02
"""The bars: gains of a fifth are kept nine times in ten, and no more than one in fifty of no gain at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Of trials with a gain of `gain_ratio` put into the recording, the share that were kept, and how soon.

    kept_least: what the true share is at least, with 95% confidence.
    """

    gain_ratio: float
    kept_ratio: float
    kept_least: float
    median_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCheck:
    """Trials of one longest window. trials: how many were played; each was played once without and once with each gain.

    apart: how many of them find room side by side. Trials that overlap see the same hours and are no further witnesses,
    so what the true shares are at most, or at least, goes by these alone.
    false_keep_ratio: of those without a gain, the share that were kept. false_alarm_ratio: the share that were
    called harmful. Both are 0 to 1, and NaN when no trial fitted into the recording; `_most` is what the true share is
    at most, with 95% confidence.
    """

    longest_seconds: float
    trials: int
    apart: int
    false_keep_ratio: float
    false_keep_most: float
    false_alarm_ratio: float
    false_alarm_most: float
    powers: tuple[Power, ...]

    def power(self, gain_ratio: float) -> float:
        """The share that was kept of trials with this gain; 0 when it was not played."""
        return next((power.kept_ratio for power in self.powers if power.gain_ratio == gain_ratio), 0.0)


class FaultKind(StrEnum):
    DRIFT = "drift"
    """The metric grows or falls all the time."""
    BREAKS = "breaks"
    """It goes to another level and stays there for hours: a release, an incident, another mix of requests."""
    CYCLE = "cycle"
    """It goes up and down by itself, every so many hours."""
    WANDER = "wander"
    """It strays to levels that last for hours without a break: what it is now, it will still nearly be then."""
    NONE = "none"
    """The trials that nothing of that touches."""


class Advice(StrEnum):
    """What makes verdicts hold in spite of a fault."""

    CANARY = "canary"
    SWITCH_BACK = "switch_back"
    LONGER_WINDOWS = "longer_windows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that the metric does by itself, and the trials of the configured windows that it touches.

    size: the share by which it moves: in a day, at the largest break, from a cycle's lowest to its highest point, by a
    standard deviation from a longest window to another; below 0 when it falls, 0 of none. count: breaks on record.
    period_seconds: of a cycle; 0 of all else. false_keep_ratio: of the touched trials without a gain, the share that
    were kept; kept_ratio: of those with a gain of a fifth. Both 0 to 1, NaN when it touches none. advice: empty where
    the verdicts hold.
    """

    kind: FaultKind
    size: float = 0.0
    count: int = 0
    period_seconds: float = 0.0
    trials: int = 0
    false_keep_ratio: float = math.nan
    kept_ratio: float = math.nan
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCheck:
    """One goal's check. configured: by the settings in force. enough: the shortest window that would reach the bars.

    start, end: of what is on record of all that a trial reads. problem: why nothing could be played. faults: by kind,
    and last the trials that none of them touches.
    """

    signal: SignalKey
    start: datetime
    end: datetime
    minimum_gain_ratio: float
    configured: WindowCheck | None
    others: tuple[WindowCheck, ...]
    enough: WindowCheck | None
    problem: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def trials(self) -> int:
        """How many were played, of all windows."""
        return sum(window.trials for window in (self.configured, *self.others) if window is not None)
