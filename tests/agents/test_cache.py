"""The two-tier cache: against a real Valkey where tier 2 matters."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import redis.asyncio
from prometheus_client import CollectorRegistry

from advisor_agents.cache import TieredCache
from advisor_agents.instruments import instruments
from advisor_agents.memory_tier import MemoryTier
from advisor_agents.redis_tier import RedisTier
from advisor_agents.reuse import ReuseStatistics


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Origin:
    """Counts its loads; fails while `fault` is set."""

    def __init__(self, value: Any = None, seconds: float = 0.0) -> None:
        self.value = value if value is not None else {"name": "Ada"}
        self.seconds = seconds
        self.loads = 0
        self.fault: Exception | None = None

    async def load(self) -> Any:
        self.loads += 1
        await asyncio.sleep(self.seconds)
        if self.fault:
            raise self.fault
        return self.value


def a_cache(registry: CollectorRegistry | None = None, l2: RedisTier | None = None, ttl: float = 60) -> TieredCache:
    return TieredCache(
        app="shop", name="users", instruments=instruments(registry or CollectorRegistry()), l1=(ttl, 100), l2=l2
    )


def a_tier(client: redis.asyncio.Redis, *, namespace: str = "shop", ttl: float = 60) -> RedisTier:
    """A patient one: that a busy machine is slow is not what these tests are about."""
    return RedisTier(client, namespace=namespace, ttl_seconds=ttl, timeout_seconds=30)


def with_tier_2(url: str, scenario: Callable[[redis.asyncio.Redis], Awaitable[None]]) -> None:
    async def run() -> None:
        client = redis.asyncio.Redis.from_url(url)
        try:
            await scenario(client)
        finally:
            await client.aclose()

    asyncio.run(run())


def test_the_least_recently_used_goes_first() -> None:
    dropped: list[str] = []
    tier: MemoryTier[int] = MemoryTier(ttl_seconds=60, max_items=2, evicted=dropped.append)
    tier.put("a", 1)
    tier.put("b", 2)
    tier.get("a")
    tier.put("c", 3)
    assert tier.get("b") is None
    assert tier.get("a") == (1,)
    assert dropped == ["capacity"]


def test_a_new_ttl_holds_for_what_is_stored_already() -> None:
    clock = Clock()
    tier: MemoryTier[int] = MemoryTier(ttl_seconds=10, max_items=5, clock=clock)
    tier.put("a", 1)
    clock.now = 9.9
    assert tier.get("a") == (1,)
    tier.ttl_seconds = 30
    clock.now = 29
    assert tier.get("a") == (1,)
    tier.ttl_seconds = 20
    assert tier.get("a") is None


def test_a_smaller_size_drops_at_once() -> None:
    tier: MemoryTier[int] = MemoryTier(ttl_seconds=60, max_items=5)
    for i in range(5):
        tier.put(str(i), i)
    tier.max_items = 2
    assert [tier.get(str(i)) for i in range(5)] == [None, None, None, (3,), (4,)]


def test_a_value_of_nothing_is_cached_too() -> None:
    async def scenario() -> None:
        origin, cache = Origin(), a_cache()
        origin.value = None
        assert await cache.get_or_load("a", origin.load) is None
        assert await cache.get_or_load("a", origin.load) is None
        assert origin.loads == 1

    asyncio.run(scenario())


def test_one_load_serves_all_who_wait_for_the_same_key() -> None:
    async def scenario() -> None:
        origin, cache = Origin(seconds=0.05), a_cache()
        values = await asyncio.gather(*(cache.get_or_load("a", origin.load) for _ in range(20)))
        assert values == [{"name": "Ada"}] * 20
        assert origin.loads == 1

    asyncio.run(scenario())


def test_a_load_that_fails_does_not_poison_those_who_wait() -> None:
    async def scenario() -> None:
        origin, cache = Origin(seconds=0.05), a_cache()
        origin.fault = RuntimeError("origin is down")
        first = asyncio.create_task(cache.get_or_load("a", origin.load))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(cache.get_or_load("a", origin.load))
        with pytest.raises(RuntimeError):
            await first
        origin.fault = None
        assert await second == {"name": "Ada"}
        assert origin.loads == 2

    asyncio.run(scenario())


def test_tier_2_serves_another_process_and_counts_what_happened(valkey_url: str) -> None:
    async def scenario(client: redis.asyncio.Redis) -> None:
        registry, origin = CollectorRegistry(), Origin()
        here = a_cache(l2=a_tier(client))
        there = a_cache(registry, l2=a_tier(client))
        await here.get_or_load("a", origin.load)
        assert await there.get_or_load("a", origin.load) == {"name": "Ada"}
        assert await there.get_or_load("a", origin.load) == {"name": "Ada"}
        assert origin.loads == 1
        counted = {"app": "shop", "cache": "users"}
        assert registry.get_sample_value("advisor_agent_cache_hits_total", {**counted, "tier": "l2"}) == 1
        assert registry.get_sample_value("advisor_agent_cache_hits_total", {**counted, "tier": "l1"}) == 1
        assert registry.get_sample_value("advisor_agent_cache_misses_total", {**counted, "tier": "l1"}) == 1
        assert registry.get_sample_value("advisor_agent_cache_asked_total", counted) == 2

    with_tier_2(valkey_url, scenario)


def test_bytes_of_another_version_or_kind_are_a_miss(valkey_url: str) -> None:
    async def scenario(client: redis.asyncio.Redis) -> None:
        tier = a_tier(client)
        await client.set("shop:old", b'0:{"a": 1}')
        await client.set("shop:pickle", b"\x80\x04K\x01.")
        await client.set("shop:cut", b'1:{"a"')
        assert [await tier.get(key) for key in ("old", "pickle", "cut", "none")] == [None] * 4

    with_tier_2(valkey_url, scenario)


def test_a_moved_ttl_holds_for_what_is_stored_from_then_on(valkey_url: str) -> None:
    async def scenario(client: redis.asyncio.Redis) -> None:
        tier = a_tier(client, ttl=1)
        await tier.put("a", 1)
        tier.ttl_seconds = 100
        await tier.put("b", 2)
        assert 0 < await client.pttl("shop:a") <= 1000
        assert 90_000 < await client.pttl("shop:b") <= 100_000

    with_tier_2(valkey_url, scenario)


def test_a_dead_redis_costs_one_time_out_and_the_origin_serves() -> None:
    async def scenario() -> None:
        client = redis.asyncio.Redis(host="127.0.0.1", port=1)
        registry, origin = CollectorRegistry(), Origin()
        cache = a_cache(registry, l2=RedisTier(client, namespace="shop", ttl_seconds=60, timeout_seconds=0.1))
        for key in ("a", "b", "c"):
            assert await cache.get_or_load(key, origin.load) == {"name": "Ada"}
        errors = {"app": "shop", "cache": "users", "tier": "l2"}
        assert (registry.get_sample_value("advisor_agent_cache_errors_total", errors) or 0) >= 3
        await client.aclose()

    asyncio.run(scenario())


def test_a_redis_that_hangs_costs_those_who_wait_together_one_time_out_and_one_load(valkey_url: str) -> None:
    """Ten ask for one key at once; Redis answers nobody for five seconds, and is left alone after the first 0.1 s."""

    async def scenario(client: redis.asyncio.Redis) -> None:
        origin = Origin()
        cache = a_cache(l2=RedisTier(client, namespace="shop", ttl_seconds=60, timeout_seconds=0.1))
        await client.client_pause(5000)
        began = asyncio.get_running_loop().time()
        values = await asyncio.gather(*(cache.get_or_load("a", origin.load) for _ in range(10)))
        assert values == [{"name": "Ada"}] * 10
        assert origin.loads == 1
        assert await cache.get_or_load("a", origin.load) == {"name": "Ada"}  # tier 1
        assert asyncio.get_running_loop().time() - began < 4
        await client.client_unpause()

    with_tier_2(valkey_url, scenario)


def test_a_flushed_redis_is_filled_again_from_the_origin(valkey_url: str) -> None:
    async def scenario(client: redis.asyncio.Redis) -> None:
        origin, tier = Origin(), a_tier(client)
        await a_cache(l2=tier).get_or_load("a", origin.load)
        await client.flushdb()
        assert await a_cache(l2=tier).get_or_load("a", origin.load) == {"name": "Ada"}
        assert origin.loads == 2
        assert await tier.get("a") == ({"name": "Ada"},)

    with_tier_2(valkey_url, scenario)


def test_a_value_json_cannot_hold_is_served_and_not_stored(valkey_url: str) -> None:
    async def scenario(client: redis.asyncio.Redis) -> None:
        origin = Origin(value={1, 2})
        cache = a_cache(l2=a_tier(client))
        assert await cache.get_or_load("a", origin.load) == {1, 2}
        assert await client.dbsize() == 0

    with_tier_2(valkey_url, scenario)


def test_reuse_tells_gaps_and_changes_and_forgets_the_oldest_key() -> None:
    clock = Clock()
    reuse = ReuseStatistics(most_keys=2, clock=clock)
    assert reuse.asked("a") is None
    clock.now = 5
    assert reuse.asked("a") == 5
    assert reuse.loaded("a", {"x": 1}) is None
    assert reuse.loaded("a", {"x": 1}) is False
    assert reuse.loaded("a", {"x": 2}) is True
    assert reuse.loaded("a", object()) is None
    reuse.asked("b")
    reuse.asked("c")
    assert reuse.asked("a") is None  # forgotten: only two keys are kept


@pytest.mark.parametrize("decodes", [False, True], ids=["bytes", "text"])
def test_tier_2_works_with_a_client_that_decodes_its_answers(valkey_url: str, decodes: bool) -> None:
    async def scenario(plain: redis.asyncio.Redis) -> None:
        client = redis.asyncio.Redis.from_url(valkey_url, decode_responses=decodes)
        registry, origin = CollectorRegistry(), Origin(value={"name": "Zo\u00eb"})
        tier = a_tier(client, namespace=f"text{decodes}")
        for _ in range(10):  # as many processes, each with an empty tier 1
            assert await a_cache(registry, l2=tier).get_or_load("a", origin.load) == {"name": "Zo\u00eb"}
        assert origin.loads == 1
        await plain.set(f"text{decodes}:pickle", b"\x80\x04K\xff.")
        assert await tier.get("pickle") is None
        await client.aclose()

    with_tier_2(valkey_url, scenario)


def test_a_client_that_blocks_is_refused_at_start(valkey_url: str) -> None:
    with (
        redis.Redis.from_url(valkey_url) as client,
        pytest.raises(TypeError, match=r"needs a client of redis\.asyncio"),
    ):
        RedisTier(client, namespace="shop", ttl_seconds=60)  # type: ignore[arg-type]


def test_a_lookup_that_failed_is_an_error_and_no_miss() -> None:
    """Ten lookups of a dead tier would else be a hit ratio of 0%."""

    async def scenario() -> None:
        client = redis.asyncio.Redis(host="127.0.0.1", port=1)
        registry, origin = CollectorRegistry(), Origin()
        cache = a_cache(registry, l2=RedisTier(client, namespace="shop", ttl_seconds=60, timeout_seconds=0.1))
        for number in range(10):
            await cache.get_or_load(str(number), origin.load)
        labels = {"app": "shop", "cache": "users", "tier": "l2"}
        assert registry.get_sample_value("advisor_agent_cache_misses_total", labels) == 0
        assert registry.get_sample_value("advisor_agent_cache_errors_total", labels) == 20  # each lookup, each store
        await client.aclose()

    asyncio.run(scenario())
