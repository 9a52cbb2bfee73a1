"""The life of one change, as the journal keeps it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from advisor.model.approval import Approval, fingerprint
from advisor.model.cohort import EVERYBODY
from advisor.model.course import Mark, Probation, SwitchBack
from advisor.model.database.workload import StatementWindow
from advisor.model.knob import Order
from advisor.model.proposal import Better, Proposal
from advisor.model.signal import Series, SignalKey
from advisor.model.verdict import Outcome, Verdict


class State(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLYING = "applying"
    TRIAL = "trial"
    SWITCHED_BACK = "switched_back"
    """In its trial, the old value is in force for a while."""
    ROLLING_BACK = "rolling_back"
    STUCK = "stuck"
    KEPT = "kept"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


OPEN_STATES = frozenset(
    {
        State.PROPOSED,
        State.APPROVED,
        State.APPLYING,
        State.TRIAL,
        State.SWITCHED_BACK,
        State.ROLLING_BACK,
        State.STUCK,
    }
)
"""States that hold the environment's one place for a change. STUCK holds it until a person has looked."""


class Event(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    APPLY_BEGUN = "apply_begun"
    APPLIED = "applied"
    PROMOTED = "promoted"
    SWITCHED_BACK = "switched_back"
    NOT_APPLIED = "not_applied"
    KEPT = "kept"
    ROLL_BACK_BEGUN = "roll_back_begun"
    RESTORED = "restored"
    RESTORE_FAILED = "restore_failed"
    SUPERSEDED = "superseded"
    ROLL_BACK_ASKED = "roll_back_asked"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """A metric that must not get worse by more than `maximum_harm_ratio` of its baseline."""

    signal: SignalKey
    better: Better
    maximum_harm_ratio: float
    slack: float
    """Absolute worsening that never counts, in the metric's unit: keeps a ratio of tiny numbers from judging."""
    must_be_proven: bool = True
    """Whether nothing is kept before harm beyond the bound is ruled out; if not, harm that is proven still ends it."""
    within: tuple[SignalKey, ...] = ()
    """Of a quantile: the shares of requests within some seconds around it, where they are on record; else none."""

    @property
    def signals(self) -> tuple[SignalKey, ...]:
        """All that is read for it."""
        return (self.signal, *self.within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripwire:
    """A signal that needs no statistics: its last `points` points all worse than all of the baseline end the trial.

    One that no source shows trips nothing. what: the alarm's text, such as "instances are gone". slack: in the signal's
    unit; so much worse is still as before.
    """

    signal: SignalKey
    better: Better
    what: str
    points: int = 2
    slack: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPlan:
    """How a change is to be judged; fixed before it is applied.

    apply_seconds: within this the new value must be in force everywhere. trial_seconds: first window after the
    warm-up; longest_seconds: what it may be extended to.
    """

    apply_seconds: float
    warm_up_seconds: float
    baseline_seconds: float
    trial_seconds: float
    longest_seconds: float
    guardrails: tuple[Guardrail, ...]
    history_seconds: float = 0.0
    """So much of the time before the change is compared with, where it is on record; at least the baseline."""
    tripwires: tuple[Tripwire, ...] = ()
    no_gain_seconds: float = 0.0
    """Before so much of the trial has passed, a gain may still begin: that there is none is not said."""

    @property
    def block_seconds(self) -> float:
        """The shortest stretch of time that is averaged before it is compared: a sixth of the first window."""
        return self.trial_seconds / 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSeries:
    """The points of one signal."""

    signal: SignalKey
    series: Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step of a canary: some instances take the value, and those that kept the old one show what time does.

    cohorts: the shares ordered so far; the last is this stage's. taking, keeping: by the label `instance`, those that
    take the value in this stage, and those that keep the old one through it; of the last stage there are none. Where
    the last stage makes all instances anew, `taking` is empty: all are compared with all. control: the baseline of
    those that keep it. proof: the verdict of the stage before.
    """

    cohorts: tuple[float, ...]
    taking: tuple[str, ...]
    keeping: tuple[str, ...] = ()
    control: tuple[NamedSeries, ...] = ()
    proof: Verdict | None = None

    @property
    def is_last(self) -> bool:
        return self.cohorts[-1] >= EVERYBODY

    def __str__(self) -> str:
        """Such as "1 of 3 instances takes the value first, 2 keep the old one"."""
        if self.is_last:
            return "all instances take the value"
        taking, keeping = len(self.taking), len(self.keeping)
        takes, keep = ("takes" if taking == 1 else "take"), ("keeps" if keeping == 1 else "keep")
        if len(self.cohorts) == 1:
            return f"{taking} of {taking + keeping} instances {takes} the value first, {keeping} {keep} the old one"
        return f"{taking} more {takes} the value, {keeping} {keep} the old one"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineWait:
    """An approved change that waits for a past which the judge can use.

    since: when it was asked for first. lacking: what it lacked last. read_at: when all of the past was read last; None
    where less showed already that it would not do.
    """

    since: datetime
    lacking: str
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One step of a change's life."""

    state: State
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """One change: what it does, where it stands, and everything needed to finish or undo it after a crash.

    version rises by one with every write; epoch is that of the last writer. `proposal.current` is the old
    value and `proposal.proposed` the new one; writing back `current` is the inverse.
    cleared_by: the person who said that a change which was overwritten, or failed, no longer stops its target.
    stage: of its canary; None where all instances take the value at once. Baseline and trial are of the stage.
    """

    id: str
    environment: str
    version: int
    epoch: int
    state: State
    proposal: Proposal
    plan: TrialPlan
    created_at: datetime
    expires_at: datetime
    approved_by: str = ""
    approvals: tuple[Approval, ...] = ()
    """Of persons; none where the policy alone let it happen."""
    roll_back_asked: str = ""
    """By whom and why; the next cycle begins it."""
    applying_since: datetime | None = None
    trial_since: datetime | None = None
    restore_attempts: int = 0
    baseline: tuple[NamedSeries, ...] = ()
    usual: tuple[NamedSeries, ...] = ()
    """What the same hours of earlier days were like, from the beginning of the baseline to the longest trial's end."""
    older: tuple[NamedSeries, ...] = ()
    """The days before the baseline, of the goal and its load, in blocks: which steps they take by themselves."""
    statements: StatementWindow | None = None
    """What the statements on the table did in the baseline, where the change is to a database."""
    trial: tuple[NamedSeries, ...] = ()
    verdict: Verdict | None = None
    phases: tuple[Phase, ...] = ()
    cleared_by: str = ""
    fought: str = ""
    """Who moved a part of it while it was ours: what is left of it goes back, and then it is superseded."""
    stage: Stage | None = None
    unshown_since: datetime | None = None
    """Since when its value is confirmed, and not shown by every instance."""
    baseline_wait: BaselineWait | None = None
    switch_back: SwitchBack | None = None
    """None where the new value stays all through the trial."""
    probation: Probation | None = None
    """Of a kept one; None where it is not watched on."""
    marks: tuple[Mark, ...] = ()
    """Known events in the baseline, and in the trial up to its last look."""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def without_samples(self) -> "ChangeRecord":
        """What stays in memory of an ended change: a few kilobytes."""
        stage = replace(self.stage, control=()) if self.stage else None
        return replace(self, baseline=(), usual=(), older=(), trial=(), stage=stage)

    @property
    def whereabouts(self) -> str:
        """Its state; in a canary with the stage that it is in, and since when; switching back, with the period."""
        if self.is_switching and self.switch_back is not None:
            number = len(self.switch_back.moves) + 1
            return f"{self.state}: period {number} of {self.switch_back.periods} or more"
        since = self.trial_since if self.state is State.TRIAL else self.applying_since
        if self.stage is None or since is None or self.state not in (State.APPLYING, State.TRIAL):
            return str(self.state)
        return f"{self.state}: canary, {self.stage}, since {since:%Y-%m-%d %H:%M:%S}Z"

    @property
    def is_switching(self) -> bool:
        """Whether it is on trial, or between two periods of its trial, and the old value has been back already."""
        is_in_trial = self.state in (State.APPLYING, State.TRIAL, State.SWITCHED_BACK)
        return is_in_trial and self.switch_back is not None and bool(self.switch_back.moves)

    @property
    def is_held(self) -> bool:
        """Whether the judge has left it to a person."""
        return self.state is State.TRIAL and self.verdict is not None and self.verdict.outcome is Outcome.HOLD

    @property
    def is_on_probation(self) -> bool:
        """Whether it was kept, and is watched on: it is not open, and does not stand in another's way."""
        return self.state is State.KEPT and self.probation is not None and self.probation.ended_at is None

    @property
    def last_verdict(self) -> Verdict | None:
        """The judge's last word on it: that of its probation where it was taken back, else that of its trial."""
        later = self.probation.verdict if self.probation is not None else None
        return later if later is not None and later.outcome is Outcome.ROLL_BACK else self.verdict

    @property
    def plan_hash(self) -> str:
        """A fingerprint of what a person is shown, and bound to by approving it."""
        proposal, plan, expected = self.proposal, self.plan, self.proposal.prediction
        return fingerprint(
            str(proposal.target),
            proposal.current,
            proposal.proposed,
            *(proposal.exact or ()),
            proposal.unit,
            proposal.apply,
            proposal.undo,
            proposal.risk.value,
            *(float(each) for each in (expected.low, expected.expected, expected.high)),
            *(float(each) for each in (plan.trial_seconds, plan.longest_seconds)),
            *(f"{rail.signal} {rail.maximum_harm_ratio:g} {rail.slack:g}" for rail in plan.guardrails),
        )

    @property
    def why(self) -> str:
        """What it waits for, or why it came to where it is, whatever was noted since; of an ended one the last word."""
        if self.baseline_wait is not None and self.state is State.APPROVED:
            return self.baseline_wait.lacking
        if self.is_held and self.verdict is not None:
            return f"waits for a person: {self.verdict.explanation}"
        if not self.is_open or not self.phases:
            return self.phases[-1].reason if self.phases else ""
        former = [phase for phase in self.phases if phase.state is not self.state]
        since = self.phases.index(former[-1]) + 1 if former else 0
        return self.phases[since].reason

    @property
    def settled_at(self) -> datetime | None:
        """When it came to its last state; None while it is open."""
        return None if self.is_open else next((one.at for one in self.phases if one.state is self.state), None)

    @property
    def is_fight(self) -> bool:
        """Somebody else moved the value while it was ours, and no person has cleared that yet."""
        return self.state is State.SUPERSEDED and not self.cleared_by

    def order(self, *, epoch: int, hold_until: datetime | None) -> Order:
        """The write this change stands for, in the name of the process that holds `epoch`."""
        old, new = self.proposal.exact or (self.proposal.current, self.proposal.proposed)
        return Order(
            change_id=self.id,
            target=self.proposal.target,
            old=old,
            new=new,
            epoch=epoch,
            hold_until=hold_until,
            cohorts=self.stage.cohorts if self.stage else (EVERYBODY,),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The kill switch. `freeze` also holds back a roll-back that is already owed."""

    reason: str
    since: datetime
    freeze: bool
