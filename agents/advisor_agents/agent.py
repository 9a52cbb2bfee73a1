"""The one object an application makes: it watches the board, moves what is declared, and shows what is."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from prometheus_client import REGISTRY, CollectorRegistry

from advisor_agents.board import Board, BoardUnavailableError
from advisor_agents.bounds import Bounds
from advisor_agents.forks import watch_forks
from advisor_agents.instruments import instruments
from advisor_agents.isolation import Isolation
from advisor_agents.knob import Knob

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from advisor_agents.cache import TieredCache
    from advisor_agents.pool import PoolAgent
    from advisor_agents.redis_tier import RedisTier


class ThreadLimiter(Protocol):
    """What bounds an application's worker threads, as anyio's CapacityLimiter does."""

    @property
    def borrowed_tokens(self) -> int:
        """Threads in use."""

    @property
    def total_tokens(self) -> float:
        """Threads that may be in use."""


class Agent:
    """Declare pools, caches and own settings, then `start`. Without a board it only measures.

    It shows itself from its first poll on: where it is made in one process and started in those forked from it, as in
    gunicorn's `post_fork`, the one that serves nothing is none of the application's processes.

    app: the application's name, the label of all its metrics. instance: this process's name, for canaries; the host
    and process id by default. A process that is forked from this one has a name of its own, `instance:pid`, and there
    the agent goes on by itself where it ran before.
    step_seconds: how long the board, one knob or one gauge is waited for before the others
    go on without it. One pool and one cache of an application carry the plain knob names; those of a further one are
    prefixed with its name, as `reports/db.pool_size`.
    """

    def __init__(
        self,
        app: str,
        board: Board | None = None,
        *,
        instance: str | None = None,
        poll_seconds: float = 1.0,
        step_seconds: float = 5.0,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._app = app
        self._board = board
        self._given_name = instance
        self._instance = instance or f"{socket.gethostname()}:{os.getpid()}"
        self._pid = os.getpid()
        self._poll_seconds = poll_seconds
        self._metrics = instruments(registry)
        self._shown_name = ""
        self._knobs: dict[str, Knob] = {}
        self._pools: dict[str, PoolAgent] = {}
        self._shown_change: dict[str, str] = {}
        self._pushes: list[Callable[[], None]] = []
        self._renewals: list[Callable[[], None]] = []
        self._entries: Mapping[str, str | bytes] = {}
        self._board_read_at = time.monotonic()
        self._isolation = Isolation(step_seconds)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        watch_forks(self)

    def watch_pool(
        self, engine: "Engine | AsyncEngine", name: str = "main", bounds: Mapping[str, Bounds] | None = None
    ) -> None:
        """Measure the pool of `engine`; offer db.pool_size, db.max_overflow and db.pool_timeout within `bounds`.

        An engine that is made again, once the former of its name was disposed of or forgotten, takes its place: name,
        knobs and bounds stay. Raises ValueError where both are in use: each needs a name of its own.
        """
        from advisor_agents.pool import PoolAgent

        former = self._pools.get(name)
        if former is not None:
            former.take_over(engine)
            return
        pool = self._pools[name] = PoolAgent(engine, self._metrics, self._app, name)
        self._offer(pool.knobs(dict(bounds or {})), name)
        self._pushes.append(pool.push)
        self._renewals.append(pool.renew)

    def cache(
        self,
        name: str,
        *,
        ttl_seconds: float,
        max_items: int,
        l2: "RedisTier | None" = None,
        bounds: Mapping[str, Bounds] | None = None,
    ) -> "TieredCache":
        """A measured cache; offers cache.l1.ttl, cache.l1.max_items and cache.l2.ttl within `bounds`."""
        from advisor_agents.cache import TieredCache

        tiers = TieredCache(app=self._app, name=name, instruments=self._metrics, l1=(ttl_seconds, max_items), l2=l2)
        self._offer(tiers.knobs(dict(bounds or {})), name)
        self._pushes.append(tiers.push)
        self._renewals.append(tiers.renew)
        return tiers

    def watch_threads(self, limiter: ThreadLimiter) -> None:
        """Show how many worker threads are in use, of how many. `limiter`: such as anyio's, which runs `def` routes:
        `anyio.to_thread.current_default_thread_limiter()`, asked for inside the event loop.
        """

        def push() -> None:
            self._metrics.threads_busy.labels(self._app).set(limiter.borrowed_tokens)
            self._metrics.thread_limit.labels(self._app).set(limiter.total_tokens)

        self._pushes.append(push)

    def knob(self, name: str, *, read: Callable[[], float], apply: Callable[[float], Any], bounds: Bounds) -> None:
        """Offer a setting of the application's own, such as app.thread_limit."""
        self._offer([Knob(name=name, bounds=bounds, read=read, apply=apply)], name)

    def start(self) -> None:
        """Begin to watch, in a daemon thread. Nothing happens when it runs already in this process."""
        self._notice_fork()
        if self._thread is None:
            self._stop.clear()
            self.poll()
            self._start_thread()

    def stop(self) -> None:
        """End the thread. Values stay as they are."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None
        self._isolation.close()

    def poll(self) -> None:
        """Read the board once, bring every knob to where it should be, and push the gauges."""
        self._notice_fork()
        self._isolation.run("name", self._show_name)
        self._entries = {}
        if self._board is not None:
            self._isolation.run("board", self._read_board)
            self._isolation.run("age of the board", self._show_board_age)
        entries, now = self._entries, datetime.now(UTC)
        for knob in tuple(self._knobs.values()):
            self._isolation.run(f"knob {knob.name}", partial(self._settle, knob, entries.get(knob.name), now))
        for number, push in enumerate(tuple(self._pushes)):
            self._isolation.run(f"gauges {number}", push)

    def _read_board(self) -> None:
        """A board that cannot be read changes nothing, and its age tells."""
        if self._board is not None:
            with suppress(BoardUnavailableError):
                self._entries = self._board.read(self._app)
                self._board_read_at = time.monotonic()

    # ---- in workers that are forked

    def before_fork(self) -> None:
        """Hold the own thread still."""
        self._isolation.before_fork()

    def after_fork_in_parent(self) -> None:
        """Go on as before."""
        self._isolation.after_fork_in_parent()

    def after_fork_in_child(self) -> None:
        """Be the agent of this process, running where the one it was copied from ran.

        The first poll comes one pause later: by then the application has closed what it inherited, and a copy that
        only runs another program is one.
        """
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._instance = f"{self._given_name or socket.gethostname()}:{self._pid}"
        self._isolation.after_fork_in_child()
        for renew in self._renewals:
            renew()
        was_running, self._thread = self._thread is not None and not self._stop.is_set(), None
        self._stop = threading.Event()
        self._board_read_at = time.monotonic()
        if was_running:
            self._start_thread()

    def _notice_fork(self) -> None:
        """Also where the process was copied without Python's knowledge, as by a server written in C."""
        self.after_fork_in_child()

    def _start_thread(self) -> None:
        self._thread = threading.Thread(target=self._run, name="advisor-agent", daemon=True)
        self._thread.start()

    def _show_name(self) -> None:
        """Several workers cannot remove a series: the name of the process this one was copied from shows 0."""
        if self._shown_name == self._instance:
            return
        if self._shown_name:
            self._metrics.info.labels(self._app, self._shown_name).set(0)
        self._metrics.info.labels(self._app, self._instance).set(1)
        self._metrics.started.labels(self._app).set(time.time())
        self._shown_name = self._instance

    def _show_board_age(self) -> None:
        self._metrics.board_age.labels(self._app).set(time.monotonic() - self._board_read_at)

    def _run(self) -> None:
        while not self._stop.wait(self._poll_seconds):
            self.poll()

    def _settle(self, knob: Knob, raw: str | bytes | None, now: datetime) -> None:
        labels = (self._app, knob.name)
        rejection = knob.offer(raw, instance=self._instance, now=now)
        if rejection is not None:
            self._metrics.knob_rejected.labels(*labels, rejection.value).inc()
        former, change = self._shown_change.get(knob.name, ""), knob.change
        if former and former != change:
            self._metrics.knob_change.labels(*labels, former).set(0)
        if change:
            self._metrics.knob_change.labels(*labels, change).set(1)
            self._shown_change[knob.name] = change
        if knob.pool:
            self._metrics.pool_knob.labels(self._app, knob.pool, knob.name).set(1)
        self._metrics.knob_value.labels(*labels).set(knob.read())

    def _offer(self, knobs: list[Knob], prefix: str) -> None:
        for knob in knobs:
            if knob.name in self._knobs:
                knob.name = f"{prefix}/{knob.name}"
            if knob.name in self._knobs:
                raise ValueError(f"the knob {knob.name} is declared twice; give the pool or cache another name")
            self._knobs[knob.name] = knob
