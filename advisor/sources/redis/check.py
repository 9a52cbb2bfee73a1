"""The doctor on a Redis-compatible server: its version, and what its user may not run."""

from collections.abc import Iterator
from typing import Any

import redis

from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.settings.redis import RedisSettings
from advisor.sources.redis.source import client_of, grant, read_slow_log, said, translated, version_of


def check_redis(settings: RedisSettings) -> tuple[CheckLine, ...]:
    """Version, and whether the commands the source needs are allowed."""
    name = f"redis:{settings.name}"
    if settings.url is None:
        return (warning(name, "not configured", "set redis.url or --redis-url"),)

    def look() -> Iterator[CheckLine]:
        with translated(name, settings), client_of(settings) as client:
            yield ok(name, f"version {version_of(_server(client))}")
            try:
                read_slow_log(client)
            except redis.exceptions.NoPermissionError:
                yield warning(f"{name} slow log", "SLOWLOG is not allowed", grant(settings))
            except redis.exceptions.ResponseError as error:
                yield warning(f"{name} slow log", f"SLOWLOG is refused; {said(error)}", "slow commands are not counted")

    return guarded(name, look, is_connection=True)


def _server(client: redis.Redis) -> dict[str, Any]:
    """The section, or all where the server knows no sections."""
    try:
        return dict(client.info("server"))
    except redis.exceptions.NoPermissionError:
        raise
    except redis.exceptions.ResponseError:
        return dict(client.info())
