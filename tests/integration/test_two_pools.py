"""An application of two workers with two pools each, on real servers: each pool is judged and moved by itself."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from advisor.clients.prometheus import PrometheusApi
from advisor.clock import SystemClock
from advisor.knobs.router import KnobRouter
from advisor.model.knob import KnobState, Order, knob_target
from advisor.servers.prometheus import PrometheusServer
from advisor.settings.schema import Settings
from advisor.sources.prometheus.instances import AgentInstances
from advisor.testing.journal import InMemoryJournal
from advisor.wiring.agents import AgentFleet
from advisor.wiring.knobs import open_knobs

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
LONGEST_SECONDS = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the application's advisor is given."""

    settings: Settings
    file: Path

    def advisor(self, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "advisor.cli.main", *arguments, "--config", str(self.file), "-o", "json"],
            cwd=self.file.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def shown(self, instances: AgentInstances, knob: str) -> list[float]:
        return sorted(one.value for one in instances.shown("two", knob))


@pytest.fixture
def world(
    database: str,
    valkey_url: str,
    prometheus_server: Callable[[dict[str, list[str]]], PrometheusServer],
    tmp_path: Path,
) -> Iterator[World]:
    folder = tmp_path / "metrics"
    folder.mkdir()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))
    with ExitStack() as stack:
        for _ in range(WORKERS):
            worker = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.integration.two_pools_worker", _driver(database), valkey_url, "100"],
                    cwd=ROOT,
                    env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(worker.kill)
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        exporter, thread = start_http_server(0, "127.0.0.1", registry=registry)
        stack.callback(thread.join)
        stack.callback(exporter.server_close)
        stack.callback(exporter.shutdown)
        prometheus = prometheus_server({"two": [f"127.0.0.1:{exporter.server_port}"]})
        given = {
            "prometheus": {"url": prometheus.url, "step_seconds": "1s", "rate_window_seconds": "10s"},
            "postgres": {"dsn": database},
            "redis": {"url": valkey_url},
            "daemon": {"window_seconds": "10s"},
            "applications": [{"name": "two", "database": "main"}],
            "journal": {"url": f"sqlite:///{tmp_path}/journal.db"},
        }
        file = tmp_path / "two.yaml"
        file.write_text(json.dumps(given))
        yield World(settings=Settings.model_validate(given), file=file)


def _driver(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+psycopg://")


def eventually(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.3)


def of_pool(pool: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["target"].get("pool") == pool]


@pytest.mark.timeout(LONGEST_SECONDS)
def test_the_starved_pool_is_found_and_enlarged_and_the_idle_one_is_left_as_it_is(world: World) -> None:
    with PrometheusApi(world.settings.prometheus) as api:
        eventually(
            lambda: bool(
                api.instant(
                    'count_over_time(advisor_agent_pool_size{pool="main"}[30s]) >= 10', SystemClock().now()
                ).result
            )
        )
        instances = AgentInstances(api, world.settings.prometheus, SystemClock())
        report = world.advisor("report")
        [finding] = [one for one in report["findings"] if one["id"] == "pool-exhaustion/two/main"]
        assert finding["summary"] == "the connection pool main of two: too small"
        assert finding["cause"].startswith(("2.0 of 2 connections", "1.9 of 2 connections")), finding["cause"]
        [larger] = of_pool("main", report["proposals"])
        assert (larger["knob"], larger["target"]) == ("db.pool_size", {"app": "two", "pool": "main"})
        assert larger["current"] == 2
        assert larger["proposed"] > 2
        assert larger["prediction"]["signal"] == "pool.wait_mean_seconds{app=two,pool=main}"
        assert all(one["current"] == 6 for one in of_pool("reports", report["proposals"]))
        assert len(of_pool("main", report["proposals"])) + len(of_pool("reports", report["proposals"])) == len(
            [one for one in report["proposals"] if one["knob"].startswith("db.")]
        )

        lines = {line["name"]: line["detail"] for line in world.advisor("check")["checks"]}
        assert lines["agents:two"] == "processes that read their board: 2"

        with open_knobs(world.settings, AgentFleet(instances), SystemClock(), InMemoryJournal()) as knobs:
            order = an_order("main", 2, larger["proposed"])
            assert knobs.inspect(order).kind is KnobState.OLD
            assert knobs.inspect(order).detail == "0 of 2 processes show the new value, 2 the old one"
            knobs.apply(order)
            eventually(lambda: stands(knobs, order, KnobState.NEW))
            assert world.shown(instances, "db.pool_size") == [larger["proposed"]] * WORKERS
            assert world.shown(instances, "reports/db.pool_size") == [6.0] * WORKERS

            further = an_order("reports", 6, 5)
            knobs.apply(further)
            eventually(lambda: stands(knobs, further, KnobState.NEW))
            knobs.restore(further)
            eventually(lambda: stands(knobs, further, KnobState.OLD))
            assert world.shown(instances, "db.pool_size") == [larger["proposed"]] * WORKERS


def an_order(pool: str, old: int, new: int) -> Order:
    target = knob_target("db.pool_size", app="two", pool=pool)
    return Order(change_id=f"chg_{pool}", target=target, old=old, new=new, epoch=1)


def stands(knobs: KnobRouter, order: Order, kind: KnobState) -> bool:
    return knobs.inspect(order).kind is kind
