"""Every secret that there is in one configuration, every surface on: whatever fails, none of them is seen again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from advisor.journal.repository import open_journal
from advisor.servers.listening import free_port
from advisor.testing.words import a_change
from tests.fakes.alerts import a_body, an_alert
from tests.fakes.canaries import Canaries
from tests.fakes.command import advisor_within
from tests.fakes.slack_api import SlackApi
from tests.fakes.slack_http import Call, Reply, served
from tests.fakes.slack_socket import SocketSlack

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class World:
    """The doubles, and what they were told. hooked: bodies of notices; the address they came to is a secret."""

    canaries: Canaries
    slack: SlackApi
    settings: dict[str, object]
    hooked: list[bytes]

    @property
    def file(self) -> Path:
        path = self.canaries.folder / "advisor.json"
        path.write_text(json.dumps(self.settings))
        return path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    canaries, hooked = Canaries(tmp_path), list[bytes]()

    def prometheus(call: Call) -> Reply:
        """Out of order, and says back what it was sent."""
        return Reply(status=500, body={"status": "error", "error": f"no tenant for Bearer {call.token}"})

    def hooks(call: Call) -> Reply:
        hooked.append(call.body)
        return Reply(status=500, body=b"<html>")

    with (
        served(prometheus) as one,
        served(hooks) as other,
        SlackApi().running() as slack,
        SocketSlack().running() as far,
    ):
        slack.paced, slack.socket_url = False, far.url
        settings = canaries.settings(port=free_port(), prometheus=one, hooks=other, slack=slack.address, closed=1)
        yield World(canaries=canaries, slack=slack, settings=settings, hooked=hooked)


@contextmanager
def daemon(world: World, log: Path) -> Iterator[str]:
    """Its address, once it has walked a cycle; killed where it does not end by itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    arguments = ["run", "--config", str(world.file), "--log-level", "debug", "--log-format", "json"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "advisor.cli.main", *arguments],
            cwd=world.canaries.folder,
            env={**clean, "PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=out,
        )
        web = world.settings["web"]
        assert isinstance(web, dict)
        address = f"http://{web['listen_address']}"
        try:
            wait_until(lambda: "advisor_cycles_total{" in page(f"{address}/metrics"), log)
            yield address
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait(timeout=20)


def page(url: str) -> str:
    try:
        return requests.get(url, timeout=10).text
    except requests.ConnectionError:
        return ""


def wait_until(is_so: Callable[[], bool], log: Path) -> None:
    give_up_at = time.monotonic() + 150
    while not is_so():
        assert time.monotonic() < give_up_at, log.read_text()[-4000:]
        time.sleep(0.1)


def whole(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.headers} {answer.text}"


