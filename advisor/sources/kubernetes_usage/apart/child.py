"""The process: a job comes on standard input, its answer goes to standard output, and nothing of it stays."""

import os
import pickle
import signal
import sys
import zlib
from contextlib import closing
from typing import BinaryIO

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import AdvisorError
from advisor.resilience.heap import keep_small
from advisor.sources.kubernetes_usage.answers.asking import MOST_BYTES
from advisor.sources.kubernetes_usage.apart.job import Answer, Fault, Job, NotesCopy
from advisor.sources.kubernetes_usage.history import DayHistory
from advisor.sources.kubernetes_usage.looks import Memory, UsageLooks
from advisor.sources.kubernetes_usage.reader import Seen

_QUICK = 1
"""A week of 1,000 workloads is megabytes, and lies in the daemon from look to look."""


def main() -> None:
    keep_small()
    with _alone() as out:
        job: Job = pickle.load(sys.stdin.buffer)  # of the process that began this one
        signal.setitimer(signal.ITIMER_REAL, job.seconds)  # also when nobody waits for it any more
        pickle.dump(done(job), out)


def done(job: Job) -> Answer:
    notebook = NotesCopy(dict(job.notes))
    memory: Memory = pickle.loads(zlib.decompress(job.memory)) if job.memory is not None else Memory()
    with closing(PrometheusApi(job.prometheus, most_bytes=MOST_BYTES)) as api:
        history = DayHistory(notebook, job.environment)
        looks = UsageLooks(api, job.kubernetes, job.prometheus.matchers, history, memory)
        seen: Seen | Fault
        try:
            seen = looks(job.now, job.state)
        except AdvisorError as error:
            seen = Fault.of(error)
    return Answer(seen=seen, memory=zlib.compress(pickle.dumps(memory), _QUICK), notes=tuple(notebook.done))


def _alone() -> BinaryIO:
    """Standard output for the answer alone: what a library prints goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    main()
