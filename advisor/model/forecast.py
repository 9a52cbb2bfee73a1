"""Questions to and answers from the what-if models."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.model.database.index_design import IndexDesign


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDemand:
    """What one pool instance is asked for.

    arrivals_per_second: check-outs asked for, those that timed out included (> 0).
    hold_seconds: mean time a connection is held (> 0).
    burstiness: how many times longer callers wait than if they came at random (>= 1).
    """

    arrivals_per_second: float
    hold_seconds: float
    burstiness: float = 1.0

    @property
    def busy(self) -> float:
        """Connections in use on average, by Little's law."""
        return self.arrivals_per_second * self.hold_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolForecast:
    """What a pool of `capacity` connections would do under a demand.

    utilisation: arrivals x hold / capacity (0 to 1; over 1 the queue grows without end).
    """

    capacity: int
    utilisation: float
    wait_mean_seconds: float
    wait_p95_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """How a cache is asked.

    within: cumulative share (0 to 1) of requests that come within so many seconds of the same key's former
    request, by bucket bound; the rest are first requests or later.
    change_ratio: of the reloads, the share that found another value (0 to 1); None when not known.
    reload_seconds: the least time (> 0) from one load of a key to its next: the TTL of the outermost tier.
    """

    requests_per_second: float
    within: Mapping[float, float]
    change_ratio: float | None
    reload_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheForecast:
    """What a cache with `ttl_seconds` would do. stale_ratio: the share of answers older than the origin's."""

    ttl_seconds: float
    hit_ratio_low: float
    hit_ratio: float
    hit_ratio_high: float
    stale_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexForecast:
    """What an index would do to one statement, in planner's cost units, and its estimated size.

    method: "hypothetical" or "clone" when a planner priced it, "heuristic" when estimated from the table's statistics.
    drawn: conditions of the statement whose constants are not on record: typical ones stand for them.
    """

    candidate: IndexDesign
    cost_before: float
    cost_after: float
    size_bytes: int
    method: str
    ddl: str
    undo_ddl: str
    plan_before: str = ""
    drawn: tuple[str, ...] = ()

    @property
    def cost_ratio(self) -> float:
        return self.cost_after / self.cost_before if self.cost_before > 0 else 1.0
