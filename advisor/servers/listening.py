"""A program that listens on a free port of loopback."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from advisor.servers.errors import ServerUnavailableError
from advisor.servers.process import ChildProcess, Program

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Listening:
    """A program that answers on `port` of 127.0.0.1."""

    process: ChildProcess
    port: int


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
