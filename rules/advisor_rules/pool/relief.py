"""What callers' waiting for a connection ends when the statements that hold connections get quicker. Pure.

A pool that waits because of slow scans is worth no more than the index that ends them: the waiting is counted for both.
"""

from dataclasses import replace

from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor_rules.pool.reading import PoolReading, pool_readings
from advisor_rules.pool.sizing import calibrated


def wait_saved(app: str, quicker: float, snapshot: Snapshot, context: RuleContext) -> float:
    """Seconds of waiting per second that end in the pools of `app` when statements take `quicker` s/s less in all.

    What they take less is shared out by how long each pool's connections are held. 0 where holds are not measured.
    """
    readings = [reading for reading in pool_readings(snapshot) if reading.app == app]
    held = sum(_held(reading) for reading in readings)
    if held <= 0:
        return 0.0
    shorter = min(quicker / held, 1.0)
    return sum(reading.waste_seconds_per_second * _saved_share(reading, shorter, context) for reading in readings)


def _held(reading: PoolReading) -> float:
    """Connections in use on average, by Little's law; 0 where it is not measured."""
    return reading.arrivals_per_second * (reading.hold_mean_seconds or 0.0)


def _saved_share(reading: PoolReading, shorter: float, context: RuleContext) -> float:
    """The share (0 to 1) of the wait that ends when each hold is shorter by the share `shorter`."""
    demand, now = calibrated(reading, context.pool_model), reading.wait_mean_seconds
    if demand is None or not now:
        return 0.0
    if shorter >= 1:
        return 1.0
    relieved = replace(demand, hold_seconds=demand.hold_seconds * (1 - shorter))
    then = context.pool_model.forecast(relieved, reading.capacity).wait_mean_seconds
    return max(0.0, 1 - then / now)
