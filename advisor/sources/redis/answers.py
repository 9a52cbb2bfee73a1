"""What a server of Redis' kind answers, of whatever make it is, and what its errors say."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import redis

from advisor.model.errors import BadDataError
from advisor.sources.redis.slow_log import SlowLog

_WITHOUT_INFO = "without INFO it cannot be read: use a server or a service that answers it"


def read_info(client: redis.Redis, section: str | None, where: str) -> dict[str, Any]:
    """A section, or all of it. Raises what redis raises, and BadDataError for an answer of another shape."""
    with _of_known_shape("INFO", where):
        return dict(client.info(section) if section else client.info())


def read_slow_log(client: redis.Redis, where: str) -> SlowLog:
    """Its newest entry is the only way to its id; the command in it, which has a form of its own with every make, is
    not looked at. Raises what redis raises, and BadDataError for an answer of another shape."""
    with _of_known_shape("SLOWLOG", where):
        # The client's own reader, which would take the command to pieces, knows the name as one word.
        ask: Any = client
        entries, length = ask.execute_command("SLOWLOG", "GET", 1), ask.execute_command("SLOWLOG", "LEN")
        return SlowLog(newest=int(entries[0][0]) if entries else None, length=int(length))


def refuse_what_holds_no_data(facts: Mapping[str, Any], client: redis.Redis, where: str) -> None:
    """Raises BadDataError where INFO says nothing, and for a Sentinel, which answers as if it were an idle server."""
    if not facts:
        raise BadDataError("INFO says nothing", where=where, fix=_WITHOUT_INFO)
    if "sentinel" in (facts.get("redis_mode"), facts.get("server_mode")):
        master = read_info(client, "sentinel", where).get("master0")
        address = master.get("address") if isinstance(master, dict) else None
        fix = "set redis.url to the address of the server that it watches" + (f": {address}" if address else "")
        raise BadDataError("a Sentinel answers there, which holds no keys", where=where, fix=fix)


def version_of(facts: dict[str, Any]) -> str:
    """Of whatever make the server is."""
    names = ("valkey_version", "dragonfly_version", "redis_version", "upstash_version")
    return str(next((facts[name] for name in names if facts.get(name)), "unknown"))


def said(error: redis.RedisError) -> str:
    """The server's own words, on one line."""
    return f"the server says: {' '.join(str(error).split())[:200]}"


def remedy_of(error: redis.RedisError) -> str:
    """What helps when INFO is refused: another server where it is unknown, else what the server asks for."""
    is_unknown = any(word in str(error).lower() for word in ("unknown", "not supported", "unsupported"))
    return _WITHOUT_INFO if is_unknown else "put right what the server names"


@contextmanager
def _of_known_shape(command: str, where: str) -> Iterator[None]:
    """What the client raises for an answer that it cannot take to pieces as ours."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        what = f"{command} is answered in another shape ({type(error).__name__})"
        raise BadDataError(what, where=where, fix=_WITHOUT_INFO if command == "INFO" else "") from error
