"""The Redis source on a real server: it asks for counters only, and says exactly what it may not ask."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from pydantic import SecretStr

from advisor.model.database.workload import RedisState
from advisor.model.errors import BadDataError, ConfigurationError, SourceUnavailableError
from advisor.model.snapshot import SourceStatus
from advisor.servers.listening import free_port
from advisor.settings.redis import RedisSettings
from advisor.sources.redis.numbers import number
from advisor.sources.redis.source import RedisSource, grant
from advisor.testing.clock import FakeClock

ALLOWED = {"info", "slowlog|get", "slowlog|len", "auth", "hello", "client|setname", "client|setinfo", "ping", "select"}


@contextmanager
def source(url: str, clock: FakeClock | None = None, **changes: Any) -> Iterator[RedisSource]:
    settings = RedisSettings.model_validate({"url": SecretStr(url), **changes})
    opened = RedisSource(settings, clock or FakeClock())
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    """The application's own connection, to a server whose counters start at nothing."""
    with redis.Redis.from_url(valkey_url) as opened:
        opened.config_resetstat()
        opened.slowlog_reset()
        yield opened


def look(source: RedisSource) -> RedisState:
    return source.read(60).caches["main"]


def test_a_first_look_shows_what_the_server_is(client: redis.Redis, valkey_url: str) -> None:
    client.set("key", "x" * 1000)
    with source(valkey_url) as opened:
        seen = opened.read(60)
    found = seen.caches["main"]
    assert (seen.status, seen.detail) == (SourceStatus.OK, "")
    assert found.version[0].isdecimal()
    assert found.max_memory_bytes == 64 * 1024 * 1024
    assert found.used_memory_bytes > 1000
    assert found.eviction_policy == "allkeys-lru"
    assert found.connected_clients >= 2
    assert found.window_seconds >= 1, "since the server started"


def test_rates_are_what_happened_between_two_looks(client: redis.Redis, valkey_url: str) -> None:
    clock = FakeClock()
    client.set("hot", "1")
    client.get("cold")
    with source(valkey_url, clock) as opened:
        look(opened)
        for _ in range(30):
            client.get("hot")
        for _ in range(10):
            client.get("cold")
        clock.advance(20)
        found = look(opened)
    assert found.window_seconds == 20
    assert found.hit_ratio == 0.75  # 30 of 40; the miss before the first look does not count
    # The 40 reads, and the source's own handful, over 20 s.
    assert 2 <= found.commands_per_second <= 3
    assert found.command_mean_seconds["get"] > 0


def test_a_look_out_of_turn_leaves_the_regular_ones_as_they_are(client: redis.Redis, valkey_url: str) -> None:
    """A second after a regular look it looks back over 21 s, and the next regular look still has its 20."""
    clock = FakeClock()
    client.set("hot", "1")
    with source(valkey_url, clock) as opened:
        look(opened)
        for _ in range(30):
            client.get("hot")
        clock.advance(20)
        look(opened)
        with all_is_slow(client):
            for _ in range(10):
                client.get("cold")
        clock.advance(1)
        glances = [opened.glance(60).caches["main"] for _ in range(3)]
        clock.advance(19)
        found = look(opened)
    assert [seen.window_seconds for seen in glances] == [21] * 3
    assert glances[0].hit_ratio == 0.75  # 30 of the 40
    assert all(10 <= seen.slow_commands <= 20 for seen in glances)
    assert (found.window_seconds, found.hit_ratio) == (20, 0)
    assert 10 <= found.slow_commands <= 20


def test_no_lookup_in_the_window_is_no_hit_ratio(client: redis.Redis, valkey_url: str) -> None:
    clock = FakeClock()
    client.get("cold")
    with source(valkey_url, clock) as opened:
        look(opened)
        clock.advance(20)
        assert look(opened).hit_ratio is None


def test_counters_that_were_reset_in_between_are_no_negative_rates(client: redis.Redis, valkey_url: str) -> None:
    clock = FakeClock()
    client.set("hot", "1")
    with source(valkey_url, clock) as opened:
        for _ in range(50):
            client.get("hot")
        look(opened)
        client.config_resetstat()
        client.get("hot")
        client.get("cold")
        clock.advance(20)
        found = look(opened)
    assert found.hit_ratio == 0.5
    assert found.commands_per_second >= 0
    assert found.evicted_per_second == 0


