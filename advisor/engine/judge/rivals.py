"""Breaks elsewhere than at the change that explain what was seen better than the change does. Pure.

An incident that ends an hour into the trial, a deploy an hour before it, a drift: each makes what follows the change
better than what came before it, and another place cuts the two apart better than the moment of the change.
"""

from advisor.engine.judge.contrast import Contrast
from advisor.model.units import format_duration
from advisor.stats.rival_breaks import rival_break

_BESIDE = 2
"""Blocks before the change that are no other place: noise moves the best place by as much."""


def broke_elsewhere(found: Contrast, latest_seconds: float) -> str:
    """Where the metric broke, in words, if not at the change; "" if it did. A gain may begin until `latest_seconds`."""
    starts, values = [start for start, _ in found.course], [value for _, value in found.course]
    first = next((place for place, start in enumerate(starts) if start >= 0), len(starts))
    last = next((place for place, start in enumerate(starts) if start > latest_seconds), len(starts))
    place = rival_break(values, range(max(first - _BESIDE, 0), max(last, first + _BESIDE + 1)))
    if place is None:
        return ""
    seconds = starts[place]
    told = format_duration(abs(seconds))
    return f"it changed more {told} {'after' if seconds > 0 else 'before'} the change than with it"
