"""The daemon's HTTP endpoints over real sockets: health, readiness and metrics, for this machine only."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from advisor.model.errors import ConfigurationError
from advisor.servers.listening import free_port
from advisor.surfaces.web.server import Health, WebServer


@contextmanager
def endpoints(
    healthy: Callable[[], str] = str, ready: Callable[[], str] = str, text: bytes = b"m 1\n"
) -> Iterator[str]:
    """The address of endpoints with these answers."""
    server = WebServer(
        "127.0.0.1:0", Health(healthy=healthy, ready=ready, role=lambda: "leads (term 1)", metrics=lambda: text)
    )
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


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
        assert get(f"{url}/api/v1/report")[0] == 404
        assert get(f"{url}/-/healthy/..%2f..%2fetc/passwd")[0] == 404
        for path in ("/-/healthy", "/-/ready", "/metrics"):
            assert requests.post(url + path, data=b"x", timeout=5).status_code == 405


def test_a_request_that_never_ends_does_not_hold_up_the_others_nor_the_stop() -> None:
    with endpoints() as url:
        host, _, port = url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5) as slow:
            slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
            assert get(f"{url}/-/healthy")[0] == 200


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:9595", "8.8.8.8:80"])
def test_an_address_that_others_could_reach_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no token guards it; listen on 127\.0\.0\.1"):
        WebServer(address, Health(healthy=str, ready=str, role=str, metrics=bytes))


@pytest.mark.parametrize(
    "address", ["9595", "127.0.0.1", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:70000", "host:1", ""]
)
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r'web\.listen_address.*write it as "127\.0\.0\.1:9595"'):
        WebServer(address, Health(healthy=str, ready=str, role=str, metrics=bytes))


def test_a_port_that_is_taken_is_told_at_once() -> None:
    with endpoints() as url, pytest.raises(ConfigurationError, match=r"cannot listen on .*in use.*choose another port"):
        WebServer(url.removeprefix("http://"), Health(healthy=str, ready=str, role=str, metrics=bytes))


def test_the_port_is_free_again_after_the_stop() -> None:
    port = free_port()
    for _ in range(2):
        server = WebServer(f"localhost:{port}", Health(healthy=str, ready=str, role=str, metrics=bytes))
        server.start()
        assert get(f"http://127.0.0.1:{port}/-/healthy")[0] == 200
        server.stop()
