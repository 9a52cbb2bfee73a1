"""The reuse model, against streams whose hit ratio is known exactly."""

import math
import random
from collections.abc import Mapping
from itertools import pairwise

import pytest

from advisor.model.forecast import CacheForecast, Reuse
from advisor.whatif.cache import ReuseCache

BOUNDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)


def forecast(within: Mapping[float, float], ttl_seconds: float, **reuse: float) -> CacheForecast:
    asked = Reuse(
        requests_per_second=10,
        within=within,
        change_ratio=reuse.get("change_ratio"),
        reload_seconds=reuse.get("reload_seconds", 1.0),
    )
    return ReuseCache().forecast(asked, ttl_seconds)


def exponential(rate: float, share: float = 1.0) -> dict[float, float]:
    """Requests for a key at random with `rate`: gaps within t are 1 - exp(-rate t)."""
    return {bound: share * (1 - math.exp(-rate * bound)) for bound in BOUNDS}


@pytest.mark.parametrize("ttl", [1, 5, 20, 60])
@pytest.mark.parametrize("rate", [0.05, 0.2, 1.0])
def test_a_stream_at_random_is_hit_as_renewal_theory_says(rate: float, ttl: float) -> None:
    # One load, then rate x ttl hits until it ends: rate ttl / (1 + rate ttl).
    assert forecast(exponential(rate), ttl).hit_ratio == pytest.approx(rate * ttl / (1 + rate * ttl), abs=0.03)


def test_popular_and_unpopular_keys_mix() -> None:
    # Half of all requests go to keys asked twice a second, half to keys asked every 50 s. At 10 s: 20/21 and 0.2/1.2.
    mixed = {bound: 0.5 * exponential(2.0)[bound] + 0.5 * exponential(0.02)[bound] for bound in BOUNDS}
    assert forecast(mixed, 10).hit_ratio == pytest.approx(0.5 * 20 / 21 + 0.5 * 0.2 / 1.2, abs=0.03)


def test_a_replayed_cache_agrees() -> None:
    # 200 keys with popularity 1/k, 20 requests a second at random, entries that live for 5 s: counted one by one.
    chance = random.Random(7)
    keys, weights = range(200), [1 / (k + 1) for k in range(200)]
    now, stored, asked = 0.0, {}, {}
    hits, gaps, total = 0, [], 40_000
    for key in chance.choices(keys, weights, k=total):
        now += chance.expovariate(20)
        hits += key in stored and now < stored[key] + 5
        if not (key in stored and now < stored[key] + 5):
            stored[key] = now
        gaps.append(now - asked.get(key, -math.inf))
        asked[key] = now
    within = {bound: sum(gap <= bound for gap in gaps) / total for bound in BOUNDS}
    predicted = forecast(within, 5)
    assert predicted.hit_ratio == pytest.approx(hits / total, abs=0.03)
    assert predicted.hit_ratio_low <= hits / total <= predicted.hit_ratio_high


def test_first_requests_are_never_hit() -> None:
    # Four in ten requests are for keys that never come back: no TTL gets beyond six in ten.
    assert forecast(exponential(1.0, share=0.6), 600).hit_ratio == pytest.approx(0.6, abs=0.01)


def test_low_expected_and_high_are_in_order_and_within_bounds() -> None:
    for ttl in (0.05, 0.5, 3, 77, 5000):
        found = forecast(exponential(0.3), ttl)
        assert 0 <= found.hit_ratio_low <= found.hit_ratio <= found.hit_ratio_high <= 1


def test_a_longer_ttl_never_lowers_the_hit_ratio() -> None:
    ratios = [forecast(exponential(0.3), ttl).hit_ratio for ttl in (0.1, 1, 3, 10, 40, 200, 1000)]
    assert all(shorter < longer for shorter, longer in pairwise(ratios))


@pytest.mark.parametrize("within", [{}, {1: 0.0, 10: 0.0}], ids=["nothing measured", "nothing comes back"])
def test_without_reuse_nothing_is_hit(within: Mapping[float, float]) -> None:
    found = forecast(within, 60)
    assert (found.hit_ratio_low, found.hit_ratio, found.hit_ratio_high) == (0, 0, 0)


def test_staleness_follows_from_how_often_reloads_find_another_value() -> None:
    # Half the reloads after 1 s find another value: r = ln 2 per second. Ages are spread over 0 to 2 s, and the share
    # out of date is 1 - (1 - exp(-2 ln 2)) / (2 ln 2) = 1 - 0.75 / 1.386 = 0.459.
    found = forecast(exponential(1.0), 2, change_ratio=0.5, reload_seconds=1.0)
    assert found.stale_ratio == pytest.approx(0.459, abs=0.001)


def test_the_same_share_after_a_longer_time_means_slower_change() -> None:
    quick = forecast(exponential(1.0), 10, change_ratio=0.1, reload_seconds=1).stale_ratio
    slow = forecast(exponential(1.0), 10, change_ratio=0.1, reload_seconds=100).stale_ratio
    # r = 0.00105/s: 10 s x r / 2 = 0.5%.
    assert slow == pytest.approx(0.0053, abs=0.0001)
    assert quick is not None
    assert quick > 50 * slow


@pytest.mark.parametrize(("change_ratio", "stale"), [(0.0, 0.0), (1.0, 0.95)])
def test_values_that_never_or_always_change(change_ratio: float, stale: float) -> None:
    # Always: r is taken as -ln(1e-9) = 20.7 per second; within 1 s 1 - 1 / 20.7 = 0.95 is out of date.
    found = forecast(exponential(1.0), 1, change_ratio=change_ratio, reload_seconds=1)
    assert found.stale_ratio == pytest.approx(stale, abs=0.002)


def test_change_that_is_not_measured_is_not_taken_for_none() -> None:
    assert forecast(exponential(1.0), 60).stale_ratio is None
