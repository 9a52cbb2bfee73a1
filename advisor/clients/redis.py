"""Clients of Redis and whatever speaks its protocol: short time-outs, no retries of their own, a name on the server.

Encryption is the address's: rediss://, with `ssl_ca_certs` and the like as its parameters.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal
from urllib.parse import urlsplit

import redis
from pydantic import SecretStr
from redis.backoff import NoBackoff
from redis.retry import Retry

from advisor.model.errors import ConfigurationError

_DATABASE = re.compile(r"/?\d*")
_UNKNOWN = re.compile(r"unexpected keyword argument ('\w+')")
CHECK_LOGIN = "check user and password in redis.url"
CHECK_ADDRESS = "check that it runs, and redis.url"
"""What helps when the server refuses a password, and when it does not answer."""


def open_client(
    url: SecretStr, timeout_seconds: float, *, name: str, on_bad_text: Literal["strict", "replace"] = "strict"
) -> redis.Redis:
    """A client that answers in text and connects when it is first asked; `close` ends its connections.

    name: what the server's CLIENT LIST calls it. on_bad_text: "replace" reads over bytes that are no UTF-8; "strict"
    raises UnicodeDecodeError. Raises ConfigurationError for a bad address, not showing it.
    """
    ours: dict[str, Any] = {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "protocol": 2,  # RESP 3 begins with HELLO, which proxies, managed tiers and servers before 6 do not have
        "redis_connect_func": _named(name),
        "retry": Retry(NoBackoff(), retries=0),  # what is asked again is decided by who asks
        "decode_responses": True,
        "encoding_errors": on_bad_text,
    }
    try:
        address = urlsplit(url.get_secret_value())
        if address.scheme != "unix" and not _DATABASE.fullmatch(address.path):
            raise ValueError("what stands for the database is no number")
        base, _, query = url.get_secret_value().partition("?")
        others = "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in ours)
        client = redis.Redis.from_url(f"{base}?{others}", **ours)
        client.connection_pool.make_connection()  # not connected: it says which parameters there are
    except (TypeError, ValueError) as error:
        unknown = _UNKNOWN.search(str(error))
        what = f"the parameter {unknown[1]} of the address is none" if unknown else "not a Redis address"
        fix = "leave it out" if unknown else "write redis://:PASSWORD@HOST:6379/0, and %2F for / in the password"
        # `from None`: what could not be read may hold a piece of the password.
        raise ConfigurationError(what, where="redis.url", fix=fix) from None
    return client


def _named(name: str) -> Callable[[Any], None]:
    """Log in, then give the connection its name; a user who may not, or a server that cannot, goes without."""

    def connect(connection: Any) -> None:
        connection.on_connect()
        connection.send_command("CLIENT", "SETNAME", name)
        with suppress(redis.exceptions.ResponseError):
            connection.read_response()

    return connect


def was_cut_off(error: Exception) -> bool:
    """An idle connection that was closed, a restart, one lost answer; a wrong password stays wrong."""
    silent = isinstance(error, redis.exceptions.ConnectionError | redis.exceptions.TimeoutError)
    return silent and not isinstance(error, redis.exceptions.AuthenticationError)
