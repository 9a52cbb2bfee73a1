"""The share of requests that fail, judged on counts: may be looked at in every cycle without a price. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.engine.judge.analysis_window import distance_of, points_of
from advisor.engine.judge.load_bands import Block, clumping, load_bands
from advisor.engine.judge.trial import Trial, Windows, read
from advisor.model.change import Guardrail
from advisor.model.signal import LOAD_SIGNAL, SignalKey
from advisor.stats.counts import is_above, is_below, rate_within

_DEVIATIONS = 3.0
_BLOCKS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Requests and those that failed, before (at the trial's load) and in the trial.

    problem: why they are no evidence.
    clumping: at least 1; so many failures come at once and count as one.
    """

    signal: SignalKey
    samples_before: int
    samples_after: int
    failed_before: float = 0.0
    requests_before: float = 0.0
    failed_after: float = 0.0
    requests_after: float = 0.0
    clumping: float = 1.0
    problem: str = ""

    @property
    def before(self) -> float:
        return self.failed_before / self.requests_before if self.requests_before > 0 else math.nan

    @property
    def after(self) -> float:
        return self.failed_after / self.requests_after if self.requests_after > 0 else math.nan

    def harm(self, rail: Guardrail, alpha: float) -> str:
        """The harm that is proven beyond the bound, wrong at any time with a chance of at most `alpha`; or ""."""
        _, highest = self._before_within()
        bound = highest + max(rail.maximum_harm_ratio * highest, rail.slack)
        events, exposure = self.failed_after / self.clumping, self.requests_after / self.clumping
        if self.requests_before <= 0 or not is_above(bound, events=events, exposure=exposure, alpha=alpha):
            return ""
        return f"{self.signal} went from {self.before:.4g} to {self.after:.4g}; more than {bound:.4g} is harm"

    def is_harmless(self, rail: Guardrail, alpha: float) -> bool:
        """Whether harm beyond the bound is ruled out, but for a chance of at most `alpha`."""
        lowest, _ = self._before_within()
        bound = lowest + max(rail.maximum_harm_ratio * lowest, rail.slack)
        events, exposure = self.failed_after / self.clumping, self.requests_after / self.clumping
        return is_below(bound, events=events, exposure=exposure, alpha=alpha)

    def _before_within(self) -> tuple[float, float]:
        return rate_within(self.failed_before / self.clumping, self.requests_before / self.clumping, _DEVIATIONS)


def count_failures(trial: Trial, signal: SignalKey) -> Failures:
    """Of the trial so far against the control's requests in the same time, or else those of the baseline.

    Requests are the rate times the points' distance: overlapping rates count each request once on average.
    """
    load = SignalKey(name=LOAD_SIGNAL, labels=signal.labels)
    reference, start, end = trial.baseline, -trial.plan.history_seconds - trial.plan.longest_seconds, 0.0
    if trial.control is not None:
        reference, start, end = trial.control.trial, 0.0, trial.elapsed_seconds
    seconds = _block_seconds(trial, points_of(read(reference, signal), trial.began_at, start, end))
    before = _blocks(trial, reference, (signal, load), (start, end), seconds)
    after = _blocks(trial, trial.trial, (signal, load), (0.0, trial.elapsed_seconds), seconds)
    failed_before, requests_before = load_bands(before).at_the_load_of(after)
    requests_after = sum(block.requests for block in after)
    problem = (
        read(reference, signal).problem
        or read(trial.trial, signal).problem
        or read(reference, load).problem
        or read(trial.trial, load).problem
        or ("" if before and after else "no requests were counted")
    )
    needed = trial.settings.smallest_requests
    if not problem and requests_after < needed:
        problem = f"{requests_after:.0f} requests were served, {needed} are needed"
    return Failures(
        signal=signal,
        samples_before=len(read(reference, signal).samples),
        samples_after=len(read(trial.trial, signal).samples),
        failed_before=failed_before,
        requests_before=requests_before,
        failed_after=sum(block.failed for block in after),
        requests_after=requests_after,
        clumping=clumping(before),
        problem=f"{signal}: {problem}" if problem else "",
    )


def _block_seconds(trial: Trial, points: Sequence[tuple[float, float]]) -> float:
    """So that what is compared with holds 24 blocks: fewer would not tell whether failures come in a row.

    Not longer than what the longest window needs for as many, and not shorter than the points' distance.
    """
    longest = max(trial.plan.block_seconds, trial.plan.longest_seconds / _BLOCKS)
    known = (points[-1][0] - points[0][0]) / _BLOCKS if points else longest
    return max(distance_of(points), min(longest, known))


def _blocks(
    trial: Trial,
    windows: Windows,
    signals: tuple[SignalKey, SignalKey],
    within: tuple[float, float],
    seconds: float,
) -> list[Block]:
    ratios = points_of(read(windows, signals[0]), trial.began_at, *within)
    rates = dict(points_of(read(windows, signals[1]), trial.began_at, *within))
    if len(ratios) < 2:
        return []
    distance = distance_of(ratios)
    seconds = max(seconds, distance)
    blocks: dict[int, list[tuple[float, float]]] = {}
    for at, ratio in ratios:
        if at in rates:
            blocks.setdefault(math.floor(at / seconds), []).append((ratio, rates[at] * distance))
    return [
        Block(
            failed=sum(ratio * served for ratio, served in points),
            requests=(requests := sum(served for _, served in points)),
            load=requests / len(points),
        )
        for points in blocks.values()
    ]
