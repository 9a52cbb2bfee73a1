"""The doctor on a Redis-compatible server: its version, and what its user may not run."""

from collections.abc import Iterator
from typing import Any

import redis

from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.model.errors import BadDataError
from advisor.settings.redis import RedisSettings
from advisor.sources.redis.answers import read_info, read_slow_log, refuse_what_holds_no_data, said, version_of
from advisor.sources.redis.source import client_of, grant, translated

_UNCOUNTED = "slow commands are not counted"


def check_redis(settings: RedisSettings) -> tuple[CheckLine, ...]:
    """Version, and whether the commands the source needs are allowed."""
    name = f"redis:{settings.name}"
    if settings.url is None:
        return (warning(name, "not configured", "set redis.url or --redis-url"),)

    def look() -> Iterator[CheckLine]:
        with translated(name, settings), client_of(settings) as client:
            server = _server(client, name)
            refuse_what_holds_no_data(server, client, name)
            yield ok(name, f"version {version_of(server)}")
            try:
                read_slow_log(client, name)
            except redis.exceptions.NoPermissionError:
                yield warning(f"{name} slow log", "SLOWLOG is not allowed", grant(settings))
            except redis.exceptions.ResponseError as error:
                yield warning(f"{name} slow log", f"SLOWLOG is refused; {said(error)}", _UNCOUNTED)
            except BadDataError as error:
                yield warning(f"{name} slow log", error.what, _UNCOUNTED)

    return guarded(name, look, is_connection=True)


def _server(client: redis.Redis, name: str) -> dict[str, Any]:
    """The section, or all where the server knows no sections or has no such one."""
    try:
        return read_info(client, "server", name) or read_info(client, None, name)
    except redis.exceptions.NoPermissionError:
        raise
    except redis.exceptions.ResponseError:
        return read_info(client, None, name)
