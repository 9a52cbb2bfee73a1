"""How fast an autoscaler may go: its policies played as the controller plays them, every 15 s."""

import math
from collections.abc import Callable, Sequence

from advisor.model.kubernetes.autoscaler import PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy

_SYNC_SECONDS = 15
_LONGEST_SECONDS = 3600
_Changes = Sequence[tuple[float, int]]
_Bound = Callable[[ScalingRules, int, _Changes, float], int]


def seconds_down(rules: ScalingRules, start: int, goal: int) -> float:
    """Seconds after the demand has gone until `goal` of `start` pods are left; infinity for over an hour."""
    return _played(rules, start, goal, _least)


def seconds_up(rules: ScalingRules, start: int, goal: int) -> float:
    """Seconds after the demand has grown until `start` pods have become `goal`; infinity for over an hour."""
    return _played(rules, start, goal, _most)


def _played(rules: ScalingRules, start: int, goal: int, bound: _Bound) -> float:
    """Nothing moves within the window; after it, each sync goes as far as the policies let it."""
    if rules.is_closed:
        return math.inf
    replicas, now, changes = start, float(rules.window_seconds), list[tuple[float, int]]()
    while now <= _LONGEST_SECONDS:
        allowed = bound(rules, replicas, changes, now)
        step = min(goal - replicas, allowed - replicas, key=abs) if (allowed - replicas) * (goal - start) > 0 else 0
        if step:
            changes.append((now, step))
            replicas += step
        if replicas == goal:
            return now
        now += _SYNC_SECONDS
    return math.inf


def _least(rules: ScalingRules, replicas: int, changes: _Changes, now: float) -> int:
    """The fewest replicas that are allowed now; Max takes the policy that removes most."""
    bounds = [_below(policy, replicas - _within(policy, changes, now)) for policy in rules.policies]
    return max(bounds) if rules.select is SelectPolicy.MIN else min(bounds)


def _most(rules: ScalingRules, replicas: int, changes: _Changes, now: float) -> int:
    bounds = [_above(policy, replicas - _within(policy, changes, now)) for policy in rules.policies]
    return min(bounds) if rules.select is SelectPolicy.MIN else max(bounds)


def _within(policy: ScalingPolicy, changes: _Changes, now: float) -> int:
    """What was added (below 0: removed) within the policy's period."""
    return sum(step for at, step in changes if at > now - policy.period_seconds)


def _below(policy: ScalingPolicy, before: int) -> int:
    if policy.kind is PolicyKind.PODS:
        return before - policy.value
    return before * (100 - policy.value) // 100


def _above(policy: ScalingPolicy, before: int) -> int:
    if policy.kind is PolicyKind.PODS:
        return before + policy.value
    return -(-before * (100 + policy.value) // 100)
