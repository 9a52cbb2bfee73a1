"""When a trial switches back, as the daemon draws it, and which periods it has at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from advisor.engine.judge.trial import Period
from advisor.model.change import TrialPlan
from advisor.model.course import SwitchBack
from advisor.settings.trial import TrialSettings


def drawn_moves(draw: str, plan: TrialPlan, settings: TrialSettings) -> tuple[float, ...]:
    """Seconds from the end of the first warm-up at which the knob is moved: to the new value, back, and so on.

    The old value comes back only while there is time for the new one again; so it ends with the new one.
    """
    bounds = settings.switch_back
    times = SwitchBack(
        periods=bounds.periods, shortest_seconds=bounds.shortest_seconds, longest_seconds=bounds.longest_seconds
    )
    both = 2 * (plan.apply_seconds + plan.warm_up_seconds + bounds.longest_seconds)
    moves = [-plan.warm_up_seconds]
    while True:
        back = moves[-1] + plan.warm_up_seconds + times.drawn_seconds(draw, len(moves) - 1)
        if back + both > plan.longest_seconds:
            return tuple(moves)
        moves += [back, back + plan.warm_up_seconds + times.drawn_seconds(draw, len(moves))]


def periods(moves: Sequence[float], plan: TrialPlan, began_at: datetime, now: float) -> tuple[Period, ...]:
    """The stretches until `now` with one value in force, and settled; none of a trial with one move."""
    if len(moves) < 2:
        return ()
    spans = [(at + plan.warm_up_seconds, min(end, now)) for at, end in pairwise([*moves, float("inf")])]
    return tuple(
        Period(
            is_on=number % 2 == 0,
            start=began_at + timedelta(seconds=start),
            end=began_at + timedelta(seconds=end),
        )
        for number, (start, end) in enumerate(spans)
        if start < end
    )


def left_on(moves: Sequence[float], since: float) -> tuple[float, ...]:
    """Those of `moves` after which the new value stays in force, once it is kept at `since`."""
    count = sum(at <= since for at in moves)
    return tuple(moves[: count + (count + 1) % 2])
