"""How quickly the HTTP API answers with 10, 1,000 and 10,000 changes in the journal, next to a bare FastAPI route.

    python benchmarks/surfaces.py [--requests 300]

Both are served by one other process, and asked in turn over one connection each. Ends with 1 when a list behind 10,000
changes takes over 3 times as long as behind 1,000 (median); behind 10 there are no other pages.
"""

import argparse
import http.client
import json
import multiprocessing
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from fastapi import FastAPI

from advisor.clock import SystemClock
from advisor.journal.repository import open_journal
from advisor.model.change import NamedSeries, State
from advisor.model.signal import series_of
from advisor.settings.schema import Settings
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.application import application
from advisor.surfaces.web.front import Front
from advisor.surfaces.web.health import Health
from advisor.surfaces.web.latest import LatestDiagnosis
from advisor.surfaces.web.server import WebServer
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_change
from advisor.wiring.web import backing_of

COUNTS = (10, 1_000, 10_000)
MOST_SLOWER = 3.0
_POINTS = 480
"""Of each signal of a change, before and during its trial: two hours, a point every fifteen seconds."""
_MODEL = "chg_000000000000"
_LIST = "/api/v1/changes?limit=10"
"""As many on a page as there are in the smallest journal, so that pages are alike."""
_COPY = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count)
INSERT INTO changes (id, environment, version, epoch, state, is_open, rule, knob, target, created_at, updated_at,
                     document, summary)
SELECT printf('chg_%012x', n), environment, version, epoch, iif(n % 100, state, 'rejected'), is_open, rule, knob,
       target, created_at, updated_at, replace(document, :model, printf('chg_%012x', n)),
       replace(summary, :model, printf('chg_%012x', n))
FROM numbers, changes WHERE id = :model
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Of one question, in milliseconds."""

    p50: float
    p99: float


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=300, help="of each kind")
    wanted = parser.parse_args().requests
    medians: dict[tuple[str, int], float] = {}
    print(f"{'changes':>8}  {'question':<28}{'p50 ms':>8}{'p99 ms':>8}{'x bare p50':>12}{'x bare p99':>12}")
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "journal.db", count) as (bare_port, port):
            for name, question in questions(port).items():
                bare, own = times_of(bare_port, lambda: ("/", {}), wanted), times_of(port, question, wanted)
                medians[name, count] = own.p50
                ratios = f"{own.p50 / bare.p50:>12.1f}{own.p99 / bare.p99:>12.1f}"
                print(f"{count:>8}  {name:<28}{own.p50:>8.2f}{own.p99:>8.2f}{ratios}")
    lists = [name for name, count in medians if count == COUNTS[0] and name.startswith("list")]
    slower = {name: medians[name, COUNTS[-1]] / medians[name, COUNTS[-2]] for name in lists}
    over = {name: ratio for name, ratio in slower.items() if ratio > MOST_SLOWER}
    told = ", ".join(f"{name} {ratio:.1f}" for name, ratio in slower.items())
    print(f"behind {COUNTS[-1]:,} changes against {COUNTS[-2]:,}: {told} (at most {MOST_SLOWER})")
    return 1 if over else 0


Question = Callable[[], tuple[str, dict[str, str]]]
"""A path and headers, another each time where the question is about another page."""


def questions(port: int) -> dict[str, Question]:
    cursors = pages(port)
    tag = asked(http.client.HTTPConnection("127.0.0.1", port), _LIST, {})[0]
    return {
        "list, first page": lambda: (_LIST, {}),
        "list, other pages": lambda: (f"{_LIST}&cursor={next(cursors)}", {}),
        "list, one state": lambda: (f"{_LIST}&state=kept", {}),
        "list, unchanged (304)": lambda: (_LIST, {"If-None-Match": tag}),
        "one change": lambda: (f"/api/v1/changes/{_MODEL}", {}),
    }


def pages(port: int) -> Iterator[int]:
    """The cursors of all pages, again and again."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        found: list[int] = []
        cursor: int | None = None
        while True:
            path = _LIST + (f"&cursor={cursor}" if cursor else "")
            cursor = json.loads(asked(connection, path, {})[1])["next"]
            if cursor is None or len(found) == 100:
                break
            found.append(cursor)
    while True:
        yield from found or [1_000_000]


def times_of(port: int, question: Question, wanted: int) -> Times:
    took: list[float] = []
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for _ in range(wanted + 10):  # the first ten make what is made once
            path, headers = question()
            begun = time.perf_counter()
            asked(connection, path, headers)
            took.append((time.perf_counter() - begun) * 1000)
    counted = took[10:]
    return Times(p50=statistics.median(counted), p99=statistics.quantiles(counted, n=100)[98])


def asked(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[str, bytes]:
    """The ETag and the body."""
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    if response.status not in (200, 304):
        raise SystemExit(f"{path}: {response.status} {body[:200]!r}")
    return response.headers.get("ETag", ""), body


@contextmanager
def served(path: Path, count: int) -> Iterator[tuple[int, int]]:
    """The ports of a bare route and of the API over a journal of so many changes, both in one process of their own."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(path, count, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join(timeout=20)


def serve(path: Path, count: int, theirs: Connection) -> None:
    bare = FastAPI(openapi_url=None)

    @bare.get("/")
    def nothing() -> dict[str, bool]:
        return {"ok": True}

    settings = Settings()
    with ExitStack() as stack:
        journal = stack.enter_context(closing(open_journal(f"sqlite:///{path}")))
        fill(path, count)
        health = Health(healthy=str, ready=str, role=str, metrics=bytes)
        backing = backing_of(lambda: settings, journal, LatestDiagnosis(), (), SystemClock())
        own = Front(health, lambda: application(backing, Access()))
        servers = [WebServer("127.0.0.1:0", app) for app in (bare, own)]
        for server in servers:
            server.start()
            stack.callback(server.stop)
        theirs.send(tuple(int(server.address.rpartition(":")[2]) for server in servers))
        theirs.recv()


def fill(path: Path, count: int) -> None:
    """One change that ended, with all that was measured, and copies of it; one in a hundred was rejected."""
    points = series_of([(NOON + timedelta(seconds=15 * number), 0.1 + number / 1e5) for number in range(_POINTS)])
    windows = tuple(NamedSeries(signal=signal, series=points) for signal in (WAIT, ERRORS, LATENCY, LOAD))
    with closing(open_journal(f"sqlite:///{path}")) as journal:
        epoch = journal.take("benchmark")
        journal.add(a_change(State.KEPT, id=_MODEL, epoch=epoch, baseline=windows, trial=windows))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_COPY, {"count": count, "model": _MODEL})


if __name__ == "__main__":
    sys.exit(main())
