"""What the rules would have found and done over recorded history, and what the metrics then did."""

from dataclasses import dataclass
from datetime import datetime

from advisor.model.finding import Severity, Subject
from advisor.model.proposal import Proposal
from advisor.model.report import RuleResult


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSummary:
    """One finding over the whole time; one whose summary tells of another fault is another.

    snapshots: in how many it was seen. worst_waste: seconds of waiting per second at its worst; wasted_seconds: all of
    it, each snapshot standing for one step. summary and cause are those of the worst moment.
    """

    id: str
    rule: str
    severity: Severity
    subject: Subject
    summary: str
    cause: str
    first_at: datetime
    last_at: datetime
    snapshots: int
    worst_waste: float
    wasted_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedChange:
    """A change that would have been made.

    until: when its trial would have ended. repeats: how often the same advice came up later, as a recording does not
    show what the change would have done. knob_before and knob_after: the value that the recording shows when the change
    would have been begun and judged; None where it shows none. They differ where somebody changed it for real.
    """

    at: datetime
    until: datetime
    proposal: Proposal
    needs_approval: bool
    reason: str
    repeats: int = 0
    knob_before: float | None = None
    knob_after: float | None = None

    @property
    def was_moved(self) -> bool:
        """Whether the recording shows that somebody moved the knob during the trial that would have been."""
        return None not in (self.knob_before, self.knob_after) and self.knob_before != self.knob_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """A proposal that was not chosen, and why: alike reasons (numbers apart) are counted together."""

    proposal: Proposal
    reason: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """snapshots: all of them; empty: those in which nothing was recorded."""

    snapshots: int
    empty: int
    rules: tuple[RuleResult, ...]
    findings: tuple[FindingSummary, ...]
    changes: tuple[ReplayedChange, ...]
    delays: tuple[Delay, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedOutcome:
    """The goal's metric in the windows before a replayed and after its warm-up, as means of the recording.

    problem: why there is no comparison; the numbers are then None.
    came_true: whether the mean afterwards lies in the predicted range; None where the knob was not moved for real.
    """

    before: float | None = None
    after: float | None = None
    samples_before: int = 0
    samples_after: int = 0
    came_true: bool | None = None
    problem: str = ""

    @property
    def ratio(self) -> float | None:
        """After / before; None where there is no such number."""
        if self.before is None or self.after is None or self.before == 0:
            return None
        return self.after / self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A replay with what followed each replayed, in the order of the changes."""

    start: datetime
    end: datetime
    step_seconds: float
    replay: Replay
    outcomes: tuple[ObservedOutcome, ...]
