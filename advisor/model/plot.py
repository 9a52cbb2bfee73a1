"""Lines over time beside levels, as a report draws them and JSON carries them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_POINTS = 336
"""Of one line: an hour each for two weeks. More are thinned out: no screen shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """values: one for each step of its plot, the oldest first; None where nothing was seen.

    is_stepped: each value holds until the next one, as a number of replicas does.
    """

    name: str
    values: tuple[float | None, ...]
    is_stepped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A value that does not move, such as a limit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """unit: of all lines and levels, "cores", "bytes" or "pods". begins: of the first step; None where it has no date.

    step_seconds: from one value to the next (> 0). The lines are of one length.
    """

    title: str
    unit: str
    step_seconds: float
    lines: tuple[Line, ...]
    levels: tuple[Level, ...] = ()
    begins: datetime | None = None

    @property
    def steps(self) -> int:
        return max((len(line.values) for line in self.lines), default=0)

    @property
    def highest(self) -> float:
        """Of all that is drawn; 0 where nothing is."""
        drawn = [value for line in self.lines for value in line.values if value is not None]
        return max([*drawn, *(level.value for level in self.levels)], default=0.0)


def replica_paths(
    title: str,
    paths: Sequence[tuple[str, Sequence[float]]],
    step_seconds: float,
    *,
    bounds: Sequence[tuple[str, float]] = (),
    begins: datetime | None = None,
) -> Plot:
    """The number of pods under several settings, such as ("today", ...) and ("proposed", ...), over the same demand.

    step_seconds: from one number to the next, such as the autoscaler's sync period. bounds: such as ("maximum", 10).
    Long paths are thinned out to the most pods of each stretch, so that no peak is lost; a shorter path ends sooner.
    """
    length = max((len(path) for _, path in paths), default=0)
    stretch = max(1, -(-length // MOST_POINTS))
    lines = tuple(Line(name=name, values=_highest(path, stretch), is_stepped=True) for name, path in paths)
    most = max((len(line.values) for line in lines), default=0)
    return Plot(
        title=title,
        unit="pods",
        step_seconds=step_seconds * stretch,
        lines=tuple(
            Line(name=line.name, values=line.values + (None,) * (most - len(line.values)), is_stepped=True)
            for line in lines
        ),
        levels=tuple(Level(name=name, value=value) for name, value in bounds),
        begins=begins,
    )


def _highest(values: Sequence[float], stretch: int) -> tuple[float, ...]:
    return tuple(float(max(values[start : start + stretch])) for start in range(0, len(values), stretch))
