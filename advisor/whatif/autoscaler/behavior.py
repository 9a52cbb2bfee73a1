"""How far one sync may go: the stabilisation windows, then the policies, then the bounds.

Source: kubernetes.io, "Horizontal Pod Autoscaling", "Configurable scaling behavior". Without a `behavior` the
controller doubles at most, or goes to 4, in each sync, and steadies downwards by its own flag.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.model.kubernetes.autoscaler import PolicyKind, ScalingRules, SelectPolicy
from advisor.model.kubernetes.playing import ControllerTimes, HpaPlan
from advisor.whatif.autoscaler.lanes import Clock, Counts, Flags, Past

_FAR = 1 << 40


@dataclass(frozen=True, slots=True)
class _Slot:
    """One policy of every lane; a lane without so many has `exists` False. back: syncs of its period, by sync."""

    exists: Flags
    is_pods: Flags
    value: Counts
    back: Counts


class _Half:
    """scaleUp or scaleDown of every lane. windows: syncs that count beside the present one, by sync, then by width."""

    def __init__(self, rules: Sequence[ScalingRules | None], window_seconds: float, clock: Clock) -> None:
        self.is_written = np.array([one is not None for one in rules])
        self.is_closed = np.array([one is not None and one.is_closed for one in rules])
        self.takes_least = np.array([one is not None and one.select is SelectPolicy.MIN for one in rules])
        widths = np.array([window_seconds if one is None else one.window_seconds for one in rules], dtype=np.float64)
        distinct = np.unique(widths)
        self.windows = clock.back(distinct.tolist(), least=1) - 1
        self.lanes = [np.flatnonzero(widths == width) for width in distinct]
        most = max((len(one.policies) for one in rules if one is not None), default=0)
        self.slots = [_slot(rules, at, clock) for at in range(most)]

    @property
    def longest(self) -> int:
        return max([int(self.windows.max()), *(int(slot.back.max()) for slot in self.slots)])


def _slot(rules: Sequence[ScalingRules | None], at: int, clock: Clock) -> _Slot:
    policies = [None if one is None or at >= len(one.policies) else one.policies[at] for one in rules]
    periods = [0 if policy is None else policy.period_seconds for policy in policies]
    return _Slot(
        exists=np.array([policy is not None for policy in policies]),
        is_pods=np.array([policy is not None and policy.kind is PolicyKind.PODS for policy in policies]),
        value=np.array([0 if policy is None else policy.value for policy in policies]),
        back=clock.back(periods, least=1),
    )


class BehaviorLanes:
    """The behavior of every plan, one plan a lane."""

    def __init__(self, plans: Sequence[HpaPlan], times: ControllerTimes, clock: Clock) -> None:
        self._up = _Half([plan.up for plan in plans], 0.0, clock)
        self._down = _Half([plan.down for plan in plans], times.down_window_seconds, clock)
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
        lowest, highest = wanted.copy(), wanted.copy()
        for window, lanes in zip(self._up.windows[sync], self._up.lanes, strict=True):
            if window:
                rows = recommended.last(sync, window)[:, lanes]
                lowest[lanes] = np.minimum(wanted[lanes], np.where(rows < 0, _FAR, rows).min(axis=0))
        for window, lanes in zip(self._down.windows[sync], self._down.lanes, strict=True):
            if window:
                highest[lanes] = np.maximum(wanted[lanes], recommended.last(sync, window)[:, lanes].max(axis=0))
        return np.asarray(np.minimum(np.maximum(current, lowest), highest))

    def _ceiling(self, sync: int, current: Counts, replicas: Past) -> Counts:
        half = self._up
        bound = np.where(half.takes_least, _FAR, 0)
        for slot in half.slots:
            before = replicas.at(sync, slot.back[sync])
            step = np.where(slot.is_pods, before + slot.value, -(-before * (100 + slot.value) // 100))
            chosen = np.where(half.takes_least, np.minimum(bound, step), np.maximum(bound, step))
            bound = np.where(slot.exists, chosen, bound)
        bound = np.where(half.is_written, bound, np.maximum(2 * current, 4))
        return np.asarray(np.where(half.is_closed, current, bound))

    def _floor(self, sync: int, current: Counts, replicas: Past) -> Counts:
        half = self._down
        bound = np.where(half.takes_least, 0, _FAR)
        for slot in half.slots:
            before = replicas.at(sync, slot.back[sync])
            step = np.where(slot.is_pods, before - slot.value, before * (100 - slot.value) // 100)
            chosen = np.where(half.takes_least, np.maximum(bound, step), np.minimum(bound, step))
            bound = np.where(slot.exists, chosen, bound)
        bound = np.where(half.is_written, bound, 0)
        return np.asarray(np.where(half.is_closed, current, bound))
