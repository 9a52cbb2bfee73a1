"""What a client of Redis makes of an address, and which faults are worth a second try."""

import pytest
import redis
from pydantic import SecretStr

from advisor.clients.redis import open_client, was_cut_off
from advisor.knobs.agents.redis_board import RedisBoard
from advisor.model.errors import ConfigurationError


@pytest.mark.parametrize(
    "url",
    [
        "http://:topsecret@host",
        "redis://:topsecret@host:port",
        "topsecret",
        "redis://:12/topsecret@host:6379/0",  # otherwise port 12 of this machine
        "redis://host/topsecret",  # otherwise database 0
    ],
)
def test_what_is_no_redis_address_is_refused_without_showing_it_by_sources_and_boards_alike(url: str) -> None:
    for ask in (lambda: open_client(SecretStr(url), 1.0, name="advisor"), lambda: RedisBoard(url)):
        with pytest.raises(ConfigurationError, match="not a Redis address") as caught:
            ask()
        assert "topsecret" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("query", ["foo=bar", "ssl_cert_reqs=none"])
def test_a_parameter_that_a_connection_does_not_have_is_named(query: str) -> None:
    """Also one of encryption at an address without: it used to be a TypeError when it was first asked."""
    with pytest.raises(ConfigurationError) as caught:
        open_client(SecretStr(f"redis://:topsecret@host/0?{query}"), 1.0, name="advisor")
    assert f"the parameter {query.partition('=')[0]!r} of the address is none" in str(caught.value)
    assert "topsecret" not in str(caught.value)


def test_what_the_advisor_leans_on_is_not_the_addresss_to_say() -> None:
    url = "redis://host/2?protocol=3&socket_timeout=600&decode_responses=no&max_connections=5"
    with open_client(SecretStr(url), 1.0, name="advisor") as client:
        given = client.connection_pool.connection_kwargs
    assert (given["protocol"], given["socket_timeout"], given["decode_responses"]) == (2, 1.0, True)
    assert (given["db"], client.connection_pool.max_connections) == (2, 5)


def test_a_lost_connection_is_asked_again_and_a_refusal_is_not() -> None:
    lost = (redis.exceptions.ConnectionError(), redis.exceptions.TimeoutError())
    refused = (redis.exceptions.AuthenticationError(), redis.exceptions.NoPermissionError(), ValueError())
    assert all(was_cut_off(error) for error in lost)
    assert not any(was_cut_off(error) for error in refused)
