"""Statements in the order of what they cost their database."""

from dataclasses import dataclass
from datetime import datetime

from advisor.model.snapshot import SourceReport
from advisor.model.workload import Statement


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
