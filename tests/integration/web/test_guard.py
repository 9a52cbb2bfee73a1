"""What holds for every route, whatever it does: a token, limits, safe headers, problems."""

import ipaddress
import json
import logging
import socket
import threading
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response
from structlog.testing import capture_logs

from advisor.model.errors import ConfigurationError, ConflictError, SourceUnavailableError
from advisor.surfaces.web.access import Access, TrustedProxies
from advisor.surfaces.web.limits import limited
from advisor.surfaces.web.tokens import TokenFiles
from tests.fakes.web import SECOND, TOKEN, serving

OPEN = {"/-/healthy", "/-/ready", "/metrics"}


@pytest.fixture
def access(tmp_path: Path) -> Access:
    for name, token in (("ci", TOKEN), ("ada", SECOND)):
        (tmp_path / name).write_text(token)
        (tmp_path / name).chmod(0o600)
    return Access(tokens=TokenFiles([str(tmp_path / "ci"), str(tmp_path / "ada")]))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_every_route_but_health_and_metrics_refuses_without_a_token(access: Access) -> None:
    with serving(access=access) as api:
        described = api.get("/openapi.json", headers=bearer(TOKEN)).json()["paths"]
        asked = [(method.upper(), path) for path, methods in described.items() for method in methods]
        assert len(asked) > 10
        for method, path in [*asked, ("GET", "/"), ("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/no/such")]:
            for headers in ({}, bearer("wrong"), bearer(""), bearer(TOKEN + "x")):
                answer = api.ask(method, path.replace("{change_id}", "chg_1"), headers=headers)
                if path in OPEN:
                    assert answer.status_code == 200
                else:
                    assert answer.status_code == 401, (method, path)
                    assert answer.headers["Content-Type"] == "application/problem+json"
        assert api.get("/api/v1/changes", headers=bearer(TOKEN)).status_code == 200
        assert api.get("/api/v1/changes", headers=bearer(SECOND)).status_code == 200


def test_routes_of_others_are_guarded_or_open_as_they_are_handed_over(access: Access) -> None:
    def one(path: str) -> APIRouter:
        routes = APIRouter()

        @routes.post(path)
        def taken(request: Request) -> Response:
            return PlainTextResponse(getattr(request.state, "who", "nobody"))

        return routes

    with serving(access=access, guarded=[one("/api/v1/alerts")], open_routers=[one("/slack/interactions")]) as api:
        assert api.post("/api/v1/alerts").status_code == 401
        assert api.post("/api/v1/alerts", headers=bearer(TOKEN)).text == "token ci (http)"
        assert api.post("/slack/interactions").text == "nobody"
        assert api.post("/slack/interactions/").status_code == 401
        document = api.get("/openapi.json", headers=bearer(TOKEN)).json()["paths"]
        assert document["/slack/interactions"]["post"]["security"] == []
        assert document["/api/v1/alerts"]["post"]["security"] == [{"token": []}]


def test_every_answer_forbids_scripts_frames_and_guessing_and_says_no_server() -> None:
    with serving() as api:
        for path in ("/", "/docs", "/api/v1/changes", "/-/healthy", "/metrics", "/no/such", "/api/v1/report"):
            headers = api.get(path).headers
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert "Server" not in headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example", "Content-Type": "text/plain"},
    ],
)
def test_a_page_of_another_site_can_decide_nothing(headers: dict[str, str]) -> None:
    with serving() as api:
        assert api.post("/api/v1/pause", headers=headers).status_code == 403
        assert api.journal.paused() is None
        host = api.url.removeprefix("http://")
        for own in ({"Origin": api.url}, {"Sec-Fetch-Site": "same-origin"}, {"Host": host}):
            assert api.post("/api/v1/resume", headers=own).status_code == 202


def test_a_name_that_was_made_to_lead_here_reads_nothing() -> None:
    with serving() as api:
        for path in ("/", "/api/v1/changes", "/openapi.json"):
            assert api.get(path, headers={"Host": "evil.example"}).status_code == 403


def test_head_is_get_without_a_body_and_other_methods_are_refused_with_what_is_allowed() -> None:
    with serving() as api:
        for path in ("/", "/-/healthy", "/api/v1/changes"):
            head, get = api.ask("HEAD", path), api.get(path)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["Content-Length"] == get.headers["Content-Length"]
        for method, path, allowed in (
            ("DELETE", "/api/v1/changes", "GET"),
            ("GET", "/api/v1/pause", "POST"),
            ("POST", "/metrics", "GET"),
        ):
            answer = api.ask(method, path)
            assert answer.status_code == 405
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == {allowed}
            assert answer.json()["status"] == 405


