"""How large a pool should be: a queue's answer, the guide's table as prior, the server's limit as bound. Pure."""

import math
from dataclasses import dataclass

from advisor.model.snapshot import Snapshot
from advisor.model.workload import DatabaseLook
from advisor.ports import PoolModel
from advisor.rules.pool_reading import PoolReading
from advisor.settings.guide import PoolGuide, PoolTier


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The size of one process's pool, and how it came about. is_measured: not by the guide's table alone."""

    size: int
    is_measured: bool
    budget_known: bool
    text: str


def tier_for(reading: PoolReading, guide: PoolGuide) -> PoolTier:
    """The row of the guide's table that fits the load; the smallest where the load is not known."""
    rate = reading.requests_per_second or reading.checkouts_per_second
    users = rate / guide.requests_per_user_per_second
    return next((tier for tier in guide.tiers if users <= tier.users), guide.tiers[-1])


def size_for(reading: PoolReading, snapshot: Snapshot, guide: PoolGuide, model: PoolModel) -> Sizing:
    """The wanted pool_size of every process, max_overflow left as it is."""
    tier = tier_for(reading, guide)
    demand = reading.demand
    if demand is None:
        wanted, is_measured = tier.pool_size, False
        text = f"holds are not measured; the guide's table says {tier.pool_size} for this load"
    else:
        busy = demand.arrivals_per_second * demand.hold_seconds
        capacity = model.smallest_capacity(
            demand, wait_p95_seconds=guide.wait_p95_seconds / 2, utilisation=guide.target_utilisation
        )
        wanted, is_measured = max(1, capacity - reading.max_overflow), True
        text = (
            f"{demand.arrivals_per_second:.1f}/s x {demand.hold_seconds:.3g} s = {busy:.1f} connections busy on "
            f"average in each of {reading.instances} processes (Little); with {capacity} at most "
            f"{guide.target_utilisation:.0%} are busy and the queue is short (Erlang C); "
            f"the guide's table says {tier.pool_size} + {tier.max_overflow}"
        )
    step = max(reading.size + 1, math.floor(reading.size * guide.largest_step_ratio))
    if wanted > step:
        text += f"; at most {step} in one step"
    limit = _limit(reading, snapshot, guide)
    size = min(wanted, step)
    if limit is not None and size > limit:
        size = limit
        text += f"; max_connections leaves {limit} for each process, a rolling release included"
    return Sizing(size=size, is_measured=is_measured, budget_known=limit is not None, text=text)


def _limit(reading: PoolReading, snapshot: Snapshot, guide: PoolGuide) -> int | None:
    """The largest pool_size that max_connections allows every process; None when the server was not read.

    Processes x (size + overflow), a rolling release's surge included, must fit beside everybody else's connections.
    """
    look = _database_of(snapshot)
    if look is None:
        return None
    own = reading.checked_out * reading.instances
    others = max(0.0, look.activity.total - reading.size * reading.instances) if own else look.activity.total
    free = look.max_connections - look.reserved_connections - guide.connection_reserve - others
    surge = math.ceil(reading.instances * (1 + guide.release_surge_ratio))
    return max(0, math.floor(free / surge) - reading.max_overflow)


def _database_of(snapshot: Snapshot) -> DatabaseLook | None:
    """The one database that was read; with several it is not known which one the pool leads to."""
    return next(iter(snapshot.databases.values())) if len(snapshot.databases) == 1 else None
