"""What others would say of the same trial: the same points, their published rules.

Kayenta (NetflixACAJudge): a Mann-Whitney test of all points so far against as many before the change, two-sided
98% confidence interval of the Hodges-Lehmann shift; a metric is "Low" when the interval lies wholly below 0 by a
quarter of the shift. Looked at every 15 minutes of an hour, as canary stages usually are. Kept when the goal's metric
is Low and latency is not High.

Flagger: every minute the minute's mean against a fixed threshold; ten checks, of which the fifth that fails rolls
back. Thresholds: the goal's metric at least a tenth below the baseline's mean, latency at most a tenth above it.
"""

from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist

import numpy as np
from worlds.signals import STEP_SECONDS, Array, World

_QUANTILE = NormalDist().inv_cdf(0.99)
_TOLERANCE = 0.25


class Said(Enum):
    KEEP = "keep"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerVerdict:
    said: Said
    seconds: float


def kayenta(world: World) -> PeerVerdict:
    """Keep at the first of four looks that is Low without harm; back at the first that is High, or at the end."""
    for minutes in (15, 30, 45, 60):
        points = int(minutes * 60 / STEP_SECONDS)
        low, _ = _low_high(world.before.goal[-points:], world.after.goal[:points])
        _, high = _low_high(world.before.latency[-points:], world.after.latency[:points])
        if high:
            return PeerVerdict(said=Said.BACK, seconds=minutes * 60.0)
        if low:
            return PeerVerdict(said=Said.KEEP, seconds=minutes * 60.0)
    return PeerVerdict(said=Said.BACK, seconds=3600.0)


def _low_high(control: Array, experiment: Array) -> tuple[bool, bool]:
    a, b = control[~np.isnan(control)], experiment[~np.isnan(experiment)]
    m, n = len(a), len(b)
    if min(m, n) < 2:
        return False, False
    reach = _QUANTILE * np.sqrt(m * n * (m + n + 1) / 12)
    below = max(int(m * n / 2 - reach), 0)
    differences = np.partition((b[:, None] - a[None, :]).ravel(), (below, m * n // 2, m * n - 1 - below))
    lowest, highest = differences[below], differences[m * n - 1 - below]
    tolerance = _TOLERANCE * abs(float(differences[m * n // 2]))
    return bool(highest < -tolerance), bool(lowest > tolerance)


def flagger(world: World) -> PeerVerdict:
    """Ten checks; back at the fifth that fails. A minute without a value fails, as "no values found" does there."""
    a_minute = int(60 / STEP_SECONDS)
    wanted, allowed = 0.9 * np.nanmean(world.before.goal), 1.1 * np.nanmean(world.before.latency)
    failed = 0
    for check in range(10):
        minute = slice(check * a_minute, (check + 1) * a_minute)
        goal, latency = world.after.goal[minute], world.after.latency[minute]
        seen = not np.isnan(goal).all() and not np.isnan(latency).all()
        failed += not (seen and np.nanmean(goal) <= wanted and np.nanmean(latency) <= allowed)
        if failed == 5:
            return PeerVerdict(said=Said.BACK, seconds=(check + 1) * 60.0)
    return PeerVerdict(said=Said.KEEP, seconds=600.0)
