"""A real Alertmanager sends to the running daemon, which looks at a real Prometheus that scrapes an exhausted pool."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from advisor.servers import alertmanager, prometheus
from advisor.servers.listening import free_port

ROOT = Path(__file__).resolve().parents[3]
WAIT_SECONDS = 90


class Page(BaseHTTPRequestHandler):
    """An application whose pool of four is used up: of ten waits a second all take between 0.1 and 1 s."""

    protocol_version = "HTTP/1.1"
    began = time.monotonic()

    def do_GET(self) -> None:
        waits = round(10 * (time.monotonic() - self.began))
        pool = 'app="crane",pool="main"'
        lines = [
            f"advisor_agent_pool_size{{{pool}}} 4",
            f"advisor_agent_pool_max_overflow{{{pool}}} 0",
            f"advisor_agent_pool_checked_out{{{pool}}} 4",
            f"advisor_agent_pool_checkouts_total{{{pool}}} {waits}",
            f'advisor_agent_pool_wait_seconds_bucket{{{pool},le="0.1"}} 0',
            f'advisor_agent_pool_wait_seconds_bucket{{{pool},le="1"}} {waits}',
            f'advisor_agent_pool_wait_seconds_bucket{{{pool},le="+Inf"}} {waits}',
            f"advisor_agent_pool_wait_seconds_sum{{{pool}}} {waits * 0.5}",
            f"advisor_agent_pool_wait_seconds_count{{{pool}}} {waits}",
            f"advisor_agent_pool_hold_seconds_sum{{{pool}}} {waits * 0.4}",
            f"advisor_agent_pool_hold_seconds_count{{{pool}}} {waits}",
        ]
        body = "\n".join([*lines, ""]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def crane() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """`advisor run`, and what it says."""

    url: str
    log: Path
    process: "subprocess.Popen[bytes]"

    def count(self, outcome: str) -> float:
        """Alerts of Alertmanager that came to this end."""
        text = requests.get(f"{self.url}/metrics", timeout=5).text
        found = re.search(rf'^advisor_alerts_total{{outcome="{outcome}",sender="alertmanager"}} (\S+)$', text, re.M)
        return float(found[1]) if found else 0.0

    def until(self, outcome: str, count: float) -> None:
        self._until(lambda: self.count(outcome) >= count, f"{count:g} alerts {outcome}")

    def until_said(self, pattern: str) -> None:
        self._until(lambda: re.search(pattern, self.log.read_text()) is not None, pattern)

    def _until(self, holds: object, what: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            if holds():  # type: ignore[operator]
                return
            time.sleep(0.1)
        raise AssertionError(f"never: {what}\n{self.log.read_text()[-3000:]}")


@contextmanager
def daemon(folder: Path, prometheus_url: str) -> Iterator[Daemon]:
    port, log = free_port(), folder / "daemon.log"
    configuration = folder / "advisor.json"
    configuration.write_text(
        json.dumps(
            {
                "prometheus": {"url": prometheus_url},
                "journal": {"url": f"sqlite:///{folder}/journal.db"},
                "daemon": {"interval_seconds": "5s", "window_seconds": "10s"},
                "web": {"listen_address": f"127.0.0.1:{port}"},
                "alerts": {"pause_seconds": "1s"},
            }
        )
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "advisor.cli.main", "run", "--config", str(configuration)],
            cwd=folder,
            env={**clean, "PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=out,
        )
    running = Daemon(url=f"http://127.0.0.1:{port}", log=log, process=process)
    try:
        running.until_said("event=(proposal_chosen|nothing_chosen)")
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_known(prometheus_url: str) -> None:
    """Until the application's rates can be told: two scrapes."""
    deadline = time.monotonic() + WAIT_SECONDS
    query = {"query": "rate(advisor_agent_pool_wait_seconds_count[10s])"}
    while not requests.get(f"{prometheus_url}/api/v1/query", params=query, timeout=5).json()["data"]["result"]:
        assert time.monotonic() < deadline, "Prometheus never knew the application"
        time.sleep(0.1)


@contextmanager
def works(folder: Path, group_by: Sequence[str]) -> Iterator[tuple[Daemon, str]]:
    """The daemon, and the address of an Alertmanager that sends to it at once, and repeats every two seconds."""
    with ExitStack() as stack:
        page = stack.enter_context(crane())
        metrics = stack.enter_context(prometheus.start({"crane": [page]}))
        wait_until_known(metrics.url)
        advisor = stack.enter_context(daemon(folder, metrics.url))
        receiver = {
            "name": "advisor",
            "webhook_configs": [{"url": f"{advisor.url}/api/v1/alerts", "send_resolved": True, "max_alerts": 2_000}],
        }
        route = {
            "receiver": "advisor",
            "group_by": list(group_by),
            "group_wait": "1s",
            "group_interval": "1s",
            "repeat_interval": "2s",
        }
        sender = stack.enter_context(alertmanager.start({"route": route, "receivers": [receiver]}))
        yield advisor, sender.url


def send(url: str, alerts: Sequence[dict[str, str]], *, ends_in: timedelta = timedelta(minutes=10)) -> None:
    """As Prometheus does."""
    now = datetime.now(UTC)
    body = [
        {
            "labels": labels,
            "annotations": {"summary": "callers wait"},
            "startsAt": "2026-01-01T00:00:00Z",
            "endsAt": (now + ends_in).isoformat(),
            "generatorURL": "http://prometheus.example/graph?g0.expr=advisor_agent_pool_size+%3C+5&g0.tab=1",
        }
        for labels in alerts
    ]
    requests.post(f"{url}/api/v2/alerts", json=body, timeout=60).raise_for_status()


def labels(**more: str) -> dict[str, str]:
    return {"alertname": "PoolExhaustion", "app": "crane", "severity": "warning", **more}


@pytest.mark.servers
def test_firing_repeated_grouped_and_resolved_alerts_reach_the_daemon(tmp_path: Path) -> None:
    with works(tmp_path, ["alertname"]) as (advisor, url):
        send(url, [labels()])
        advisor.until("queued", 1)
        advisor.until_said(
            r'event=alert_answered alert="?PoolExhaustion\{app=crane,severity=warning\}"? outcome=proposed '
            r"application=crane rules=pool-exhaustion"
        )
        advisor.until("duplicate", 1)  # repeated every two seconds
        assert advisor.count("queued") == 1
        send(url, [labels(instance=f"crane-{number}") for number in range(3)])
        advisor.until("queued", 4)
        advisor.until_said(r"and 2 more\"? outcome=proposed")
        send(url, [labels()], ends_in=timedelta(seconds=-1))
        advisor.until("resolved", 1)
        advisor.until_said("outcome=resolved application=crane")
        assert advisor.count("queued") == 4
        assert "Traceback" not in advisor.log.read_text()


@pytest.mark.servers
@pytest.mark.timeout(400)
def test_a_burst_of_ten_thousand_alerts_loses_none(tmp_path: Path) -> None:
    """Five applications with two thousand alerts each, of which one is known; in five groups, as max_alerts allows."""
    with works(tmp_path, ["alertname", "app"]) as (advisor, url):
        applications = ["crane", *(f"other{number}" for number in range(4))]
        for name in applications:
            send(url, [labels(app=name, instance=f"{name}-{number}") for number in range(2_000)])
        advisor.until("queued", 10_000)
        advisor.until_said("outcome=proposed application=crane")
        for name in applications[1:]:
            advisor.until_said(f"outcome=unknown_application application={name} ")
        assert advisor.count("queued") == 10_000
        assert advisor.count("full") == 0
