"""Whether the daemon stays as it is: memory, connections and threads over time, and no schedule missed.

    PYTHONPATH=. python benchmarks/soak.py [--minutes 10] [--days 3]

First the real daemon, up to five cycles a second instead of one every 15 s, on a real Postgres (which holds the
journal, too), Valkey and Prometheus. Then days of a change after the other by a fake clock, on a real journal. Ends
with 1 when memory grows by more than the bar, or a connection or thread is left over.
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
_WARM_UP_SHARE = 0.25
_SAMPLES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The daemon at one moment. sessions: of Postgres, held by it."""

    cycles: float
    resident_kib: int
    threads: int
    sockets: int
    sessions: int
    missed: float


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="of the real daemon")
    parser.add_argument("--days", type=float, default=3.0, help="by the fake clock")
    arguments = parser.parse_args()
    with running_daemon() as (pid, url, dsn):
        samples = list(watched(pid, url, dsn, arguments.minutes * 60))
    print_samples(samples)
    real = slope_kib_a_thousand_cycles([(sample.cycles, sample.resident_kib) for sample in settled(samples)])
    by_clock = days_by_fake_clock(arguments.days)
    print(f"memory: {real:+.0f} KiB a thousand real cycles, {by_clock:+.0f} KiB by the fake clock", end=" ")
    print(f"(bar {BAR_KIB_A_THOUSAND_CYCLES:.0f})")
    return verdict(settled(samples), real, by_clock)


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
    for _ in range(_SAMPLES):
        time.sleep(seconds / _SAMPLES)
        page = requests.get(f"{url}/metrics", timeout=5).text
        yield Sample(
            cycles=metric(page, "advisor_cycles_total"),
            resident_kib=status_of(pid, "VmRSS"),
            threads=status_of(pid, "Threads"),
            sockets=sum(is_socket(link) for link in Path(f"/proc/{pid}/fd").iterdir()),
            sessions=sessions(dsn),
            missed=metric(page, 'advisor_schedule_missed_total{job="election"}'),
        )


def metric(page: str, name: str) -> float:
    """The sum of a metric's series."""
    return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


def status_of(pid: int, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


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


def slope_kib_a_thousand_cycles(points: Sequence[tuple[float, float]]) -> float:
    return statistics.linear_regression([x for x, _ in points], [y for _, y in points]).slope * 1000


def days_by_fake_clock(days: float) -> float:
    """KiB a thousand cycles, over days of one change after the other: proposed, tried, settled, rested."""
    from soak_office import walk_for

    points = [(float(cycles), float(status_of(os.getpid(), "VmRSS"))) for cycles in walk_for(days)]
    begun, middle, ended = points[0], points[len(points) // 2], points[-1]
    print(
        f"fake clock: {days:g} days, {ended[0]:.0f} cycles; memory {begun[1]:.0f}, {middle[1]:.0f}, {ended[1]:.0f} KiB"
    )
    return slope_kib_a_thousand_cycles(points[int(len(points) * _WARM_UP_SHARE) :])


def print_samples(samples: Sequence[Sample]) -> None:
    print("          cycles  memory KiB  threads  sockets  sessions  missed")
    for name, sample in zip(
        ("start", "middle", "end"), (samples[0], samples[len(samples) // 2], samples[-1]), strict=True
    ):
        print(
            f"{name:<8} {sample.cycles:7.0f} {sample.resident_kib:11d} {sample.threads:8d} {sample.sockets:8d}"
            f" {sample.sessions:9d} {sample.missed:7.0f}"
        )


def verdict(samples: Sequence[Sample], real: float, by_clock: float) -> int:
    """0 when everything is flat. A session may be open at any moment; what counts is whether the level rises."""
    half = len(samples) // 2
    faults = [
        name
        for name in ("threads", "sockets", "sessions")
        if statistics.median(getattr(s, name) for s in samples[half:])
        > statistics.median(getattr(s, name) for s in samples[:half]) + 1
    ]
    faults += ["memory"] if max(real, by_clock) > BAR_KIB_A_THOUSAND_CYCLES else []
    faults += ["missed schedules"] if samples[-1].missed > samples[0].missed else []
    print("flat" if not faults else f"NOT flat: {', '.join(faults)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
