"""One setting of the outside world, and the order to move it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from advisor.model.cohort import EVERYBODY
from advisor.model.finding import KnobValue

KNOB_NAMES = (
    "db.pool_size",
    "db.max_overflow",
    "db.pool_timeout",
    "app.thread_limit",
    "cache.l1.ttl",
    "cache.l1.max_items",
    "cache.l2.ttl",
    "cache.l3.ttl",
    "cache.l3.similarity_threshold",
    "http.max_connections",
    "http.keepalive_connections",
    "batch.max_size",
    "compression.minimum_size",
    "postgres.index",
    "postgres.analyze",
    "postgres.vacuum",
    "postgres.reindex",
    "postgres.autovacuum",
    "k8s.hpa",
    "k8s.resources",
)
"""Every knob that a policy may speak of, whether or not this installation has the means to move it."""

CANARY_KNOBS = frozenset(
    {
        "db.pool_size",
        "db.max_overflow",
        "db.pool_timeout",
        "app.thread_limit",
        "cache.l1.ttl",
        "cache.l1.max_items",
        "http.max_connections",
        "http.keepalive_connections",
        "batch.max_size",
        "compression.minimum_size",
    }
)
"""What one instance can have without the others feeling it. The outer tiers of a cache are shared by all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobTarget:
    """Which knob, and of what: ("db.pool_size", app=voiceassist), ("postgres.index", database=main, index=...)."""

    knob: str
    subject: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        return dict(self.subject).get(name, "")

    def as_dict(self) -> Mapping[str, str]:
        return dict(self.subject)

    def __str__(self) -> str:
        return self.knob + "[" + ", ".join(f"{name}={value}" for name, value in self.subject) + "]"


def knob_target(knob: str, **subject: str) -> KnobTarget:
    """The target of `knob` for the thing that `subject` describes."""
    return KnobTarget(knob=knob, subject=tuple(sorted(subject.items())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A write that the journal already knows: move `target` from `old` to `new` on behalf of `change_id`.

    hold_until: when a value on trial must fall back to `old` by itself; None for knobs that cannot, or when kept.
    cohorts: the shares of the instances (0 to 1) that were ordered to take it so far, each larger than the one before;
    the last is in force. Knobs without instances take no notice.
    """

    change_id: str
    target: KnobTarget
    old: KnobValue
    new: KnobValue
    epoch: int
    hold_until: datetime | None = None
    cohorts: tuple[float, ...] = (EVERYBODY,)

    @property
    def cohort(self) -> float:
        return self.cohorts[-1]


class KnobState(StrEnum):
    OLD = "old"
    NEW = "new"
    FOREIGN = "foreign"
    PARTIAL = "partial"
    PENDING = "pending"
    LAPSED = "lapsed"
    REMAINS = "remains"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobStatus:
    """Where the live value stands, seen from an order.

    OLD: as it was. NEW: the ordered value, and ours, on every instance of the order's cohort and on no other.
    PARTIAL: ours on some of them only, or on more.
    PENDING: written, not yet shown. FOREIGN: somebody else's. LAPSED: ours, and fallen back to the old value by itself,
    because nobody renewed it (the dead man's switch). REMAINS: ours, half done, of use to nobody, and to be taken away.
    UNKNOWN: could not be read; never a reason to write. is_one_way: what was done once, such as fresh statistics; there
    is nothing to put back. not_now: while OLD, why this is no moment to write, such as a busy server.
    """

    kind: KnobState
    live: KnobValue = None
    detail: str = ""
    is_one_way: bool = False
    not_now: str = ""
