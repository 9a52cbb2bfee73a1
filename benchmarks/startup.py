"""How quickly the command answers and how little the idle daemon holds, next to a bare interpreter.

    python benchmarks/startup.py [--runs 15] [--ticks-seconds 6] [--workloads 1000]

Ends with 1 when `advisor --help` takes over 150 ms (median), the idle daemon over 90 MiB (resident), or one that
watches that many workloads of three pods on a real API server, with usage of half a day on a real Prometheus, six days
of it in its journal and everything else switched on, over 150 MiB at the end. What it held at most, with the process of
a look, is printed beside. 0 workloads: that one is left out.
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HELP_BAR_MS = 150.0
DAEMON_BAR_MIB = 90.0
WATCHING_BAR_MIB = 150.0
_HOURS = 12.0
_DAYS_BEFORE = 6
_SAMPLE_SECONDS = 0.5
_READ_SECONDS = 180.0
"""Within which the objects and their usage are read once; what is held then is what it goes on holding."""
_START_SECONDS = 30.0
_STOP_SECONDS = 15.0
_ADVISOR = (sys.executable, "-c", "from advisor.cli.entry import run; run()")
_BARE = (sys.executable, "-c", "pass")
_BARE_WAITING = (sys.executable, "-c", "import sys; sys.stdin.read()")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="runs of each command; the median counts")
    parser.add_argument("--ticks-seconds", type=float, default=6.0, help="how long the daemon idles, a cycle a second")
    parser.add_argument("--workloads", type=int, default=1000, help="of the cluster that is watched; 0: none is")
    arguments = parser.parse_args()

    bare_ms, help_ms = median_ms(_BARE, arguments.runs), median_ms((*_ADVISOR, "--help"), arguments.runs)
    bare_mib, daemon_mib = bare_resident_mib(), idle_daemon_resident_mib(arguments.ticks_seconds)
    print(
        f"start   bare interpreter {bare_ms:6.1f} ms   advisor --help {help_ms:6.1f} ms   {help_ms / bare_ms:.1f} times"
    )
    print(f"memory  bare interpreter {bare_mib:6.1f} MiB  idle daemon    {daemon_mib:6.1f} MiB")
    watching = watching_daemon(arguments.workloads) if arguments.workloads else None
    if watching:
        print(
            f"cluster {arguments.workloads} workloads watched, everything on: {watching.mib:6.1f} MiB; "
            f"at most {watching.most_mib:.1f} MiB, and {watching.with_children_mib:.1f} MiB with its other processes"
        )
    over = [
        *(
            ["the daemon that watches a cluster is over 150 MiB"]
            if watching and watching.mib > WATCHING_BAR_MIB
            else []
        ),
        *(["advisor --help is over 150 ms"] if help_ms > HELP_BAR_MS else []),
        *(["the idle daemon is over 90 MiB"] if daemon_mib > DAEMON_BAR_MIB else []),
    ]
    print("; ".join(over) or "all within their bars (150 ms, 90 MiB, 150 MiB)")
    return 1 if over else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Resident MiB: at the end, at most, and at most together with the processes that it had begun."""

    mib: float
    most_mib: float
    with_children_mib: float


def median_ms(command: Sequence[str], runs: int) -> float:
    """Wall time of one run, start of the process to its end; the first run, which fills the caches, is left out."""
    times: list[float] = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times[1:])


def bare_resident_mib() -> float:
    with subprocess.Popen(_BARE_WAITING, stdin=subprocess.PIPE) as process:
        time.sleep(0.5)
        resident = resident_mib(process.pid)
        process.communicate()
    return resident


def idle_daemon_resident_mib(idle_seconds: float) -> float:
    """`advisor run` with an empty journal, a cycle a second and a Prometheus that is not there."""
    absent = {
        "ADVISOR_DAEMON__INTERVAL_SECONDS": "1s",
        "ADVISOR_PROMETHEUS__URL": f"http://127.0.0.1:{free_port()}",
        "ADVISOR_PROMETHEUS__TIMEOUT_SECONDS": "500ms",
    }
    return held(absent, idle_seconds).mib


