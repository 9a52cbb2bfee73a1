"""One Redis-compatible server as a source. INFO and the newest entry of SLOWLOG only: never MONITOR, never KEYS."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import redis

from advisor.clients.redis import CHECK_ADDRESS, CHECK_LOGIN, open_client, was_cut_off
from advisor.model.database.workload import RedisState
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.clock import Clock
from advisor.resilience.retries import ONCE_MORE, tried
from advisor.settings.redis import RedisSettings
from advisor.sources.redis.answers import (
    read_info,
    read_slow_log,
    refuse_what_holds_no_data,
    remedy_of,
    said,
    version_of,
)
from advisor.sources.redis.numbers import number
from advisor.sources.redis.slow_log import SlowLog

_SECTIONS = ("server", "clients", "memory", "stats")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Totals:
    """Counters at one moment. slow_log: as it was seen last, None where it was never seen."""

    at: datetime
    hits: int
    misses: int
    evicted: int
    expired: int
    commands: int
    slow_log: SlowLog | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """What INFO said; a number that is none is named in `odd`."""

    facts: dict[str, Any]
    odd: list[str]

    def whole(self, field: str) -> int:
        return int(number(self.facts, field, self.odd))


class RedisSource:
    """Rates are differences between its own looks; the first look has the server's lifetime."""

    def __init__(self, settings: RedisSettings, clock: Clock) -> None:
        """Raises ConfigurationError when the address cannot be read."""
        self._client = client_of(settings)
        self._settings = settings
        self._clock = clock
        self._looks: deque[_Totals] = deque(maxlen=2)

    @property
    def name(self) -> str:
        return f"redis:{self._settings.name}"

    def read(self, window_seconds: float) -> Observation:
        """The server now. DEGRADED, with the command named, when the user may not run one of them."""
        return self._read(self._looks[-1] if self._looks else None, is_kept=True)

    def glance(self, window_seconds: float) -> Observation:
        """As `read`, over the time since the look before the last: that since the last may be a moment."""
        return self._read(self._looks[0] if self._looks else None, is_kept=False)

    def _read(self, former: _Totals | None, *, is_kept: bool) -> Observation:
        skipped: list[str] = []
        now = self._clock.now()
        facts: dict[str, Any] = {}
        with translated(self.name, self._settings):
            for section in _SECTIONS:
                facts |= self._section(section, skipped)
            if not facts:
                facts = self._info(None)  # a server that knows no sections, or none of INFO: then this raises
                skipped.clear()
            refuse_what_holds_no_data(facts, self._client, self.name)
            commands = self._section("commandstats", skipped)
            slow: SlowLog | None = self._optional("SLOWLOG", lambda: read_slow_log(self._client, self.name), skipped)
        numbers = _Numbers(facts=facts, odd=skipped)
        totals = _totals(now, numbers, slow, former)
        if is_kept:
            self._looks.append(totals)
        look = self._look(totals, former, numbers, commands, _slow_commands(slow, former))
        status = SourceStatus.DEGRADED if skipped else SourceStatus.OK
        return Observation(caches={look.name: look}, status=status, detail="; ".join(skipped))

    def close(self) -> None:
        self._client.close()

    def _section(self, section: str, skipped: list[str]) -> dict[str, Any]:
        found = self._optional(f"INFO {section}", lambda: self._info(section), skipped)
        return found if isinstance(found, dict) else {}

    def _info(self, section: str | None) -> dict[str, Any]:
        return tried(lambda: read_info(self._client, section, self.name), ONCE_MORE, on=was_cut_off)

    def _optional(self, command: str, ask: Callable[[], Any], skipped: list[str]) -> Any:
        try:
            return ask()
        except redis.exceptions.NoPermissionError:
            skipped.append(f"{command} is not allowed: {grant(self._settings)}")
        except redis.exceptions.ResponseError as error:
            skipped.append(f"{command} is refused; {said(error)}")
        except BadDataError as error:
            skipped.append(error.what)
        return None

    def _look(
        self, totals: _Totals, former: _Totals | None, facts: _Numbers, commands: dict[str, Any], slow: int
    ) -> RedisState:
        now = totals.at
        if former is None or totals.commands < former.commands:  # the first look, or the server was restarted
            seconds = max(1.0, float(facts.whole("uptime_in_seconds")))
            former = _Totals(at=now, hits=0, misses=0, evicted=0, expired=0, commands=0)
        else:
            seconds = max(1e-3, (totals.at - former.at).total_seconds())
        hits, misses = max(0, totals.hits - former.hits), max(0, totals.misses - former.misses)
        return RedisState(
            name=self._settings.name,
            taken_at=now,
            window_seconds=seconds,
            version=version_of(facts.facts),
            used_memory_bytes=facts.whole("used_memory"),
            max_memory_bytes=facts.whole("maxmemory"),
            eviction_policy=str(facts.facts.get("maxmemory_policy", "unknown")),
            hit_ratio=hits / (hits + misses) if hits + misses else None,
            evicted_per_second=max(0, totals.evicted - former.evicted) / seconds,
            expired_per_second=max(0, totals.expired - former.expired) / seconds,
            commands_per_second=max(0, totals.commands - former.commands) / seconds,
            connected_clients=facts.whole("connected_clients"),
            slow_commands=slow,
            command_mean_seconds={
                name.removeprefix("cmdstat_"): number(row, "usec_per_call", []) / 1e6
                for name, row in commands.items()
                if isinstance(row, dict) and "usec_per_call" in row
            },
        )


