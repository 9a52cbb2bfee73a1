"""How many connections the server has left for each process of one pool. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.model.database.workload import DatabaseState
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor_rules.pool.reading import PoolReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most connections one process may open. None: not known, and why."""

    per_process: int | None
    text: str


def budget_of(reading: PoolReading, pools: Sequence[PoolReading], snapshot: Snapshot, context: RuleContext) -> Budget:
    """What max_connections leaves, with every other pool of the same database full and a rolling release under way.

    processes x (size + overflow) <= max_connections - reserved - reserve - other pools' capacity - strangers
    """
    look = context.database_of(reading.app, snapshot)
    if look is None:
        return Budget(per_process=None, text="max_connections is not known: the database behind the pool was not read")
    processes = _processes_in_a_release(reading, context)
    if processes is None:
        return Budget(per_process=None, text="how many processes share max_connections is not measured")
    if reading.max_overflow is None:
        return Budget(per_process=None, text="how many connections each process opens above its size is not measured")
    neighbours = [pool for pool in pools if pool is not reading and context.database_of(pool.app, snapshot) is look]
    promised = 0
    for pool in neighbours:
        if pool.processes is None or pool.max_overflow is None:
            return Budget(per_process=None, text=f"how many connections {pool.name} may open is not measured")
        promised += pool.processes * pool.capacity
    free = _free(look, [reading, *neighbours], promised, context)
    left = max(0, math.floor(free / processes))
    return Budget(
        per_process=left,
        text=(
            f"max_connections {look.max_connections} leaves {max(0, free):.0f} beside reserved ones and everybody "
            f"else's, {left} for each of {processes} processes, a rolling release included"
        ),
    )


def _free(look: DatabaseState, pools: Sequence[PoolReading], promised: int, context: RuleContext) -> float:
    """Connections of no pool count as they are open now; a pool whose use is not measured counts among them."""
    strangers = max(0.0, look.activity.total - sum(pool.in_use or 0.0 for pool in pools))
    reserve = look.reserved_connections + context.guide.pool.connection_reserve
    return look.max_connections - reserve - strangers - promised


def _processes_in_a_release(reading: PoolReading, context: RuleContext) -> int | None:
    """Processes at the height of a rolling release: whole replicas are added, each with all its processes.

    Replicas that are configured and not seen now will come back. None when they are not measured.
    """
    if reading.processes is None or reading.replicas is None:
        return None
    each = math.ceil(reading.processes / reading.replicas)
    configured = context.applications.get(reading.app)
    replicas = max(reading.replicas, (configured.replicas if configured else None) or 0)
    return each * (replicas + math.ceil(replicas * context.guide.pool.release_surge_ratio))
