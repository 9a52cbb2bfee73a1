"""The daemon's HTTP endpoints over real sockets: health, readiness and metrics."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests
from starlette.applications import Starlette

from advisor.model.errors import ConfigurationError
from advisor.servers.listening import free_port
from advisor.surfaces.web.server import BoundedProtocol, WebServer
from tests.fakes.web import serving


@contextmanager
def endpoints(
    healthy: Callable[[], str] = str, ready: Callable[[], str] = str, text: bytes = b"m 1\n"
) -> Iterator[str]:
    """The address of endpoints with these answers."""
    with serving(healthy=healthy, ready=ready, metrics=lambda: text) as api:
        yield api.url


def get(url: str) -> tuple[int, str]:
    response = requests.get(url, timeout=5)
    return response.status_code, response.text


def test_all_is_well() -> None:
    with endpoints() as url:
        assert get(f"{url}/-/healthy") == (200, "healthy\n")
        assert get(f"{url}/-/ready") == (200, "ready: leads (term 1)\n")


def test_what_is_wrong_is_told_with_a_503_and_a_daemon_that_waits_is_still_healthy() -> None:
    with endpoints(ready=lambda: "no cycle has ended yet") as url:
        assert get(f"{url}/-/ready") == (503, "no cycle has ended yet\n")
        assert get(f"{url}/-/healthy") == (200, "healthy\n")
    with endpoints(healthy=lambda: "no cycle has ended for 600 s") as url:
        assert get(f"{url}/-/healthy") == (503, "no cycle has ended for 600 s\n")


def test_the_answer_is_asked_for_anew_each_time() -> None:
    problems = iter(["", "broken", ""])
    with endpoints(healthy=lambda: next(problems)) as url:
        assert [get(f"{url}/-/healthy")[0] for _ in range(3)] == [200, 503, 200]


def test_metrics_come_in_the_text_format() -> None:
    with endpoints(text=b"advisor_paused 0.0\n") as url:
        response = requests.get(f"{url}/metrics", timeout=5)
    assert response.text == "advisor_paused 0.0\n"
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_nothing_else_is_there_and_nothing_can_be_sent() -> None:
    with endpoints() as url:
        assert get(f"{url}/-/healthy/..%2f..%2fetc/passwd")[0] == 404
        for path in ("/-/healthy", "/-/ready", "/metrics"):
            assert requests.post(url + path, data=b"x", timeout=5).status_code == 405


class Impatient(BoundedProtocol):
    head_seconds = 0.2


class Few(BoundedProtocol):
    most_connections = 3


@pytest.mark.parametrize("begun", [b"", b"GET /metrics HTTP/1.1\r\nHost: x\r\n"])
def test_who_does_not_end_the_head_of_a_request_is_hung_up_on(begun: bytes) -> None:
    with serving(protocol=Impatient) as api, connection_to(api.url) as slow:
        slow.sendall(begun)
        assert get(f"{api.url}/-/healthy")[0] == 200
        assert slow.recv(100) == b""


def test_connections_that_are_too_many_are_closed_and_the_others_go_on() -> None:
    with serving(protocol=Few) as api, ExitStack() as opened:
        first, *_, last = [opened.enter_context(connection_to(api.url)) for _ in range(4)]
        assert last.recv(1) == b""
        first.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
        assert first.recv(15) == b"HTTP/1.1 200 OK"


def connection_to(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def test_a_whole_network_can_be_listened_to() -> None:
    """Whether it may is what the settings say: tests/unit/settings."""
    for address, shown in (("0.0.0.0:0", "http://0.0.0.0:"), ("[::1]:0", "http://[::1]:")):
        web = WebServer(address, Starlette())
        assert web.address.startswith(shown)
        web.start()
        web.stop()


@pytest.mark.parametrize(
    "address", ["9595", "127.0.0.1", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:70000", "host:1", ""]
)
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r'web\.listen_address.*write it as "127\.0\.0\.1:9595"'):
        WebServer(address, Starlette())


def test_a_port_that_is_taken_is_told_at_once() -> None:
    with endpoints() as url, pytest.raises(ConfigurationError, match=r"cannot listen on .*in use.*choose another port"):
        WebServer(url.removeprefix("http://"), Starlette())


def test_the_port_is_free_again_after_the_stop() -> None:
    port = free_port()
    for _ in range(2):
        web = WebServer(f"localhost:{port}", Starlette())
        web.start()
        assert get(f"http://127.0.0.1:{port}/")[0] == 404
        web.stop()
