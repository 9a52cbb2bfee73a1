"""The webhook as its senders meet it: codes, and what is refused before it is read."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi import FastAPI

from advisor.surfaces.alerts.inbox import Inbox
from advisor.surfaces.alerts.route import MOST_BYTES, PATH, router
from advisor.surfaces.web.handlers import tell_problems
from tests.fakes.alerts import ACounter, a_body, an_alert, an_inbox, raw


class Hook:
    """The webhook, and what it counts."""

    def __init__(self, inbox: Inbox | None = None) -> None:
        self.counter = ACounter()
        self.served = FastAPI()
        self.served.include_router(router(inbox or an_inbox(), self.counter))
        tell_problems(self.served)

    def post(self, *pieces: bytes, kind: str = "application/json", method: str = "POST", length: str = "") -> Any:
        """The status, the headers, and the body as JSON."""
        return asyncio.run(_ask(self.served, method, pieces, kind, length))


async def _ask(
    served: FastAPI, method: str, pieces: Sequence[bytes], kind: str, length: str, last: asyncio.Event | None = None
) -> Any:
    """last: what the last piece waits for."""
    left = list(pieces)
    sent: list[dict[str, Any]] = []
    headers = [(b"content-type", kind.encode())] + ([(b"content-length", length.encode())] if length else [])

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        if len(left) == 1 and last is not None:
            await last.wait()
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": PATH,
        "raw_path": PATH.encode(),
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "headers": headers,
        "client": ("192.0.2.7", 40000),
        "server": ("127.0.0.1", 9595),
    }
    await served(scope, receive, send)
    status, given = sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return status, given, json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


def test_what_is_taken_is_answered_202_with_what_became_of_it() -> None:
    status, _, receipt = Hook().post(raw("a20"), kind="application/json; charset=utf-8")
    assert status == 202
    assert (receipt["schema"], receipt["queued"]) == ("advisor/alert-receipt/v1", 2)
    assert [one["index"] for one in receipt["refused"]] == [1]


@pytest.mark.parametrize(
    ("name", "said"), [("a19", "version '5' is not understood"), ("a21", "alerts: a list is expected")]
)
def test_what_cannot_be_understood_is_400_and_counted(name: str, said: str) -> None:
    hook = Hook()
    status, _, problem = hook.post(raw(name))
    assert status == 400
    assert said in problem["detail"]
    assert hook.counter.outcomes["unknown", "http_400"] == 1


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded", "application/jsonx"])
def test_another_type_is_415(kind: str) -> None:
    assert Hook().post(raw("a01"), kind=kind)[0] == 415


def test_another_method_is_405_and_told_which_is_allowed() -> None:
    status, headers, _ = Hook().post(raw("a01"), method="PUT")
    assert (status, headers["allow"]) == (405, "POST")


def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    """Nothing is there to be read: had it been, the sender would have hung up."""
    status, _, problem = Hook().post(length=str(MOST_BYTES + 1))
    assert status == 413
    assert "max_alerts" in problem["fix"]


def test_a_body_that_grows_too_long_is_cut_off() -> None:
    piece = b" " * (MOST_BYTES // 4)
    assert Hook().post(*[piece] * 6)[0] == 413


def test_a_sender_that_hangs_up_leaves_no_traceback() -> None:
    assert Hook().post()[0] == 400


def test_a_group_of_ten_thousand_alerts_is_taken() -> None:
    """4 MB here; 5 to 10 MB with the labels of real ones."""
    body = a_body(*(an_alert({"pod": f"shop-{number}", "filler": "x" * 150}) for number in range(10_000)))
    assert 3_000_000 < len(body) < MOST_BYTES
    status, _, receipt = Hook().post(body)
    assert (status, receipt["queued"]) == (202, 10_000)


def test_a_full_inbox_is_503_for_alertmanager_and_202_for_grafana() -> None:
    hook = Hook(an_inbox(size=1))
    assert hook.post(a_body(an_alert({"app": "one"})))[0] == 202
    assert hook.post(a_body(an_alert({"app": "two"})))[0] == 503
    assert hook.post(a_body(an_alert({"app": "two"}), version="1", orgId=1))[0] == 202


def test_alertmanager_is_told_when_to_come_again() -> None:
    hook = Hook(an_inbox(size=1))
    hook.post(a_body(an_alert({"app": "one"})))
    status, headers, _ = hook.post(a_body(an_alert({"app": "two"})))
    assert (status, headers["retry-after"]) == (503, "5")


def test_bodies_that_come_all_at_once_are_held_up_to_a_bound_and_the_rest_comes_again() -> None:
    """Each of six sends 15 MiB and stays: four fit into 64 MiB. Once they are gone another one does."""
    hook, piece = Hook(), b" " * (15 * 1024 * 1024)

    async def all_at_once() -> list[int]:
        gone = asyncio.Event()

        async def one() -> int:
            status, _, _ = await _ask(hook.served, "POST", [piece, b""], "application/json", "", gone)
            return int(status)

        senders = [asyncio.create_task(one()) for _ in range(6)]
        while sum(sender.done() for sender in senders) < 2:
            await asyncio.sleep(0.01)
        gone.set()
        return sorted(await asyncio.gather(*senders))

    assert asyncio.run(asyncio.wait_for(all_at_once(), 60)) == [400, 400, 400, 400, 503, 503]
    assert hook.counter.outcomes["unknown", "http_503"] == 2
    assert hook.post(a_body(an_alert()))[0] == 202
