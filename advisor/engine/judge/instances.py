"""The load of each instance: what a metric follows where instances come and go. Pure."""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime

from advisor.engine.judge.trial import LOAD_OF_EACH, Trial, Windows, read
from advisor.model.signal import INSTANCES_SIGNAL, LOAD_SIGNAL, Sample, Series, SignalKey


def with_load_of_each(trial: Trial) -> Trial:
    """`trial` with the load of one instance beside that of all, where their number is on record and has changed."""
    counts = [
        sample.value
        for windows in (trial.baseline, trial.trial)
        for key, series in windows.items()
        if key.name == INSTANCES_SIGNAL
        for sample in series.samples
    ]
    if not counts or min(counts) == max(counts):
        return trial
    control = trial.control
    if control is not None:
        control = replace(control, baseline=_each(control.baseline), trial=_each(control.trial))
    return replace(
        trial, baseline=_each(trial.baseline), trial=_each(trial.trial), older=_each(trial.older), control=control
    )


def _each(windows: Windows) -> Windows:
    found: dict[SignalKey, Series] = dict(windows)
    for key, load in windows.items():
        if key.name != LOAD_SIGNAL:
            continue
        counts = read(windows, SignalKey(name=INSTANCES_SIGNAL, labels=key.labels))
        found[SignalKey(name=LOAD_OF_EACH, labels=key.labels)] = _shared(load, counts)
    return found


def _shared(load: Series, counts: Series) -> Series:
    """The load of one of as many as there last were; before the first count is known, nothing."""
    times: list[datetime] = [sample.at for sample in counts.samples]
    samples = []
    for sample in load.samples:
        place = bisect_right(times, sample.at) - 1
        if place >= 0 and (count := counts.samples[place].value) > 0:
            samples.append(Sample(at=sample.at, value=sample.value / count))
    return Series(samples=tuple(samples), problem=load.problem or counts.problem)