@contextmanager
def all_is_slow(client: redis.Redis, most: int = 128) -> Iterator[None]:
    """Every command of anybody's is slow, and the server remembers the latest `most` of them."""
    former = client.config_get("slowlog-*")
    client.config_set("slowlog-max-len", most)
    client.config_set("slowlog-log-slower-than", 0)
    try:
        yield
    finally:
        for name in ("slowlog-log-slower-than", "slowlog-max-len"):
            client.config_set(name, former[name])


def test_slow_commands_are_counted_between_two_looks_however_short_the_servers_memory_is(
    client: redis.Redis, valkey_url: str
) -> None:
    """The log holds four entries and was full before; the number of its entries would say that nothing happened."""
    with source(valkey_url) as opened:
        with all_is_slow(client, most=4):
            for _ in range(10):
                client.get("key")
        look(opened)
        with all_is_slow(client, most=4):
            for _ in range(30):
                client.get("key")
        assert 30 <= look(opened).slow_commands <= 40  # and what switches it on and off
        assert look(opened).slow_commands == 0


def test_an_emptied_slow_log_counts_on(client: redis.Redis, valkey_url: str) -> None:
    """Somebody resets it after each look: ids go on, but an empty log shows none."""
    with source(valkey_url) as opened:
        look(opened)
        client.slowlog_reset()
        assert look(opened).slow_commands == 0
        with all_is_slow(client):
            for _ in range(5):
                client.get("key")
        assert 5 <= look(opened).slow_commands <= 12
        client.slowlog_reset()
        assert look(opened).slow_commands == 0


def test_a_log_that_was_empty_at_the_first_look_counts_from_there(client: redis.Redis, valkey_url: str) -> None:
    with all_is_slow(client):
        for _ in range(50):
            client.get("key")
    client.slowlog_reset()
    with source(valkey_url) as opened:
        assert look(opened).slow_commands == 0
        with all_is_slow(client):
            client.get("key")
        assert 1 <= look(opened).slow_commands <= 8


def test_a_slow_command_with_bytes_in_it_is_counted_like_any_other(client: redis.Redis, valkey_url: str) -> None:
    """Values of a cache are often no text in any encoding."""
    with source(valkey_url) as opened:
        look(opened)
        with all_is_slow(client, most=1):
            client.set("key", b"\xff\xfe\x00")
            client.config_set("slowlog-log-slower-than", -1)  # so the SET stays the newest entry
            newest: Any = client.slowlog_get(1)
            assert newest[0]["command"].startswith(b"SET key ")
        assert look(opened).slow_commands >= 1


def test_nothing_but_counters_is_asked_for(client: redis.Redis, valkey_url: str) -> None:
    """MONITOR halves a server's throughput, and KEYS stops it; the server itself says what it was asked."""
    clock = FakeClock()
    before = commands(client)
    with source(valkey_url, clock) as opened:
        look(opened)
        clock.advance(20)
        look(opened)
    asked = commands(client) - before
    assert {"info", "slowlog|get", "slowlog|len"} <= asked
    assert asked <= ALLOWED


def commands(client: redis.Redis) -> set[str]:
    stats: Any = client.info("commandstats")
    return {name.removeprefix("cmdstat_") for name in stats}


@contextmanager
def user(client: redis.Redis, url: str, *allowed: str) -> Iterator[str]:
    """The address for a user who may run only these commands."""
    basics = ["+auth", "+hello", "+client|setname", "+client|setinfo", "+ping"]
    client.acl_setuser("reader", enabled=True, passwords=["+pw"], commands=[*basics, *allowed])
    try:
        yield f"redis://reader:pw@127.0.0.1:{url.rpartition(':')[2]}"
    finally:
        client.acl_deluser("reader")


