"""A program that listens on a free port of loopback."""

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from advisor.servers.errors import ServerUnavailableError
from advisor.servers.process import ChildProcess, Program

_ATTEMPTS = 3
_TRIES = 20
_RANGE = 12_000
_LOWEST, _HIGHEST = 20_000, 32_768
"""Linux gives connections 32768 and more."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A program that answers on `port` of 127.0.0.1."""

    process: ChildProcess
    port: int


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now.

    One that the system gives to no connection, where it says which those are: else any program's next connection may
    take it before whoever is to listen on it does.
    """
    first = min(_first_of_connections(), _HIGHEST)
    for _ in range(_TRIES):
        port = first - 1 - secrets.randbelow(_RANGE)
        if not _is_taken(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first_of_connections() -> int:
    try:
        return max(_LOWEST, int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return _HIGHEST


@contextmanager
def listening(
    program_on: Callable[[int], Program],
    answers_on: Callable[[int], bool],
    choose_port: Callable[[], int] = free_port,
    timeout_seconds: float = 30.0,
) -> Iterator[Listening]:
    """Start `program_on(port)`, wait until `answers_on(port)` for at most `timeout_seconds`, stop it on leaving.

    Somebody else may take a free port before the program does; then another port is tried, three in all.
    Raises ServerUnavailableError.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        port = choose_port()
        with ChildProcess(program_on(port)) as process:
            try:
                process.wait_until(partial(answers_on, port), timeout_seconds)
            except ServerUnavailableError:
                if attempt == _ATTEMPTS or not _is_taken(port):
                    raise
            else:
                yield Listening(process, port)
                return


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
