"""JSON that is written out at once says what the plain data says."""

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from advisor.model.change import NamedSeries
from advisor.model.signal import Sample, Series, signal
from advisor.surfaces.views.change import change_view, changes_view
from advisor.surfaces.views.plain_data import as_json, plain_mapping
from advisor.surfaces.views.rule import rule_book_view
from advisor.wiring.rules.packs import load_packs
from tests.unit.surfaces.documents.test_change import a_kept_change

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Whatever a view may hold."""

    thing: Any
    ratio: float = 0.5
    at: datetime = NOON


def with_samples(count: int) -> Any:
    points = tuple(Sample(at=NOON + timedelta(seconds=15.5 * n), value=n / 7) for n in range(count))
    series = (NamedSeries(signal=signal("pool.size", app="shop"), series=Series(samples=points)),)
    return replace(a_kept_change(), baseline=series, trial=series)


@pytest.mark.parametrize(
    "view",
    [
        change_view(a_kept_change()),
        change_view(with_samples(50)),
        changes_view("default", [a_kept_change()], None),
        rule_book_view(load_packs({"builtin": "test"}), ()),
        View(thing=math.nan, ratio=math.inf, at=NOON.replace(microsecond=7)),
        View(thing={"a": (1, 2.0, None, True, math.inf)}, ratio=1e-7),
        View(thing=a_kept_change().state),
        View(thing="half a pair: \ud800"),
    ],
    ids=lambda view: type(view).__name__,
)
def test_both_ways_say_the_same(view: object) -> None:
    assert json.loads(as_json(view)) == plain_mapping(view)
