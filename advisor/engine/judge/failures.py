"""The share of requests that fail, judged on counts: may be looked at in every cycle without a price. Pure."""

import math
from dataclasses import dataclass

from advisor.engine.judge.load_bands import clumping, load_bands
from advisor.engine.judge.request_blocks import block_seconds, reference, request_blocks, since
from advisor.engine.judge.trial import Trial, read
from advisor.model.change import Guardrail
from advisor.model.signal import SignalKey
from advisor.stats.counts import is_above, is_below, rate_within

_DEVIATIONS = 3.0


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
    """Of the trial so far against the control's requests in the same time, or else those of the baseline."""
    earlier, later = reference(trial), since(trial)
    seconds = block_seconds(trial, earlier, signal)
    before = request_blocks(trial, earlier, signal, seconds)
    after = request_blocks(trial, later, signal, seconds)
    failed_before, requests_before = load_bands(before).at_the_load_of(after)
    requests_after = sum(block.requests for block in after)
    problem = earlier.problem(signal) or later.problem(signal)
    if not problem and not (before and after):
        problem = "no requests were counted"
    if not problem and requests_after < (needed := trial.settings.smallest_requests):
        problem = f"{requests_after:.0f} requests were served, {needed} are needed"
    return Failures(
        signal=signal,
        samples_before=len(read(earlier.windows, signal).samples),
        samples_after=len(read(later.windows, signal).samples),
        failed_before=failed_before,
        requests_before=requests_before,
        failed_after=sum(block.failed for block in after),
        requests_after=requests_after,
        clumping=clumping(before),
        problem=f"{signal}: {problem}" if problem else "",
    )
