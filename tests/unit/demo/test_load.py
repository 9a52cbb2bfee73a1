"""The load generator's plan: the same for the same seed, and with a day in it where one is asked for."""

import itertools
from pathlib import Path

import pytest

from advisor.demo.load import ROUTES, Cycle, Due, main, plan

DAY = Cycle(amplitude=0.4, period_seconds=60.0)


def arrivals(until_seconds: float, cycle: Cycle) -> list[Due]:
    return list(itertools.takewhile(lambda due: due.after_seconds < until_seconds, plan(ROUTES, 7, cycle)))


def test_the_same_seed_gives_the_same_requests() -> None:
    assert arrivals(5, DAY) == arrivals(5, DAY)


def test_a_day_has_a_noon_and_a_night_around_the_same_mean() -> None:
    days = arrivals(600, DAY)
    # 73 a second at the mean for 600 s; a Poisson count of 43,800 has a deviation of 209.
    assert len(days) == pytest.approx(43_800, abs=4 * 209)
    # Mean of 1 + 0.4 sin over the half period above the mean: 1 + 0.4 * 2 / pi = 1.255; below it: 0.745.
    noon = [due for due in days if due.after_seconds % 60 < 30]
    assert len(noon) / len(days) == pytest.approx(1.255 / 2, abs=0.01)


def test_every_route_follows_the_day() -> None:
    days = arrivals(600, DAY)
    for route in ROUTES:
        times = [due.after_seconds % 60 < 30 for due in days if due.route is route]
        assert sum(times) / len(times) == pytest.approx(0.6275, abs=0.03)  # 4 deviations of the rarest route's 4,800


@pytest.mark.parametrize("wrong", [["--amplitude", "1.5"], ["--amplitude", "nan"], ["--period-seconds", "0"]])
def test_a_day_that_cannot_be_is_refused(wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["--url", "http://127.0.0.1:1", "--out", str(tmp_path / "load.jsonl"), *wrong])
    assert refusal.value.code == 2
    assert wrong[0] in capsys.readouterr().err
