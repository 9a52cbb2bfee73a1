"""One object for all that are equal: most of what is read of a large cluster is, and all of it is held at once."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T", bound=Hashable)
_MOST = 8_192
"""Held for the next look, a few hundred bytes each."""


def shared(value: T) -> T:
    """`value`, or the equal one that came before it. For what is never changed."""
    found: T = _first(value)
    return found


def shared_labels(labels: dict[str, str]) -> dict[str, str]:
    return _labels(tuple(labels.items()))


@lru_cache(maxsize=_MOST)
def _first(value: Hashable) -> Any:
    return value


@lru_cache(maxsize=_MOST)
def _labels(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(items)
