"""Targets: of which pool they speak, and what agents call them."""

import pytest

from advisor.model.knob import KnobTarget, knob_target
from advisor.model.signal import Measured, signal
from advisor.model.snapshot import Snapshot
from advisor.testing.words import NOON

ONE = knob_target("db.pool_size", app="two")
MAIN = knob_target("db.pool_size", app="two", pool="main")
REPORTS = knob_target("db.pool_size", app="two", pool="reports")


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        (ONE, ONE, True),
        (ONE, MAIN, True),
        (REPORTS, ONE, True),
        (MAIN, REPORTS, False),
        (ONE, knob_target("db.pool_size", app="shop", pool="main"), False),
        (ONE, knob_target("db.max_overflow", app="two", pool="main"), False),
    ],
    ids=str,
)
def test_a_target_of_a_time_with_one_pool_stands_for_each_of_several(
    one: KnobTarget, other: KnobTarget, are_alike: bool
) -> None:
    assert one.overlaps(other) is are_alike
    assert other.overlaps(one) is are_alike


def test_the_values_shown_are_those_of_the_pool_that_is_meant() -> None:
    keys = {
        name: signal("knob.value", app="two", instance="web:80", knob=name)
        for name in ("db.pool_size", "reports/db.pool_size")
    }
    snapshot = Snapshot(
        taken_at=NOON, window_seconds=60, signals={key: Measured(value=1, at=NOON) for key in keys.values()}
    )
    assert snapshot.shown(ONE) == snapshot.shown(MAIN) == (keys["db.pool_size"],)
    assert snapshot.shown(REPORTS) == (keys["reports/db.pool_size"],)
    assert snapshot.shown(knob_target("postgres.index", database="main")) == ()
