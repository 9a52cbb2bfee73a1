"""How large a pool should be: a queue's answer, the guide's table as prior, the server's limit as bound. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.model.forecast import PoolDemand
from advisor.model.snapshot import Snapshot
from advisor.ports.predicting import PoolModel
from advisor.ports.rule import RuleContext
from advisor.settings.guide import PoolGuide, PoolTier
from advisor_rules.pool.budget import Budget, budget_of
from advisor_rules.pool.reading import PoolReading

_BURSTIEST = 10.0
_QUIET_HOURS_SHARE = 0.5
_LEAST_SHRINK = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The limits of one process's pool, how they came about, and which one knob moves there.

    demand: what the size is for, None where the guide's table alone says it.
    """

    knob: str
    current: int
    proposed: int
    capacity: int
    demand: PoolDemand | None
    budget_known: bool
    text: str

    @property
    def is_larger(self) -> bool:
        return self.proposed > self.current

    @property
    def is_smaller(self) -> bool:
        return self.proposed < self.current


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """steady: connections in use most of the time, to be kept open. capacity: with those that bursts need."""

    steady: int
    capacity: int
    text: str


def larger_size(reading: PoolReading, pools: Sequence[PoolReading], snapshot: Snapshot, context: RuleContext) -> Sizing:
    """More connections kept open where the steady load needs them, else more overflow, as bursts are what is left."""
    guide = context.guide.pool
    demand = calibrated(reading, context.pool_model)
    wanted = _for_bursts(_wanted(reading, demand, guide, context.pool_model), reading, guide)
    budget = budget_of(reading, pools, snapshot, context)
    overflow = reading.max_overflow or 0
    if wanted.steady > reading.size or reading.make.has_one_limit:
        knob, current, other = "db.pool_size", reading.size, overflow
        # The guide's row is two settings: its overflow is a change of its own.
        alone = demand is None and not reading.make.has_one_limit
        capacity = wanted.steady + overflow if alone else max(wanted.capacity, wanted.steady + overflow)
    else:
        knob, current, other = "db.max_overflow", overflow, reading.size
        capacity = wanted.capacity
    capacity, bounds = _bounded(capacity, reading, budget, guide)
    return Sizing(
        knob=knob,
        current=current,
        proposed=max(current, capacity - other),
        capacity=max(reading.capacity, capacity),
        demand=demand,
        budget_known=budget.per_process is not None,
        text="; ".join([wanted.text, *bounds]),
    )


def smaller_size(reading: PoolReading, context: RuleContext) -> Sizing:
    """Fewer connections kept open: enough for twice the load seen now, as the hour may be a quiet one.

    A pool that would lose less than a quarter is left as it is.
    """
    guide = context.guide.pool
    now = reading.demand
    demand = None if now is None else replace(now, arrivals_per_second=now.arrivals_per_second / _QUIET_HOURS_SHARE)
    wanted = _wanted(reading, demand, guide, context.pool_model)
    floor = max(guide.smallest_size, math.ceil(reading.size / guide.largest_step_ratio))
    size = max(floor, wanted.steady, wanted.capacity - (reading.max_overflow or 0))
    if size > reading.size * (1 - _LEAST_SHRINK):
        size = reading.size
    twice = "" if demand is None else "twice the load seen now: "
    return Sizing(
        knob="db.pool_size",
        current=reading.size,
        proposed=size,
        capacity=size + (reading.max_overflow or 0),
        demand=demand,
        budget_known=True,
        text=twice + wanted.text,
    )


def tier_for(reading: PoolReading, guide: PoolGuide) -> PoolTier:
    """The row of the guide's table that fits the load; the smallest where the load is not known."""
    rate = reading.requests_per_second or reading.arrivals_per_second
    users = rate / guide.requests_per_user_per_second
    return next((tier for tier in guide.tiers if users <= tier.users), guide.tiers[-1])


def calibrated(reading: PoolReading, model: PoolModel) -> PoolDemand | None:
    """The demand, as bursty as the waits measured now say; an overloaded pool says nothing of that."""
    demand, measured = reading.demand, reading.wait_mean_seconds
    if demand is None or measured is None:
        return demand
    at_random = model.forecast(demand, reading.capacity).wait_mean_seconds
    if at_random >= measured:
        return demand
    return replace(demand, burstiness=min(_BURSTIEST, measured / at_random) if at_random > 0 else _BURSTIEST)


def _wanted(reading: PoolReading, demand: PoolDemand | None, guide: PoolGuide, model: PoolModel) -> _Wanted:
    if demand is None:
        tier = tier_for(reading, guide)
        return _Wanted(
            steady=tier.pool_size,
            capacity=tier.pool_size + tier.max_overflow,
            text=f"what each process holds is not measured; {_row(tier)}",
        )
    capacity = model.smallest_capacity(
        demand, wait_p95_seconds=guide.wait_p95_seconds / 2, utilisation=guide.target_utilisation
    )
    return _Wanted(
        steady=max(1, math.ceil(demand.busy / guide.target_utilisation)),
        capacity=capacity,
        text=(
            f"{demand.arrivals_per_second:.1f}/s x {demand.hold_seconds:.3g} s = {demand.busy:.1f} connections busy on "
            f"average in each of {reading.processes} processes (Little); with {capacity} at most "
            f"{guide.target_utilisation:.0%} are busy and the queue is short (Erlang C)"
        ),
    )


def _for_bursts(wanted: _Wanted, reading: PoolReading, guide: PoolGuide) -> _Wanted:
    """Where the queue sees enough and callers wait all the same, bursts are to blame: what the guide's table says."""
    tier = tier_for(reading, guide)
    if wanted.steady > reading.size or wanted.capacity > reading.capacity:
        return replace(wanted, text=f"{wanted.text}; {_row(tier)}")
    total = tier.pool_size + tier.max_overflow
    return replace(wanted, capacity=total, text=f"{wanted.text}, which it has: callers wait in bursts; {_row(tier)}")


def _row(tier: PoolTier) -> str:
    return f"the guide's table says {tier.pool_size} + {tier.max_overflow} for this load"


def _bounded(capacity: int, reading: PoolReading, budget: Budget, guide: PoolGuide) -> tuple[int, list[str]]:
    """The capacity that the largest step and max_connections allow, and what each of them cut off."""
    bounds = []
    step = max(reading.capacity + 1, math.floor(reading.capacity * guide.largest_step_ratio))
    if capacity > step:
        capacity = step
        bounds.append(f"at most {step} in one step")
    if budget.per_process is None:
        bounds.append(budget.text)
    elif capacity > budget.per_process:
        capacity = budget.per_process
        bounds.append(budget.text)
    return capacity, bounds