def test_a_user_without_slowlog_still_sees_the_rest_and_gets_the_exact_command(
    client: redis.Redis, valkey_url: str
) -> None:
    with user(client, valkey_url, "+info") as url, source(url) as opened:
        seen = opened.read(60)
        assert seen.status is SourceStatus.DEGRADED
        assert seen.detail == "SLOWLOG is not allowed: ACL SETUSER reader +info +slowlog|get +slowlog|len"
        assert seen.caches["main"].used_memory_bytes > 0
        client.execute_command(*seen.detail.partition(": ")[2].split())
        assert opened.read(60).status is SourceStatus.OK


def test_a_user_without_info_gets_the_exact_command(client: redis.Redis, valkey_url: str) -> None:
    with user(client, valkey_url) as url, source(url) as opened:
        with pytest.raises(BadDataError, match="INFO is not allowed") as caught:
            opened.read(60)
        client.execute_command(*caught.value.fix.split())
        assert opened.read(60).status is SourceStatus.OK


@pytest.mark.parametrize("login", [":topsecret@", "me:topsecret@", ""])
def test_a_wrong_or_missing_password_is_told_without_the_password(valkey_url: str, login: str) -> None:
    port = valkey_url.rpartition(":")[2]
    refused = pytest.raises(BadDataError, match="user or password is refused")
    with source(f"redis://{login}127.0.0.1:{port}") as opened, refused as caught:
        opened.read(60)
    assert "topsecret" not in str(caught.value)
    assert caught.value.fix == "check user and password in redis.url"


def test_a_server_that_is_away_is_given_up_quickly_and_without_the_password() -> None:
    started = time.monotonic()
    away = pytest.raises(SourceUnavailableError, match="no answer")
    with source(f"redis://:topsecret@127.0.0.1:{free_port()}", timeout_seconds="500ms") as opened, away as caught:
        opened.read(60)
    assert "topsecret" not in str(caught.value)
    assert time.monotonic() - started < 2


def test_a_server_that_hangs_is_given_up_after_two_time_outs(client: redis.Redis, valkey_url: str) -> None:
    with source(valkey_url, timeout_seconds="300ms") as opened:
        client.client_pause(4000)
        started = time.monotonic()
        with pytest.raises(SourceUnavailableError):
            opened.read(60)
        assert time.monotonic() - started < 3.9
    client.client_unpause()


@pytest.mark.parametrize("url", ["http://:topsecret@host", "redis://:topsecret@host:port", "topsecret"])
def test_what_is_no_redis_address_is_refused_without_showing_it(url: str) -> None:
    settings = RedisSettings.model_construct(url=SecretStr(url))  # as the settings would not take it
    with pytest.raises(ConfigurationError, match="not a Redis address") as caught:
        RedisSource(settings, FakeClock())
    assert "topsecret" not in str(caught.value)


@pytest.mark.parametrize("database", ["", "/0", "/1"])
def test_the_grant_that_is_printed_is_all_that_is_needed(client: redis.Redis, valkey_url: str, database: str) -> None:
    client.acl_setuser("reader", enabled=True, passwords=["+pw"])
    url = f"redis://reader:pw@127.0.0.1:{valkey_url.rpartition(':')[2].partition('/')[0]}{database}"
    try:
        client.execute_command(*grant(RedisSettings(url=SecretStr(url))).split())
        with source(url) as opened:
            seen = opened.read(60)
        assert (seen.status, seen.detail) == (SourceStatus.OK, "")
    finally:
        client.acl_deluser("reader")


@pytest.mark.parametrize(
    ("raw", "value", "odd"),
    [
        ("999.5M", 999.5 * 2**20, 0),
        ("1G", 2**30, 0),
        (9.0e6, 9e6, 0),
        ("9.0e6", 9e6, 0),
        (12, 12, 0),
        ("512B", 512, 0),
        ("-nan", 0, 1),
        ("nan", 0, 1),
        (-1, 0, 1),
        ("much", 0, 1),
        ("", 0, 1),
        ("inf", 0, 1),
    ],
)
def test_an_amount_is_read_as_servers_write_it_and_what_is_none_is_named(raw: object, value: float, odd: int) -> None:
    named: list[str] = []
    assert number({"used_memory": raw}, "used_memory", named) == value
    assert len(named) == odd