def test_a_body_that_is_too_long_or_of_another_type_is_refused_by_its_head() -> None:
    with serving() as api:
        json_type = {"Content-Type": "application/json"}
        long = api.post("/api/v1/pause", data=b" " * (1024 * 1024 + 1), headers=json_type)
        assert (long.status_code, long.json()["detail"]) == (413, "the body is longer than 1048576 bytes")
        for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
            answer = api.post("/api/v1/pause", data=b"{}", headers=headers)
            assert (answer.status_code, answer.json()["fix"]) == (415, "send Content-Type: application/json")
        fits = json.dumps({"reason": "x"}).encode().ljust(1024 * 1024)
        assert api.post("/api/v1/pause", data=fits, headers=json_type).status_code == 202


def test_a_body_whose_length_nobody_has_said_is_cut_off_at_the_limit() -> None:
    with serving() as api:
        chunks = (b" " * 65_536 for _ in range(17))  # 17 x 64 KiB = 1.0625 MiB
        answer = api.post("/api/v1/pause", data=chunks, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413


def test_who_is_still_sending_gets_the_answer_all_the_same() -> None:
    """More than any buffer on the way takes, so that it is read and dropped."""
    with serving() as api:
        for path, status in (("/api/v1/pause", 413), ("/no/such", 404), ("/metrics", 405)):
            answer = api.post(path, data=b"x" * (17 << 20), headers={"Content-Type": "application/json"})
            assert answer.status_code == status
        refused = api.post("/api/v1/pause", data=b"x" * (17 << 20), headers={"Host": "evil.example"})
        assert refused.status_code == 403


def test_a_body_that_waits_to_be_asked_for_is_not_asked_for_where_it_is_refused() -> None:
    with serving() as api:
        host, _, port = api.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as polite:
            head = "POST /no/such HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
            polite.sendall(head.encode())
            assert polite.makefile("rb").read().startswith(b"HTTP/1.1 404 ")


def test_limits_are_a_property_of_the_route() -> None:
    async def echo(request: Request) -> Response:
        return PlainTextResponse(await request.body())

    small = APIRouter(route_class=limited(body_bytes=10, media_type="text/plain"))
    small.add_api_route("/small", echo, methods=["POST"])
    brief = APIRouter(route_class=limited(body_seconds=0.2, media_type="text/plain"))
    brief.add_api_route("/brief", echo, methods=["POST"])
    with serving(guarded=[small, brief]) as api:
        text = {"Content-Type": "text/plain; charset=utf-8"}
        assert api.post("/small", data=b"1234567890", headers=text).text == "1234567890"
        assert api.post("/small", data=b"12345678901", headers=text).status_code == 413
        assert api.post("/small", data=b"{}", headers={"Content-Type": "application/json"}).status_code == 415
        host, _, port = api.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as slow:
            head = f"POST /brief HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nabc"
            slow.sendall(head.encode())
            told = slow.makefile("rb").read()  # until it hangs up
        assert told.startswith(b"HTTP/1.1 408 ")
        assert b"did not arrive within 0.2 s" in told


def test_what_crashes_is_told_without_its_traceback_and_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    routes = APIRouter()

    @routes.get("/crash")
    def crash() -> Response:
        raise RuntimeError("canary-0123456789")

    with serving(guarded=[routes]) as api, caplog.at_level(logging.ERROR):
        answer = api.get("/crash")
        assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
        assert "canary" not in answer.text
        assert "Traceback" not in answer.text
        assert "nosniff" in answer.headers["X-Content-Type-Options"]
        assert api.get("/-/healthy").status_code == 200
    assert sum("canary-0123456789" in (record.exc_text or str(record.exc_info)) for record in caplog.records) == 1


def test_a_journal_that_fails_is_told_with_503_and_when_to_come_again() -> None:
    with serving() as api:
        api.journal.down = True
        for method, path in (("GET", "/api/v1/changes"), ("GET", "/api/v1/changes/chg_1"), ("POST", "/api/v1/pause")):
            answer = api.ask(method, path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert answer.json()["detail"] == "connection refused"
        assert api.get("/-/healthy").status_code == 200


def test_no_part_of_a_request_comes_back_in_an_error() -> None:
    secret = "canary-0123456789"
    with serving() as api:
        answers = [
            api.post("/api/v1/pause", json={"reason": {"a": secret}, secret: 1}),
            api.post("/api/v1/pause", json={"freeze": secret}),
            api.get(f"/api/v1/changes?limit={secret}&cursor={secret}"),
            api.post("/api/v1/pause", data=secret, headers={"Content-Type": "application/json"}),
            api.get("/api/v1/changes", headers={"Authorization": f"Bearer {secret}", "Host": "evil.example"}),
        ]
        for answer in answers:
            assert answer.status_code >= 400
            assert secret not in answer.text


def test_of_many_faults_of_a_body_some_are_told() -> None:
    with serving() as api:
        answer = api.post("/api/v1/pause", json={f"key-{number}": number for number in range(50_000)})
        assert answer.status_code == 422
        assert answer.json()["faults"] == [{"where": "body", "what": "Extra inputs are not permitted"}]
        assert len(answer.text) < 1_000


def test_who_is_refused_stands_in_the_log_once_a_minute(access: Access) -> None:
    """A sender of alerts whose token is wrong does not come again, and nobody would know."""
    with serving(access=access) as api, capture_logs() as logs:
        for _ in range(5):
            api.post("/api/v1/alerts\n", headers=bearer("wrong-wrong-wrong"))
    (told,) = [one for one in logs if one["event"] == "request_refused"]
    assert (told["status"], told["path"], told["reason"]) == (401, "/api/v1/alerts\\n", "the token is not valid")
    assert "wrong-wrong" not in str(told)


def test_where_a_proxy_alone_says_who_asks_nobody_is_told_of_tokens() -> None:
    proxies = TrustedProxies(header="X-Forwarded-User", networks=[ipaddress.ip_network("127.0.0.2")])
    with serving(access=Access(proxies=proxies)) as api:
        refused = api.get("/api/v1/changes")
        assert (refused.status_code, refused.json()["fix"]) == (401, "come through one of web.trusted_proxies")
        through = {"headers": {"X-Forwarded-User": "ada"}, "source": "127.0.0.2"}
        document = api.get("/openapi.json", **through).json()
        assert document["paths"]["/api/v1/changes"]["get"]["security"] == [{"user": []}]
        assert document["components"]["securitySchemes"]["user"]["name"] == "X-Forwarded-User"
        assert "a user" in api.get("/docs", **through).text


def test_many_who_ask_at_once_are_all_answered() -> None:
    statuses: list[int] = []
    with serving() as api:
        threads = [
            threading.Thread(target=lambda: statuses.append(api.get("/api/v1/changes").status_code)) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 20


def test_no_secret_of_an_error_is_shown_to_who_asks() -> None:
    """What a part of the advisor raises may hold an address with its password, or a header."""
    canary = "canary-0123456789"
    errors = [
        SourceUnavailableError(f"postgresql://me:{canary}@db/shop refused", where="postgres"),
        ConfigurationError(f"Authorization: Bearer {canary}", where="prometheus", fix=f"password={canary}"),
        ConflictError(f"token: {canary}", where="journal"),
        RuntimeError(f"postgresql://me:{canary}@db/shop"),
    ]
    routes = APIRouter()

    @routes.get("/fail/{number}")
    def fail(number: int) -> Response:
        raise errors[number]

    with serving(guarded=[routes]) as api:
        answers = [api.get(f"/fail/{number}") for number in range(len(errors))]
    assert [answer.status_code for answer in answers] == [503, 500, 409, 500]
    assert all(canary not in answer.text for answer in answers)
    assert all(answer.headers["Content-Type"] == "application/problem+json" for answer in answers)


def test_a_proxy_is_known_by_the_address_that_it_comes_from_and_by_nothing_that_is_said() -> None:
    proxies = TrustedProxies(header="X-Forwarded-User", networks=[ipaddress.ip_network("127.0.0.2")])
    with serving(access=Access(proxies=proxies)) as api:
        told = {"X-Forwarded-User": "ada"}
        through = api.post("/api/v1/pause", headers=told, source="127.0.0.2")
        assert through.json()["reason"] == "no reason given, by ada (http)"
        for lie in ({}, {"X-Forwarded-For": "127.0.0.2"}, {"Forwarded": "for=127.0.0.2"}, {"X-Real-IP": "127.0.0.2"}):
            assert api.post("/api/v1/resume", headers={**told, **lie}, source="127.0.0.1").status_code == 401
        assert api.post("/api/v1/resume", source="127.0.0.2").status_code == 401  # a proxy that names nobody
        assert api.journal.paused() is not None
