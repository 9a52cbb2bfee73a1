"""The doctor on a Redis-compatible server: its version, and what its user may not run."""

from collections.abc import Iterator

import redis

from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.settings.redis import RedisSettings
from advisor.sources.redis.source import client_of, grant, read_slow_log, translated


def check_redis(settings: RedisSettings) -> tuple[CheckLine, ...]:
    """Version, and whether the commands the source needs are allowed."""
    name = f"redis:{settings.name}"
    if settings.url is None:
        return (warning(name, "not configured", "set redis.url or --redis-url"),)

    def look() -> Iterator[CheckLine]:
        with translated(name, settings), client_of(settings) as client:
            facts = dict(client.info("server"))
            yield ok(name, f"version {facts.get('valkey_version') or facts.get('redis_version')}")
            try:
                read_slow_log(client)
            except redis.exceptions.NoPermissionError:
                yield warning(f"{name} slow log", "SLOWLOG is not allowed", grant(settings))

    return guarded(name, look, is_connection=True)
