"""How far one sync may go: the stabilisation windows, then the policies, then the bounds.

Source: kubernetes.io, "Horizontal Pod Autoscaling", "Configurable scaling behavior". Without a `behavior` the
controller doubles at most, or goes to 4, in each sync, and steadies downwards by its own flag.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.model.kubernetes.autoscaler import PolicyKind, ScalingRules, SelectPolicy
from advisor.model.kubernetes.playing import ControllerTimes, HpaPlan
from advisor.whatif.autoscaler.lanes import Counts, Flags, Past, syncs_within

_FAR = 1 << 40


@dataclass(frozen=True, slots=True)
class _Slot:
    """One policy of every lane; a lane without so many has `exists` False."""

    exists: Flags
    is_pods: Flags
    value: Counts
    back: Counts


class _Half:
    """scaleUp or scaleDown of every lane."""

    def __init__(self, rules: Sequence[ScalingRules | None], window_seconds: float, sync: float) -> None:
        self.is_written = np.array([one is not None for one in rules])
        self.is_closed = np.array([one is not None and one.is_closed for one in rules])
        self.takes_least = np.array([one is not None and one.select is SelectPolicy.MIN for one in rules])
        windows = [window_seconds if one is None else one.window_seconds for one in rules]
        self.window = np.array([max(0, syncs_within(seconds, sync) - 1) for seconds in windows])
        most = max((len(one.policies) for one in rules if one is not None), default=0)
        self.slots = [_slot(rules, at, sync) for at in range(most)]

    @property
    def longest(self) -> int:
        return max([int(self.window.max()), *(int(slot.back.max()) for slot in self.slots)])


def _slot(rules: Sequence[ScalingRules | None], at: int, sync: float) -> _Slot:
    policies = [None if one is None or at >= len(one.policies) else one.policies[at] for one in rules]
    periods = [0 if policy is None else policy.period_seconds for policy in policies]
    return _Slot(
        exists=np.array([policy is not None for policy in policies]),
        is_pods=np.array([policy is not None and policy.kind is PolicyKind.PODS for policy in policies]),
        value=np.array([0 if policy is None else policy.value for policy in policies]),
        back=np.array([max(1, syncs_within(seconds, sync)) for seconds in periods]),
    )


class BehaviorLanes:
    """The behavior of every plan, one plan a lane."""

    def __init__(self, plans: Sequence[HpaPlan], times: ControllerTimes) -> None:
        self._up = _Half([plan.up for plan in plans], 0.0, times.sync_seconds)
        self._down = _Half([plan.down for plan in plans], times.down_window_seconds, times.sync_seconds)
        self._least = np.array([plan.min_replicas for plan in plans])
        self._most = np.array([plan.max_replicas for plan in plans])

    @property
    def longest(self) -> int:
        """How many syncs back it looks."""
        return max(1, self._up.longest, self._down.longest)

    def clipped(self, replicas: Counts) -> Counts:
        return np.clip(replicas, self._least, self._most)

    def is_outside(self, replicas: Counts) -> Flags:
        return np.asarray((replicas < self._least) | (replicas > self._most))

    def allowed(self, sync: int, current: Counts, wanted: Counts, recommended: Past, replicas: Past) -> Counts:
        """What becomes of `wanted`. recommended: of the syncs before, -1 where there was none."""
        steady = self._steadied(sync, current, wanted, recommended)
        ceiling = np.minimum(self._most, np.maximum(current, self._ceiling(sync, current, replicas)))
        floor = np.maximum(self._least, np.minimum(current, self._floor(sync, current, replicas)))
        up, down = np.minimum(steady, ceiling), np.maximum(steady, floor)
        return np.asarray(np.where(steady > current, up, np.where(steady < current, down, current)))

    def _steadied(self, sync: int, current: Counts, wanted: Counts, recommended: Past) -> Counts:
        """Up to the least, and down to the most, that was recommended within the window."""
        lowest = np.minimum(wanted, _extreme(recommended, sync, self._up.window, np.min, _FAR))
        highest = np.maximum(wanted, _extreme(recommended, sync, self._down.window, np.max, -1))
        return np.asarray(np.minimum(np.maximum(current, lowest), highest))

    def _ceiling(self, sync: int, current: Counts, replicas: Past) -> Counts:
        half = self._up
        bound = np.where(half.takes_least, _FAR, 0)
        for slot in half.slots:
            before = replicas.at(sync, slot.back)
            step = np.where(slot.is_pods, before + slot.value, -(-before * (100 + slot.value) // 100))
            chosen = np.where(half.takes_least, np.minimum(bound, step), np.maximum(bound, step))
            bound = np.where(slot.exists, chosen, bound)
        bound = np.where(half.is_written, bound, np.maximum(2 * current, 4))
        return np.asarray(np.where(half.is_closed, current, bound))

    def _floor(self, sync: int, current: Counts, replicas: Past) -> Counts:
        half = self._down
        bound = np.where(half.takes_least, 0, _FAR)
        for slot in half.slots:
            before = replicas.at(sync, slot.back)
            step = np.where(slot.is_pods, before - slot.value, before * (100 - slot.value) // 100)
            chosen = np.where(half.takes_least, np.maximum(bound, step), np.minimum(bound, step))
            bound = np.where(slot.exists, chosen, bound)
        bound = np.where(half.is_written, bound, 0)
        return np.asarray(np.where(half.is_closed, current, bound))


def _extreme(recommended: Past, sync: int, window: Counts, pick: object, none: int) -> Counts:
    """The least or most of each lane's own window; `none` where nothing was recommended in it."""
    longest = int(window.max())
    if longest == 0:
        return np.full(len(window), none)
    rows = recommended.last(sync, longest)
    ages = np.arange(longest, 0, -1)[:, None]
    inside = (ages <= window[None, :]) & (rows >= 0)
    return np.asarray(pick(np.where(inside, rows, none), axis=0))  # type: ignore[operator]
