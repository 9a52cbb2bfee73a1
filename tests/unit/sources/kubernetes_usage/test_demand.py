"""Demand by workload, day and step: what is added up, what is a whole day, and what is asked for next."""

from datetime import UTC, date, datetime, timedelta

import pytest

from advisor.model.kubernetes.demand import WorkloadKey
from advisor.settings.kubernetes.usage import UsageSettings
from advisor.sources.kubernetes_usage.demand import next_ask
from advisor.sources.kubernetes_usage.probe import Probe
from advisor.sources.kubernetes_usage.queries import only_pods_of
from advisor.sources.kubernetes_usage.tallies.demand_tally import DemandTally, KeptDays

DAY = date(2026, 3, 1)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
WEB, API, JOBS = (WorkloadKey("shop", "Deployment", name) for name in ("web", "api", "jobs"))
STEPS = 1440


def points(first: int, last: int, cores: float) -> list[tuple[float, float]]:
    """Of the steps first to before last, a minute each; a value stands at the end of its step."""
    return [(BEGIN + 60 * (step + 1), cores) for step in range(first, last)]


def probe(interval: float = 30.0) -> Probe:
    return Probe(series=100, interval_seconds=interval, is_raw=True)


def test_pods_are_added_up_and_counted_step_by_step() -> None:
    tally = DemandTally(days=[DAY], step_seconds=60)
    tally.add(WEB, points(0, STEPS, 0.5))
    tally.add(WEB, points(600, 700, 0.25))
    day = tally.day_of(WEB, DAY)
    assert day is not None
    assert (day.cores[599], day.cores[600], day.cores[699], day.cores[700]) == (0.5, 0.75, 0.75, 0.5)
    assert (day.pods[599], day.pods[600]) == (1, 2)
    assert day.pod_hours == pytest.approx(24 + 100 / 60)


def test_a_hole_has_the_value_before_it_and_a_large_one_makes_no_day() -> None:
    tally = DemandTally(days=[DAY], step_seconds=60)
    tally.add(WEB, points(5, 700, 1.0) + points(720, STEPS, 2.0))
    tally.add(API, points(0, 1200, 1.0))  # 83% of the day
    day = tally.day_of(WEB, DAY)
    assert day is not None
    assert (day.cores[0], day.cores[710], day.cores[720]) == (1.0, 1.0, 2.0)
    assert day.coverage == pytest.approx(1415 / 1440)
    assert tally.day_of(API, DAY) is None


def test_a_day_that_was_asked_for_in_vain_is_not_asked_for_again() -> None:
    kept, tally = KeptDays(), DemandTally(days=[DAY], step_seconds=60)
    tally.add(WEB, points(0, STEPS, 1.0))
    kept.take([WEB, API], tally)
    assert list(kept.demands) == [WEB]
    assert kept.missing([WEB, API, JOBS], [DAY]) == {JOBS: (DAY,)}
    kept.forget([API], [DAY])
    assert kept.missing([WEB], [DAY]) == {WEB: (DAY,)}


def test_one_query_asks_for_as_many_newest_days_as_it_may() -> None:
    """40 pods x 1,440 steps: 57,600 points a day, six days of 400,000."""
    days = tuple(DAY - timedelta(days=age) for age in range(10))
    ask = next_ask({WEB: days, API: days}, {WEB: 30, API: 10}, probe(), UsageSettings())
    assert ask is not None
    assert (list(ask.keys), ask.step_seconds) == ([WEB, API], 60)
    assert ask.days == [DAY - timedelta(days=age) for age in range(5, -1, -1)]


def test_a_workload_of_very_many_pods_is_read_in_larger_steps_and_alone() -> None:
    """400 pods x 720 steps of two minutes: 288,000 points."""
    days = (DAY,)
    ask = next_ask({WEB: days, API: days}, {WEB: 400, API: 200}, probe(), UsageSettings())
    assert ask is not None
    assert (list(ask.keys), ask.step_seconds) == ([WEB], 120)


def test_days_apart_and_workloads_that_lack_others_wait_for_the_next_query() -> None:
    apart = (DAY, DAY - timedelta(days=3))
    ask = next_ask({WEB: apart, API: apart, JOBS: (DAY,)}, {}, probe(60.0), UsageSettings())
    assert ask is not None
    assert (list(ask.keys), ask.days, ask.step_seconds) == ([WEB, API], [DAY], 120)


def test_the_net_holds_their_pods_and_names_that_a_pod_cuts() -> None:
    long = WorkloadKey("shop", "Deployment", "x" * 60)
    namespace, pod = only_pods_of([WEB, long])
    assert namespace == 'namespace=~"shop"'
    assert pod == f'pod=~"web-.*|{"x" * 46}.*"'
