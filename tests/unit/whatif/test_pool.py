"""Erlang's second formula, against values worked out by hand."""

import math
from itertools import pairwise

import pytest

from advisor.model.forecast import PoolDemand
from advisor.whatif.pool import ErlangPool, erlang_c


def demand(arrivals_per_second: float, hold_seconds: float, burstiness: float = 1.0) -> PoolDemand:
    return PoolDemand(arrivals_per_second=arrivals_per_second, hold_seconds=hold_seconds, burstiness=burstiness)


@pytest.mark.parametrize(
    ("servers", "busy", "waiting"),
    [
        (1, 0.5, 1 / 2),  # one server: whoever finds it busy waits, C = rho
        (1, 0.9, 9 / 10),
        (2, 1.0, 1 / 3),  # two servers: C = 2 rho^2 / (1 + rho) = 2 x 1/4 / (3/2)
        (3, 2.0, 4 / 9),  # (8/6 x 3) / (1 + 2 + 2 + 4)
        (4, 2.0, 4 / 23),  # (16/24 x 2) / (1 + 2 + 2 + 8/6 + 4/3) = (4/3) / (23/3)
        (5, 4.0, 128 / 231),  # (1024/120 x 5) / (1 + 4 + 8 + 32/3 + 32/3 + 128/3) = (128/3) / 77
        (3, 0.0, 0.0),
    ],
)
def test_the_share_that_waits_is_erlangs(servers: int, busy: float, waiting: float) -> None:
    assert erlang_c(servers, busy) == pytest.approx(waiting, rel=1e-12)


def test_a_thousand_servers_overflow_nothing() -> None:
    # 900^1000 / 1000! does not fit a float; the recursion never leaves 0 to 1.
    waiting = erlang_c(1000, 900.0)
    assert 0 < waiting < 0.01


def test_one_connection_is_the_textbook_queue() -> None:
    # 5/s x 0.1 s: half busy. M/M/1: mean wait = rho hold / (1 - rho) = 0.1 s. Waits beyond t: rho exp(-t / 0.2 s), so
    # p95 = 0.2 ln(0.5 / 0.05) = 0.4605 s.
    forecast = ErlangPool().forecast(demand(5, 0.1), 1)
    assert forecast.utilisation == pytest.approx(0.5)
    assert forecast.wait_mean_seconds == pytest.approx(0.1)
    assert forecast.wait_p95_seconds == pytest.approx(0.2 * math.log(10))


def test_fewer_than_one_in_twenty_waiting_means_a_p95_of_nothing() -> None:
    # 4 connections for half a one busy: C = 0.0026.
    assert ErlangPool().forecast(demand(5, 0.1), 4).wait_p95_seconds == 0


@pytest.mark.parametrize("capacity", [4, 5])
def test_an_overloaded_pool_waits_for_ever(capacity: int) -> None:
    forecast = ErlangPool().forecast(demand(50, 0.1), capacity)
    assert (forecast.wait_mean_seconds, forecast.wait_p95_seconds) == (math.inf, math.inf)
    assert forecast.utilisation == pytest.approx(5 / capacity)


def test_bursts_make_every_wait_longer_by_their_factor() -> None:
    calm, bursty = (ErlangPool().forecast(demand(40, 0.1, burstiness), 5) for burstiness in (1.0, 3.0))
    # C(5, 4) = 128/231, and those who wait do so for 0.1 s / (5 - 4) on average.
    assert calm.wait_mean_seconds == pytest.approx(128 / 231 * 0.1)
    assert bursty.wait_mean_seconds == pytest.approx(3 * calm.wait_mean_seconds)
    assert bursty.wait_p95_seconds == pytest.approx(3 * calm.wait_p95_seconds)


def test_more_connections_never_make_anybody_wait_longer() -> None:
    waits = [ErlangPool().forecast(demand(50, 0.1), capacity).wait_mean_seconds for capacity in range(6, 40)]
    assert all(fewer >= more for fewer, more in pairwise(waits))


def test_the_smallest_capacity_keeps_both_bounds_and_one_less_breaks_one() -> None:
    pool, load = ErlangPool(), demand(50, 0.1)
    # 5 busy / 0.7 = 7.1, so at least 8; the p95 of 8 is 40 ms, of 7 it is 93 ms.
    assert pool.smallest_capacity(load, wait_p95_seconds=0.05, utilisation=0.7) == 8
    assert pool.smallest_capacity(load, wait_p95_seconds=0.05, utilisation=0.99) == 8
    assert pool.smallest_capacity(load, wait_p95_seconds=0.1, utilisation=0.99) == 7
    assert pool.forecast(load, 7).wait_p95_seconds == pytest.approx(0.0935, abs=0.0001)


def test_an_idle_pool_still_needs_one_connection() -> None:
    assert ErlangPool().smallest_capacity(demand(0.001, 0.001), wait_p95_seconds=0.05, utilisation=0.7) == 1
