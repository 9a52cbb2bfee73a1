"""The walk over recorded history: what the rules would have found, and what policy would have let happen. Pure.

One change at a time: while the trial of one would have run, nothing else is begun. Approvals are taken as given at
once. A recording does not show what a change would have done, so each is taken for kept; the same advice, for as long
as the recording shows the old value, is counted as a repeat and not made again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median

from advisor.engine.decide.choose import decide
from advisor.engine.decide.context import DecisionContext
from advisor.engine.decide.retry import same_advice
from advisor.engine.diagnose import diagnose
from advisor.engine.judge.plan.trial_plan import plan_trial
from advisor.engine.propose import propose
from advisor.engine.replay.summary import ReplaySummary
from advisor.model.change import ChangeRecord, Phase, State
from advisor.model.knob import KnobTarget
from advisor.model.proposal import Proposal
from advisor.model.replay import Replay, ReplayedChange
from advisor.model.report import Choice, RuleResult, RuleStatus
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext
from advisor.settings.policy import PolicySettings
from advisor.settings.trial import TrialSettings

_DATABASE_NEEDS = frozenset({"database", "statements"})
_NOT_RECORDED = "needs a look at the database, which Prometheus does not record"

UsualLoads = Callable[[Sequence[Proposal], datetime], Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is replayed. usual_loads: by application, at a moment of the past."""

    rules: Sequence[Rule]
    context: RuleContext
    policy: PolicySettings
    trial: TrialSettings
    usual_loads: UsualLoads


def replay(snapshots: Iterable[Snapshot], script: Script, step_seconds: float) -> Replay:
    """Walk `snapshots`, oldest first, `step_seconds` apart."""
    blind = [rule for rule in script.rules if _DATABASE_NEEDS & {need.name for need in rule.needs}]
    stage = _Stage(
        script=script, rules=[rule for rule in script.rules if rule not in blind], summary=ReplaySummary(step_seconds)
    )
    for snapshot in snapshots:
        stage.play(snapshot)
    skipped = (RuleResult(rule=rule.id, status=RuleStatus.SKIPPED, reason=_NOT_RECORDED) for rule in blind)
    return stage.summary.summed(rules=skipped, changes=stage.changes)


@dataclass(slots=True)
class _Stage:
    """What is remembered from one snapshot to the next. changes: oldest first; history: newest first."""

    script: Script
    rules: Sequence[Rule]
    summary: ReplaySummary
    changes: list[ReplayedChange] = field(default_factory=list)
    history: list[ChangeRecord] = field(default_factory=list)

    def play(self, snapshot: Snapshot) -> None:
        now = snapshot.taken_at
        if not self.summary.saw(snapshot):
            return
        results, findings = diagnose(snapshot, self.rules, self.script.context)
        self.summary.judged(now, results, findings)
        self._look_back(snapshot)
        if self.changes and now < self.changes[-1].until:
            return
        offers = propose(findings, snapshot, self.rules, self.script.context)
        self.summary.failed(offers.problems)
        choice = self._decide([one for one in offers.proposals if not self._repeats(one)], snapshot)
        self.summary.waited(now, choice.waiting)
        if choice.proposal is not None:
            self._do(choice.proposal, choice, snapshot)

    def _decide(self, proposals: Sequence[Proposal], snapshot: Snapshot) -> Choice:
        return decide(
            proposals,
            DecisionContext(
                policy=self.script.policy,
                history=self.history,
                pause=None,
                now=snapshot.taken_at,
                snapshot=snapshot,
                usual_load=self.script.usual_loads(proposals, snapshot.taken_at),
            ),
        )

    def _repeats(self, proposal: Proposal) -> bool:
        """Whether this was done already; if so it is counted there."""
        for number, replayed in enumerate(self.changes):
            if same_advice(proposal, replayed.proposal, self.script.policy.evidence_tolerance):
                self.changes[number] = replace(replayed, repeats=replayed.repeats + 1)
                return True
        return False

    def _do(self, proposal: Proposal, choice: Choice, snapshot: Snapshot) -> None:
        plan, now = plan_trial(proposal, self.script.trial), snapshot.taken_at
        until = now + timedelta(seconds=plan.warm_up_seconds + plan.trial_seconds)
        self.changes.append(
            ReplayedChange(
                at=now,
                until=until,
                proposal=proposal,
                needs_approval=choice.needs_approval,
                reason=choice.reason,
                knob_before=_shown(proposal.target, snapshot),
            )
        )
        self.history.insert(0, _record(len(self.changes), self.changes[-1], self.script))

    def _look_back(self, snapshot: Snapshot) -> None:
        """What the recording shows of the last replayed's knob at the end of its trial, or not long after a gap."""
        if not self.changes or self.changes[-1].knob_after is not None:
            return
        replayed = self.changes[-1]
        if timedelta() <= snapshot.taken_at - replayed.until <= replayed.until - replayed.at:
            self.changes[-1] = replace(replayed, knob_after=_shown(replayed.proposal.target, snapshot))


def _shown(target: KnobTarget, snapshot: Snapshot) -> float | None:
    """The value in force, as the application's instances show it: the middle one where they differ."""
    keys = snapshot.shown(target)
    values = [value for key in keys if (value := snapshot.value(key.name, **dict(key.labels))) is not None]
    return median(values) if values else None


def _record(number: int, replayed: ReplayedChange, script: Script) -> ChangeRecord:
    """The change as the journal would hold it once kept: what cooldown, budget and ranking go by."""
    return ChangeRecord(
        id=f"replayed_{number}",
        environment=script.policy.environment,
        version=1,
        epoch=0,
        state=State.KEPT,
        proposal=replayed.proposal,
        plan=plan_trial(replayed.proposal, script.trial),
        created_at=replayed.at,
        expires_at=replayed.until,
        applying_since=replayed.at,
        trial_since=replayed.at,
        phases=(Phase(state=State.KEPT, at=replayed.until, reason="taken for kept"),),
    )
