"""What the judge's own contrast would have said of dates at which nothing was changed. Pure.

Noise that averages out is what the contrast's error speaks of. Incidents that end, deploys, drifts, levels that hold
for hours and weekends do not average out: they are seen by how often the past took such a step by itself, and by
whether what the trial reached was nothing new.
"""

import math
from dataclasses import dataclass
from statistics import fmean

from advisor.engine.judge.contrast import Contrast
from advisor.engine.judge.course import course
from advisor.engine.judge.trial import Trial
from advisor.model.proposal import Better
from advisor.model.verdict import PlaceboCheck
from advisor.stats.placebo import Past, Window

_LOOKS_BEFORE = 8
_HALF = 0.5
"""A step that the past took by itself counts when it is half as large as the one seen, and no chance of noise."""
_BY_CHANCE = 2e-4
"""The chance that noise alone makes one placebo date look like a step: some hundred dates are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebos:
    """Of the logarithm. largest: the largest step, either way. best: how far the best level that was reached before
    lies from the baseline, towards what is better. lately: by how much it had become better shortly before the change,
    where that is no noise. enough: what each must be to take the proof away.
    """

    check: PlaceboCheck
    largest: float
    best: float
    lately: float
    enough: float

    @property
    def objection(self) -> str:
        """Why the step proves nothing; "" when it does."""
        if self.largest >= self.enough:
            return f"the past took such steps, too: {self.check}"
        if self.lately > 0:
            return f"it had become {-math.expm1(-self.lately):.0%} better shortly before the change already"
        if self.best >= self.enough:
            return f"it was {-math.expm1(-self.best):.0%} better before already, while nothing was changed"
        return ""


def placebos(trial: Trial, seen_seconds: float, found: Contrast) -> Placebos | None:
    """None where the contrast has no step. Nothing on record: no dates, and no objection."""
    if found.step is None:
        return None
    unit = trial.plan.trial_seconds
    after = max(1, round(seen_seconds / unit))
    window = Window(before=_LOOKS_BEFORE * after, gap=round(trial.plan.warm_up_seconds / unit), after=after)
    blocks = course(trial, found.signal).past
    past = Past(blocks)
    steps = past.steps(window) or past.steps(Window(before=after, gap=window.gap, after=after))
    sizes = [abs(one) for one in steps]
    own, noise = abs(found.step.shift), found.step.bound(_BY_CHANCE)
    towards = -1.0 if trial.goal.better is Better.LOWER else 1.0
    recent = [value for block, value in blocks.items() if block >= -window.before]
    base = fmean(recent) if recent else 0.0
    levels = [towards * (level - base) for level in past.levels(after)]
    largest = max(sizes, default=0.0)
    check = PlaceboCheck(
        dates=len(sizes), as_large=sum(size >= own for size in sizes), largest=math.expm1(min(largest, 700))
    )
    return Placebos(
        check=check,
        largest=largest,
        best=max(levels, default=0.0),
        lately=_lately(past, window, towards, half=_HALF * own, noise=noise),
        enough=min(own, max(_HALF * own, noise)),
    )


def _lately(past: Past, window: Window, towards: float, *, half: float, noise: float) -> float:
    """The largest step since which too little time had passed for a whole window; 0 where there is none to speak of.

    half: what it must be at least. noise: what chance makes of a whole window; of a shorter one it makes more.
    """
    found = 0.0
    for after in range(1, window.after):
        step = past.last_step(window.before, after)
        if step is not None and towards * step >= max(half, noise * math.sqrt(window.after / after)):
            found = max(found, towards * step)
    return found
