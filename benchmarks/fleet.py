"""What it costs to read a whole cluster: its usage from Prometheus by grouped queries, beside seven queries a workload
in the same run, and its objects from a real API server.

    PYTHONPATH=. python benchmarks/fleet.py [--sizes 100 300 1000 3000] [--hours 12] [--without-api | --without-usage]

A real Prometheus holds the hours before it starts, in blocks that are made once and kept in .cache/fleet. Each way is
a process of its own, so that its memory and CPU can be told; the servers' are read from /proc. Nobody reads objects
there: ours is given the workloads and their pods, as it is where an API was read, and a peer their names. At the size
that has bars each way is taken three times, in turns, and the median counts: the first one finds the files of the
server cold. Between two of them the server is left alone for a moment, so that none pays for what another left behind.
Beside it stand Robusta KRR's way as it comes ("KRR": through its client library, six threads and a step of 75 s), the
same at the step of our reading, 300 s, and both through a bare session, which does only what must be done, at 300 s
with one thread, too: no peer does that. The quickest of them all counts for the time, and the cheapest for Prometheus'
CPU.
Ends with 1 when more than 25 queries are sent or any process of ours holds over 300 MiB, when the CPU of a size is more
than in proportion to the size before it, or when at 1,000 workloads the look takes 10 s, is not ten times as fast as
workload by workload, or costs Prometheus over a quarter of that.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import fleet_world
from fleet_peers import How, PerWorkload

from advisor.clients.prometheus import PrometheusApi
from advisor.servers import prometheus
from advisor.servers.folders import cache_folder
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.answers.asking import MOST_BYTES, MOST_QUERIES
from advisor.sources.kubernetes_usage.looks import UsageLooks

BAR_WORKLOADS, BAR_SECONDS, BAR_SPEED, BAR_SERVER, BAR_MIB = 1000, 10.0, 10.0, 0.25, 300.0
BAR_TAKES = 3
BAR_GROWTH = 1.25
"""Times the growth of the size, by which the CPU may grow: what differs from run to run is in it."""
_END = 1_772_452_800
"""2026-03-02 12:00, the end of what is recorded, so that it can be kept."""
_IMPORT_SECONDS = 7200.0
_TICKS = os.sysconf("SC_CLK_TCK")
_GROUPED = "grouped"
_PEERS = {
    "KRR": How(),
    "KRR 300 s": How(step=300),
    "bare": How(library=False),
    "bare 300 s": How(library=False, step=300),
    "bare 1 thread": How(library=False, step=300, threads=1),
}
_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """containers: that were told of. mib: the most that the client held; server_mib: that the server did by then."""

    queries: int
    containers: int
    seconds: float
    cpu: float
    server_cpu: float
    mib: float
    server_mib: float


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1000, 3000], help="workloads")
    parser.add_argument("--hours", type=float, default=12.0)
    parser.add_argument("--peers-encoding", metavar="ENCODING", help="such as identity; else what the library asks for")
    parser.add_argument("--without-api", action="store_true", help="no API server: usage alone")
    parser.add_argument("--without-usage", action="store_true", help="no Prometheus: objects alone")
    parser.add_argument("--read", nargs=3, metavar=("WAY", "URL", "WORKLOADS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        way, url, workloads = arguments.read
        told = (
            grouped(url, int(workloads)) if way == _GROUPED else one_by_one(url, int(workloads), _PEERS[way], arguments)
        )
        print(json.dumps(told))
        return 0
    good = True
    if not arguments.without_usage:
        costs = {workloads: _compare(workloads, arguments) for workloads in sorted(arguments.sizes)}
        good = all(_is_good(workloads, found) for workloads, found in costs.items())
        good &= _grows_linearly({workloads: found[_GROUPED] for workloads, found in costs.items()})
    if not arguments.without_api:
        from fleet_api import read_sizes

        good &= read_sizes(sorted(arguments.sizes), BAR_MIB, BAR_GROWTH)
    return 0 if good else 1


def _compare(workloads: int, arguments: argparse.Namespace) -> dict[str, Cost]:
    taken: dict[str, list[Cost]] = {way: [] for way in (_GROUPED, *_PEERS)}
    takes = BAR_TAKES if workloads == BAR_WORKLOADS else 1
    with prometheus.start({}, history=_blocks(workloads, arguments.hours)) as server:
        for way in [*taken] * takes:
            time.sleep(_PAUSE_SECONDS)
            cost = _cost(way, server.url, server.process.pid, workloads, arguments)
            taken[way].append(cost)
            print(
                f"{workloads:5} workloads  {way:14}  {cost.queries:6} queries  "
                f"{cost.containers:5} containers  {cost.seconds:7.2f} s  "
                f"client {cost.cpu:6.2f} s and {cost.mib:4.0f} MiB  "
                f"Prometheus {cost.server_cpu:6.2f} s and {cost.server_mib:4.0f} MiB",
                flush=True,
            )
    return {way: _median(costs) for way, costs in taken.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    """Of each figure on its own."""
    return Cost(**{one.name: statistics.median(getattr(cost, one.name) for cost in costs) for one in fields(Cost)})


def _blocks(workloads: int, hours: float) -> Path:
    """Made where they are not kept, of this world."""
    world = zlib.crc32(Path(fleet_world.__file__).read_bytes())
    kept = cache_folder() / "fleet" / f"{workloads}-{hours:g}h-{world:08x}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="making-", dir=kept.parent) as folder:
            history, made = Path(folder) / "history.om", Path(folder) / "blocks"
            samples = fleet_world.write(history, workloads, _END, hours)
            print(f"{workloads:5} workloads: {samples / 1e6:.1f} M samples are made into blocks", flush=True)
            prometheus.make_blocks(history, made, _IMPORT_SECONDS)
            shutil.move(made, kept)
    return kept


def _is_good(workloads: int, found: dict[str, Cost]) -> bool:
    ours = found[_GROUPED]
    for way, cost in found.items():
        if way != _GROUPED:
            speed, share = cost.seconds / ours.seconds, ours.server_cpu / cost.server_cpu
            print(
                f"{workloads:5} workloads  {way:14}  {speed:.1f} times as long; we cost {share:.2f} of its server's CPU"
            )
    theirs = [found[way] for way in _PEERS]
    speed = min(cost.seconds for cost in theirs) / ours.seconds
    share = ours.server_cpu / min(cost.server_cpu for cost in theirs)
    if ours.queries > MOST_QUERIES or ours.containers < workloads or ours.mib >= BAR_MIB:
        return False
    return workloads != BAR_WORKLOADS or (ours.seconds < BAR_SECONDS and speed >= BAR_SPEED and share < BAR_SERVER)


def _grows_linearly(costs: dict[int, Cost]) -> bool:
    sizes = sorted(costs)
    growth = [
        (costs[after].cpu + costs[after].server_cpu) / (costs[before].cpu + costs[before].server_cpu) * before / after
        for before, after in pairwise(sizes)
    ]
    print(f"growth of the CPU over that of the size: {', '.join(f'{one:.2f}' for one in growth)}")
    return all(one <= BAR_GROWTH for one in growth)


def _cost(way: str, url: str, pid: int, workloads: int, arguments: argparse.Namespace) -> Cost:
    before = server_cpu(pid)
    command = [sys.executable, __file__, "--hours", str(arguments.hours)]
    if arguments.peers_encoding:
        command += ["--peers-encoding", arguments.peers_encoding]
    command += ["--read", way, url, str(workloads)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    return Cost(**told, server_cpu=server_cpu(pid) - before, server_mib=server_mib(pid))


def grouped(url: str, workloads: int) -> dict[str, float]:
    """The advisor's own reader, of all that there is."""
    now = datetime.fromtimestamp(_END, UTC)
    state = fleet_world.cluster(workloads, now)
    settings = KubernetesSettings.model_validate({"usage": {"days": 1}})
    patient = PrometheusSettings.model_validate({"url": url, "timeout_seconds": "2m"})
    began = time.monotonic()
    with closing(PrometheusApi(patient, most_bytes=MOST_BYTES)) as api:
        usage, _ = UsageLooks(api, settings, {})(now, state)
    return _told(usage.queries, len(usage.containers), began)


def one_by_one(url: str, workloads: int, how: How, arguments: argparse.Namespace) -> dict[str, float]:
    began = time.monotonic()
    peers = PerWorkload(url, _END, arguments.hours, how, encoding=arguments.peers_encoding)
    containers = peers.read(workloads)
    return _told(peers.queries, containers, began)


def _told(queries: int, containers: int, began: float) -> dict[str, float]:
    return {
        "queries": queries,
        "containers": containers,
        "seconds": time.monotonic() - began,
        "cpu": time.process_time(),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def server_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def server_mib(pid: int) -> float:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
