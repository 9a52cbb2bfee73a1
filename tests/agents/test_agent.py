"""The whole agent against real boards: a Redis hash, a JSON file, two worker processes."""

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
import redis
from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from advisor_agents import Agent, Bounds, FileBoard
from advisor_agents.redis_board import RedisBoard

ROOT = Path(__file__).resolve().parents[2]


def entry(value: float, expires_in: float | None = None, epoch: int = 1) -> str:
    expires = datetime.now(UTC) + timedelta(seconds=expires_in) if expires_in is not None else None
    return json.dumps(
        {
            "v": 1,
            "value": value,
            "previous": 4,
            "change": "chg_a",
            "epoch": epoch,
            "cohort": 1.0,
            "expires_at": expires.isoformat() if expires else None,
        }
    )


def shown(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"advisor_agent_{name}", {"app": "shop", **labels})


def eventually(condition: object, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if callable(condition) and condition():
            return True
        time.sleep(0.02)
    return False


def test_a_pool_follows_the_board_and_falls_back_when_nobody_comes(valkey_url: str) -> None:
    registry = CollectorRegistry()
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=4, max_overflow=0)
    agent = Agent("shop", RedisBoard(valkey_url), registry=registry, poll_seconds=0.05)
    agent.watch_pool(engine)
    agent.start()
    try:
        with redis.Redis.from_url(valkey_url) as client:
            client.hset("advisor:knobs:shop", "db.pool_size", entry(12, expires_in=1.0))
        assert eventually(lambda: shown(registry, "knob_value", knob="db.pool_size") == 12)
        assert engine.pool.size() == 12
        assert shown(registry, "knob_change_info", knob="db.pool_size", change="chg_a") == 1
        assert eventually(lambda: shown(registry, "knob_value", knob="db.pool_size") == 4)
        assert engine.pool.size() == 4
    finally:
        agent.stop()
        engine.dispose()


def test_a_dead_board_keeps_the_values_and_its_age_grows() -> None:
    registry = CollectorRegistry()
    box = {"value": 7.0}
    agent = Agent("shop", RedisBoard("redis://127.0.0.1:1/0"), registry=registry, poll_seconds=0.05)
    agent.knob(
        "app.thread_limit", read=lambda: box["value"], apply=box.__setitem__, bounds=Bounds(minimum=1, maximum=9)
    )
    agent.start()
    assert eventually(lambda: (shown(registry, "board_age_seconds") or 0) > 0.2)
    agent.stop()
    assert shown(registry, "knob_value", knob="app.thread_limit") == 7


def test_a_file_board_is_read_again_when_it_is_replaced(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    box = {"limit": 4.0}
    path = tmp_path / "board.json"
    agent = Agent("shop", FileBoard(path), registry=registry)
    agent.knob(
        "app.thread_limit",
        read=lambda: box["limit"],
        apply=lambda value: box.update(limit=value),
        bounds=Bounds(minimum=1, maximum=9),
    )
    agent.poll()
    assert box["limit"] == 4
    path.write_text("{" + f'"app.thread_limit": {entry(8)}' + "}")
    agent.poll()
    assert box["limit"] == 8
    path.write_text("half a fi")
    agent.poll()
    assert box["limit"] == 8
    replacement = tmp_path / "new.json"
    replacement.write_text("{" + f'"app.thread_limit": {entry(99, epoch=2)}' + "}")
    replacement.replace(path)
    agent.poll()
    assert box["limit"] == 8
    assert shown(registry, "knob_rejected_total", knob="app.thread_limit", reason="out_of_bounds") == 1


def test_a_setting_that_raises_does_not_end_the_agent() -> None:
    registry = CollectorRegistry()
    polls: list[int] = []

    def broken() -> float:
        polls.append(1)
        if len(polls) > 1:
            raise RuntimeError("the application's own fault")
        return 1.0

    agent = Agent("shop", registry=registry, poll_seconds=0.02)
    agent.knob("app.thread_limit", read=broken, apply=lambda _: None, bounds=Bounds(minimum=1, maximum=9))
    agent.start()
    assert eventually(lambda: len(polls) > 3)
    agent.stop()


def test_a_second_pool_carries_its_name_in_front() -> None:
    registry = CollectorRegistry()
    agent = Agent("shop", registry=registry)
    for name in ("main", "reports"):
        agent.watch_pool(create_engine("sqlite://", poolclass=QueuePool, pool_size=4), name)
    agent.poll()
    assert shown(registry, "knob_value", knob="db.pool_size") == 4
    assert shown(registry, "knob_value", knob="reports/db.pool_size") == 4


WORKER = """
import sys, time
from advisor_agents import Agent, Bounds, metrics_page
agent = Agent("shop")
agent.knob("app.thread_limit", read=lambda: float(sys.argv[1]), apply=print, bounds=Bounds(minimum=1, maximum=9))
agent.poll()
print("ready", flush=True)
sys.stdin.readline()
print(metrics_page().decode(), flush=True)
"""


def test_every_live_worker_shows_its_own_value_and_a_killed_one_is_forgotten(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, value],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for value in ("4", "6", "8")
    ]
    try:
        assert all(worker.stdout is not None and worker.stdout.readline() == "ready\n" for worker in workers)
        workers[2].kill()
        workers[2].wait()
        page, _ = workers[0].communicate("go\n", timeout=20)
        values = {line.rsplit(" ", 1)[1] for line in page.splitlines() if line.startswith("advisor_agent_knob_value{")}
        assert values == {"4.0", "6.0"}
        assert f'pid="{workers[1].pid}"' in page
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def test_busy_worker_threads_are_shown_against_their_limit() -> None:
    registry = CollectorRegistry()
    agent = Agent("shop", registry=registry)

    async def serve() -> None:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 3
        agent.watch_threads(limiter)
        release = threading.Event()
        async with anyio.create_task_group() as group:
            for _ in range(5):  # two of the five wait for a thread
                group.start_soon(anyio.to_thread.run_sync, release.wait)
            await anyio.wait_all_tasks_blocked()
            agent.poll()
            release.set()

    anyio.run(serve)
    assert shown(registry, "threads_busy") == 3
    assert shown(registry, "thread_limit") == 3
    agent.poll()
    assert shown(registry, "threads_busy") == 0


