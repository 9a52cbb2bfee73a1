"""What no-change trials over recorded history say about the verdicts that trials would get there."""

from dataclasses import dataclass
from datetime import datetime

from advisor.model.signal import SignalKey

WANTED_GAIN, WANTED_POWER, MOST_FALSE = 0.2, 0.9, 0.02
"""The bars: gains of a fifth are kept nine times in ten, and no more than one in fifty of no gain at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Of trials with a gain of `gain_ratio` put into the recording, the share that were kept, and how soon."""

    gain_ratio: float
    kept_ratio: float
    median_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCheck:
    """Trials of one longest window. trials: how many were played; each was played once without and once with each gain.

    false_keep_ratio: of those without a gain, the share that were kept. false_alarm_ratio: the share that were
    called harmful. Both are 0 to 1, and NaN when no trial fitted into the recording.
    """

    longest_seconds: float
    trials: int
    false_keep_ratio: float
    false_alarm_ratio: float
    powers: tuple[Power, ...]

    def power(self, gain_ratio: float) -> float:
        """The share that was kept of trials with this gain; 0 when it was not played."""
        return next((power.kept_ratio for power in self.powers if power.gain_ratio == gain_ratio), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCheck:
    """One goal's check. configured: by the settings in force. enough: the shortest window that would reach the bars.

    problem: why nothing could be played.
    """

    signal: SignalKey
    start: datetime
    end: datetime
    minimum_gain_ratio: float
    configured: WindowCheck | None
    others: tuple[WindowCheck, ...]
    enough: WindowCheck | None
    problem: str = ""
