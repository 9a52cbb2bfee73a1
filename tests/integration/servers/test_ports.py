"""A port may be taken between its choice and the server's start."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from advisor.servers import postgres, prometheus, valkey
from advisor.servers.errors import ServerUnavailableError
from advisor.servers.listening import free_port


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        yield int(somebody.getsockname()[1])


def first_taken_then_free(taken: int) -> tuple[Callable[[], int], int]:
    free = free_port()
    return iter((taken, free)).__next__, free


def test_postgres_takes_another_port_when_its_own_is_taken(taken_port: int) -> None:
    choose, free = first_taken_then_free(taken_port)
    with postgres.start(choose_port=choose) as server:
        assert server.port == free


def test_valkey_takes_another_port_when_its_own_is_taken(taken_port: int) -> None:
    choose, free = first_taken_then_free(taken_port)
    with valkey.start(choose_port=choose) as server:
        assert server.port == free


def test_prometheus_takes_another_port_when_its_own_is_taken(taken_port: int) -> None:
    choose, free = first_taken_then_free(taken_port)
    with prometheus.start({}, choose_port=choose) as server:
        assert server.port == free


def test_after_three_taken_ports_the_error_shows_what_the_server_said(taken_port: int) -> None:
    with (
        pytest.raises(ServerUnavailableError, match=r"(?s)valkey ended with code 1; .*in use"),
        valkey.start(choose_port=lambda: taken_port),
    ):
        pass


def test_a_fault_of_another_kind_is_told_at_once_and_not_retried() -> None:
    chosen = []

    def choose() -> int:
        chosen.append(free_port())
        return chosen[-1]

    with (
        pytest.raises(ServerUnavailableError, match=r"postgres ended with code 1; (?s:.*)max_connections"),
        postgres.start(settings={"max_connections": "many"}, choose_port=choose),
    ):
        pass
    assert len(chosen) == 1


def test_a_free_port_is_none_that_a_connection_may_be_given() -> None:
    begin = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    found = [free_port() for _ in range(50)]
    assert len(set(found)) > 40  # of 12,000: all alike would be one that is always the same
    assert max(found) < max(begin, 20_000)
