"""What a snapshot says about each connection pool of each application. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.model.forecast import PoolDemand
from advisor.model.snapshot import Snapshot
from advisor_rules.pool.makes import PGBOUNCER, SQLALCHEMY, Make, make_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A connection that has been out for `seconds`, and who took it."""

    seconds: float
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReading:
    """One pool of an application. Size, overflow and `checked_out` (mean, of the busiest) are of one process.

    pool: its name where the application has several, else "". Rates and `in_use` are of all processes together;
    replicas: pods or hosts, each with one process or more. Requests and threads are the whole application's: those of
    several pools say nothing of one. None: not measured.
    """

    app: str
    pool: str = ""
    size: int
    max_overflow: int | None
    checked_out: float
    processes: int | None
    replicas: int | None
    in_use: float | None
    timeout_seconds: float | None
    checkouts_per_second: float | None
    timeouts_per_second: float | None
    waiting: float | None
    wait_mean_seconds: float | None
    wait_p95_seconds: float | None
    hold_mean_seconds: float | None
    requests_per_second: float | None
    longest_checkout: Checkout | None
    threads_busy_ratio: float | None
    make: Make = SQLALCHEMY

    @property
    def labels(self) -> Mapping[str, str]:
        """What its signals and knobs are addressed by."""
        return {"app": self.app, "pool": self.pool} if self.pool else {"app": self.app}

    @property
    def name(self) -> str:
        """Such as "shop", or "shop/reports" where the application has several."""
        return "/".join(self.labels.values())

    @property
    def title(self) -> str:
        """Such as "the connection pool of shop", or "the connection pool reports of shop"."""
        return f"the connection pool {self.pool + ' ' if self.pool else ''}of {self.app}"

    @property
    def held_per_second(self) -> float | None:
        """Seconds connections are held per second, all processes: how many are busy on average. None: not measured."""
        if self.hold_mean_seconds is None or self.checkouts_per_second is None:
            return 0.0 if self.checkouts_per_second == 0 else None
        return self.hold_mean_seconds * self.checkouts_per_second

    @property
    def capacity(self) -> int:
        """Most connections of one process; those kept open where the overflow is not measured."""
        return self.size + (self.max_overflow or 0)

    @property
    def utilisation(self) -> float:
        return self.checked_out / self.capacity

    @property
    def waste_seconds_per_second(self) -> float:
        """Mean number of callers that wait; by Little's law the seconds waited per second."""
        if self.waiting is not None:
            return self.waiting
        return self.arrivals_per_second * (self.wait_mean_seconds or 0.0)

    @property
    def arrivals_per_second(self) -> float:
        """Connections asked for, all processes: those given out and those given up on."""
        return (self.checkouts_per_second or 0.0) + (self.timeouts_per_second or 0.0)

    @property
    def demand(self) -> PoolDemand | None:
        """What one process asks of its pool; None while nothing is asked, or holds or processes are not measured."""
        if self.arrivals_per_second <= 0 or not self.hold_mean_seconds or not self.processes:
            return None
        return PoolDemand(
            arrivals_per_second=self.arrivals_per_second / self.processes, hold_seconds=self.hold_mean_seconds
        )


def pool_readings(snapshot: Snapshot) -> list[PoolReading]:
    """One for each pool whose size and use are measured. A pool without a limit has nothing to tune."""
    found = []
    for key in snapshot.keys("pool.size"):
        labels = dict(key.labels)
        size, checked_out = snapshot.value("pool.size", **labels), snapshot.value("pool.checked_out", **labels)
        overflow = snapshot.value("pool.max_overflow", **labels)
        if size is None or checked_out is None or size < 1 or (overflow is not None and overflow < 0):
            continue
        found.append(_reading(snapshot, labels, round(size), checked_out))
    return found


def siblings_of(reading: PoolReading, pools: Sequence[PoolReading]) -> list[PoolReading]:
    """The other pools of its application."""
    return [pool for pool in pools if pool.app == reading.app and pool is not reading]


def facing_the_server(pools: Sequence[PoolReading]) -> Sequence[PoolReading]:
    """Those that connect to the server itself: where PgBouncer's own are seen, the applications' connect to it."""
    return [pool for pool in pools if pool.make is PGBOUNCER] or pools


def _reading(snapshot: Snapshot, labels: Mapping[str, str], size: int, checked_out: float) -> PoolReading:
    app, pool = labels.get("app", ""), labels.get("pool", "")

    def value(name: str) -> float | None:
        return snapshot.value(name, **labels)

    def count(name: str) -> int | None:
        measured = value(name)
        return None if measured is None else round(measured)

    limit, busy = snapshot.value("app.thread_limit", app=app), snapshot.value("app.threads_busy", app=app)
    return PoolReading(
        app=app,
        pool=pool,
        size=size,
        max_overflow=count("pool.max_overflow"),
        checked_out=checked_out,
        processes=count("pool.instances") or None,
        replicas=count("pool.replicas") or None,
        in_use=value("pool.in_use"),
        timeout_seconds=value("pool.timeout_seconds"),
        checkouts_per_second=value("pool.checkouts_per_second"),
        timeouts_per_second=value("pool.timeouts_per_second"),
        waiting=value("pool.waiting"),
        wait_mean_seconds=value("pool.wait_mean_seconds"),
        wait_p95_seconds=value("pool.wait_p95_seconds"),
        hold_mean_seconds=value("pool.hold_mean_seconds"),
        requests_per_second=None if pool else snapshot.value("http.requests_per_second", app=app),
        longest_checkout=_longest(snapshot, labels),
        threads_busy_ratio=busy / limit if limit and busy is not None else None,
        make=make_of(snapshot, labels),
    )


def _longest(snapshot: Snapshot, labels: Mapping[str, str]) -> Checkout | None:
    """The oldest check-out, 0 s old where nothing is out; None where nobody measures it, or nothing was ever out."""
    found = []
    for key in snapshot.keys("pool.longest_checkout_seconds", **labels):
        seconds = snapshot.value(key.name, **dict(key.labels))
        if seconds is not None:
            found.append(Checkout(seconds=seconds, site=key.label("site") or "an unknown place"))
    return max(found, key=lambda checkout: checkout.seconds, default=None)