def setting(box: dict[str, float]) -> dict[str, object]:
    return {"read": lambda: box["value"], "apply": lambda value: box.update(value=value)}


class FullOfTrials:
    """A board on which every knob is on trial: eight in place of four, for less than a second."""

    def __init__(self) -> None:
        self._entry = entry(8, expires_in=0.4)

    def read(self, app: str) -> dict[str, str]:
        return dict.fromkeys(("a", "b", "c"), self._entry)


class Broken:
    """A setting that cannot be set: it raises what no agent has heard of, or never comes back."""

    def __init__(self, *, hangs: bool) -> None:
        self._hangs, self.freed = hangs, threading.Event()

    def apply(self, value: float) -> None:
        if self._hangs:
            self.freed.wait(20)
        raise OSError("the disk is gone")


@pytest.mark.parametrize("hangs", [False, True], ids=["raises", "hangs"])
def test_the_dead_mans_switch_holds_whatever_the_knob_before_does(hangs: bool) -> None:
    registry, box, broken = CollectorRegistry(), {"value": 4.0}, Broken(hangs=hangs)
    agent = Agent("shop", FullOfTrials(), registry=registry, poll_seconds=0.02, step_seconds=0.1)
    bounds = Bounds(minimum=1, maximum=9)
    agent.knob("a", read=lambda: 4.0, apply=broken.apply, bounds=bounds)
    agent.knob("b", bounds=bounds, **setting(box))
    agent.start()
    try:
        assert eventually(lambda: box["value"] == 8)
        assert eventually(lambda: box["value"] == 4), "the value on trial outlived its end"
        if not hangs:
            assert shown(registry, "knob_rejected_total", knob="a", reason="apply_failed") == 1
    finally:
        broken.freed.set()
        agent.stop()


def test_the_dead_mans_switch_holds_whatever_a_gauge_or_the_board_does() -> None:
    registry, box = CollectorRegistry(), {"value": 4.0}
    board = FailingLater()
    agent = Agent("shop", board, registry=registry, poll_seconds=0.02, step_seconds=0.1)
    agent.watch_threads(NoLimiter())
    agent.knob("b", bounds=Bounds(minimum=1, maximum=9), **setting(box))
    agent.start()
    try:
        assert eventually(lambda: box["value"] == 8)
        board.fails = True
        assert eventually(lambda: box["value"] == 4)
    finally:
        agent.stop()


class FailingLater(FullOfTrials):
    """A board whose client raises an error of its own."""

    fails = False

    def read(self, app: str) -> dict[str, str]:
        if self.fails:
            raise RuntimeError("no such board")
        return super().read(app)


class NoLimiter:
    """A limiter that was closed."""

    @property
    def borrowed_tokens(self) -> int:
        raise RuntimeError("closed")

    @property
    def total_tokens(self) -> float:
        raise RuntimeError("closed")
