"""The pool agent on real pools: sync and async, SQLAlchemy 2.1 and 2.0."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy
from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, QueuePool

from advisor_agents.bounds import Rejection
from advisor_agents.instruments import instruments
from advisor_agents.knob import RestartNeededError
from advisor_agents.pool import PoolAgent
from tests.agents.pool_scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parents[2]


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"advisor_agent_{name}", {"app": "shop", "pool": "main", **labels})


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_live_resize_on_the_installed_sqlalchemy(scenario: Callable[[], None]) -> None:
    assert sqlalchemy.__version__.startswith("2.1.")
    scenario()


def test_live_resize_on_sqlalchemy_2_0() -> None:
    """The same scenarios in a process of its own, with SQLAlchemy 2.0 first on the path."""
    older = ROOT / ".cache" / "sqlalchemy-2.0"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.agents.pool_scenarios"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{older}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    version, scenarios = result.stdout.split()
    assert version.startswith("2.0.")
    assert int(scenarios) == len(SCENARIOS)


def test_waits_holds_and_time_outs_are_measured() -> None:
    registry = CollectorRegistry()
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.1)
    agent = PoolAgent(engine, instruments(registry), "shop", "main")
    with engine.connect():
        time.sleep(0.05)
        agent.push()
        assert value(registry, "pool_checked_out") == 1
        with pytest.raises(PoolTimeoutError):
            engine.connect()
    agent.push()
    assert value(registry, "pool_checked_out") == 0
    assert value(registry, "pool_checkouts_total") == 1
    assert value(registry, "pool_timeouts_total") == 1
    assert value(registry, "pool_wait_seconds_count") == 2
    assert 0.1 <= (value(registry, "pool_wait_seconds_sum") or 0) < 1  # nothing, then the time-out of 0.1 s
    assert value(registry, "pool_hold_seconds_count") == 1
    assert (value(registry, "pool_hold_seconds_sum") or 0) >= 0.15  # 0.05 s asleep, 0.1 s at the time-out
    engine.dispose()


def test_the_longest_check_out_names_who_made_it() -> None:
    registry = CollectorRegistry()
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=2)
    agent = PoolAgent(engine, instruments(registry), "shop", "main")
    leaked = engine.connect()
    time.sleep(0.05)
    agent.push()
    shown = [sample for metric in registry.collect() for sample in metric.samples if "longest" in sample.name]
    [longest] = shown
    assert longest.labels["site"].startswith("test_pool.py:")
    assert longest.labels["site"].endswith("in test_the_longest_check_out_names_who_made_it")
    assert longest.value >= 0.05
    leaked.close()
    with engine.connect():
        agent.push()
        sites = [s for metric in registry.collect() for s in metric.samples if "longest" in s.name]
        assert {s.labels["site"]: s.value > 0.04 for s in sites}[longest.labels["site"]] is False
    engine.dispose()


def test_a_pool_without_a_limit_to_move_says_that_a_restart_is_needed() -> None:
    engine = create_engine("sqlite://", poolclass=NullPool)
    agent = PoolAgent(engine, instruments(CollectorRegistry()), "shop", "main")
    size = next(knob for knob in agent.knobs({}) if knob.name == "db.pool_size")
    with pytest.raises(RestartNeededError, match="NullPool"):
        size.apply(5)


@pytest.mark.parametrize("wanted", [0, -1, 10**9, True, 2.5, float("nan"), "7", None])
def test_senseless_sizes_are_refused(wanted: object) -> None:
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=2)
    agent = PoolAgent(engine, instruments(CollectorRegistry()), "shop", "main")
    size = next(knob for knob in agent.knobs({}) if knob.name == "db.pool_size")
    assert size.bounds.refuse(wanted) in (Rejection.WRONG_TYPE, Rejection.OUT_OF_BOUNDS)


async def _hold(engine: AsyncEngine, seconds: float) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        await asyncio.sleep(seconds)


async def _concurrency(engine: AsyncEngine, callers: int) -> int:
    """How many of `callers` that all hold for 0.3 s are let in before the pool's time-out of 0.1 s."""
    results = await asyncio.gather(*(_hold(engine, 0.3) for _ in range(callers)), return_exceptions=True)
    assert all(result is None or isinstance(result, PoolTimeoutError) for result in results)
    return sum(result is None for result in results)


