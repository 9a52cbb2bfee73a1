"""What one pass of observe, diagnose, propose and decide came to; and the statements in the order of their cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from advisor.model.database.workload import Statement
from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot, SourceReport
from advisor.model.track_record import TrackRecord


class RuleStatus(StrEnum):
    FIRED = "fired"
    HEALTHY = "healthy"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """How one rule ended. A rule that could not judge is skipped and says why; it is never healthy."""

    rule: str
    status: RuleStatus
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is done about one finding: the ids of the proposals that answer it, or the reason why there is none."""

    proposals: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A proposal that was not chosen, and why."""

    proposal: Proposal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The one proposal to act on, if any, and why that one or why none; and the experience it rests on."""

    proposal: Proposal | None
    reason: str
    needs_approval: bool = False
    waiting: tuple[Waiting, ...] = ()
    record: TrackRecord = field(default_factory=TrackRecord)
    probation: str = ""
    """What was kept and is still watched on; "" for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One pass over one snapshot. Findings and proposals are in the order of what they cost or gain.

    answers: by the finding's id. totals: what the counters had gathered when the looking began, None where they were
    looked at once; `since_totals` has the ids of the findings that rest on them, as nothing of theirs ran in between.
    """

    snapshot: Snapshot
    rules: tuple[RuleResult, ...]
    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...]
    choice: Choice
    answers: Mapping[str, Answer] = field(default_factory=dict)
    totals: Snapshot | None = None
    since_totals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedStatement:
    """One statement over `seconds`, and over the `before_seconds` until then; before: None where it is not known.

    whole_seconds: what all statements of its database took in those seconds. is_present: it ran between the two looks,
    or there was one look only. trouble: what is dear in its plan. no_plan: why its plan is not known.
    """

    database: str
    statement: Statement
    seconds: float
    whole_seconds: float
    before: Statement | None = None
    before_seconds: float = 0.0
    is_present: bool = True
    trouble: str = ""
    no_plan: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRanking:
    """The costliest first; those that did not run between the looks come last. looked_seconds: 0 with one look."""

    taken_at: datetime
    sources: tuple[SourceReport, ...]
    statements: tuple[RankedStatement, ...]
    looked_seconds: float = 0.0
