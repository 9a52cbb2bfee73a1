"""Coefficients of a few columns that explain a series best."""

from collections.abc import Sequence
from operator import mul

_SINGULAR = 1e-9


def coefficients(series: Sequence[float], columns: Sequence[Sequence[float]]) -> list[float]:
    """One for each column, by least squares without a constant; 0 for a column that the ones before it explain.

    series and columns are of one length; centre them first where a constant is to be fitted as well.
    """
    rows = [[_dot(one, other) for other in columns] + [_dot(one, series)] for one in columns]
    for pivot, row in enumerate(rows):
        scale = _dot(columns[pivot], columns[pivot])
        if row[pivot] <= _SINGULAR * scale or scale <= 0:
            rows[pivot] = [0.0] * len(row)
            continue
        for other in range(len(rows)):
            if other != pivot:
                factor = rows[other][pivot] / row[pivot]
                rows[other] = [a - factor * b for a, b in zip(rows[other], row, strict=True)]
    return [row[-1] / row[i] if row[i] else 0.0 for i, row in enumerate(rows)]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    total: float = sum(map(mul, one, other))
    return total
