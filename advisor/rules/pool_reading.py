"""What a snapshot says about one application's connection pool. Pure."""

from dataclasses import dataclass

from advisor.model.forecast import PoolDemand
from advisor.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReading:
    """One application's pool. Sizes and check-outs are of one process, rates of all together. None: not measured."""

    app: str
    size: int
    max_overflow: int
    instances: int
    checked_out: float
    timeout_seconds: float | None
    checkouts_per_second: float
    timeouts_per_second: float
    wait_mean_seconds: float | None
    wait_p95_seconds: float | None
    hold_mean_seconds: float | None
    requests_per_second: float | None
    longest_checkout_seconds: float
    longest_checkout_site: str
    threads_busy_ratio: float | None

    @property
    def capacity(self) -> int:
        return self.size + self.max_overflow

    @property
    def utilisation(self) -> float:
        return self.checked_out / self.capacity if self.capacity else 0.0

    @property
    def waste_seconds_per_second(self) -> float:
        """Mean number of callers that wait, by Little's law; those that gave up waited the whole time-out."""
        waited = self.checkouts_per_second * (self.wait_mean_seconds or 0.0)
        return waited + self.timeouts_per_second * (self.timeout_seconds or 0.0)

    @property
    def demand(self) -> PoolDemand | None:
        """What one process asks of its pool; None while nothing is asked or holds are not measured."""
        arrivals = (self.checkouts_per_second + self.timeouts_per_second) / max(1, self.instances)
        if arrivals <= 0 or not self.hold_mean_seconds:
            return None
        return PoolDemand(
            arrivals_per_second=arrivals,
            hold_seconds=self.hold_mean_seconds,
            wait_p95_seconds=self.wait_p95_seconds,
        )


def pool_readings(snapshot: Snapshot) -> list[PoolReading]:
    """One for each application whose pool's size and use are measured."""
    found = []
    for app in snapshot.label_values("pool.size", "app"):
        size, checked_out = snapshot.value("pool.size", app=app), snapshot.value("pool.checked_out", app=app)
        if size is not None and checked_out is not None:
            found.append(_reading(snapshot, app, round(size), checked_out))
    return found


def _reading(snapshot: Snapshot, app: str, size: int, checked_out: float) -> PoolReading:
    def value(name: str) -> float | None:
        return snapshot.value(name, app=app)

    seconds, site = max(
        (
            (snapshot.value(key.name, **dict(key.labels)) or 0.0, key.label("site"))
            for key in snapshot.keys("pool.longest_checkout_seconds", app=app)
        ),
        default=(0.0, ""),
    )
    limit, busy = value("app.thread_limit"), value("app.threads_busy")
    return PoolReading(
        app=app,
        size=size,
        max_overflow=round(value("pool.max_overflow") or 0),
        instances=round(value("pool.instances") or 1),
        checked_out=checked_out,
        timeout_seconds=value("pool.timeout_seconds"),
        checkouts_per_second=value("pool.checkouts_per_second") or 0.0,
        timeouts_per_second=value("pool.timeouts_per_second") or 0.0,
        wait_mean_seconds=value("pool.wait_mean_seconds"),
        wait_p95_seconds=value("pool.wait_p95_seconds"),
        hold_mean_seconds=value("pool.hold_mean_seconds"),
        requests_per_second=value("http.requests_per_second"),
        longest_checkout_seconds=seconds,
        longest_checkout_site=site,
        threads_busy_ratio=busy / limit if limit and busy is not None else None,
    )
