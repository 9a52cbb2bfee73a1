"""What it costs to read the usage of a whole cluster: grouped queries beside seven queries a workload, in the same run.

    python benchmarks/fleet.py [--workloads 100 300 1000 3000] [--hours 12]

A real Prometheus holds the hours before it starts. Each way is a process of its own, so that its memory and CPU can be
told; Prometheus' are read from /proc. What the API server costs is no part of this.
Ends with 1 when more than 25 queries are sent, or when at 1,000 workloads the look takes 10 s, is not ten times as fast
as one workload after the other, costs Prometheus over a quarter of that, or takes over 300 MiB.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fleet_world import names, pods, write

from advisor.clients.prometheus import PrometheusApi
from advisor.servers import prometheus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.asking import MOST_QUERIES
from advisor.sources.kubernetes_usage.reader import UsageReader
from advisor.testing.clock import FakeClock

BAR_WORKLOADS, BAR_SECONDS, BAR_SPEED, BAR_SERVER, BAR_MIB = 1000, 10.0, 10.0, 0.25, 300.0
_IMPORT_SECONDS = 3600.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """containers: that were told of. mib: the most that the client held; server_mib: that Prometheus did by then."""

    queries: int
    containers: int
    seconds: float
    cpu: float
    server_cpu: float
    mib: float
    server_mib: float


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workloads", type=int, nargs="+", default=[100, 300, 1000, 3000])
    parser.add_argument("--hours", type=float, default=12.0)
    parser.add_argument("--read", nargs=4, metavar=("WAY", "URL", "END", "WORKLOADS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        way, url, end, workloads = arguments.read
        read = grouped if way == "grouped" else one_by_one
        print(json.dumps(read(url, int(end), int(workloads), arguments.hours)))
        return 0
    good = [_compare(workloads, arguments.hours) for workloads in arguments.workloads]
    return 0 if all(good) else 1


def _compare(workloads: int, hours: float) -> bool:
    end = int(time.time()) // 7200 * 7200
    with TemporaryDirectory(prefix="fleet-") as folder:
        history = Path(folder) / "history.om"
        samples = write(history, workloads, end, hours)
        with prometheus.start({}, history=history, import_seconds=_IMPORT_SECONDS) as server:
            history.unlink()
            found = {}
            for way in ("grouped", "one by one"):
                found[way] = cost = _cost(way, server.url, server.process.pid, end, workloads, hours)
                print(
                    f"{workloads:5} workloads, {samples / 1e6:5.1f} M samples  {way:10}  {cost.queries:6} queries  "
                    f"{cost.containers:5} containers  {cost.seconds:7.2f} s  "
                    f"client {cost.cpu:6.2f} s and {cost.mib:4.0f} MiB  "
                    f"Prometheus {cost.server_cpu:6.2f} s and {cost.server_mib:4.0f} MiB",
                    flush=True,
                )
    return _is_good(workloads, found["grouped"], found["one by one"])


def _is_good(workloads: int, ours: Cost, theirs: Cost) -> bool:
    share = ours.server_cpu / theirs.server_cpu
    print(f"      {theirs.seconds / ours.seconds:.1f} times as fast, {share:.2f} of the server's CPU")
    if ours.queries > MOST_QUERIES or ours.containers < workloads:
        return False
    if workloads != BAR_WORKLOADS:
        return True
    is_fast = ours.seconds < BAR_SECONDS and theirs.seconds / ours.seconds >= BAR_SPEED
    return is_fast and ours.server_cpu < BAR_SERVER * theirs.server_cpu and ours.mib < BAR_MIB


def _cost(way: str, url: str, pid: int, end: int, workloads: int, hours: float) -> Cost:
    before = _server_cpu(pid)
    command = [sys.executable, __file__, "--hours", str(hours)]
    command += ["--read", way, url, str(end), str(workloads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    return Cost(**told, server_cpu=_server_cpu(pid) - before, server_mib=_server_mib(pid))


def grouped(url: str, end: int, workloads: int, hours: float) -> dict[str, float]:
    """The advisor's own reader."""
    del workloads, hours  # it asks for what there is
    settings = KubernetesSettings.model_validate({"usage": {"days": 1}})
    began = time.monotonic()
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url, "timeout_seconds": "2m"}))) as api:
        reader = UsageReader(api, settings, {}, FakeClock(datetime.fromtimestamp(end, UTC)))
        usage, _ = reader.read(None)
    return _told(usage.queries, len(usage.containers), began)


def one_by_one(url: str, end: int, workloads: int, hours: float) -> dict[str, float]:
    """Seven queries a workload: who its pods are, which of them run, and four on their usage."""
    span, at = f"{hours:g}h", datetime.fromtimestamp(end, UTC)
    queries, containers = 0, 0
    began = time.monotonic()
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url, "timeout_seconds": "2m"}))) as api:
        for workload in range(workloads):
            namespace, name = names(workload)
            pod = f'namespace="{namespace}",pod=~"{"|".join(pods(workload))}"'
            one = f'{pod},container="app"'
            rate = f"max(rate(container_cpu_usage_seconds_total{{{one}}}[5m])) by (container, pod, job)"
            memory = f"max(container_memory_working_set_bytes{{{one}}}) by (container, pod, job)"
            asked = [
                f'last_over_time(kube_replicaset_owner{{namespace="{namespace}",owner_name="{name}"}}[{span}])',
                f'last_over_time(kube_pod_owner{{namespace="{namespace}",owner_name="{name}-7c9d"}}[{span}])',
                f'present_over_time(kube_pod_status_phase{{{pod},phase="Running"}}[5m])',
                f"quantile_over_time(0.95, {rate}[{span}:5m])",
                f"count_over_time({rate}[{span}:5m])",
                f"max_over_time({memory}[{span}:5m])",
                f"count_over_time({memory}[{span}:5m])",
            ]
            answers = [api.instant(query, at) for query in asked]
            queries += len(answers)
            containers += bool(answers[3].result)
    return _told(queries, containers, began)


def _told(queries: int, containers: int, began: float) -> dict[str, float]:
    return {
        "queries": queries,
        "containers": containers,
        "seconds": time.monotonic() - began,
        "cpu": time.process_time(),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _server_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _server_mib(pid: int) -> float:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
