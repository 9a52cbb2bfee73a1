"""How quickly the command answers and how little the idle daemon holds, next to a bare interpreter.

    python benchmarks/startup.py [--runs 15] [--ticks-seconds 6] [--workloads 1000]

Ends with 1 when `advisor --help` takes over 150 ms (median), the idle daemon over 90 MiB (resident), or one that
watches that many workloads of three pods on a real API server, with usage of half a day on a real Prometheus and
everything else switched on, over 150 MiB. 0 workloads: that one is left out.
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
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

HELP_BAR_MS = 150.0
DAEMON_BAR_MIB = 90.0
WATCHING_BAR_MIB = 150.0
_HOURS = 12.0
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
    watching_mib = watching_daemon_resident_mib(arguments.workloads) if arguments.workloads else 0.0
    if watching_mib:
        print(f"cluster {arguments.workloads} workloads watched, everything on: {watching_mib:6.1f} MiB")
    over = [
        *(["the daemon that watches a cluster is over 150 MiB"] if watching_mib > WATCHING_BAR_MIB else []),
        *(["advisor --help is over 150 ms"] if help_ms > HELP_BAR_MS else []),
        *(["the idle daemon is over 90 MiB"] if daemon_mib > DAEMON_BAR_MIB else []),
    ]
    print("; ".join(over) or "all within their bars (150 ms, 90 MiB, 150 MiB)")
    return 1 if over else 0


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
    return daemon_resident_mib(absent, idle_seconds)


def watching_daemon_resident_mib(workloads: int) -> float:
    """`advisor run` beside a cluster of so many workloads, with their usage, alerts, writes and every preset for them.

    Raises ServerUnavailableError without the servers.
    """
    import fleet_world
    from fleet_api import standing

    from advisor.servers import prometheus

    with ExitStack() as stack:
        history = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "history.om"
        fleet_world.write(history, workloads, int(time.time()), _HOURS)
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
        return daemon_resident_mib(everything, _READ_SECONDS)


def daemon_resident_mib(settings: Mapping[str, str], seconds: float) -> float:
    """What `advisor run` with these settings and an empty journal holds after so long."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")} | {
            "ADVISOR_JOURNAL__URL": f"sqlite:///{folder}/journal.db",
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
                time.sleep(seconds)
                return resident_mib(daemon.pid)
            finally:
                stop(daemon)


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
