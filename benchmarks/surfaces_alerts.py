"""A burst of alerts at the webhook, next to the same bodies at a bare FastAPI route.

    python benchmarks/surfaces_alerts.py [--alerts 10000] [--connections 4]

Both are served by a process of their own. Each alert comes in a body of its own, then as many new ones in groups of a
hundred. Ends with 1 when an answer to a single alert takes 100 ms or more at the 99th percentile, when the second burst
leaves over 16 MiB more in memory than the first, or when an alert is lost.
"""

import argparse
import http.client
import json
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request

from advisor.journal.repository import open_journal
from advisor.servers.listening import free_port
from advisor.settings.schema import Settings
from advisor.surfaces.alerts.route import PATH
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.testing.clock import FakeClock
from advisor.wiring.alerts import open_alerts

P99_BAR_MS = 100.0
GROWTH_BAR_MIB = 16.0
_APPLICATIONS = 20
_GROUP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Two ports of one process, and its id."""

    bare: int
    webhook: int
    pid: int

    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=4, help="senders at the same time")
    arguments = parser.parse_args()
    wanted, senders = arguments.alerts, arguments.connections
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "journal.db") as server:
        single = [a_body([number], "single") for number in range(wanted)]
        grouped = [a_body(range(start, start + _GROUP), "grouped") for start in range(0, wanted, _GROUP)]
        post(server.webhook, single[:50], senders)  # what is made once is made
        before = server.resident_mib()
        rows = []
        for name, bodies in (("one alert a body", single), (f"{_GROUP} alerts a body", grouped)):
            bare, _ = post(server.bare, bodies, senders)
            own, outcomes = post(server.webhook, bodies, senders)
            rows.append((own, outcomes, server.resident_mib()))
            p50, p99 = percentiles(own)
            bare50, bare99 = percentiles(bare)
            print(
                f"{name:<20} bare p50 {bare50:6.2f} p99 {bare99:6.2f} ms   webhook p50 {p50:6.2f} p99 {p99:6.2f} ms   "
                f"{p50 / bare50:.1f} and {p99 / bare99:.1f} times   {dict(outcomes)}"
            )
    first, second = rows
    print(f"memory  before {before:.1f} MiB, after {first[2]:.1f} MiB, after as many again {second[2]:.1f} MiB")
    taken = first[1]["queued"] + first[1]["duplicates"], second[1]["queued"]
    lost = 2 * wanted - sum(taken)
    print(f"lost    {lost} of {2 * wanted}")
    is_slow = percentiles(first[0])[1] >= P99_BAR_MS
    return 1 if is_slow or second[2] - first[2] > GROWTH_BAR_MIB or lost else 0


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def a_body(numbers: Sequence[int], burst: str) -> bytes:
    alerts = [
        {
            "status": "firing",
            "labels": {
                "alertname": "PoolExhaustion",
                "app": f"app{number % _APPLICATIONS}",
                "namespace": "production",
                "pod": f"app{number % _APPLICATIONS}-{number}",
                "severity": "warning",
                "burst": burst,
            },
            "annotations": {"summary": "callers wait for a database connection", "runbook_url": "docs/rules/x.md"},
            "startsAt": "2026-03-02T08:00:05.123456789Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph?g0.expr=advisor_agent_pool_size+%3C+5&g0.tab=1",
            "fingerprint": f"{number:016x}",
        }
        for number in numbers
    ]
    body = {"version": "4", "groupKey": "{}:{}", "receiver": "advisor", "truncatedAlerts": 0, "alerts": alerts}
    return json.dumps({**body, "status": "firing"}).encode()


def post(port: int, bodies: Sequence[bytes], senders: int) -> tuple[list[float], Counter[str]]:
    """Milliseconds that each answer took, and what became of the alerts."""
    times: list[float] = []
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def send(part: Sequence[bytes]) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            for body in part:
                begun = time.perf_counter()
                connection.request("POST", PATH, body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                answer = json.loads(response.read())
                took = (time.perf_counter() - begun) * 1000
                with lock:
                    times.append(took)
                    outcomes.update({key: answer.get(key, 0) for key in ("queued", "duplicates")})
                    outcomes[f"HTTP {response.status}"] += 1

    with ThreadPoolExecutor(senders) as pool:
        list(pool.map(send, [bodies[start::senders] for start in range(senders)]))
    return times, outcomes


@contextmanager
def served(journal: Path) -> Iterator[Served]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(journal, theirs))
    process.start()
    try:
        bare, webhook = ours.recv()
        assert process.pid is not None
        yield Served(bare=bare, webhook=webhook, pid=process.pid)
    finally:
        ours.send("stop")
        process.join(timeout=20)


def serve(path: Path, theirs: Connection) -> None:
    bare, webhook = FastAPI(openapi_url=None), FastAPI(openapi_url=None)

    @bare.post(PATH, status_code=202)
    async def nothing(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    with closing(open_journal(f"sqlite:///{path}")) as journal:
        settings = Settings()
        desk = open_alerts(lambda: settings, journal.notebook(), AdvisorMetrics(), FakeClock())
        assert desk is not None
        webhook.include_router(desk.router())
        ports = [free_port(), free_port()]
        servers = [
            uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="off"))
            for app, port in zip((bare, webhook), ports, strict=True)
        ]
        threads = [threading.Thread(target=server.run, daemon=True) for server in servers]
        for thread in threads:
            thread.start()
        while not all(server.started for server in servers):
            time.sleep(0.05)
        theirs.send(ports)
        theirs.recv()
        for server in servers:
            server.should_exit = True
        for thread in threads:
            thread.join(timeout=10)


if __name__ == "__main__":
    sys.exit(main())
