"""The board as a Redis hash, `advisor:knobs:<app>`. Needs the extra `redis`."""

from collections.abc import Mapping

import redis

from advisor_agents.board import BoardUnavailableError


class RedisBoard:
    """Reads the hash with short time-outs: a slow Redis never holds the application up."""

    def __init__(self, url: str, *, timeout_seconds: float = 0.5) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds, decode_responses=False
        )

    def read(self, app: str) -> Mapping[str, str | bytes]:
        try:
            found = self._client.hgetall(f"advisor:knobs:{app}")
        except redis.RedisError as error:
            raise BoardUnavailableError(f"Redis does not answer: {type(error).__name__}") from error
        if not isinstance(found, dict):
            raise BoardUnavailableError("Redis answered with something that is not a hash")
        return {_text(knob): entry for knob, entry in found.items()}


def _text(raw: str | bytes) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw
