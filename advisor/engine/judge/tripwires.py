"""What ends a trial at once, without statistics. Pure."""

from collections.abc import Sequence

from advisor.engine.judge.trial import Windows, read
from advisor.model.change import Tripwire
from advisor.model.proposal import Better


def alarms(tripwires: Sequence[Tripwire], baseline: Windows, trial: Windows) -> tuple[str, ...]:
    """The alarm of every wire whose latest points are all worse than the whole baseline was."""
    return tuple(text for wire in tripwires if (text := _alarm(wire, baseline, trial)))


def _alarm(wire: Tripwire, baseline: Windows, trial: Windows) -> str:
    before, latest = read(baseline, wire.signal).values, read(trial, wire.signal).values[-wire.points :]
    if not before or len(latest) < wire.points:
        return ""
    if wire.better is Better.HIGHER:
        is_worse, bound = max(latest) < min(before) - wire.slack, min(before)
    else:
        is_worse, bound = min(latest) > max(before) + wire.slack, max(before)
    return f"{wire.what}: {wire.signal} is {latest[-1]:g}, and was never worse than {bound:g}" if is_worse else ""