def watching_daemon(workloads: int) -> Held:
    """`advisor run` beside a cluster of so many workloads, with their usage, alerts, writes and every preset for them.

    Raises ServerUnavailableError without the servers.
    """
    import fleet_world
    from fleet_api import standing

    from advisor.servers import prometheus

    with ExitStack() as stack:
        history = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "history.om"
        end = datetime.now(UTC)
        fleet_world.write(history, workloads, int(end.timestamp()), _HOURS)
        server = stack.enter_context(prometheus.start({}, history=history))
        kubeconfig = stack.enter_context(standing(workloads))
        everything = {
            "ADVISOR_DAEMON__INTERVAL_SECONDS": "15s",
            "ADVISOR_PROMETHEUS__URL": server.url,
            "ADVISOR_PROMETHEUS__PRESETS": '["agents", "guide", "cadvisor", "kube_state_metrics"]',
            "ADVISOR_KUBERNETES__KUBECONFIG": str(kubeconfig),
            "ADVISOR_KUBERNETES__WRITING__ENABLED": "true",
            "ADVISOR_KUBERNETES__DEADLINE_SECONDS": "2m",
            "ADVISOR_KUBERNETES__TIMEOUT_SECONDS": "1m",
            "ADVISOR_MODE": "apply",
        }
        before = end - timedelta(hours=_HOURS)
        return held(everything, _READ_SECONDS, lambda journal: keep_days(journal, workloads, before))


def keep_days(journal: str, workloads: int, before: datetime) -> None:
    """Days of usage in the journal at that address, of three pods a workload, as a daemon would have kept them."""
    import fleet_world
    import numpy as np

    from advisor.journal.repository import open_journal
    from advisor.model.kubernetes.hours import HOURS, Hours
    from advisor.model.kubernetes.usage import ContainerKey, UsageDay
    from advisor.sources.kubernetes_usage.history import DayHistory
    from advisor.sources.kubernetes_usage.tallies.day_tally import DigestedDay
    from advisor.sources.kubernetes_usage.tallies.sketches import Sketch

    chance = np.random.default_rng(1)
    books = open_journal(journal)
    history = DayHistory(books.notebook(), "default")
    for age in range(_DAYS_BEFORE, 0, -1):
        day, digests = (before - timedelta(days=age)).date(), {}
        for workload in range(workloads):
            namespace, name = fleet_world.names(workload)
            load = chance.lognormal(0.0, 0.4, 3 * 288)
            cpu, memory = Sketch(), Sketch()
            cpu.add(0.3 * load)
            memory.add(2e8 + 5e7 * load)
            told = UsageDay(
                day=day,
                cpu_peak=cpu.peak,
                memory_peak=memory.peak,
                memory_hours=Hours(chance.random(HOURS).tolist()),
                memory_changes=Hours(chance.normal(0, 0.01, HOURS).tolist()),
                cpu_hours=Hours(chance.random(HOURS).tolist()),
                oom_kills=0,
            )
            key = ContainerKey(namespace=namespace, kind="Deployment", workload=name, container="app")
            digests[key] = DigestedDay(day=told, cpu=cpu, memory=memory)
        history.write(day, digests)
    books.close()


def held(settings: Mapping[str, str], seconds: float, prepare: Callable[[str], None] | None = None) -> Held:
    """What `advisor run` with these settings holds in so long. prepare: of its journal, which is empty else."""
    with tempfile.TemporaryDirectory() as folder:
        port, journal = free_port(), f"sqlite:///{folder}/journal.db"
        if prepare is not None:
            prepare(journal)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")} | {
            "ADVISOR_JOURNAL__URL": journal,
            "ADVISOR_WEB__LISTEN_ADDRESS": f"127.0.0.1:{port}",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
            **settings,
        }
        log = Path(folder) / "daemon.log"
        with (
            log.open("wb") as stderr,
            subprocess.Popen((*_ADVISOR, "run"), cwd=folder, env=environ, stderr=stderr) as daemon,
        ):
            try:
                wait_until_serving(daemon, port, log)
                return watched(daemon.pid, seconds)
            finally:
                stop(daemon)


def watched(pid: int, seconds: float) -> Held:
    """Samples from now on; a peak between two of them is missed."""
    most, with_children, end = 0.0, 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        mib, others = resident_mib(pid), 0.0
        for child in children(pid):
            with suppress(OSError, SystemExit):  # it has ended meanwhile
                others += resident_mib(child)
        most, with_children = max(most, mib), max(with_children, mib + others)
        time.sleep(_SAMPLE_SECONDS)
    return Held(mib=resident_mib(pid), most_mib=most, with_children_mib=with_children)


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def wait_until_serving(daemon: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if daemon.poll() is not None:
            raise SystemExit(f"the daemon ended with {daemon.returncode}:\n{log.read_text()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"the daemon did not serve within {_START_SECONDS:.0f} s:\n{log.read_text()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def resident_mib(pid: int) -> float:
    """Resident set of a process now, from Linux's /proc; pages shared with others are counted in full."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"process {pid} has ended")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
