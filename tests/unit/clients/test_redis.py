"""What a client of Redis makes of an address, and which faults are worth a second try."""

import pytest
import redis
from pydantic import SecretStr

from advisor.clients.redis import open_client, was_cut_off
from advisor.knobs.agents.redis_board import RedisBoard
from advisor.model.errors import ConfigurationError


@pytest.mark.parametrize("url", ["http://:topsecret@host", "redis://:topsecret@host:port", "topsecret"])
def test_what_is_no_redis_address_is_refused_without_showing_it_by_sources_and_boards_alike(url: str) -> None:
    for ask in (lambda: open_client(SecretStr(url), 1.0, name="advisor"), lambda: RedisBoard(url)):
        with pytest.raises(ConfigurationError, match="not a Redis address") as caught:
            ask()
        assert "topsecret" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_lost_connection_is_asked_again_and_a_refusal_is_not() -> None:
    lost = (redis.exceptions.ConnectionError(), redis.exceptions.TimeoutError())
    refused = (redis.exceptions.AuthenticationError(), redis.exceptions.NoPermissionError(), ValueError())
    assert all(was_cut_off(error) for error in lost)
    assert not any(was_cut_off(error) for error in refused)
