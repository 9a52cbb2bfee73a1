"""When trials begin that are played over a recording. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from advisor.engine.replay.aa_test import Recording
from advisor.model.change import TrialPlan


def moments(plan: TrialPlan, recording: Recording, trials: int) -> list[datetime]:
    """At most so many, evenly spread over those with a whole baseline before them and a whole longest window after.

    Where one of the two has a long gap no trial would be begun, or its end would say nothing.
    """
    first = recording.start + timedelta(seconds=plan.baseline_seconds)
    last = recording.end - timedelta(seconds=plan.warm_up_seconds + plan.longest_seconds)
    steps = math.floor((last - first).total_seconds() / plan.trial_seconds)
    sound = [
        at
        for at in (first + timedelta(seconds=step * plan.trial_seconds) for step in range(steps + 1))
        if _is_on_record(recording, plan, at)
    ]
    count = min(trials, len(sound))
    return [sound[round(i * (len(sound) - 1) / max(count - 1, 1))] for i in range(count)]


def side_by_side(begun: Sequence[datetime], plan: TrialPlan) -> int:
    """How many of the trials, taken from the first on, begin when the one before has ended."""
    length = timedelta(seconds=plan.warm_up_seconds + plan.longest_seconds)
    count, free = 0, None
    for at in begun:
        if free is None or at >= free:
            count, free = count + 1, at + length
    return count


def _is_on_record(recording: Recording, plan: TrialPlan, at: datetime) -> bool:
    begun = at + timedelta(seconds=plan.warm_up_seconds)
    before = recording.windows(at - timedelta(seconds=plan.baseline_seconds), at)
    after = recording.windows(begun, begun + timedelta(seconds=plan.longest_seconds))
    return not any(series.problem for series in (*before.values(), *after.values()))
