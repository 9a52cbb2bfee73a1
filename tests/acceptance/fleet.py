"""Three instances of the example application behind one load, each measured by itself: what a canary is tried on."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from advisor.demo import configuration
from advisor.demo.configuration import APP
from advisor.demo.environment import answers
from advisor.demo.scenarios import badly_set
from advisor.demo.voiceassist import database
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal
from advisor.model.signal import signal
from advisor.servers import prometheus
from advisor.servers.listening import free_port
from advisor.servers.process import ChildProcess, Program
from advisor.testing.words import a_proposal
from advisor_rules import ALL_RULES
from tests.acceptance.world import World
from tests.integration.servers.processes import comes_true

INSTANCES = 3
SIZE = database.Size(users=500, conversations=2_000, messages=20_000, documents=5_000)
_THINKING_SECONDS = 0.22
_WAIT = signal("pool.wait_mean_seconds", app=APP)
TRIAL: dict[str, Any] = {
    "warm_up_seconds": "3s",
    "baseline_seconds": "20s",
    "history_seconds": "60s",
    "earlier_days": [],
    "trial_seconds": "12s",
    "longest_seconds": "36s",
    "hold_seconds": "20s",
    "apply_seconds": "15s",
    "smallest_effective_samples": 3,
    "smallest_requests": 100,
    "load_shift": 0.5,
    "latency_harm": 0.5,
    "latency_slack_seconds": "500ms",
    "error_ratio_slack": 0.05,
    "canary": {"shares": [0.34], "smallest_side": 1, "required": True},
}
"""An instance answers 24 requests a second: 300 in the first window, in which 1 error in 20 can be ruled out.

Few points resemble each other on a busy machine, so only a latency far worse is looked for; time-outs tell the harm.
"""


def pool_of(current: int, proposed: int) -> Proposal:
    """40 replies a second over 3 instances, each of which thinks for 0.22 s, keep 2.9 connections busy in each."""
    return a_proposal(
        finding=f"ordered/{APP}",
        rule="ordered",
        target=knob_target("db.pool_size", app=APP),
        current=current,
        proposed=proposed,
        rationale="ordered by a person",
        prediction=Prediction(signal=_WAIT, unit="s", low=0.0, expected=0.0, high=0.01, model="hearsay"),
        goal=Goal(signal=_WAIT, better=Better.LOWER, minimum_gain_ratio=0.3),
        app=APP,
        apply="",
        undo="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What runs. instances: by the label `instance`."""

    world: World
    instances: tuple[str, ...]
    prometheus_url: str

    def sizes(self, start: datetime, until: datetime | None = None) -> Mapping[str, list[float]]:
        """The pool sizes that each instance's agent showed from `start` on, one a second, by the label `instance`."""
        answer = requests.get(
            f"{self.prometheus_url}/api/v1/query_range",
            params={
                "query": 'advisor_agent_knob_value{knob="db.pool_size"}',
                "start": start.timestamp(),
                "end": (until or datetime.now(UTC)).timestamp(),
                "step": 1,
            },
            timeout=5,
        )
        rows = answer.json()["data"]["result"]
        return {row["metric"]["instance"]: [float(value) for _, value in row["values"]] for row in rows}

    def sizes_now(self) -> Mapping[str, float]:
        """The last that each instance's agent has shown in a few seconds."""
        latest = self.sizes(datetime.now(UTC) - timedelta(seconds=3))
        return {instance: sizes[-1] for instance, sizes in latest.items()}


@contextmanager
def start_fleet(folder: Path, postgres_dsn: str, redis_url: str, pool_size: int) -> Iterator[Fleet]:
    """Applications, load, Prometheus and the advisor's settings; the daemon is not started yet."""
    database.create(postgres_dsn, SIZE, with_index=True)
    with ExitStack() as stack:
        instances = tuple(f"127.0.0.1:{free_port()}" for _ in range(INSTANCES))
        dsn = postgres_dsn.replace("postgresql://", "postgresql+psycopg://")
        settings = replace(badly_set(dsn, redis_url), pool_size=pool_size, model_seconds=_THINKING_SECONDS)
        for instance in instances:
            port = instance.rpartition(":")[2]
            _run(stack, folder, f"voiceassist-{port}", ["voiceassist", port], settings.to_environment())
        metrics = stack.enter_context(prometheus.start({APP: list(instances)}))
        urls = [f"http://{instance}" for instance in instances]
        assert comes_true(lambda: all(answers(f"{url}/healthz") for url in urls), 30.0), "an instance does not answer"
        _run(stack, folder, "load", ["load", "--url", *urls, "--out", str(folder / "load.jsonl")], {})
        secrets = configuration.secrets(postgres_dsn=postgres_dsn, redis_url=redis_url, journal=folder / "journal.db")
        world = World(folder=folder, document=_document(metrics.url), secrets=secrets)
        stack.callback(world.stop)
        yield Fleet(world=world, instances=instances, prometheus_url=metrics.url)


def _document(prometheus_url: str) -> dict[str, Any]:
    """The demo's configuration with shorter windows; no rule runs, so what is tried is what was ordered."""
    document = configuration.document(prometheus_url)
    return {
        **document,
        "prometheus": {**document["prometheus"], "step_seconds": "1s", "rate_window_seconds": "2s"},
        "disabled_rules": [rule.id for rule in ALL_RULES],
        "policy": {"settle_seconds": "1s"},
        "daemon": {"interval_seconds": "1s", "window_seconds": "5s"},
        "trial": TRIAL,
    }


def _run(stack: ExitStack, folder: Path, name: str, arguments: list[str], variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", f"advisor.demo.{arguments[0]}", *arguments[1:]]
    process = ChildProcess(Program(name=name, command=command, folder=folder, environment=variables))
    stack.callback(process.stop)
