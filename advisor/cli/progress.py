"""How long a command still waits, on a terminal's stderr and nowhere else."""

import math
import sys
import time


def wait(seconds: float, *, quiet: bool) -> None:
    """Let `seconds` pass; on a terminal the seconds that are left are counted down on one line, which then goes."""
    if quiet or not sys.stderr.isatty():
        time.sleep(seconds)
        return
    ends = time.monotonic() + seconds
    try:
        while (left := ends - time.monotonic()) > 0:
            sys.stderr.write(f"\r\033[Klooked once; looking again in {math.ceil(left)} s")
            sys.stderr.flush()
            time.sleep(min(left, 1.0))
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
