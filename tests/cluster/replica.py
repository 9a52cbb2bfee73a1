"""A replica as a process of its own: stands for election as the daemon does, and writes to the cluster when it is told.

Reads a word a line, answers each with a line of JSON. While it holds a term it says so in a file, many times a second.
"""

import json
import sys
import threading
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from advisor.clients.kubernetes import KubernetesApi
from advisor.clock import SystemClock
from advisor.engine.election import Election
from advisor.journal.lease_lock import LeaseLock
from advisor.journal.repository import open_journal
from advisor.knobs.kubernetes.edit import autoscaler_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.errors import AdvisorError
from advisor.model.knob import Order, knob_target
from advisor.schedule import Schedule
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.surfaces.metrics import AdvisorMetrics

CONFIRMATIONS_IN_A_LEASE = 3
MOMENT_SECONDS = 0.02


class WrongClock(SystemClock):
    """On the wall; how much goes by is right."""

    def __init__(self, off_seconds: float) -> None:
        self._off = timedelta(seconds=off_seconds)

    def now(self) -> datetime:
        return super().now() + self._off


class Replica:
    """begun: the epoch that a cycle under way has, as it was at the cycle's beginning."""

    def __init__(self, told: dict[str, Any], election: Election, knob: KubernetesKnob) -> None:
        self._told = told
        self._election = election
        self._knob = knob
        self._begun = 0

    def campaign(self) -> None:
        """One that fails leads no more, which its term says."""
        try:
            self._election.campaign()
        except AdvisorError as error:
            sys.stderr.write(f"{error}\n")

    def obey(self, word: str) -> object:
        match word:
            case "term":
                return self._epoch()
            case "begin":
                self._begun = self._epoch()
                return self._begun
            case "write" | "renew":
                try:
                    (self._knob.apply if word == "write" else self._knob.renew)(self._order())
                except AdvisorError as error:
                    return type(error).__name__
                return "written"
        return f"what is {word}?"

    def witness(self, ended: threading.Event) -> None:
        """A line for each moment at which it would act: when it was, by the machine's watch, and in which epoch."""
        with Path(self._told["witness"]).open("a", buffering=1) as file:
            while not ended.wait(MOMENT_SECONDS):
                at, epoch = time.monotonic(), self._epoch()
                if epoch:
                    file.write(f"{at} {epoch}\n")

    def _epoch(self) -> int:
        term = self._election.term
        return term.epoch if term is not None else 0

    def _order(self) -> Order:
        where = {"cluster": "kubernetes", "namespace": self._told["namespace"], "name": "web", "part": "maxReplicas"}
        target = knob_target("k8s.hpa", **where)
        return Order(change_id="chg_a", target=target, old=10, new=14, epoch=self._begun)


def main() -> None:
    told = json.loads(sys.argv[1])
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # answers alone go to stdout
    clock, seconds = WrongClock(told["off_seconds"]), float(told["lease_seconds"])
    settings = KubernetesSettings.model_validate({"kubeconfig": told["kubeconfig"], "timeout_seconds": "30s"})
    with closing(KubernetesApi(settings)) as api, closing(open_journal(told["journal"])) as journal:
        lock = LeaseLock(api, (told["namespace"], "tuning-advisor"), told["holder"], clock, seconds)
        election = Election(lock, journal, told["holder"], clock, seconds)
        replica = Replica(told, election, KubernetesKnob(ObjectWriter(api, 30.0), autoscaler_edits))
        schedule, ended = Schedule(AdvisorMetrics()), threading.Event()
        every = seconds / CONFIRMATIONS_IN_A_LEASE
        schedule.every(every, replica.campaign, name="election", first_at=SystemClock().now())
        schedule.start()
        threading.Thread(target=replica.witness, args=(ended,)).start()
        for line in sys.stdin:
            sys.stdout.write(json.dumps(replica.obey(line.strip())) + "\n")
            sys.stdout.flush()
        ended.set()
        schedule.stop()
        election.resign()


if __name__ == "__main__":
    main()
