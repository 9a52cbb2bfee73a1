"""The past that a trial is compared with, thinned to the blocks that the judge looks at. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import fmean

from advisor.model.change import TrialPlan
from advisor.model.signal import Sample, Series
from advisor.stats.blocks import block_means


def thinned(series: Series, plan: TrialPlan, end: datetime) -> Series:
    """The means of the blocks before `end`: a day of points is a record of some hundred numbers."""
    return in_blocks(series, plan.block_seconds, end)


def in_blocks(series: Series, seconds: float, end: datetime) -> Series:
    """The means of blocks of so many seconds, counted back from `end`, each told at its middle."""
    points = [((sample.at - end).total_seconds(), sample.value) for sample in series.samples]
    means = block_means(points, seconds)
    samples = tuple(
        Sample(at=end + timedelta(seconds=(block + 0.5) * seconds), value=mean) for block, mean in means.items()
    )
    return replace(series, samples=samples)


def smooth(series: Series, seconds: float) -> Series:
    """Each point as the mean of those within `seconds` before and after it: the course of the day, not its noise."""
    samples, values = series.samples, series.values
    reach, found, low, high = timedelta(seconds=seconds), [], 0, 0
    for sample in samples:
        while samples[low].at < sample.at - reach:
            low += 1
        while high < len(samples) and samples[high].at <= sample.at + reach:
            high += 1
        found.append(Sample(at=sample.at, value=fmean(values[low:high])))
    return Series(samples=tuple(found), problem=series.problem)


def mean_of_days(days: Sequence[Series], shifts: Sequence[int]) -> Series:
    """The mean at each hour over days that lie `shifts` days back, told at today's times. Needs equal steps."""
    points: dict[datetime, list[float]] = {}
    for day, shift in zip(days, shifts, strict=True):
        for sample in day.samples:
            points.setdefault(sample.at + timedelta(days=shift), []).append(sample.value)
    return Series(samples=tuple(Sample(at=at, value=fmean(points[at])) for at in sorted(points)))
