"""Pools of one application are told apart; an application with one looks as if there was no such label."""

import pytest

from advisor.model.signal import Sample, Series, SignalKey, signal
from advisor.sources.prometheus.catalogue import Template
from advisor.sources.prometheus.pools import series_of_pool, without_only_pools
from advisor.sources.prometheus.readings import key_of
from advisor.testing.words import NOON


def wait(**labels: str) -> SignalKey:
    return signal("pool.wait_mean_seconds", **labels)


def test_a_key_carries_its_pool_only_where_the_answer_names_one() -> None:
    template = Template(signal="pool.wait_mean_seconds", labels=("app",), optional=("pool",), preset="p", text="")
    assert key_of(template, {"app": "shop", "pool": "reports", "job": "web"}) == wait(app="shop", pool="reports")
    assert key_of(template, {"app": "shop", "pool": ""}) == key_of(template, {"app": "shop"}) == wait(app="shop")


def test_the_only_pool_of_an_application_is_not_named_and_several_are() -> None:
    found = {
        wait(app="shop", pool="orders"): 1,
        wait(app="two", pool="main"): 2,
        wait(app="two", pool="reports"): 3,
        signal("pool.size", app="two", pool="main"): 4,
        signal("http.p95_seconds", app="two"): 5,
    }
    named = {key: value for key, value in found.items() if key.label("app") == "two"}
    assert without_only_pools(found) == {**named, wait(app="shop"): 1}


def test_what_is_told_of_the_application_goes_before_the_same_of_its_only_pool() -> None:
    """A process that two jobs scrape is one process: instances are counted by the application, series by the pool."""
    instances = signal("pool.instances", app="shop")
    assert without_only_pools({signal("pool.instances", app="shop", pool="main"): 2, instances: 1}) == {instances: 1}


def test_a_pool_that_one_signal_alone_shows_makes_all_of_them_named() -> None:
    """Nothing waits for `reports` and so it has no p95: the other's is not taken for the application's."""
    found = {
        signal("pool.size", app="two", pool="main"): 1,
        signal("pool.size", app="two", pool="reports"): 2,
        wait(app="two", pool="main"): 3,
    }
    assert without_only_pools(found) == found


POINTS = Series(samples=(Sample(at=NOON, value=1.0),))
OTHERS = Series(samples=(Sample(at=NOON, value=9.0),))


@pytest.mark.parametrize(
    "wanted", [wait(app="shop"), wait(app="shop", pool="orders")], ids=["a former journal's", "with its pool"]
)
def test_a_trial_finds_the_points_of_the_only_pool_under_both_names(wanted: SignalKey) -> None:
    assert series_of_pool(wanted, {wait(app="shop", pool="orders"): POINTS, wait(app="two"): OTHERS}) == POINTS


def test_a_trial_of_one_of_several_pools_sees_that_one() -> None:
    found = {wait(app="two", pool="main"): POINTS, wait(app="two", pool="reports"): OTHERS}
    assert series_of_pool(wait(app="two", pool="reports"), found) == OTHERS
    assert series_of_pool(wait(app="two"), found).problem == "2 pools where one was expected: main, reports"
    assert series_of_pool(wait(app="two"), {**found, wait(app="two"): POINTS}) == POINTS
    assert series_of_pool(wait(app="two", pool="gone"), found).problem == "no such series in Prometheus"
