"""What an application does with an entry of the board: takes it, refuses it, and falls back by itself."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from advisor_agents.bounds import Bounds, Rejection
from advisor_agents.knob import ApplyFailedError, Knob, RestartNeededError, in_cohort
from advisor_agents.wire import MalformedEntryError, parse

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Setting:
    """A setting of an application, 20 at first."""

    def __init__(self) -> None:
        self.value: float = 20
        self.fault: Exception | None = None

    def apply(self, value: float) -> None:
        if self.fault:
            raise self.fault
        self.value = value


def a_knob(setting: Setting, **bounds: Any) -> Knob:
    declared = Bounds(**{"minimum": 5, "maximum": 50, **bounds})
    return Knob(name="db.pool_size", bounds=declared, read=lambda: setting.value, apply=setting.apply)


def entry(**changes: Any) -> str:
    wanted = {"v": 1, "value": 30, "previous": 20, "change": "chg_a", "epoch": 7, "cohort": 1.0, "expires_at": None}
    return json.dumps({**wanted, **changes})


def until(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def offer(knob: Knob, raw: str | None, after_seconds: float = 0) -> Rejection | None:
    return knob.offer(raw, instance="pod-1", now=NOON + timedelta(seconds=after_seconds))


def test_a_wanted_value_is_taken_and_its_change_shown() -> None:
    setting = Setting()
    knob = a_knob(setting)
    assert offer(knob, entry()) is None
    assert (setting.value, knob.change) == (30, "chg_a")


def test_no_board_changes_nothing() -> None:
    setting = Setting()
    assert offer(a_knob(setting), None) is None
    assert setting.value == 20


def test_a_value_on_trial_falls_back_by_itself_when_nobody_renews_it() -> None:
    setting = Setting()
    knob = a_knob(setting)
    offer(knob, entry(expires_at=until(60)))
    offer(knob, entry(expires_at=until(60)), after_seconds=59)
    assert setting.value == 30
    offer(knob, entry(expires_at=until(60)), after_seconds=60)
    assert setting.value == 20


def test_it_falls_back_even_when_the_board_is_gone_by_then() -> None:
    setting = Setting()
    knob = a_knob(setting)
    offer(knob, entry(expires_at=until(60)))
    offer(knob, None, after_seconds=61)
    assert setting.value == 20


def test_a_renewed_or_confirmed_value_stays() -> None:
    setting = Setting()
    knob = a_knob(setting)
    offer(knob, entry(expires_at=until(60)))
    offer(knob, entry(expires_at=until(120)), after_seconds=50)
    offer(knob, None, after_seconds=100)
    assert setting.value == 30
    offer(knob, entry(expires_at=None), after_seconds=110)
    offer(knob, None, after_seconds=10_000)
    assert setting.value == 30


def test_a_process_that_starts_after_the_end_of_a_trial_does_not_take_its_value() -> None:
    setting = Setting()
    offer(a_knob(setting), entry(expires_at=until(-1)))
    assert setting.value == 20


def test_a_former_value_outside_the_bounds_may_come_back() -> None:
    """The bounds were declared tighter than what the process was started with; going back must still work."""
    setting = Setting()
    knob = a_knob(setting, minimum=25)
    offer(knob, entry(expires_at=until(60)))
    offer(knob, None, after_seconds=61)
    assert setting.value == 20


def test_an_order_of_a_leader_out_of_office_is_refused() -> None:
    setting = Setting()
    knob = a_knob(setting)
    offer(knob, entry(epoch=7))
    assert offer(knob, entry(value=40, epoch=6)) is Rejection.STALE_EPOCH
    assert setting.value == 30


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (0, Rejection.OUT_OF_BOUNDS),
        (-1, Rejection.OUT_OF_BOUNDS),
        (10**9, Rejection.OUT_OF_BOUNDS),
        (51, Rejection.OUT_OF_BOUNDS),
        (True, Rejection.WRONG_TYPE),
        (2.5, Rejection.WRONG_TYPE),
        ("30", Rejection.WRONG_TYPE),
        (None, Rejection.WRONG_TYPE),
    ],
)
def test_a_value_outside_the_declared_bounds_is_refused(value: object, why: Rejection) -> None:
    setting = Setting()
    assert offer(a_knob(setting), entry(value=value)) is why
    assert setting.value == 20


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -5.0])
def test_a_time_to_live_must_be_a_finite_positive_number(value: float) -> None:
    setting = Setting()
    assert offer(a_knob(setting, kind=float), entry(value=value)) is not None
    assert setting.value == 20


def test_the_same_refusal_is_told_once() -> None:
    knob = a_knob(Setting())
    assert offer(knob, entry(value=99)) is Rejection.OUT_OF_BOUNDS
    assert offer(knob, entry(value=99)) is None
    assert offer(knob, entry(value=98)) is Rejection.OUT_OF_BOUNDS


@pytest.mark.parametrize(
    ("fault", "why"),
    [(RestartNeededError(), Rejection.RESTART_NEEDED), (ApplyFailedError(), Rejection.APPLY_FAILED)],
)
def test_a_setting_that_cannot_be_moved_says_so(fault: Exception, why: Rejection) -> None:
    setting = Setting()
    setting.fault = fault
    assert offer(a_knob(setting), entry()) is why


def test_only_the_cohort_takes_a_canary() -> None:
    """Of 1,000 instances a quarter, give or take: 250 +- 5 standard deviations of sqrt(1000 x 0.25 x 0.75) = 13.7."""
    chosen = [name for name in (f"pod-{i}" for i in range(1000)) if in_cohort(name, 0.25)]
    assert 182 <= len(chosen) <= 318
    assert set(chosen) <= {name for name in (f"pod-{i}" for i in range(1000)) if in_cohort(name, 0.5)}
    setting = Setting()
    inside, outside = chosen[0], next(f"pod-{i}" for i in range(1000) if f"pod-{i}" not in chosen)
    knob = a_knob(setting)
    knob.offer(entry(cohort=0.25), instance=outside, now=NOON)
    assert setting.value == 20
    knob.offer(entry(cohort=0.25), instance=inside, now=NOON)
    assert setting.value == 30
    assert not in_cohort("pod-1", 0.0)
    assert in_cohort("pod-1", 1.0)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        "7",
        entry(v=2),
        entry(change=""),
        entry(change=5),
        entry(epoch=-1),
        entry(epoch=True),
        entry(epoch="7"),
        entry(cohort=1.5),
        entry(cohort=float("nan")),
        entry(expires_at="soon"),
        entry(expires_at="2026-01-01T00:00:00"),
        entry(expires_at=1767225600),
        '{"v": 1, "value": 3}',
    ],
)
def test_anything_that_is_not_exactly_an_entry_is_refused(raw: str) -> None:
    with pytest.raises(MalformedEntryError):
        parse(raw)
    setting = Setting()
    assert offer(a_knob(setting), raw) is Rejection.MALFORMED
    assert setting.value == 20


def test_empty_bounds_are_refused_where_they_are_declared() -> None:
    with pytest.raises(ValueError, match="minimum 5 is above maximum 4"):
        Bounds(minimum=5, maximum=4)
