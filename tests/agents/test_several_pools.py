"""Several engines in one process, and engines that a library makes, drops and makes again."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from advisor_agents import Agent, Bounds


def an_engine(size: int = 4, **options: Any) -> Engine:
    return sqlalchemy.create_engine("sqlite://", poolclass=QueuePool, pool_size=size, max_overflow=0, **options)


def shown(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"advisor_agent_{name}", {"app": "two", **labels})


class OneEntry:
    """A board that wants 9 of the first pool."""

    def read(self, app: str) -> dict[str, str | bytes]:
        return {"db.pool_size": '{"v": 1, "value": 9, "previous": 4, "change": "chg_a", "epoch": 1}'}


def test_every_knob_tells_the_pool_that_it_moves() -> None:
    registry = CollectorRegistry()
    agent, main, reports = Agent("two", registry=registry), an_engine(2), an_engine(20)
    agent.watch_pool(main)
    agent.watch_pool(reports, "reports")
    agent.poll()
    assert shown(registry, "pool_knob_info", pool="main", knob="db.pool_size") == 1
    assert shown(registry, "pool_knob_info", pool="reports", knob="reports/db.pool_size") == 1
    assert shown(registry, "pool_knob_info", pool="reports", knob="db.pool_size") is None
    assert shown(registry, "knob_value", knob="db.pool_size") == 2
    assert shown(registry, "knob_value", knob="reports/db.pool_size") == 20
    main.dispose()
    reports.dispose()


def test_a_setting_of_the_applications_own_moves_no_pool() -> None:
    registry = CollectorRegistry()
    agent = Agent("two", registry=registry)
    agent.knob("batch.max_size", read=lambda: 5, apply=lambda _: None, bounds=Bounds(minimum=1, maximum=9))
    agent.poll()
    assert not [s for metric in registry.collect() for s in metric.samples if "pool_knob" in s.name]


def _disposed(former: list[Engine]) -> None:
    former.pop().dispose()


def _forgotten(former: list[Engine]) -> None:
    former.pop()


@pytest.mark.parametrize("end", [_disposed, _forgotten], ids=["disposed of", "forgotten"])
def test_an_engine_that_is_made_again_keeps_its_name_its_bounds_and_the_value_on_the_board(
    end: Callable[[list[Engine]], None],
) -> None:
    registry = CollectorRegistry()
    agent, former = Agent("two", OneEntry(), registry=registry), [an_engine()]
    agent.watch_pool(former[0], bounds={"db.pool_size": Bounds(minimum=1, maximum=10)})
    with former[0].connect():
        agent.poll()
    assert former[0].pool.size() == 9  # type: ignore[attr-defined]
    end(former)
    again = an_engine()
    agent.watch_pool(again)
    agent.poll()
    assert again.pool.size() == 9  # type: ignore[attr-defined]
    with again.connect():
        agent.poll()
        assert shown(registry, "pool_checked_out", pool="main") == 1
    assert shown(registry, "pool_checkouts_total", pool="main") == 2
    assert shown(registry, "knob_value", knob="db.pool_size") == 9
    again.dispose()


def test_two_engines_in_use_under_one_name_are_refused_and_the_same_engine_twice_is_not() -> None:
    agent, one, other = Agent("two", registry=CollectorRegistry()), an_engine(), an_engine()
    agent.watch_pool(one)
    agent.watch_pool(one)
    agent.watch_pool(one.execution_options(isolation_level="AUTOCOMMIT"))
    with pytest.raises(ValueError, match="two engines of two are called 'main'; give each a name"):
        agent.watch_pool(other)
    one.dispose()
    with one.connect():  # its new pool is in use, so it is the application's still
        pass
    with pytest.raises(ValueError, match="two engines"):
        agent.watch_pool(other)
    one.dispose()
    other.dispose()


def test_a_pool_whose_engine_is_gone_is_shown_as_it_was_and_cannot_be_moved() -> None:
    registry = CollectorRegistry()
    agent, engines = Agent("two", registry=registry), [an_engine(3)]
    agent.watch_pool(engines[0])
    agent.poll()
    engines.clear()
    agent.poll()
    assert shown(registry, "pool_size", pool="main") == 3
    assert shown(registry, "knob_value", knob="db.pool_size") == 3
    assert shown(registry, "pool_checked_out", pool="main") == 0


def test_engines_of_a_library_are_watched_through_a_wrapped_create_engine() -> None:
    """The recipe of docs/how-to-add-an-agent.md. The library makes one for a try, drops it, and makes it again."""
    registry = CollectorRegistry()
    agent, library = Agent("two", registry=registry), SimpleNamespace(create_engine=sqlalchemy.create_engine)
    make = library.create_engine

    def create_engine(url: str, **options: Any) -> Engine:
        engine: Engine = make(url, **options)
        agent.watch_pool(engine, options.get("pool_logging_name") or "main")
        return engine

    library.create_engine = create_engine
    kept = []
    for name, size in (("tracking", 2), ("tracking", 2), ("registry", 5)):
        options = {"pool_logging_name": name, "pool_size": size, "poolclass": QueuePool}
        kept = [engine for engine in kept if engine.pool.logging_name != name]
        kept.append(library.create_engine("sqlite://", **options))
    agent.poll()
    assert shown(registry, "pool_size", pool="tracking") == 2
    assert shown(registry, "pool_size", pool="registry") == 5
    for engine in kept:
        engine.dispose()
