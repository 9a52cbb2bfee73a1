"""All that the judge is given: what was planned, what was measured, and how strict to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from advisor.model.change import TrialPlan
from advisor.model.course import Mark, Period
from advisor.model.database.workload import StatementWindow
from advisor.model.proposal import Goal, Prediction
from advisor.model.signal import LOAD_SIGNAL, Series, SignalKey
from advisor.settings.trial import TrialSettings

__all__ = ["ERROR_SIGNAL", "Control", "Mark", "Period", "Trial", "Windows", "read"]

ERROR_SIGNAL = "http.error_ratio"
LOAD_OF_EACH = "http.requests_per_second_of_each"
"""Made here, of the load and the number of instances: see `with_load_of_each`."""
_NOT_READ = Series(problem="not read")

Windows = Mapping[SignalKey, Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The instances that kept the old value, over the same two windows: what time does by itself, they show too."""

    baseline: Windows
    trial: Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial at one moment. With a control, `baseline` and `trial` are of the instances that took the value.

    began_at: the end of the warm-up; elapsed_seconds run from there. usual: what the same hours of earlier days
    were like, over both windows; a signal may be missing. older: the days before the baseline, as far as they are on
    record, in blocks; they tell which steps come by themselves. statements: what those on the table did before and in
    the trial, where they are known. alarms: what needs no statistics, such as "2 instances ran out of memory".
    undo_is_dear: putting the old value back costs more than leaving the new one. leaving_is_cheap: it does little harm
    where it is for a while, and was dear to make, as an index. marks: known
    events in both windows, the oldest first. periods: of a trial that switches back, the stretches with the new value
    and with the old one, in their order; none: the new value was in force all the time.
    """

    goal: Goal
    plan: TrialPlan
    settings: TrialSettings
    baseline: Windows
    trial: Windows
    began_at: datetime
    elapsed_seconds: float
    usual: Windows = field(default_factory=dict)
    older: Windows = field(default_factory=dict)
    control: Control | None = None
    statements: tuple[StatementWindow, StatementWindow] | None = None
    alarms: tuple[str, ...] = ()
    prediction: Prediction | None = None
    undo_is_dear: bool = False
    leaving_is_cheap: bool = False
    marks: tuple[Mark, ...] = ()
    periods: tuple[Period, ...] = ()
    known: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out of the past, with what it was worked out of; copies of a trial share it."""

    def load_of(self, signal: SignalKey) -> SignalKey | None:
        """The load that `signal` depends on: requests per second of its application, if they are read; where it is
        known how many instances shared them, of one instance."""
        loads = [key for key in self.baseline if key in self.trial and key != signal]
        named = (key for name in (LOAD_OF_EACH, LOAD_SIGNAL) for key in loads if key.name == name)
        return next(named, None)


def read(windows: Windows, signal: SignalKey) -> Series:
    """The points of `signal`, or why there are none."""
    return windows.get(signal, _NOT_READ)
