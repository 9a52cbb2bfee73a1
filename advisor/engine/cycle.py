"""The loop, in reading order: advance the change in flight; look for a new one only when none is open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from advisor.engine.decide.choose import DecisionContext, decide
from advisor.engine.diagnose import diagnose
from advisor.engine.observe import Observer
from advisor.engine.propose import propose
from advisor.engine.quiet import usual_loads
from advisor.engine.rollout.apply import begin, confirm, open_change
from advisor.engine.rollout.context import RolloutContext, log
from advisor.engine.rollout.lifecycle import revalidated
from advisor.engine.rollout.listeners import tell
from advisor.engine.rollout.probation import look_again
from advisor.engine.rollout.settle import begin_roll_back, restore
from advisor.engine.rollout.sweep import sweep
from advisor.engine.rollout.switching import go_on, stay_back
from advisor.engine.rollout.watch import watch
from advisor.engine.targeted import concerns, look
from advisor.model.alert import Focus, TargetedLook
from advisor.model.change import ChangeRecord, Event, Pause, State
from advisor.model.errors import JournalError, StaleEpochError
from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Diagnosis
from advisor.model.snapshot import Snapshot
from advisor.ports.events import DiagnosisListener
from advisor.ports.observing import LoadHistory
from advisor.ports.rule import Rule, RuleContext
from advisor.settings.policy import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One environment's walk. window_seconds: what the rates of a snapshot are taken over."""

    observer: Observer
    rules: Sequence[Rule]
    context: RuleContext
    rollout: RolloutContext
    window_seconds: float
    started: float
    """On the clock's monotonic scale: nothing is begun before one whole window was watched."""
    audience: Sequence[DiagnosisListener] = ()
    load_history: LoadHistory | None = None
    """Only asked where the policy waits for quiet; without it, it is never known to be quiet."""

    def run(self, epoch: int) -> Diagnosis:
        """Walk once, in the name of the term `epoch`; 0: another leads, look and advise only.

        Raises JournalError when the journal fails: then nothing was begun, and only the looking went on.
        """
        rollout = replace(self.rollout, epoch=epoch)
        with self._stage("observe"):
            snapshot = self.observer.observe(self.window_seconds)
        with self._stage("advance"):
            in_flight, journal_fault = self._advance(rollout)
        with self._stage("diagnose"):
            results, findings = diagnose(snapshot, self.rules, self.context)
        proposals: tuple[Proposal, ...] = ()
        if in_flight is None:
            with self._stage("propose"):
                proposals = self._propose(findings, snapshot)
        with self._stage("decide"):
            if journal_fault is None:
                choice = self._decide(proposals, in_flight, snapshot)
            else:
                choice = _no_journal(journal_fault)
        if self.rollout.mode is Mode.APPLY and epoch and in_flight is None and journal_fault is None:
            with self._stage("apply"):
                open_change(choice, rollout, snapshot)
        diagnosis = Diagnosis(snapshot=snapshot, rules=results, findings=findings, proposals=proposals, choice=choice)
        self.rollout.meter.diagnosed(diagnosis)
        tell(self.audience, lambda listener: listener.diagnosed(diagnosis))
        if journal_fault is not None:
            raise journal_fault
        return diagnosis

    def look(self, focus: Focus) -> TargetedLook:
        """Observe, diagnose and propose for what an alert is about; changes nothing. Raises AdvisorError."""
        return look(focus, self.observer.observe(self.window_seconds, in_turn=False), self.rules, self.context)

    def note(self, epoch: int, focus: Focus, reason: str) -> ChangeRecord | None:
        """Note in the life of the open change, where it came of what `focus` is about; None where none did.

        Raises JournalError.
        """
        rollout = replace(self.rollout, epoch=epoch)
        record = rollout.journal.open_change(rollout.policy.environment)
        if not epoch or record is None or not concerns(record.proposal, focus):
            return None
        return rollout.mark(record, reason)

    def leave(self, epoch: int, reason: str) -> None:
        """Note in the life of the change in flight that its process stops here. Raises JournalError."""
        rollout = replace(self.rollout, epoch=epoch)
        record = rollout.journal.open_change(rollout.policy.environment)
        if record is not None:
            rollout.mark(record, reason)

    def _advance(self, rollout: RolloutContext) -> tuple[ChangeRecord | None, JournalError | None]:
        """The open change after its step, or why the journal could not be used."""
        try:
            if rollout.epoch:
                return advance(rollout), None
            return rollout.journal.open_change(rollout.policy.environment), None
        except StaleEpochError:
            raise
        except JournalError as fault:
            return None, fault

    def _propose(self, findings: Sequence[Finding], snapshot: Snapshot) -> tuple[Proposal, ...]:
        offers = propose(findings, snapshot, self.rules, self.context)
        for rule_id, problem in offers.problems.items():
            log.warning("proposal_failed", rule_id=rule_id, error=problem)
        return offers.proposals

    def _decide(self, proposals: Sequence[Proposal], in_flight: ChangeRecord | None, snapshot: Snapshot) -> Choice:
        if in_flight is not None:
            return Choice(proposal=None, reason=f"change {in_flight.id} is {in_flight.whereabouts}; one at a time")
        policy, now = self.rollout.policy, self.rollout.clock.now()
        return decide(
            proposals,
            DecisionContext(
                policy=policy,
                history=self.rollout.journal.history(policy.environment),
                fights=self.rollout.journal.fights(policy.environment),
                snoozes=self.rollout.journal.snoozes(policy.environment),
                pause=self.rollout.kill_switch.paused(),
                now=now,
                snapshot=snapshot,
                usual_load=usual_loads(proposals, policy, self.load_history, now),
                unwatched_seconds=self.started + self.window_seconds - self.rollout.clock.monotonic(),
            ),
        )

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = self.rollout.clock.monotonic()
        yield
        self.rollout.meter.stage_ended(name, self.rollout.clock.monotonic() - started)


