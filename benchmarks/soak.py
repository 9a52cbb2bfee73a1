"""Whether the daemon stays as it is: memory, connections and threads over time, and no schedule missed.

    PYTHONPATH=. python benchmarks/soak.py [--minutes 10] [--days 3]

First the real daemon, up to five cycles a second instead of one every 15 s, on a real Postgres (which holds the
journal, too), Valkey and Prometheus. Then days of a change after the other by a fake clock, on a real journal. Of both
it prints the values over time and, after the first quarter, their slope by the hour. Ends with 1 when memory grows by
more than the bar, or a connection or thread is left over.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import requests

from advisor.servers import postgres, prometheus, valkey
from advisor.servers.listening import free_port
from advisor.servers.process import ChildProcess, Program

BAR_KIB_A_THOUSAND_CYCLES = 512.0
"""2,000 cycles are 8 hours at the default interval: a bar of 1 MiB in a working day."""
BAR_LEVEL = 1.0
"""Connections or threads by which the second half may lie above the first: one may be open at any moment."""
_WARM_UP_SHARE = 0.25
_SAMPLES = 60
_ROWS = 12
_LEVELS = ("threads", "sockets", "sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A process at one moment. hours: since the first cycle, by its own clock; sessions: of Postgres, held by it."""

    hours: float
    cycles: float
    resident_kib: int
    threads: int
    sockets: int
    sessions: int = 0
    missed: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="of the real daemon")
    parser.add_argument("--days", type=float, default=3.0, help="by the fake clock")
    arguments = parser.parse_args()
    with running_daemon() as (pid, url, dsn):
        real = list(watched(pid, url, dsn, arguments.minutes * 60))
    print_samples(f"the real daemon, {arguments.minutes:g} minutes", real)
    by_clock = list(days_by_fake_clock(arguments.days))
    print_samples(f"by the fake clock, {arguments.days:g} days", by_clock)
    faults = [*(f"real: {text}" for text in faults_of(real)), *(f"fake clock: {text}" for text in faults_of(by_clock))]
    print("flat" if not faults else f"NOT flat: {'; '.join(faults)}")
    return 1 if faults else 0


@contextmanager
def running_daemon() -> Iterator[tuple[int, str, str]]:
    """Its process id, its address, and the database that it watches and keeps its journal in."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(postgres.start())
        cache = stack.enter_context(valkey.start())
        port = free_port()
        metrics = stack.enter_context(prometheus.start({"advisor": [f"127.0.0.1:{port}"]}))
        with psycopg.connect(database.dsn, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        environment = {
            "ADVISOR_MODE": "apply",
            "ADVISOR_POSTGRES__DSN": database.dsn,
            "ADVISOR_REDIS__URL": cache.url,
            "ADVISOR_PROMETHEUS__URL": metrics.url,
            "ADVISOR_JOURNAL__URL": database.dsn,
            "ADVISOR_DAEMON__INTERVAL_SECONDS": "200ms",
            "ADVISOR_WEB__LISTEN_ADDRESS": f"127.0.0.1:{port}",
        }
        command = [sys.executable, "-m", "advisor.cli.main", "run", "--log-level", "error"]
        program = Program(name="advisor", command=command, folder=folder, environment=environment)
        with ChildProcess(program) as daemon:
            url = f"http://127.0.0.1:{port}"
            daemon.wait_until(lambda: _answers(url))
            yield daemon.pid, url, database.dsn


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=1).status_code == 200
    except requests.RequestException:
        return False


def watched(pid: int, url: str, dsn: str, seconds: float) -> Iterator[Sample]:
    began = time.monotonic()
    for _ in range(_SAMPLES):
        time.sleep(seconds / _SAMPLES)
        page = requests.get(f"{url}/metrics", timeout=5).text
        yield Sample(
            hours=(time.monotonic() - began) / 3600,
            cycles=metric(page, "advisor_cycles_total"),
            resident_kib=status_of(pid, "VmRSS"),
            threads=status_of(pid, "Threads"),
            sockets=sockets_of(pid),
            sessions=sessions(dsn),
            missed=metric(page, 'advisor_schedule_missed_total{job="election"}'),
        )


def metric(page: str, name: str) -> float:
    """The sum of a metric's series."""
    return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


def status_of(pid: int, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def sockets_of(pid: int) -> int:
    return sum(is_socket(link) for link in Path(f"/proc/{pid}/fd").iterdir())


def is_socket(link: Path) -> bool:
    try:
        return str(link.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


def sessions(dsn: str) -> int:
    with psycopg.connect(dsn, application_name="soak") as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'advisor%'"
        ).fetchone()
    return int(row[0]) if row else 0


def settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Without the beginning, in which caches fill."""
    return samples[int(len(samples) * _WARM_UP_SHARE) :]


def days_by_fake_clock(days: float) -> Iterator[Sample]:
    """This process over days of one change after the other: proposed, tried, settled, rested."""
    from soak_engine import walk_for

    from tests.fakes.harness import CYCLE_SECONDS

    pid = os.getpid()
    for cycles in walk_for(days):
        yield Sample(
            hours=cycles * CYCLE_SECONDS / 3600,
            cycles=cycles,
            resident_kib=status_of(pid, "VmRSS"),
            threads=status_of(pid, "Threads"),
            sockets=sockets_of(pid),
        )


def print_samples(title: str, samples: Sequence[Sample]) -> None:
    print(f"{title}\n   hours  cycles  memory KiB  threads  sockets  sessions  missed")
    for index in sorted({round(row * (len(samples) - 1) / (_ROWS - 1)) for row in range(_ROWS)}):
        sample = samples[index]
        print(
            f"{sample.hours:8.2f} {sample.cycles:7.0f} {sample.resident_kib:11d} {sample.threads:8d}"
            f" {sample.sockets:8d} {sample.sessions:9d} {sample.missed:7.0f}"
        )
    by_hour = [slope(samples, "hours", name) for name in ("resident_kib", *_LEVELS)]
    print("{:>16} {:+11.0f} {:+8.2f} {:+8.2f} {:+9.2f}".format("an hour", *by_hour))
    a_thousand = 1000 * slope(samples, "cycles", "resident_kib")
    print(f"memory: {a_thousand:+.0f} KiB a thousand cycles (bar {BAR_KIB_A_THOUSAND_CYCLES:.0f})\n", flush=True)


def slope(samples: Sequence[Sample], x: str, y: str) -> float:
    """Of the line through all samples but those of the beginning."""
    points = [(getattr(sample, x), getattr(sample, y)) for sample in settled(samples)]
    return statistics.linear_regression([x for x, _ in points], [y for _, y in points]).slope


def faults_of(samples: Sequence[Sample]) -> list[str]:
    """What is not flat; nothing when all is."""
    calm = settled(samples)
    half = len(calm) // 2
    found = []
    for name in _LEVELS:
        first, last = (statistics.median(getattr(s, name) for s in part) for part in (calm[:half], calm[half:]))
        found += [f"{name} rose from {first:g} to {last:g}"] if last > first + BAR_LEVEL else []
    growth = 1000 * slope(samples, "cycles", "resident_kib")
    found += [f"memory grows by {growth:.0f} KiB a thousand cycles"] if growth > BAR_KIB_A_THOUSAND_CYCLES else []
    missed = samples[-1].missed - samples[0].missed
    return [*found, *([f"{missed:.0f} schedules missed"] if missed > 0 else [])]


if __name__ == "__main__":
    sys.exit(main())
