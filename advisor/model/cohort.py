"""Which instances of an application take a value first. Pure."""

import hashlib
from dataclasses import dataclass

EVERYBODY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One process of an application.

    name: what its agent calls itself, "" when it does not say. scraped: what Prometheus calls it, in the label
    `instance`; the workers of one service share it.
    """

    name: str
    scraped: str


def in_cohort(name: str, share: float) -> bool:
    """Whether the instance is among the `share` (0 to 1) that takes a value. The agents ask the same of themselves."""
    return place(name) < share


def place(name: str) -> float:
    """Where an instance stands in the row from 0 to 1, by its name's hash: a larger share only ever adds some."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
