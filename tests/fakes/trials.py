"""Trials on paper: an hour before noon, half an hour after it, and noise around a mean."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from advisor.engine.judge.trial import Trial
from advisor.model.proposal import Better, Goal
from advisor.model.signal import Series, SignalKey, series_of
from advisor.settings.trial import TrialSettings
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_plan

STEP_SECONDS = 20
BEFORE, LONGEST = -3600.0, 1800.0


def window(mean: float, start: float, end: float, noise: float = 0.05, seed: int = 1) -> Series:
    """Independent points around `mean`, with a standard deviation of `noise` of it, from `start` s after noon on."""
    source = random.Random(f"{mean}/{noise}/{start}/{seed}")
    seconds = range(int(start), int(end), STEP_SECONDS)
    return series_of((NOON + timedelta(seconds=at), max(mean * (1 + source.gauss(0, noise)), 0.0)) for at in seconds)


def before(mean: float, **changes: Any) -> Series:
    """An hour, up to a minute before noon."""
    return window(mean, BEFORE - 60, -60, **changes)


def after(mean: float, **changes: Any) -> Series:
    """The longest trial, from noon on."""
    return window(mean, 0, LONGEST, **changes)


CALM_BEFORE = {ERRORS: before(0.01), LATENCY: before(0.2), LOAD: before(50)}
CALM_AFTER = {ERRORS: after(0.01), LATENCY: after(0.2), LOAD: after(50)}


def a_trial(**changes: Any) -> Trial:
    """Waits fall from 100 ms to 20 ms; errors, latency and load stay; the first window of 600 s is full."""
    trial = Trial(
        goal=Goal(signal=WAIT, better=Better.LOWER, minimum_gain_ratio=0.3),
        plan=a_plan(),
        settings=TrialSettings(),
        baseline={WAIT: before(0.1), **CALM_BEFORE},
        trial={WAIT: after(0.02), **CALM_AFTER},
        began_at=NOON,
        elapsed_seconds=600,
    )
    return replace(trial, **changes)


def with_trial(trial: Trial, **series: Series) -> Trial:
    keys: dict[str, SignalKey] = {"wait": WAIT, "errors": ERRORS, "latency": LATENCY, "load": LOAD}
    return replace(trial, trial={**trial.trial, **{keys[name]: found for name, found in series.items()}})