@pytest.mark.timeout(400)
def test_a_daemon_with_every_surface_on_and_every_source_failing_shows_no_secret(world: World, tmp_path: Path) -> None:
    log, canaries = tmp_path / "advisor.log", world.canaries
    shown: dict[str, str | bytes] = {}
    with daemon(world, log) as address:
        with closing(open_journal(f"sqlite:///{tmp_path}/journal.db")) as journal:
            term = journal.term()
            assert term is not None
            waiting = replace(a_change(), version=0, epoch=term.epoch)
            journal.pause("a test", waiting.created_at, freeze=True)
            journal.add(replace(waiting, expires_at=waiting.expires_at.replace(year=2126)))
        token = {"Authorization": f"Bearer {canaries.secret('web token')}"}
        change = f"/api/v1/changes/{a_change().id}"
        for path in ("/", "/docs", "/openapi.json", "/api/v1/report", "/api/v1/rules", "/api/v1/changes", change):
            shown[f"GET {path}"] = whole(requests.get(address + path, headers=token, timeout=60))
        for path in ("/-/ready", "/metrics", "/api/v1/changes"):
            wrong = {"Authorization": f"Basic {canaries.secret('web token')}"}
            shown[f"refused {path}"] = whole(requests.get(address + path, headers=wrong, timeout=30))
        posts: dict[str, bytes] = {
            "/api/v1/alerts": a_body(an_alert()),
            "/api/v1/alerts?": b"{",
            "/api/v1/pause": json.dumps({canaries.secret("web token"): 1}).encode(),
            f"{change}/approve": b'{"plan": "0123456789abcdef"}',
            f"{change}/rollback": b"{}",
            "/slack/interactions": b"payload=%7B%7D",
        }
        for path, body in posts.items():
            headers = {**token, "Content-Type": "application/json"}
            shown[f"POST {path}"] = whole(requests.post(address + path, body, headers=headers, timeout=30))
        canaries.file("second web token", f"{canaries.secret('second web token')} twice")
        shown["rotated"] = whole(requests.get(f"{address}/api/v1/rules", timeout=30))
        world.slack.wait_for(lambda one: bool(one.calls_of("chat.postMessage")), 150)
        wait_until(lambda: len(world.hooked) >= 2 and "alert_answered" in log.read_text(), log)
        world.slack.fail("invalid_auth")
        requests.post(f"{address}{change}/reject", headers=token, timeout=30)
        wait_until(lambda: any(word in log.read_text() for word in ("slack_", "invalid_auth")), log)
        shown["metrics"] = requests.get(f"{address}/metrics", timeout=30).text
    sent = [dict(call.arguments) | {"token": ""} for call in world.slack.calls]
    shown |= {"slack": json.dumps(sent), "notices": b"\n".join(world.hooked), "log": log.read_text()}
    shown |= {path.name: path.read_bytes() for path in tmp_path.glob("journal.db*")}
    canaries.are_hidden(shown)
    assert '"web_without_token"' not in shown["log"]  # type: ignore[operator]


@pytest.mark.timeout(400)
def test_no_command_shows_a_secret_of_its_configuration(world: World, tmp_path: Path) -> None:
    canaries, shown = world.canaries, dict[str, str | bytes]()
    with closing(open_journal(f"sqlite:///{tmp_path}/journal.db")) as journal:
        journal.add(replace(a_change(), version=0, epoch=journal.take("test")))
    commands = ["check", "report -o json", "report -o html", "changes", f"changes show {a_change().id} -o json"]
    for command in commands:
        ended = advisor_within(tmp_path, *command.split(), "--config", str(world.file))
        shown[command] = ended.stdout + ended.stderr
    for name, change in {
        "a key that is not known": {"redis": {"ulr": f"redis://:{canaries.secret('redis password')}@127.0.0.1:1"}},
        "no address": {"postgres": {"dsn": f"postgresql//advisor:{canaries.secret('postgres password')}@db"}},
        "no redis": {"redis": {"url": f"http://:{canaries.secret('redis password')}@127.0.0.1:1"}},
        "a journal out of reach": {
            "journal": {"url": f"postgresql://advisor:{canaries.secret('journal password')}@127.0.0.1:1/journal"}
        },
        "two ways to log in": {
            "prometheus": {
                "url": "http://127.0.0.1:1",
                "bearer_token": canaries.secret("prometheus bearer"),
                "basic_auth": {"user": "ada", "password": canaries.secret("prometheus password")},
            }
        },
        "a user in the address": {
            "prometheus": {"url": f"http://ada:{canaries.secret('prometheus password')}@127.0.0.1:1"}
        },
        "no TLS there": {
            "prometheus": {
                "url": str(world.settings["prometheus"]["url"]).replace("http", "https"),  # type: ignore[index]
                "basic_auth": {"user": "ada", "password": canaries.secret("prometheus password")},
            }
        },
    }.items():
        file = tmp_path / "wrong.json"
        file.write_text(json.dumps({**world.settings, **change}))
        environ = {"ADVISOR_JOURNAL__URL": change["journal"]["url"]} if "journal" in change else {}
        for command in ("changes", "check") if environ else ("report -o json", "check"):
            ended = advisor_within(tmp_path, *command.split(), "--config", str(file), **environ)
            shown[f"{command} with {name}"] = ended.stdout + ended.stderr
    canaries.are_hidden(shown)
    assert all(text for text in shown.values())
