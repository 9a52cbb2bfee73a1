"""Points of pods, added up by workload and day: starts, kills, growth between restarts."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from advisor.model.kubernetes.usage import ContainerKey, UsageDay
from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place, source_of
from advisor.sources.kubernetes_usage.tallies.tally import Tally

DAY = date(2026, 3, 2)
BEGIN = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
STEP = 300.0
KEY = ContainerKey(namespace="shop", kind="Deployment", workload="web", container="app")


def key_of(place: Place) -> ContainerKey:
    return KEY


def a_tally() -> Tally:
    return Tally(step_seconds=STEP, startup_seconds=600, asked_since=BEGIN + STEP)


def series(pod: str, values: Sequence[float | None], *, first: int = 1) -> Series:
    points = [(BEGIN + (first + step) * STEP, value) for step, value in enumerate(values) if value is not None]
    labels = {"namespace": "shop", "pod": pod, "container": "app"}
    return Series(begins=BEGIN + STEP, source=source_of(labels), points=points)


def digested(tally: Tally, day: date = DAY) -> UsageDay:
    return tally.digested(day)[KEY].day


def test_the_first_ten_minutes_of_a_new_pod_are_kept_apart() -> None:
    tally = a_tally()
    tally.add_memory([series("old", [100.0] * 20), series("new", [900.0, 800.0, 200.0, 200.0], first=6)], key_of)
    day = digested(tally)
    assert (day.memory_peak, day.start_memory_peak, sum(day.starts)) == (200.0, 900.0, 1)


def test_the_least_of_an_hour_is_also_of_pods_that_start() -> None:
    """The new one holds 100 in its first step, the other 300 all along: the median of 100 and 300."""
    tally = a_tally()
    tally.add_memory([series("old", [300.0] * 8), series("new", [100.0, 500.0, 500.0], first=6)], key_of)
    assert digested(tally).memory_hours[0] == 200.0


def test_steps_without_a_value_are_not_covered() -> None:
    tally = a_tally()
    tally.add_memory([series("old", [1.0] * 4 + [None] * 8 + [1.0] * 4)], key_of)
    assert digested(tally).coverage == pytest.approx(8 / 16)


def test_growth_is_that_between_restarts() -> None:
    """Each hour 10% more; without the third, in which it is killed, the one before and the two after."""
    hours = [100.0, 110.0, 121.0, 100.0, 110.0, 121.0, 133.1]
    tally = a_tally()
    tally.add_memory([series("web", [value for value in hours for _ in range(12)])], key_of)
    kill = series("web", [1.0] * 40, first=3 * 12 + 1)
    tally.add_ooms([kill], key_of)
    changes = digested(tally).memory_changes
    known = {hour: round(change, 4) for hour, change in enumerate(changes) if change is not None}
    assert known == dict.fromkeys((1, 6), round(math.log(1.1), 4))


def test_growth_is_the_pods_mean_without_one_that_jumps_alone() -> None:
    """2%, 4% and 6% more, so ln of about 4% in the mean; the fourth pod restarted in its place and lost half."""
    tally = a_tally()
    grown = {"a": 102.0, "b": 104.0, "c": 106.0, "d": 50.0}
    tally.add_memory([series(pod, [100.0] * 12 + [then] * 12) for pod, then in grown.items()], key_of)
    change = digested(tally).memory_changes[1]
    assert change == pytest.approx(sum(math.log(one) for one in (1.02, 1.04, 1.06)) / 3)


def test_growth_goes_on_over_midnight() -> None:
    tally = a_tally()
    tally.add_memory([series("web", [100.0] * 288 + [200.0] * 12)], key_of)
    (first, *_) = digested(tally, date(2026, 3, 3)).memory_changes
    assert first == pytest.approx(math.log(2))


def test_a_kill_before_the_time_that_was_read_is_no_event() -> None:
    tally = a_tally()
    tally.add_memory([series("web", [1.0] * 10)], key_of)
    tally.tells_oom = True
    tally.add_ooms([series("web", [3.0] * 10)], key_of)
    assert digested(tally).oom_kills == 0


def test_kills_are_counted_by_the_restarts_and_go_on_over_a_hole() -> None:
    """One when the reason appears, one when the counter rises; after the hole it is as it was."""
    tally = a_tally()
    tally.add_memory([series("web", [1.0] * 10)], key_of)
    tally.tells_oom = True
    tally.add_ooms([series("web", [1.0, 1.0, 2.0, None, 2.0], first=4)], key_of)
    assert digested(tally).oom_kills == 2


def test_a_pod_that_was_killed_for_good_was_killed_once() -> None:
    """Nothing restarts it, and it says so until somebody deletes it; the pod after it is another one."""
    tally = a_tally()
    tally.add_memory([series("job-1", [1.0] * 4), series("job-2", [1.0] * 4, first=20)], key_of)
    tally.tells_oom = True
    tally.add_ooms([series("job-1", [1.0] * 60, first=5)], key_of)
    tally.add_ooms([series("job-1", [1.0] * 60, first=65), series("job-2", [1.0] * 40, first=65)], key_of)
    assert digested(tally).oom_kills == 2


def test_without_a_series_of_restarts_nothing_is_known_of_kills() -> None:
    tally = a_tally()
    tally.add_memory([series("web", [1.0] * 10)], key_of)
    assert digested(tally).oom_kills is None


def test_containers_that_are_digested_together_do_not_run_into_each_other() -> None:
    """One whose pods were 100 and 300, one of which only the CPU is known, one that doubled while it was killed."""

    def key(place: Place) -> ContainerKey:
        return ContainerKey(namespace="shop", kind="Deployment", workload=place.pod[0], container="app")

    memory = [
        series("a1", [100.0] * 24),
        series("a2", [300.0] * 24),
        series("c1", [200.0] * 12 + [400.0] * 12),
    ]
    tally = a_tally()
    tally.add_memory(memory, key)
    tally.add_cpu([series("b1", [0.5] * 24), series("c1", [0.25] * 12)], key)
    tally.add_ooms([series("c1", [1.0] * 3, first=15)], key)
    days = {one.workload: digest.day for one, digest in tally.digested(DAY).items()}
    assert {name: day.memory_hours[:3] for name, day in days.items()} == {
        "a": (200.0, 200.0, None),
        "b": (None, None, None),
        "c": (200.0, 400.0, None),
    }
    assert {name: day.memory_changes[1] for name, day in days.items()} == {"a": 0.0, "b": None, "c": None}
    assert {name: day.cpu_hours[:2] for name, day in days.items()} == {
        "a": (None, None),
        "b": (0.5, 0.5),
        "c": (0.25, None),
    }
