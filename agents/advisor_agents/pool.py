"""Watches a SQLAlchemy pool and moves its limits. Needs the extra `sqlalchemy`."""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool, PoolProxiedConnection, QueuePool
from sqlalchemy.util import greenlet_spawn

from advisor_agents.bounds import Bounds
from advisor_agents.call_site import call_site
from advisor_agents.instruments import Instruments
from advisor_agents.knob import ApplyFailedError, Knob
from advisor_agents.resize import check_resizable, close_surplus_on_return, resize, serve_waiters
from advisor_agents.watched_engine import WatchedEngine, owner_of_the_pool

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

DEFAULT_BOUNDS = {
    "db.pool_size": Bounds(minimum=1, maximum=100),
    "db.max_overflow": Bounds(minimum=0, maximum=100),
    "db.pool_timeout": Bounds(minimum=0.1, maximum=120, kind=float),
}
_MOST_SITES = 20
_RESIZE_SECONDS = 5.0


class PoolAgent:
    """Measures waits, holds and check-outs of one engine's pool.

    Its `connect` is wrapped on the instance: the wait for a connection includes opening one where that is needed. The
    limits are moved by `resize`; on an asyncio engine that happens in the event loop that uses the pool. An engine that
    the application forgets is not kept alive for being measured: it is shown as it was last, until another takes its
    place.
    """

    def __init__(self, engine: "Engine | AsyncEngine", instruments: Instruments, app: str, name: str) -> None:
        self._labels = (app, name)
        self._metrics = instruments
        self._lock = threading.Lock()
        self._waiting = 0
        self._out: dict[int, tuple[float, str]] = {}
        self._sites: set[str] = set()
        self._shown_site = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._measuring: WeakSet[Pool] = WeakSet()
        self._last_limits, self._last_timeout = (0, 0), 0.0
        self._pool_pid = 0
        self._watch(owner_of_the_pool(engine))

    def take_over(self, engine: "Engine | AsyncEngine") -> None:
        """Measure and move `engine` in place of the former. Raises ValueError where that one is in use, too."""
        own = owner_of_the_pool(engine)
        if own is self._engine.get():
            return
        if self._engine.is_in_use():
            app, name = self._labels
            raise ValueError(
                f"two engines of {app} are called {name!r}; give each a name, or dispose of the former first"
            )
        if self._engine.get() is None:
            with self._lock:
                self._out.clear()
        self._loop = None
        self._watch(own)

    def knobs(self, bounds: dict[str, Bounds]) -> list[Knob]:
        """The three knobs of a pool, each within its declared bounds."""
        declared = {**DEFAULT_BOUNDS, **bounds}
        return [
            Knob(
                name="db.pool_size",
                bounds=declared["db.pool_size"],
                read=lambda: self._limits()[0],
                apply=lambda value: self._resize(size=int(value)),
                pool=self._labels[1],
            ),
            Knob(
                name="db.max_overflow",
                bounds=declared["db.max_overflow"],
                read=lambda: self._limits()[1],
                apply=lambda value: self._resize(max_overflow=int(value)),
                pool=self._labels[1],
            ),
            Knob(
                name="db.pool_timeout",
                bounds=declared["db.pool_timeout"],
                read=lambda: self._timeout(),
                apply=self._set_timeout,
                pool=self._labels[1],
            ),
        ]

    def push(self) -> None:
        """Bring the gauges up to date. A pool that was put in place of the former is measured from here on."""
        pool, labels = self._engine.pool(), self._labels
        if pool is not None:
            self._attach(pool)
        size, overflow = self._limits()
        self._metrics.pool_size.labels(*labels).set(size)
        self._metrics.pool_max_overflow.labels(*labels).set(overflow)
        self._metrics.pool_timeout.labels(*labels).set(self._timeout())
        self._metrics.pool_waiting.labels(*labels).set(self._waiting)
        self._metrics.pool_checked_out.labels(*labels).set(pool.checkedout() if isinstance(pool, QueuePool) else 0)
        self._push_longest()

    def renew(self) -> None:
        """In a process that was forked: nobody waits, and nothing is out that came from here."""
        self._lock = threading.Lock()
        self._waiting, self._loop = 0, None
        self._out.clear()

    def _push_longest(self) -> None:
        """The oldest check-out. A site that no longer holds it shows 0: several workers cannot remove a series."""
        with self._lock:
            started, site = min(self._out.values(), default=(0.0, ""))
            if site and site not in self._sites and len(self._sites) >= _MOST_SITES:
                site = "other"
            if site:
                self._sites.add(site)
        longest = self._metrics.pool_longest
        if self._shown_site and self._shown_site != site:
            longest.labels(*self._labels, self._shown_site).set(0)
        if site:
            longest.labels(*self._labels, site).set(time.monotonic() - started)
        self._shown_site = site

    # ---- measuring

    def _watch(self, engine: Engine) -> None:
        self._engine = WatchedEngine(engine)
        self._attach(engine.pool)
        self._limits(), self._timeout()
        if not event.contains(engine, "engine_disposed", self._disposed):
            event.listen(engine, "engine_disposed", self._disposed)

    def _disposed(self, engine: Engine) -> None:
        """Its new pool is measured. Until that is used, another engine may take its place."""
        if owner_of_the_pool(engine) is self._engine.get():
            self._attach(engine.pool)
            self._engine.is_disposed = True

    def _attach(self, pool: Pool) -> None:
        """Wrap the engine's pool; `dispose` makes a new one, with the limits of the old.

        Connections of the old that are out still count, until they come back to it.
        """
        with self._lock:
            if pool in self._measuring:
                return
            self._measuring.add(pool)
            self._pool_pid = os.getpid()
        vars(pool)["connect"] = self._measured(pool.connect)
        if isinstance(pool, QueuePool):
            vars(pool)["_do_return_conn"] = close_surplus_on_return(pool)
        if not event.contains(pool, "checkout", self._checked_out):
            event.listen(pool, "checkout", self._checked_out)
            event.listen(pool, "checkin", self._checked_in)
            event.listen(pool, "detach", self._checked_in)

    def _measured(self, connect: Callable[[], PoolProxiedConnection]) -> Callable[[], PoolProxiedConnection]:
        waits = self._metrics.pool_wait.labels(*self._labels)
        checkouts = self._metrics.pool_checkouts.labels(*self._labels)
        timeouts = self._metrics.pool_timeouts.labels(*self._labels)

        def connect_and_measure() -> PoolProxiedConnection:
            started, self._engine.is_disposed = time.monotonic(), False
            with self._lock:
                self._waiting += 1
            try:
                connection = connect()
            except PoolTimeoutError:
                timeouts.inc()
                raise
            finally:
                with self._lock:
                    self._waiting -= 1
                waits.observe(time.monotonic() - started)
            checkouts.inc()
            return connection

        return connect_and_measure

    def _checked_out(self, _: Any, record: Any, __: Any) -> None:
        if self._loop is None and isinstance(self._engine.pool(), AsyncAdaptedQueuePool):
            self._loop = asyncio.get_running_loop()
        started, site = time.monotonic(), call_site()
        with self._lock:
            self._out[id(record)] = (started, site)

    def _checked_in(self, _: Any, record: Any) -> None:
        with self._lock:
            started, _site = self._out.pop(id(record), (None, ""))
        if started is not None:
            self._metrics.pool_hold.labels(*self._labels).observe(time.monotonic() - started)

    # ---- moving

    def _limits(self) -> tuple[int, int]:
        pool = self._engine.pool()
        if pool is not None:
            self._last_limits = (pool.size(), pool._max_overflow) if isinstance(pool, QueuePool) else (0, 0)
        return self._last_limits

    def _timeout(self) -> float:
        pool = self._engine.pool()
        if pool is not None:
            self._last_timeout = float(pool._timeout) if isinstance(pool, QueuePool) else 0.0
        return self._last_timeout

    def _set_timeout(self, seconds: float) -> None:
        check_resizable(self._engine.live().pool)._timeout = seconds

    def _resize(self, *, size: int | None = None, max_overflow: int | None = None) -> None:
        engine = self._engine.live()
        if self._pool_pid != os.getpid() and isinstance(engine.pool, QueuePool):
            # Its connections are the parent's, too: closed here, they would be closed for it.
            engine.dispose(close=False)
        pool = check_resizable(engine.pool)
        now_size, now_overflow = self._limits()
        new_size = now_size if size is None else size
        new_overflow = now_overflow if max_overflow is None else max_overflow

        def move() -> None:
            resize(pool, size=new_size, max_overflow=new_overflow)
            serve_waiters(pool, self._waiting)

        try:
            if isinstance(pool, AsyncAdaptedQueuePool) and self._loop is not None and self._loop.is_running():
                _in_loop(move, self._loop)
            else:
                move()
        except SQLAlchemyError as error:
            raise ApplyFailedError(f"resized, but a connection could not be opened: {type(error).__name__}") from error


def _in_loop(move: Callable[[], None], loop: asyncio.AbstractEventLoop) -> None:
    """Run `move` in the loop that owns the asyncio queue, which no other thread may touch; wait for it."""

    async def in_greenlet() -> None:
        await greenlet_spawn(move)

    done = asyncio.run_coroutine_threadsafe(in_greenlet(), loop)
    try:
        done.result(timeout=_RESIZE_SECONDS)
    except TimeoutError as error:
        done.cancel()
        raise ApplyFailedError("the event loop did not get to it in time") from error