def _totals(now: datetime, facts: _Numbers, slow: SlowLog | None, former: _Totals | None) -> _Totals:
    """A log that was emptied meanwhile does not hide the newest id that was ever seen."""
    known = former.slow_log if former is not None else None
    return _Totals(
        at=now,
        hits=facts.whole("keyspace_hits"),
        misses=facts.whole("keyspace_misses"),
        evicted=facts.whole("evicted_keys"),
        expired=facts.whole("expired_keys"),
        commands=facts.whole("total_commands_processed"),
        slow_log=slow if slow is not None and (slow.newest is not None or known is None) else known,
    )


def _slow_commands(slow: SlowLog | None, former: _Totals | None) -> int:
    return slow.since(former.slow_log if former is not None else None) if slow is not None else 0


def client_of(settings: RedisSettings) -> redis.Redis:
    """A client for `settings`, whose url is given. Raises ConfigurationError for a bad address."""
    if settings.url is None:
        raise ValueError("a client of Redis needs a url")
    # A slow command may carry bytes that are no text.
    return open_client(settings.url, settings.timeout_seconds, name="advisor", on_bad_text="replace")


@contextmanager
def translated(where: str, settings: RedisSettings) -> Iterator[None]:
    """The client's errors as ours, without the password."""
    try:
        yield
    except redis.exceptions.AuthenticationError as error:
        raise BadDataError("user or password is refused", where=where, fix=CHECK_LOGIN) from error
    except redis.exceptions.NoPermissionError as error:
        raise BadDataError("INFO is not allowed", where=where, fix=grant(settings)) from error
    except redis.exceptions.BusyLoadingError as error:
        raise SourceUnavailableError(said(error), where=where, fix="try again when it is ready") from error
    except redis.exceptions.ResponseError as error:
        raise BadDataError(f"INFO is refused; {said(error)}", where=where, fix=remedy_of(error)) from error
    except redis.RedisError as error:
        what = f"no answer: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise SourceUnavailableError(what, where=where, fix=CHECK_ADDRESS) from error


def grant(settings: RedisSettings) -> str:
    """The command that lets the user of `settings` run what the source needs."""
    url = settings.url.get_secret_value() if settings.url else ""
    parts = urlsplit(url)
    other_database = parts.path.strip("/") not in ("", "0") or "db=" in parts.query
    select = " +select" if other_database else ""
    return f"ACL SETUSER {parts.username or 'default'} +info +slowlog|get +slowlog|len{select}"
