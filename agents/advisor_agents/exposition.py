"""The page that Prometheus scrapes, for one process or for several workers."""

import os
import struct
import time
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TRIES = 20
_PAUSE_SECONDS = 0.01


def metrics_page() -> bytes:
    """All metrics of this process, or of all live workers when PROMETHEUS_MULTIPROC_DIR is set.

    Workers that died without a farewell are forgotten first, so that their gauges do not stay for ever.
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest(REGISTRY)
    for pid in {_pid_of(path) for path in Path(folder).glob("gauge_live*.db")}:
        if pid is not None and not Path(f"/proc/{pid}").exists():
            mark_process_dead(pid)
    for _ in range(_TRIES - 1):
        try:
            return _of_all_workers()
        except struct.error:  # a worker that begins has just made its file, and written nothing yet
            time.sleep(_PAUSE_SECONDS)
    return _of_all_workers()


def _of_all_workers() -> bytes:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)


def _pid_of(path: Path) -> int | None:
    """gauge_liveall_1234.db -> 1234"""
    pid = path.stem.rsplit("_", 1)[-1]
    return int(pid) if pid.isdecimal() else None
