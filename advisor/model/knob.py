"""One setting of the outside world, and the order to move it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from advisor.model.cohort import EVERYBODY
from advisor.model.finding import KnobValue

UNNAMED_POOL = "main"
"""What agents call a pool that was given no name."""

LARGEST = 1e12
"""More than any knob has a use for."""


class Carrier(StrEnum):
    """Who carries a change of a knob out, and so what it touches."""

    AGENTS = "agents"
    """The agents inside an application: its instances."""
    DATABASE = "database"
    """A session of ours on a database: a table."""
    CLUSTER = "cluster"
    """The Kubernetes API: a workload's pods."""
    PERSON = "person"
    """Nobody but a person: advice that no knob carries out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobKind:
    """What is true of every knob of one name. Nothing elsewhere asks how a knob's name begins.

    per_instance: one instance can have a value alone, without the others feeling it, so that a canary is possible.
    replaces_instances: applying a value ends instances and starts others. is_built: applying may take as long as an
    index's build (`trial.build_seconds`), not only until every instance shows the value (`trial.apply_seconds`).
    undo_cost: what a change costs, undoing included, against one that is written and undone in seconds (1.0); the prior
    of `policy.knobs.NAME.cost_ratio`. leaving_is_cheap: what was made does little harm where it is, and was dear to
    make: where its gain is proven and only the guardrails could not be read, a person decides. outlasts_value: the
    value is a lifetime in seconds, and a trial must outlast it. gains_at_once: what it gains shows as soon as it is in
    force, so that a trial need not wait for a gain to begin (`trial.no_gain_seconds`). switches_back: it is cheap to
    move, and what it does is gone soon after the old value is back: a trial without a canary may switch back.
    instances_signal: what counts the instances by application where none of them shows the knob itself; "" for nothing.
    is_whole: its values are whole numbers. lowest, highest: what a policy may name as its bounds, in the knob's unit.
    """

    name: str
    carrier: Carrier
    per_instance: bool = False
    replaces_instances: bool = False
    is_built: bool = False
    undo_cost: float = 1.0
    leaving_is_cheap: bool = False
    outlasts_value: bool = False
    gains_at_once: bool = False
    switches_back: bool = False
    instances_signal: str = ""
    is_whole: bool = False
    lowest: float = 0.0
    highest: float = LARGEST


def _pool(name: str, *, is_whole: bool = True, lowest: float = 0.0) -> KnobKind:
    return KnobKind(
        name=name,
        carrier=Carrier.AGENTS,
        per_instance=True,
        switches_back=True,
        instances_signal="pool.instances",
        is_whole=is_whole,
        lowest=lowest,
    )


def _count(name: str, *, lowest: float = 1.0) -> KnobKind:
    """So many of something in each process."""
    return KnobKind(
        name=name, carrier=Carrier.AGENTS, per_instance=True, switches_back=True, is_whole=True, lowest=lowest
    )


def _lifetime(name: str, *, per_instance: bool) -> KnobKind:
    """Of the entries of a cache tier; the outer ones are shared by all instances."""
    return KnobKind(
        name=name, carrier=Carrier.AGENTS, per_instance=per_instance, switches_back=True, outlasts_value=True
    )


def _on_database(name: str, *, leaving_is_cheap: bool = False, gains_at_once: bool = True) -> KnobKind:
    """An index is built for minutes and dropped again; the next plan sees what was done."""
    return KnobKind(
        name=name,
        carrier=Carrier.DATABASE,
        is_built=True,
        undo_cost=3.0,
        leaving_is_cheap=leaving_is_cheap,
        gains_at_once=gains_at_once,
    )


def _on_cluster(name: str, *, replaces_instances: bool) -> KnobKind:
    """Pods are replaced one by one, which takes as long as an index's build; some are resized in place first."""
    return KnobKind(
        name=name,
        carrier=Carrier.CLUSTER,
        per_instance=replaces_instances,
        replaces_instances=replaces_instances,
        is_built=replaces_instances,
        undo_cost=2.0,
        switches_back=not replaces_instances,
    )


BUILTIN_KINDS = (
    _pool("db.pool_size", lowest=1.0),
    _pool("db.max_overflow"),
    _pool("db.pool_timeout", is_whole=False),
    _count("app.thread_limit"),
    _lifetime("cache.l1.ttl", per_instance=True),
    _count("cache.l1.max_items"),
    _lifetime("cache.l2.ttl", per_instance=False),
    _lifetime("cache.l3.ttl", per_instance=False),
    KnobKind(name="cache.l3.similarity_threshold", carrier=Carrier.AGENTS, switches_back=True, highest=1.0),
    _count("http.max_connections"),
    _count("http.keepalive_connections", lowest=0.0),
    _count("batch.max_size"),
    _count("compression.minimum_size", lowest=0.0),
    _on_database("postgres.index", leaving_is_cheap=True),
    _on_database("postgres.analyze"),
    _on_database("postgres.vacuum"),
    _on_database("postgres.reindex"),
    _on_database("postgres.autovacuum", gains_at_once=False),
    _on_cluster("k8s.hpa", replaces_instances=False),
    _on_cluster("k8s.resources", replaces_instances=True),
)
"""Every kind that a policy may speak of, whether or not this installation has the means to move it."""

_kinds = {kind.name: kind for kind in BUILTIN_KINDS}


def declare(*kinds: KnobKind) -> None:
    """Make kinds of others known to this process, once at its start. Raises ValueError for a name that is taken."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) != kind:
            raise ValueError(f"the knob {kind.name!r} is declared twice, and not alike")


def knob_kinds() -> tuple[KnobKind, ...]:
    """Every kind that is known, those of this program first."""
    return tuple(_kinds.values())


def kind_of(name: str) -> KnobKind:
    """The kind of this name; what is no knob is for a person to do."""
    return _kinds.get(name, KnobKind(name=name, carrier=Carrier.PERSON))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobTarget:
    """Which knob, and of what: ("db.pool_size", app=voiceassist), ("postgres.index", database=main, index=...).

    Of an application with several pools it says which: ("db.pool_size", app=shop, pool=reports).
    """

    knob: str
    subject: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> KnobKind:
        return kind_of(self.knob)

    @property
    def names(self) -> tuple[str, ...]:
        """What agents may call it, the likeliest first: the pool that was declared first has the plain name, a further
        one's is prefixed with its own.
        """
        pool = self.get("pool")
        return (f"{pool}/{self.knob}", self.knob) if pool else (self.knob,)

    def get(self, name: str) -> str:
        return dict(self.subject).get(name, "")

    def as_dict(self) -> Mapping[str, str]:
        return dict(self.subject)

    def overlaps(self, other: "KnobTarget") -> bool:
        """Whether both are the same, or one is of a time when its application showed no or but one pool."""
        if self.get("pool") and other.get("pool"):
            return self == other
        mine, others = ({**one.as_dict(), "pool": ""} for one in (self, other))
        return self.knob == other.knob and mine == others

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
    is nothing to put back. not_now: while OLD, why this is no moment to write, such as a busy server. is_fought: while
    REMAINS, whether that is because somebody else has moved a part of it.
    """

    kind: KnobState
    live: KnobValue = None
    detail: str = ""
    is_one_way: bool = False
    not_now: str = ""
    is_fought: bool = False
