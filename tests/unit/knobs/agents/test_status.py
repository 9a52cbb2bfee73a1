"""The table in the docstring of agent_standing, line by line."""

import json
from datetime import timedelta

import pytest

from advisor.knobs.agents.board import Entry, to_wire
from advisor.knobs.agents.status import InstanceValue, Wish, stand
from advisor.model.knob import KnobState
from advisor.testing.words import NOON

WISH = Wish(change="chg_a", old=5, new=12)
LATER, BEFORE = NOON + timedelta(minutes=1), NOON - timedelta(seconds=1)


def entry(value: float, *, previous: float = 5, change: str = "chg_a", expires: object = None) -> str:
    return to_wire(Entry(value=value, previous=previous, change=change, epoch=1, expires_at=expires))  # type: ignore[arg-type]


def edited(**fields: object) -> str:
    return json.dumps({**json.loads(entry(12)), **fields})


OURS = entry(12)
ON_TRIAL = entry(12, expires=LATER)
EXPIRED = entry(12, expires=BEFORE)
ROLLED_BACK = entry(5)
SETTLED_ON_OLD = entry(5, previous=3, change="chg_before")
FELL_BACK_TO_OLD = entry(9, previous=5, change="chg_before", expires=BEFORE)

OLD, NEW, THIRD = ("old",) * 3, ("new",) * 3, ("third",) * 3
MIXED, STARTING, NONE = ("new", "old", "new"), ("new", "third", "new"), ()
UNNAMED_NEW, OTHERS_NEW = ("new unnamed",) * 3, ("new by chg_x",) * 3
SHOWN = {"old": (5, ""), "new": (12, "chg_a"), "third": (7, ""), "new unnamed": (12, ""), "new by chg_x": (12, "chg_x")}

TABLE = [
    ("{", OLD, KnobState.FOREIGN),
    ("[]", NEW, KnobState.FOREIGN),
    (edited(v=2), NEW, KnobState.FOREIGN),
    (edited(value="12"), NEW, KnobState.FOREIGN),
    (edited(value=True), NEW, KnobState.FOREIGN),
    (edited(epoch=1.5), NEW, KnobState.FOREIGN),
    (edited(cohort=2), NEW, KnobState.FOREIGN),
    (edited(value=int("9" * 400)), NEW, KnobState.FOREIGN),
    (edited(expires_at="2026-01-01T00:00:00"), NEW, KnobState.FOREIGN),
    (edited(value=13), NEW, KnobState.FOREIGN),
    (edited(previous=6), NEW, KnobState.FOREIGN),
    (entry(9, change="chg_x"), OLD, KnobState.FOREIGN),
    (entry(12, change="chg_x"), NEW, KnobState.FOREIGN),
    (entry(5, change="chg_x", expires=LATER), OLD, KnobState.FOREIGN),
    (None, NONE, KnobState.UNKNOWN),
    (OURS, NONE, KnobState.UNKNOWN),
    (None, THIRD, KnobState.FOREIGN),
    (OURS, THIRD, KnobState.FOREIGN),
    (EXPIRED, THIRD, KnobState.FOREIGN),
    (None, OLD, KnobState.OLD),
    (SETTLED_ON_OLD, OLD, KnobState.OLD),
    (FELL_BACK_TO_OLD, OLD, KnobState.OLD),
    (None, NEW, KnobState.NEW),
    (None, MIXED, KnobState.PARTIAL),
    (None, UNNAMED_NEW, KnobState.FOREIGN),
    (None, OTHERS_NEW, KnobState.FOREIGN),
    (None, ("old", "third", "old"), KnobState.FOREIGN),
    (SETTLED_ON_OLD, NEW, KnobState.FOREIGN),
    (SETTLED_ON_OLD, MIXED, KnobState.FOREIGN),
    (OURS, NEW, KnobState.NEW),
    (OURS, UNNAMED_NEW, KnobState.NEW),
    (ON_TRIAL, NEW, KnobState.NEW),
    (OURS, OLD, KnobState.PENDING),
    (OURS, MIXED, KnobState.PARTIAL),
    (OURS, STARTING, KnobState.PARTIAL),
    (OURS, OTHERS_NEW, KnobState.FOREIGN),
    (EXPIRED, OLD, KnobState.LAPSED),
    (EXPIRED, NEW, KnobState.PENDING),
    (EXPIRED, MIXED, KnobState.PARTIAL),
    (ROLLED_BACK, OLD, KnobState.OLD),
    (ROLLED_BACK, NEW, KnobState.PENDING),
    (ROLLED_BACK, MIXED, KnobState.PARTIAL),
]


def instances(names: tuple[str, ...], age_seconds: float = 1) -> list[InstanceValue]:
    return [
        InstanceValue(instance=f"shop-{n}", value=SHOWN[name][0], change=SHOWN[name][1], age_seconds=age_seconds)
        for n, name in enumerate(names)
    ]


@pytest.mark.parametrize(("board", "shown", "expected"), TABLE)
def test_the_table(board: str | None, shown: tuple[str, ...], expected: KnobState) -> None:
    status = stand(WISH, board, instances(shown), NOON, stale_after_seconds=60)
    assert status.kind is expected, status.detail
    assert status.detail


@pytest.mark.parametrize("board", [None, OURS, EXPIRED, ROLLED_BACK, SETTLED_ON_OLD])
def test_one_silent_instance_makes_the_rest_unknown(board: str | None) -> None:
    shown = [*instances(NEW), *instances(OLD, age_seconds=61)[:1]]
    status = stand(WISH, board, shown, NOON, stale_after_seconds=60)
    assert status.kind is KnobState.UNKNOWN
    assert "shop-0" in status.detail


def test_an_entry_expires_at_the_very_moment() -> None:
    """The agents compare alike: at expires_at the value has fallen back."""
    at_noon = entry(12, expires=NOON)
    assert stand(WISH, at_noon, instances(OLD), NOON, stale_after_seconds=60).kind is KnobState.LAPSED
    just_before = NOON - timedelta(milliseconds=1)
    assert stand(WISH, at_noon, instances(NEW), just_before, stale_after_seconds=60).kind is KnobState.NEW


def test_a_time_on_the_wire_is_never_later_than_the_one_meant() -> None:
    half = NOON + timedelta(seconds=0.9)
    assert json.loads(entry(12, expires=half))["expires_at"] == "2026-01-01T12:00:00Z"