def test_an_asyncio_engine_is_resized_from_another_thread(database: str) -> None:
    """The agent's thread asks; the loop that owns the asyncio queue does it."""

    async def scenario() -> None:
        url = database.replace("postgresql://", "postgresql+asyncpg://")
        engine = create_async_engine(url, pool_size=2, max_overflow=0, pool_timeout=0.1)
        registry = CollectorRegistry()
        agent = PoolAgent(engine, instruments(registry), "shop", "main")
        size = next(knob for knob in agent.knobs({}) if knob.name == "db.pool_size")
        assert await _concurrency(engine, 8) == 2
        await asyncio.to_thread(size.apply, 5)
        assert await _concurrency(engine, 8) == 5
        await asyncio.to_thread(size.apply, 3)
        assert await _concurrency(engine, 8) == 3
        waiting = asyncio.create_task(_concurrency(engine, 3))
        await asyncio.sleep(0.05)
        agent.push()
        [longest] = [s for metric in registry.collect() for s in metric.samples if "longest" in s.name]
        assert longest.labels["site"].endswith("in _hold")
        await waiting
        await engine.dispose()

    asyncio.run(scenario())


def test_async_waiters_are_served_at_once_when_the_pool_grows(database: str) -> None:
    async def scenario() -> None:
        url = database.replace("postgresql://", "postgresql+asyncpg://")
        engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=10)
        agent = PoolAgent(engine, instruments(CollectorRegistry()), "shop", "main")
        size = next(knob for knob in agent.knobs({}) if knob.name == "db.pool_size")
        await _hold(engine, 0)
        first = asyncio.create_task(_hold(engine, 4))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(_hold(engine, 0))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(size.apply, 2)
        started = time.monotonic()
        await second
        assert time.monotonic() - started < 3
        await first
        await engine.dispose()

    asyncio.run(scenario())


def test_an_engine_with_options_is_measured_through_disposal_of_either() -> None:
    """It borrows the pool of the engine it was made of, and is not told when that makes a new one."""
    registry = CollectorRegistry()
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=3, max_overflow=0)
    optioned = engine.execution_options(isolation_level="AUTOCOMMIT")
    agent = PoolAgent(optioned.execution_options(stream_results=True), instruments(registry), "shop", "main")
    {knob.name: knob for knob in agent.knobs({})}["db.pool_size"].apply(5)
    for checkouts, dispose in enumerate((engine.dispose, optioned.dispose, lambda: None), start=1):
        with engine.connect() if checkouts % 2 else optioned.connect():
            agent.push()
            assert value(registry, "pool_checked_out") == 1
        assert value(registry, "pool_checkouts_total") == checkouts
        assert value(registry, "pool_hold_seconds_count") == checkouts
        assert value(registry, "pool_size") == 5
        dispose()
    engine.dispose()


def test_a_connection_that_is_out_while_its_pool_is_disposed_of_is_still_measured() -> None:
    registry = CollectorRegistry()
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=2)
    agent = PoolAgent(engine, instruments(registry), "shop", "main")
    with engine.connect():
        engine.dispose()
        agent.push()
    assert value(registry, "pool_hold_seconds_count") == 1
    engine.dispose()


def test_a_pool_that_was_put_in_place_of_the_former_is_measured_once() -> None:
    registry = CollectorRegistry()
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=2)
    agent = PoolAgent(engine, instruments(registry), "shop", "main")
    former, engine.pool = engine.pool, engine.pool.recreate()
    former.dispose()
    agent.push()
    agent.push()
    with engine.connect():
        pass
    assert value(registry, "pool_checkouts_total") == 1
    assert value(registry, "pool_wait_seconds_count") == 1
    assert value(registry, "pool_hold_seconds_count") == 1
    engine.dispose()
