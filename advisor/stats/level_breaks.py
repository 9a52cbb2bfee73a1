"""Where the level of a series breaks by itself, beside columns that are fitted with it."""

from collections.abc import Sequence
from operator import mul

_SURE = 25.0
"""Five standard errors, squared: the best of some hundred places is that far off by chance in one series of 10,000."""
_FEWEST = 3
_NOTHING = 1e-9


def level_breaks(series: Sequence[float], columns: Sequence[Sequence[float]], *, most: int = 2) -> list[int]:
    """The places from which on the level is another, the surest first; of `most` at most.

    columns: each as long as the series, fitted with a constant and the breaks. On either side lie three points or more.
    """
    n = len(series)
    basis = _basis([[1.0] * n, *columns])
    left, found = without(series, basis), list[int]()
    while len(found) < most:
        best: tuple[float, int, list[float]] = (0.0, 0, [])
        for place in range(_FEWEST, n - _FEWEST + 1):
            step = without([1.0 if i >= place else 0.0 for i in range(n)], basis)
            weight = _dot(step, step)
            if weight > _NOTHING * n:
                best = max(best, (_dot(left, step) ** 2 / weight, place, step))
        gain, place, step = best
        rest = max(_dot(left, left) - gain, 0.0) / max(n - len(basis) - 1, 1)
        if not step or gain <= max(_SURE * rest, _NOTHING):
            break
        found.append(place)
        basis.append(step)
        left = without(left, [step])
    return found


def unexplained(series: Sequence[float], columns: Sequence[Sequence[float]]) -> list[float]:
    """What a least-squares fit of a constant and `columns` leaves of the series."""
    return without(series, _basis([[1.0] * len(series), *columns]))


def without(series: Sequence[float], basis: Sequence[Sequence[float]]) -> list[float]:
    """`series` less its parts along `basis`, whose directions stand at right angles."""
    left = list(series)
    for direction in basis:
        share = _dot(left, direction) / _dot(direction, direction)
        left = [value - share * part for value, part in zip(left, direction, strict=True)]
    return left


def _basis(columns: Sequence[Sequence[float]]) -> list[list[float]]:
    """Directions at right angles that span what `columns` do (Gram and Schmidt)."""
    basis: list[list[float]] = []
    for column in columns:
        direction = without(column, basis)
        if _dot(direction, direction) > _NOTHING * max(_dot(column, column), _NOTHING):
            basis.append(direction)
    return basis


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    total: float = sum(map(mul, one, other))
    return total
