"""Tier 2: Redis, shared by all instances. JSON with a version in front, never pickle. Needs the extra `redis`."""

import asyncio
import json
import time
from typing import Any

import redis
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

_VERSION = b"1:"


class RedisTierError(Exception):
    """Redis did not answer in time, or cannot hold this value. The caller goes on without it."""


class RedisTier:
    """A slow or dead Redis costs one short time-out; then it is left alone for a second.

    client: of redis.asyncio, with or without `decode_responses`; TypeError for one that blocks.
    namespace: put in front of every key, one for each tenant. ttl_seconds may be set at any time and holds for what is
    stored from then on. Bytes of another version are a miss.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        *,
        namespace: str,
        ttl_seconds: float,
        timeout_seconds: float = 0.2,
        rest_seconds: float = 1.0,
    ) -> None:
        given: object = client
        if isinstance(given, redis.Redis | redis.RedisCluster):
            raise TypeError("RedisTier needs a client of redis.asyncio: redis.asyncio.Redis.from_url(...)")
        self._client = client
        self._namespace = namespace
        self.ttl_seconds = ttl_seconds
        self._timeout = timeout_seconds
        self._rest = rest_seconds
        self._resting_until = 0.0

    async def get(self, key: str) -> tuple[Any] | None:
        """The value in a tuple of one; None when there is none. Raises RedisTierError."""
        self._check_resting()
        try:
            async with asyncio.timeout(self._timeout):
                raw = await self._client.get(self._key(key))
        except UnicodeDecodeError:  # `decode_responses`, and bytes that are not ours
            return None
        except (RedisError, TimeoutError, OSError) as error:
            raise self._resting(error) from error
        if raw is None:
            return None
        if isinstance(raw, str):
            raw = raw.encode(errors="replace")
        if not isinstance(raw, bytes):
            raise RedisTierError(f"the client answers with a {type(raw).__name__} instead of bytes or text")
        if not raw.startswith(_VERSION):
            return None
        try:
            return (json.loads(raw[len(_VERSION) :]),)
        except ValueError:
            return None

    async def put(self, key: str, value: Any) -> None:
        """Store for the present TTL. Raises RedisTierError, also for a value that JSON cannot hold."""
        self._check_resting()
        try:
            raw = _VERSION + json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise RedisTierError(f"JSON cannot hold this value: {error}") from error
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.set(self._key(key), raw, px=max(1, round(self.ttl_seconds * 1000)))
        except (RedisError, TimeoutError, OSError) as error:
            raise self._resting(error) from error

    async def drop(self, key: str) -> None:
        """Forget one key. Raises RedisTierError."""
        self._check_resting()
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.delete(self._key(key))
        except (RedisError, TimeoutError, OSError) as error:
            raise self._resting(error) from error

    def _key(self, key: str) -> str:
        return f"{self._namespace}:{key}"

    def _check_resting(self) -> None:
        if time.monotonic() < self._resting_until:
            raise RedisTierError("Redis failed a moment ago and is left alone")

    def _resting(self, error: Exception) -> RedisTierError:
        self._resting_until = time.monotonic() + self._rest
        return RedisTierError(f"Redis does not answer: {type(error).__name__}")
