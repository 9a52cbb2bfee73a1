"""Who leads by a Lease of a real API server: replicas as processes, frozen, cut off, and with clocks that are wrong."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from advisor.servers.cluster.control_plane import write_kubeconfig
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed
from tests.cluster.wire import Wire, wire_to
from tests.fakes.chart import rendered
from tests.fakes.manifests import autoscaler
from tests.fakes.overlays import OVERLAYS

LEASE_SECONDS = 6.0
ACTOR = "tuning-advisor-actor"
MINUTES = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One process. witness: the file in which it says when it led."""

    process: subprocess.Popen[str]
    witness: Path

    def told(self, word: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    @property
    def epoch(self) -> int:
        """Of the term that it holds; 0 for none."""
        return int(self.told("term"))

    def led(self) -> list[tuple[float, int]]:
        """Every moment at which it would have acted, by the machine's watch, and the epoch."""
        lines = [line.split() for line in self.witness.read_text().splitlines() if line.count(" ") == 1]
        return [(float(at), int(epoch)) for at, epoch in lines]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


@dataclass(slots=True, kw_only=True)
class House:
    """Where replicas run: the Lease, the acting account of the manifests, and one journal. Ended with the test."""

    cluster: Cluster
    namespace: str
    folder: Path
    stack: ExitStack
    replicas: list[Replica] = field(default_factory=list)

    def start(self, *, off_seconds: float = 0.0, through: Wire | None = None) -> Replica:
        """through: what its connection to the API server goes by."""
        name = f"replica-{len(self.replicas)}"
        told = {
            "kubeconfig": str(self._kubeconfig(name, through)),
            "namespace": self.namespace,
            "journal": f"sqlite:///{self.folder}/journal.db",
            "holder": name,
            "lease_seconds": LEASE_SECONDS,
            "off_seconds": off_seconds,
            "witness": str(self.folder / f"{name}.led"),
        }
        command = [sys.executable, "-m", "tests.cluster.replica", json.dumps(told)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        self.stack.callback(_ended, process)
        made = Replica(process=process, witness=self.folder / f"{name}.led")
        assert made.epoch >= 0
        self.replicas.append(made)
        return made

    def leader(self) -> Replica:
        """Once there is one."""
        found = until(lambda: [one for one in self.replicas if one.epoch], bool)
        assert len(found) == 1, [one.epoch for one in self.replicas]
        return found[0]

    def lease(self) -> dict[str, Any]:
        found = self.cluster.get("coordination.k8s.io/v1", "Lease", "tuning-advisor", self.namespace)
        return dict(found["spec"])

    def mark(self) -> dict[str, str]:
        """What is written on the autoscaler that they change."""
        found = self.cluster.get("autoscaling/v2", "HorizontalPodAutoscaler", "web", self.namespace)
        return {key.removeprefix("tuning-advisor/"): text for key, text in found["metadata"]["annotations"].items()}

    def _kubeconfig(self, name: str, through: Wire | None) -> Path:
        address, path = self.cluster.address(), self.folder / f"{name}.kubeconfig"
        if through is not None:
            address = {**address, "server": f"https://127.0.0.1:{through.port}"}
        token = self.cluster.token_of(self.namespace, ACTOR)
        write_kubeconfig(path, address, {"token": token}, self.namespace)
        return path


def _ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@pytest.fixture
def house(cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[House]:
    """With the rights that are shipped, and the right to one autoscaler here."""
    named = [{"name": namespace, "hpas": ["web"]}]
    for document in rendered({**OVERLAYS["ha"], "namespaces": named}, namespace):
        if document["kind"] in ("ServiceAccount", "Role", "RoleBinding", "Lease"):
            cluster.create(document)
    cluster.create(placed(autoscaler("web", "web"), namespace))
    with ExitStack() as stack:
        yield House(cluster=cluster, namespace=namespace, folder=tmp_path, stack=stack)


def never_two(replicas: list[Replica]) -> bool:
    """Whether no moment at which one led lies between two at which another did, and no epoch was two replicas'."""
    terms = sorted(
        (min(moments), max(moments), epoch)
        for one in replicas
        for epoch in {epoch for _, epoch in one.led()}
        if (moments := [at for at, its in one.led() if its == epoch])
    )
    epochs = [epoch for *_, epoch in terms]
    return epochs == sorted(set(epochs)) and all(former[1] < later[0] for former, later in pairwise(terms))


def test_a_frozen_leader_is_followed_within_its_lease_and_refused_when_it_wakes(house: House) -> None:
    house.start()
    first = house.leader()
    second = house.start()
    assert (first.epoch, second.epoch) == (1, 0)
    assert first.told("begin") == 1  # a cycle that is under way when it is frozen
    assert first.told("write") == "written"
    with first.frozen():
        until(lambda: second.epoch, lambda epoch: epoch == 2, seconds=4 * LEASE_SECONDS)
        assert house.lease()["holderIdentity"] == "replica-1"
        assert second.told("begin") == 2
        assert second.told("renew") == "written"
        assert house.mark()["epoch"] == "2"
    assert first.told("renew") == "StaleEpochError"
    assert first.told("write") == "StaleEpochError"
    until(lambda: first.epoch, lambda epoch: epoch == 0)
    assert (house.mark()["epoch"], second.epoch) == ("2", 2)
    assert never_two(house.replicas), "it held no term any more when it woke"


@pytest.fixture
def wire(house: House) -> Iterator[Wire]:
    with wire_to(urlsplit(house.cluster.address()["server"]).port or 443) as made:
        yield made


def test_a_replica_that_is_cut_off_has_stopped_before_the_other_begins(house: House, wire: Wire) -> None:
    first = house.start(through=wire)
    assert house.leader() is first
    second = house.start()
    for epoch in (2, 4):
        wire.cut()
        until(lambda: second.epoch, lambda seen, wanted=epoch: seen == wanted, seconds=5 * LEASE_SECONDS)  # type: ignore[misc]
        assert first.epoch == 0
        wire.mend()
        assert first.told("begin") == 0
        with second.frozen():
            until(lambda: first.epoch, lambda seen, wanted=epoch: seen == wanted + 1, seconds=5 * LEASE_SECONDS)  # type: ignore[misc]
    assert never_two(house.replicas)


@pytest.mark.parametrize("off_seconds", [-10 * MINUTES, 10 * MINUTES])
def test_a_clock_that_is_minutes_off_lets_nobody_lead_beside_the_other(house: House, off_seconds: float) -> None:
    right = house.start()
    assert house.leader() is right
    wrong = house.start(off_seconds=off_seconds)
    quiet = threading.Event()
    assert not quiet.wait(1.5 * LEASE_SECONDS)
    assert (right.epoch, wrong.epoch) == (1, 0), "however old or new the record looks to it"
    with right.frozen():
        until(lambda: wrong.epoch, lambda epoch: epoch == 2, seconds=4 * LEASE_SECONDS)
    assert not quiet.wait(1.5 * LEASE_SECONDS)
    assert (right.epoch, wrong.epoch) == (0, 2), "nor to the other, when the wrong one has written it"
    assert never_two(house.replicas)


def test_one_that_ends_in_order_hands_over_at_once(house: House) -> None:
    first = house.start()
    assert house.leader() is first
    second = house.start()
    assert first.process.stdin is not None
    first.process.stdin.close()
    until(lambda: second.epoch, lambda epoch: epoch == 2, seconds=2 * LEASE_SECONDS)
    assert first.process.wait(10) == 0
