"""A bench holds one knob, what it moves, and the hands of somebody else. The contract's tests run on every bench."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import psycopg
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from advisor.knobs.agents.board import Board, Entry, to_wire
from advisor.knobs.agents.knob import AgentBoardKnob
from advisor.knobs.agents.status import InstanceValue
from advisor.knobs.kubernetes.edit import autoscaler_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.knobs.postgres.index import PostgresIndexKnob
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobTarget, Order, knob_target
from advisor.ports.changing import Knob
from advisor.settings.postgres import PostgresSettings
from advisor.testing.clock import FakeClock
from advisor.testing.knob import FakeKnob
from advisor_agents import Agent, Bounds
from advisor_agents.board import Board as AgentsBoard
from tests.fakes import gitops
from tests.fakes.cluster import FakeCluster
from tests.fakes.manifests import autoscaler

INSTANCES = 3
DDL = 'CREATE INDEX CONCURRENTLY "advisor_author" ON "public"."message" USING btree ("author")'
POOL = knob_target("db.pool_size", app="shop")
SCALER = knob_target("k8s.hpa", cluster="kubernetes", namespace="shop", name="web", part="maxReplicas")
SCALER_PATH = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
INDEX = knob_target("postgres.index", database="main", schema="public", table="message", index="advisor_author")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is moved, from what to what; `foreign` is a value nobody here ordered."""

    target: KnobTarget
    old: KnobValue
    new: KnobValue
    foreign: KnobValue

    def order(self, change: str = "chg_a", *, epoch: int = 1, hold_until: datetime | None = None) -> Order:
        return Order(
            change_id=change, target=self.target, old=self.old, new=self.new, epoch=epoch, hold_until=hold_until
        )


class Bench(Protocol):
    """`knob` as the engine has it. Several instances may have to show a value; an index has none."""

    wanted: Wanted
    knob: Knob

    def show(self, instances: int = INSTANCES) -> None:
        """So many processes of the application look at what is wanted, take it and show it."""

    def live(self) -> list[KnobValue]:
        """What every instance has."""

    def somebody_else_writes(self) -> None:
        """`wanted.foreign` is set, and shown everywhere, without the knob."""

    def restarted(self) -> Knob:
        """The knob as a daemon would have it that knows nothing of this one."""


class InstancedBench(Bench, Protocol):
    """A bench with a dead man's switch."""

    def soon(self) -> datetime:
        """A moment that `wait_for` can reach quickly."""

    def wait_for(self, moment: datetime) -> None: ...


class MemoryBench:
    """The double that the engine's tests run on."""

    wanted = Wanted(target=POOL, old=5, new=12, foreign=40)

    def __init__(self) -> None:
        self._clock = FakeClock()
        self.knob = FakeKnob(5, instances=INSTANCES, now=self._clock.now)
        self.knob.is_slow = True

    def show(self, instances: int = INSTANCES) -> None:
        self.knob.takers = instances
        self.knob.settle()

    def live(self) -> list[KnobValue]:
        return list(self.knob.live)

    def somebody_else_writes(self) -> None:
        self.knob.move_by_hand(40)

    def restarted(self) -> Knob:
        return self.knob

    def soon(self) -> datetime:
        return self._clock.now() + timedelta(seconds=30)

    def wait_for(self, moment: datetime) -> None:
        self._clock.advance((moment - self._clock.now()).total_seconds())


@dataclass
class Process:
    """One process of the application: its pool, and the real agent that moves it."""

    size: float
    agents_board: AgentsBoard
    name: str
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.agent = Agent("shop", self.agents_board, instance=self.name, registry=self.registry)
        bounds = Bounds(minimum=1, maximum=100)
        self.agent.knob("db.pool_size", read=lambda: self.size, apply=self._resize, bounds=bounds)
        self.agent.poll()

    def _resize(self, size: float) -> None:
        self.size = size

    def shown(self) -> InstanceValue:
        """What Prometheus would scrape."""
        value = self.registry.get_sample_value("advisor_agent_knob_value", {"app": "shop", "knob": "db.pool_size"})
        assert value is not None
        in_force = [
            sample.labels["change"]
            for metric in self.registry.collect()
            for sample in metric.samples
            if sample.name == "advisor_agent_knob_change_info" and sample.value == 1
        ]
        change = "".join(in_force)
        return InstanceValue(instance=self.name, value=value, change=change, age_seconds=0, name=self.name)


