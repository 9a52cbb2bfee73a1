"""What a rule proposes to do about a finding, and what it expects of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from advisor.model.finding import Evidence, KnobValue
from advisor.model.knob import KnobTarget
from advisor.model.plot import Plot
from advisor.model.signal import SignalKey


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return list(Risk).index(self)


class Better(StrEnum):
    """Which way a metric should go."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The value the target metric is expected to take after the change; low <= expected <= high."""

    signal: SignalKey
    unit: str
    low: float
    expected: float
    high: float
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The metric that must get better, and by how much at least (0.1 = a tenth of the baseline)."""

    signal: SignalKey
    better: Better
    minimum_gain_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What the scheduler sets aside more for all pods together, below 0 where it is less: cores, bytes.

    cost_a_month: in `currency`; None where no price is known.
    """

    cores: float
    memory_bytes: float
    cost_a_month: float | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One change of one knob.

    automatic: False for advice that only a person can follow (code, configuration that no knob reaches).
    gain_seconds_per_second: how much of the finding's waste the change is expected to save.
    events_per_second: how often what the change affects happens, such as calls of a query; None when not known.
    undo_is_dear: putting the old value back costs more than leaving the new one, as with an index on a huge table.
    doubts: what speaks against it and could not be ruled out; with any, a person must approve.
    app: the application whose guardrails (errors, latency, throughput) watch the trial; "" when unknown.
    exact: the old and the new value as the knob takes them, where `current` and `proposed` are words for people.
    reserved: of a change of requests. plots: what a person should see of it, such as the replicas before and after.
    evidence: that of the finding, kept so that advice which failed is not tried again on the same grounds.
    """

    finding: str
    rule: str
    target: KnobTarget
    current: KnobValue
    proposed: KnobValue
    unit: str
    rationale: str
    risk: Risk
    prediction: Prediction
    goal: Goal
    gain_seconds_per_second: float
    app: str
    apply: str
    undo: str
    automatic: bool = True
    alternatives: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    events_per_second: float | None = None
    undo_is_dear: bool = False
    exact: tuple[KnobValue, KnobValue] | None = None
    reserved: Reservation | None = None
    plots: tuple[Plot, ...] = ()

    @property
    def id(self) -> str:
        """Stable: the same proposal gets the same id in every cycle."""
        seed = "\0".join([self.rule, str(self.target), repr(self.current), repr(self.proposed)])
        return "prp_" + hashlib.sha256(seed.encode()).hexdigest()[:12]


class NoProposal(tuple[Proposal, ...]):
    """What a rule gives that has nothing to propose about its finding: no proposals, and the reason."""

    reason: str

    def __new__(cls, reason: str) -> "NoProposal":
        made = super().__new__(cls)
        made.reason = reason
        return made
