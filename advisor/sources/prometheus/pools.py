"""Pools of one application, told apart by the label `pool`. The only pool of an application goes without it. Pure."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from advisor.model.signal import Series, SignalKey

_POOL = "pool"
_Value = TypeVar("_Value")


def without_only_pools(found: Mapping[SignalKey, _Value]) -> dict[SignalKey, _Value]:
    """What was found, where the keys of an application with one pool do not name it.

    What is told of the application as a whole goes before the same of its only pool.
    """
    several = _apps_with_several(found)
    plain = {
        key if key.label("app") in several else _without_pool(key): value
        for key, value in found.items()
        if key.label(_POOL)
    }
    return plain | {key: value for key, value in found.items() if not key.label(_POOL)}


def series_of_pool(wanted: SignalKey, found: Mapping[SignalKey, Series]) -> Series:
    """The points of `wanted` in an answer that names every pool. Without a pool it is the application as a whole, or
    its only pool: a change of a time when it had but one.
    """
    if wanted in found:
        return found[wanted]
    pools = {key.label(_POOL): series for key, series in found.items() if _without_pool(key) == wanted}
    if len(pools) > 1:
        return Series(problem=f"{len(pools)} pools where one was expected: {', '.join(sorted(pools))}")
    return next(iter(pools.values()), Series(problem="no such series in Prometheus"))


def _apps_with_several(keys: Iterable[SignalKey]) -> set[str]:
    pools: dict[str, set[str]] = {}
    for key in keys:
        if key.label(_POOL):
            pools.setdefault(key.label("app"), set()).add(key.label(_POOL))
    return {app for app, names in pools.items() if len(names) > 1}


def _without_pool(key: SignalKey) -> SignalKey:
    return SignalKey(name=key.name, labels=tuple(label for label in key.labels if label[0] != _POOL))