class Registries:
    """An InstanceView straight over the agents' registries."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes

    def values(self, app: str, knob: str) -> Sequence[InstanceValue]:
        return [process.shown() for process in self._processes] if (app, knob) == ("shop", "db.pool_size") else []


class SystemClock:
    """The agents read the machine's clock, so the knob on their board does too."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class AgentBench:
    """Three processes with real agents around a real board."""

    wanted = Wanted(target=POOL, old=5, new=12, foreign=40)

    def __init__(self, board: Board, agents_board: AgentsBoard, wipe: Callable[[], object]) -> None:
        """wipe: empties the board behind everybody's back."""
        self.board = board
        self.wipe = wipe
        self.processes = [Process(5, agents_board, f"shop-{number}") for number in range(INSTANCES)]
        self.knob = self.restarted()

    def show(self, instances: int = INSTANCES) -> None:
        for process in self.processes[:instances]:
            process.agent.poll()

    def live(self) -> list[KnobValue]:
        return [process.size for process in self.processes]

    def somebody_else_writes(self) -> None:
        seen = self.board.read("shop", "db.pool_size")
        entry = Entry(value=40, previous=40, change="by-hand", epoch=1)
        assert self.board.swap("shop", "db.pool_size", seen=seen, wanted=to_wire(entry))
        self.show()

    def restarted(self) -> AgentBoardKnob:
        return self.over(self.board)

    def over(self, board: Board) -> AgentBoardKnob:
        """The knob with another board in front of the same processes."""
        return AgentBoardKnob({"shop": board}, Registries(self.processes), SystemClock())

    def soon(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=2)  # the wire rounds down to a whole second

    def wait_for(self, moment: datetime) -> None:
        time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


class ClusterBench:
    """An autoscaler on a cluster in memory."""

    wanted = Wanted(target=SCALER, old=10, new=14, foreign=40)

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.cluster.make(SCALER_PATH, autoscaler("web", "web"))
        self.knob = self.restarted()

    def show(self, instances: int = INSTANCES) -> None:
        """A value is live once it is written."""

    def live(self) -> list[KnobValue]:
        return [self.cluster.objects[SCALER_PATH]["spec"]["maxReplicas"]]

    def somebody_else_writes(self) -> None:
        move = {"op": "replace", "path": "/spec/maxReplicas", "value": self.wanted.foreign}
        self.cluster.edit(SCALER_PATH, "kubectl-edit", move)

    def restarted(self) -> KubernetesKnob:
        return KubernetesKnob(ObjectWriter(self.cluster, 10.0), autoscaler_edits)


class IndexBench:
    """A table in a real database."""

    wanted = Wanted(target=INDEX, old=None, new=DDL, foreign="lower(author)")

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.settings = PostgresSettings.model_validate(
            {"builder_dsn": SecretStr(dsn), "lock_timeout_seconds": "300ms", "build_timeout_seconds": "20s"}
        )
        self.run("CREATE TABLE message (id bigint PRIMARY KEY, author text NOT NULL)")
        self.run("INSERT INTO message SELECT n, 'author ' || n % 97 FROM generate_series(1, 2000) n")
        self.knob = self.restarted()

    def run(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def show(self, instances: int = INSTANCES) -> None:
        """An index is live once it is built."""

    def live(self) -> list[KnobValue]:
        return [str(row[0]) for row in self.run("SELECT indexdef FROM pg_indexes WHERE indexname = 'advisor_author'")]

    def somebody_else_writes(self) -> None:
        self.run("DROP INDEX IF EXISTS advisor_author")
        self.run("CREATE INDEX advisor_author ON message (lower(author))")

    def restarted(self) -> PostgresIndexKnob:
        return PostgresIndexKnob(self.settings)


class ContractGitOpsBench(gitops.GitOpsBench):
    """A commit that is published is shown once the cluster has followed it."""

    wanted = Wanted(target=gitops.TARGET, old=gitops.OLD, new=gitops.NEW, foreign=gitops.FOREIGN)
