"""Turns Prometheus' answers into readings and series. What is not a number stays what it is."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from advisor.clients.prometheus import Answer
from advisor.model.errors import BadDataError
from advisor.model.signal import (
    Measured,
    MultiValued,
    NotANumber,
    Partial,
    Reading,
    Sample,
    Series,
    SignalKey,
    Stale,
)
from advisor.sources.prometheus.catalogue import Template

_LARGEST_GAP_RATIO = 0.2
_HISTOGRAM = "a native histogram"
_Value = TypeVar("_Value")


def key_of(template: Template, metric: Mapping[str, str]) -> SignalKey:
    """The signal's key, with the canonical labels only; of the optional ones, those that say something."""
    said = [name for name in template.optional if metric.get(name)]
    names = sorted({*template.labels, *said})
    return SignalKey(name=template.signal, labels=tuple((name, metric.get(name, "")) for name in names))


def readings(
    template: Template, answer: Answer, *, now: datetime, stale_after_seconds: float
) -> dict[SignalKey, Reading]:
    """One reading for each key in an instant answer. Raises BadDataError for anything but a vector."""
    oldest = now - timedelta(seconds=stale_after_seconds)
    _expect("vector", answer)
    found: dict[SignalKey, list[Reading]] = {}
    for row in answer.result:
        metric, points = _row(row, "value")
        reading = _reading(points[0], now, oldest) if points else NotANumber(raw=_HISTOGRAM)
        found.setdefault(key_of(template, metric), []).append(reading)
    return _one_each(found, answer.warnings)


def series(template: Template, answer: Answer, expected: int) -> dict[SignalKey, Series]:
    """The points of each key in a range answer. `expected`: how many there should be without gaps."""
    _expect("matrix", answer)
    found: dict[SignalKey, Series] = {}
    for row in answer.result:
        metric, points = _row(row, "values")
        key = key_of(template, metric)
        if key in found:
            found[key] = Series(problem="several series where one was expected")
            continue
        if not points and "histograms" in row:
            found[key] = Series(problem=f"{_HISTOGRAM} where numbers are expected")
            continue
        samples = tuple(_finite(points))
        found[key] = Series(samples=samples, problem=_problem(len(samples), expected, answer.warnings))
    return found


def recorded(template: Template, answer: Answer) -> dict[datetime, dict[SignalKey, Reading]]:
    """The readings of each moment in a range answer, as an instant query would have given them then."""
    _expect("matrix", answer)
    found: dict[datetime, dict[SignalKey, list[Reading]]] = {}
    for row in answer.result:
        metric, points = _row(row, "values")
        key = key_of(template, metric)
        for point in points:
            found.setdefault(point[0], {}).setdefault(key, []).append(_reading(point, now=point[0], oldest=point[0]))
    return {moment: _one_each(several, answer.warnings) for moment, several in found.items()}


def _one_each(found: Mapping[SignalKey, list[Reading]], warnings: tuple[str, ...]) -> dict[SignalKey, Reading]:
    if warnings:
        return {key: Partial(warnings=warnings) for key in found}
    return {key: several[0] if len(several) == 1 else MultiValued(count=len(several)) for key, several in found.items()}


def _problem(points: int, expected: int, warnings: tuple[str, ...]) -> str:
    if warnings:
        return "partial answer: " + "; ".join(warnings)
    missing = expected - points
    return f"{missing} of {expected} points are missing" if missing > _LARGEST_GAP_RATIO * expected else ""


def _finite(points: Iterable[tuple[datetime, float]]) -> Iterable[Sample]:
    return (Sample(at=at, value=value) for at, value in points if math.isfinite(value))


def _reading(point: tuple[datetime, float], now: datetime, oldest: datetime) -> Reading:
    at, value = point
    if at < oldest and math.isfinite(value):
        return Stale(value=value, at=at, age_seconds=(now - at).total_seconds())
    return Measured(value=value, at=at) if math.isfinite(value) else NotANumber(raw=str(value))


def _expect(kind: str, answer: Answer) -> None:
    if answer.kind != kind:
        raise BadDataError(f"a {answer.kind} where a {kind} is expected", where="prometheus")


def _row(row: Any, field: str) -> tuple[dict[str, str], list[tuple[datetime, float]]]:
    """Labels and points of one series, no points of a native histogram.

    Raises BadDataError when it is not of Prometheus' shape.
    """
    try:
        is_histogram = field not in row and field.replace("value", "histogram") in row
        raw = [] if is_histogram else [row[field]] if field == "value" else row[field]
        points = [(datetime.fromtimestamp(float(at), UTC), float(value)) for at, value in raw]
        return {str(name): str(value) for name, value in dict(row["metric"]).items()}, points
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BadDataError(f"a series of an unknown shape: {type(error).__name__}", where="prometheus") from error


def not_delivered(seen: Mapping[SignalKey, _Value], before: Iterable[SignalKey]) -> dict[SignalKey, _Value]:
    """Of what a preset tells, what none before it told of the application, or of whatever has none."""
    delivered = {(key.name, key.label("app")) for key in before}
    return {key: value for key, value in seen.items() if (key.name, key.label("app")) not in delivered}
