"""The share of requests that fail, judged on counts: may be looked at in every cycle without a price. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from advisor.engine.lens import points_of
from advisor.engine.trial import LOAD_SIGNAL, Trial, Windows, read
from advisor.model.change import Guardrail
from advisor.model.signal import SignalKey
from advisor.stats.counts import is_above, is_below, rate_within
from advisor.stats.persistence import persistence

_DEVIATIONS = 3.0
_BLOCKS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Requests and those that failed, before and in the trial. `problem` says why they are no evidence.

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
    before = _blocks(trial, reference, (signal, load), start, end)
    after = _blocks(trial, trial.trial, (signal, load), 0.0, trial.elapsed_seconds)
    failed_after, requests_after = sum(f for f, _ in after), sum(r for _, r in after)
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
        failed_before=sum(failed for failed, _ in before),
        requests_before=sum(requests for _, requests in before),
        failed_after=failed_after,
        requests_after=requests_after,
        clumping=_clumping(before),
        problem=f"{signal}: {problem}" if problem else "",
    )


def _blocks(
    trial: Trial, windows: Windows, signals: tuple[SignalKey, SignalKey], start: float, end: float
) -> list[tuple[float, float]]:
    """(failed, requests) in each block of the window."""
    ratios = list(points_of(read(windows, signals[0]), trial.began_at, start, end))
    rates = dict(points_of(read(windows, signals[1]), trial.began_at, start, end))
    if len(ratios) < 2:
        return []
    distance = median(ratios[i][0] - ratios[i - 1][0] for i in range(1, len(ratios)))
    seconds = max(trial.plan.block_seconds, trial.plan.longest_seconds / _BLOCKS, distance)
    sums: dict[int, tuple[float, float]] = {}
    for at, ratio in ratios:
        if at in rates:
            block = math.floor(at / seconds)
            failed, requests = sums.get(block, (0.0, 0.0))
            served = rates[at] * distance
            sums[block] = (failed + ratio * served, requests + served)
    return list(sums.values())


def _clumping(blocks: Sequence[tuple[float, float]]) -> float:
    """Long-run variance over mean of the failures in a block; 1 for independent ones, more for those in a row."""
    failed, requests = sum(f for f, _ in blocks), sum(r for _, r in blocks)
    if failed <= 0 or requests <= 0 or len(blocks) < 4:
        return 1.0
    rate = failed / requests
    residuals = [(f - rate * r) / math.sqrt(rate * r) for f, r in blocks if r > 0]
    return max(1.0, persistence(residuals, [i > 0 for i in range(len(residuals))], fitted=1).long_run_variance)
