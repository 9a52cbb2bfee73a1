"""What a server of several worker processes calls when one of them has ended."""

import os
from typing import Any

from prometheus_client.multiprocess import mark_process_dead


def process_ended(pid: int) -> None:
    """Forget the gauges of a process; its counters stay, as what it counted has happened.

    Nothing happens without PROMETHEUS_MULTIPROC_DIR.
    """
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(pid)


def child_exit(server: Any, worker: Any) -> None:
    """gunicorn's hook of this name: import it in gunicorn.conf.py."""
    process_ended(worker.pid)
