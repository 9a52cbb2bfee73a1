"""What must hold of a live resize, whatever the version of SQLAlchemy. Also run as a script against SQLAlchemy 2.0.

Imports nothing of the test suite, so that it can run in a process of its own.
"""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from advisor_agents.instruments import instruments
from advisor_agents.pool import PoolAgent


class Connections:
    """Opens SQLite connections and counts those that are open, and the most there ever were."""

    def __init__(self) -> None:
        self.open = 0
        self.most = 0
        self._lock = threading.Lock()

    def connect(self) -> sqlite3.Connection:
        counter = self

        class Counted(sqlite3.Connection):
            def close(self) -> None:
                with counter._lock:
                    counter.open -= 1
                super().close()

        with self._lock:
            self.open += 1
            self.most = max(self.most, self.open)
        return sqlite3.connect(":memory:", check_same_thread=False, factory=Counted)


@contextmanager
def a_pool(size: int, overflow: int, timeout: float = 0.2) -> Iterator[tuple[Any, dict[str, Any], Connections]]:
    """(engine, its knobs by name, its connections)."""
    connections = Connections()
    engine = create_engine(
        "sqlite://",
        creator=connections.connect,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=timeout,
    )
    agent = PoolAgent(engine, instruments(CollectorRegistry()), "shop", "main")
    yield engine, {knob.name: knob for knob in agent.knobs({})}, connections
    engine.dispose()


def can_hold_exactly(engine: Any, expected: int) -> bool:
    """Whether `expected` connections can be out at once, and not one more."""
    held = [engine.connect() for _ in range(expected)]
    try:
        engine.connect().close()
    except PoolTimeoutError:
        return True
    finally:
        for connection in held:
            connection.close()
    return False


def a_bigger_pool_holds_exactly_that_many() -> None:
    with a_pool(2, 0) as (engine, knobs, connections):
        assert can_hold_exactly(engine, 2)
        knobs["db.pool_size"].apply(5)
        assert can_hold_exactly(engine, 5)
        knobs["db.max_overflow"].apply(2)
        assert can_hold_exactly(engine, 7)  # 5 + 2
        assert connections.most == 7


def a_smaller_pool_holds_exactly_that_many() -> None:
    with a_pool(8, 2) as (engine, knobs, connections):
        assert can_hold_exactly(engine, 10)
        knobs["db.pool_size"].apply(3)
        knobs["db.max_overflow"].apply(0)
        assert connections.open <= 3  # the idle ones that are too many are closed at once
        assert can_hold_exactly(engine, 3)


def connections_in_use_are_closed_when_they_come_back() -> None:
    with a_pool(6, 0) as (engine, knobs, connections):
        held = [engine.connect() for _ in range(6)]
        knobs["db.pool_size"].apply(2)
        assert connections.open == 6  # nobody loses a connection in use
        for connection in held:
            connection.close()
        assert connections.open == 2
        assert can_hold_exactly(engine, 2)


def a_smaller_pool_shrinks_under_constant_load() -> None:
    """Waiters take every returned connection at once, so the queue of idle ones never fills up."""
    with a_pool(8, 0, timeout=5) as (engine, knobs, connections):
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                with engine.connect():
                    time.sleep(0.002)

        threads = [threading.Thread(target=work) for _ in range(12)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        knobs["db.pool_size"].apply(3)
        time.sleep(0.3)
        under_load = connections.open
        stop.set()
        for thread in threads:
            thread.join()
        assert under_load <= 3, f"{under_load} connections are open under load"


def a_waiter_is_served_at_once_when_the_pool_grows() -> None:
    with a_pool(1, 0, timeout=10) as (engine, knobs, _):
        held = engine.connect()
        waited: list[float] = []

        def wait() -> None:
            started = time.monotonic()
            engine.connect().close()
            waited.append(time.monotonic() - started)

        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.2)
        knobs["db.pool_size"].apply(2)
        waiter.join(timeout=5)
        held.close()
        assert waited, "still waiting"
        assert waited[0] < 2  # the time-out is 10 s; without help it would sleep on until then


def a_new_pool_after_dispose_keeps_the_limits_and_is_measured() -> None:
    with a_pool(2, 0) as (engine, knobs, _):
        knobs["db.pool_size"].apply(4)
        engine.dispose()
        assert can_hold_exactly(engine, 4)
        assert knobs["db.pool_size"].read() == 4
        knobs["db.pool_size"].apply(2)
        assert can_hold_exactly(engine, 2)


def any_walk_of_resizes_ends_at_exactly_the_last_limits() -> None:
    with a_pool(3, 1) as (engine, knobs, _):
        for size, overflow in [(5, 0), (2, 4), (9, 1), (1, 0), (4, 3), (2, 2), (7, 0), (3, 1)]:
            out = [engine.connect() for _ in range(2)] if knobs["db.pool_size"].read() >= 2 else []
            knobs["db.pool_size"].apply(size)
            knobs["db.max_overflow"].apply(overflow)
            for connection in out:
                connection.close()
            assert can_hold_exactly(engine, size + overflow), (size, overflow)


SCENARIOS: tuple[Callable[[], None], ...] = (
    a_bigger_pool_holds_exactly_that_many,
    a_smaller_pool_holds_exactly_that_many,
    connections_in_use_are_closed_when_they_come_back,
    a_smaller_pool_shrinks_under_constant_load,
    a_waiter_is_served_at_once_when_the_pool_grows,
    a_new_pool_after_dispose_keeps_the_limits_and_is_measured,
    any_walk_of_resizes_ends_at_exactly_the_last_limits,
)

if __name__ == "__main__":
    import sqlalchemy

    for scenario in SCENARIOS:
        scenario()
    sys.stdout.write(f"{sqlalchemy.__version__} {len(SCENARIOS)}")
