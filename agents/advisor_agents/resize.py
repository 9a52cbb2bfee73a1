"""Changes the capacity of a live SQLAlchemy pool. Guarded by tests for SQLAlchemy 2.0 and 2.1.

A QueuePool keeps its limit in three places: `_pool.maxsize` (idle connections kept), `_max_overflow`, and
`_overflow`, which counts open connections from minus the size upwards; a connection is opened while `_overflow` is
below `_max_overflow`. Raising maxsize alone therefore raises nothing: the counter has to move with it, under its
lock. The asyncio queue holds its limit a second time in the asyncio.Queue it wraps.
"""

from collections.abc import Callable

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, QueuePool
from sqlalchemy.util import queue as sqlalchemy_queue

from advisor_agents.knob import RestartNeededError

_NEEDED = ("_pool", "_overflow", "_max_overflow", "_overflow_lock", "_timeout", "_do_return_conn", "_dec_overflow")


def check_resizable(pool: object) -> QueuePool:
    """`pool` as one that can be resized live. Raises RestartNeededError for any other class or unknown insides."""
    if type(pool) not in (QueuePool, AsyncAdaptedQueuePool):
        raise RestartNeededError(f"a {type(pool).__name__} cannot be resized while it runs")
    missing = [name for name in _NEEDED if not hasattr(pool, name)]
    if missing or not isinstance(pool, QueuePool):
        raise RestartNeededError(f"this SQLAlchemy's pool has no {', '.join(missing)}")
    if pool._pool.maxsize < 1 or pool._max_overflow < 0:
        raise RestartNeededError("the pool has no limit to move (pool_size 0 or max_overflow -1)")
    return pool


def total_connections(pool: QueuePool) -> int:
    """Connections that are open or being opened."""
    return pool._overflow + pool._pool.maxsize


def capacity(pool: QueuePool) -> int:
    """Connections allowed at the same time."""
    return pool._max_overflow + pool._pool.maxsize


def resize(pool: QueuePool, *, size: int, max_overflow: int) -> None:
    """Set both limits at once. Connections that are now too many are closed when idle, or when they come back.

    For an AsyncAdaptedQueuePool to be called in its event loop, inside a greenlet.
    """
    with pool._overflow_lock:
        queue = pool._pool
        pool._overflow -= size - queue.maxsize
        queue.maxsize = size
        inner = queue.__dict__.get("_queue")
        if isinstance(pool, AsyncAdaptedQueuePool) and inner is not None:
            inner._maxsize = size
        pool._max_overflow = max_overflow
    _close_surplus(pool)


def _close_surplus(pool: QueuePool) -> None:
    while total_connections(pool) > capacity(pool) or pool._pool.qsize() > pool._pool.maxsize:
        try:
            record = pool._pool.get(False)
        except sqlalchemy_queue.Empty:
            return
        _close(pool, record)


def _close(pool: QueuePool, record: ConnectionPoolEntry) -> None:
    try:
        record.close()
    finally:
        pool._dec_overflow()


def close_surplus_on_return(pool: QueuePool) -> Callable[[ConnectionPoolEntry], None]:
    """A replacement for `pool._do_return_conn`.

    SQLAlchemy closes a returned connection only when the queue of idle ones is full. Under load it never is, as
    waiters empty it, and a pool made smaller would keep its old number of connections for ever.
    """
    put_back = pool._do_return_conn

    def return_connection(record: ConnectionPoolEntry) -> None:
        if total_connections(pool) > capacity(pool):
            _close(pool, record)
        else:
            put_back(record)

    return return_connection


def serve_waiters(pool: QueuePool, waiting: int) -> None:
    """Open connections for callers that already wait: they sleep on the queue and would not see the new room."""
    for _ in range(waiting):
        if not pool._inc_overflow():
            return
        record = None
        try:
            record = pool._create_connection()
        finally:
            if record is None:
                pool._dec_overflow()
        pool._do_return_conn(record)