def advance(rollout: RolloutContext) -> ChangeRecord | None:
    """Take the open change one step on, from whatever state it is found in; the change if it is still open."""
    record = rollout.journal.open_change(rollout.policy.environment)
    pause = rollout.kill_switch.paused()
    if record is None and (pause is None or not pause.freeze):
        sweep(rollout)
    if taken_back := look_again(record, rollout):
        return taken_back if taken_back.is_open else None
    if record is None:
        return None
    record = _with_sound_times(record, rollout)
    if pause is not None and pause.freeze:
        rollout.wait(record, f"frozen: {pause.reason}; {record.proposal.target} is left as it is")
        return record
    if record.roll_back_asked and record.state in (State.APPLYING, State.TRIAL, State.SWITCHED_BACK):
        record = begin_roll_back(record, rollout, record.roll_back_asked)
        return record if record.is_open else None
    stopped = _stopped(pause, rollout.mode)
    moved = _stop(record, stopped, rollout) if stopped else _advance(record, rollout)
    return moved if moved.is_open else None


def _with_sound_times(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    """`record` with its stored starts checked against the clock, which may have been put back since."""
    sound = revalidated(record, rollout.clock.now())
    if sound == record:
        return record
    return rollout.mark(sound, "the clock was put back; what is timed begins anew")


def _no_journal(fault: JournalError) -> Choice:
    return Choice(proposal=None, reason=f"no journal, no change: {fault}")


def _advance(record: ChangeRecord, rollout: RolloutContext) -> ChangeRecord:
    match record.state:
        case State.PROPOSED if rollout.clock.now() >= record.expires_at:
            return rollout.move(record, Event.EXPIRED, "nobody decided in time")
        case State.APPROVED:
            return begin(record, rollout)
        case State.APPLYING if record.is_switching:
            return go_on(record, rollout)
        case State.APPLYING:
            return confirm(record, rollout)
        case State.TRIAL:
            return watch(record, rollout)
        case State.SWITCHED_BACK:
            return stay_back(record, rollout)
        case State.ROLLING_BACK:
            return restore(record, rollout)
        case _:
            return rollout.wait(record, "waits for a person")


def _stopped(pause: Pause | None, mode: Mode) -> str:
    """Why no new value may be written or left on trial; a roll-back that is owed goes on all the same."""
    if pause is not None:
        return f"paused: {pause.reason}"
    return "" if mode is Mode.APPLY else f"the mode is {mode} and no longer apply"


def _stop(record: ChangeRecord, reason: str, rollout: RolloutContext) -> ChangeRecord:
    match record.state:
        case State.PROPOSED | State.APPROVED:
            return rollout.move(record, Event.EXPIRED, reason)
        case State.APPLYING | State.TRIAL | State.SWITCHED_BACK:
            return begin_roll_back(record, rollout, reason)
        case State.ROLLING_BACK:
            return restore(record, rollout)
        case _:
            return rollout.wait(record, "waits for a person")
