"""What no-change trials over recorded history say about the verdicts that trials would get there."""

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCheck:
    """One goal's check. configured: by the settings in force. enough: the shortest window that would reach the bars.

    start, end: of what is on record of all that a trial reads. problem: why nothing could be played.
    """

    signal: SignalKey
    start: datetime
    end: datetime
    minimum_gain_ratio: float
    configured: WindowCheck | None
    others: tuple[WindowCheck, ...]
    enough: WindowCheck | None
    problem: str = ""

    @property
    def trials(self) -> int:
        """How many were played, of all windows."""
        return sum(window.trials for window in (self.configured, *self.others) if window is not None)
