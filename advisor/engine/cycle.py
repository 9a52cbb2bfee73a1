"""The loop, in reading order: advance the change in flight; look for a new one only when none is open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from advisor.engine.decide.choose import Circumstances, decide
from advisor.engine.diagnose import diagnose
from advisor.engine.observe import Observer
from advisor.engine.propose import propose
from advisor.engine.quiet import usual_loads
from advisor.engine.rollout.apply import begin, confirm, open_change
from advisor.engine.rollout.context import Desk, log
from advisor.engine.rollout.lifecycle import revalidated
from advisor.engine.rollout.settle import begin_roll_back, restore
from advisor.engine.rollout.sweep import sweep
from advisor.engine.rollout.watch import watch
from advisor.model.change import ChangeRecord, Event, Pause, State
from advisor.model.errors import JournalError, StaleEpochError
from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Diagnosis
from advisor.model.snapshot import Snapshot
from advisor.ports.observing import LoadHistory
from advisor.ports.rule import Rule, RuleContext
from advisor.settings.policy import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One environment's walk. window_seconds: what the rates of a snapshot are taken over."""

    observer: Observer
    rules: Sequence[Rule]
    context: RuleContext
    desk: Desk
    window_seconds: float
    started: float
    """On the clock's monotonic scale: nothing is begun before one whole window was watched."""
    load_history: LoadHistory | None = None
    """Only asked where the policy waits for quiet; without it, it is never known to be quiet."""

    def run(self, epoch: int) -> Diagnosis:
        """Walk once, in the name of the term `epoch`; 0: another leads, look and advise only.

        Raises JournalError when the journal fails: then nothing was begun, and only the looking went on.
        """
        desk = replace(self.desk, epoch=epoch)
        with self._stage("observe"):
            snapshot = self.observer.observe(self.window_seconds)
        with self._stage("advance"):
            in_flight, journal_fault = self._advance(desk)
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
        if self.desk.mode is Mode.APPLY and epoch and in_flight is None and journal_fault is None:
            with self._stage("apply"):
                open_change(choice, desk)
        diagnosis = Diagnosis(snapshot=snapshot, rules=results, findings=findings, proposals=proposals, choice=choice)
        self.desk.meter.diagnosed(diagnosis)
        if journal_fault is not None:
            raise journal_fault
        return diagnosis

    def leave(self, epoch: int, reason: str) -> None:
        """Note in the life of the change in flight that its process stops here. Raises JournalError."""
        desk = replace(self.desk, epoch=epoch)
        record = desk.journal.open_change(desk.policy.environment)
        if record is not None:
            desk.mark(record, reason)

    def _advance(self, desk: Desk) -> tuple[ChangeRecord | None, JournalError | None]:
        """The open change after its step, or why the journal could not be used."""
        try:
            if desk.epoch:
                return advance(desk), None
            return desk.journal.open_change(desk.policy.environment), None
        except StaleEpochError:
            raise
        except JournalError as fault:
            return None, fault

    def _propose(self, findings: Sequence[Finding], snapshot: Snapshot) -> tuple[Proposal, ...]:
        proposals, problems = propose(findings, snapshot, self.rules, self.context)
        for rule_id, problem in problems.items():
            log.warning("proposal_failed", rule_id=rule_id, error=problem)
        return proposals

    def _decide(self, proposals: Sequence[Proposal], in_flight: ChangeRecord | None, snapshot: Snapshot) -> Choice:
        if in_flight is not None:
            return Choice(proposal=None, reason=f"change {in_flight.id} is {in_flight.whereabouts}; one at a time")
        policy, now = self.desk.policy, self.desk.clock.now()
        return decide(
            proposals,
            Circumstances(
                policy=policy,
                history=self.desk.journal.history(policy.environment),
                fights=self.desk.journal.fights(policy.environment),
                pause=self.desk.kill_switch.paused(),
                now=now,
                snapshot=snapshot,
                usual_load=usual_loads(proposals, policy, self.load_history, now),
                unwatched_seconds=self.started + self.window_seconds - self.desk.clock.monotonic(),
            ),
        )

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = self.desk.clock.monotonic()
        yield
        self.desk.meter.stage_ended(name, self.desk.clock.monotonic() - started)


def advance(desk: Desk) -> ChangeRecord | None:
    """Take the open change one step on, from whatever state it is found in; the change if it is still open."""
    record = desk.journal.open_change(desk.policy.environment)
    pause = desk.kill_switch.paused()
    if record is None:
        if pause is None or not pause.freeze:
            sweep(desk)
        return None
    record = _with_sound_times(record, desk)
    if pause is not None and pause.freeze:
        desk.wait(record, f"frozen: {pause.reason}; {record.proposal.target} is left as it is")
        return record
    stopped = _stopped(pause, desk.mode)
    moved = _stop(record, stopped, desk) if stopped else _advance(record, desk)
    return moved if moved.is_open else None


def _with_sound_times(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    """`record` with its stored starts checked against the clock, which may have been put back since."""
    sound = revalidated(record, desk.clock.now())
    if sound == record:
        return record
    return desk.mark(sound, "the clock was put back; what is timed begins anew")


def _no_journal(fault: JournalError) -> Choice:
    return Choice(proposal=None, reason=f"no journal, no change: {fault}")


def _advance(record: ChangeRecord, desk: Desk) -> ChangeRecord:
    match record.state:
        case State.PROPOSED if desk.clock.now() >= record.expires_at:
            return desk.move(record, Event.EXPIRED, "nobody decided in time")
        case State.APPROVED:
            return begin(record, desk)
        case State.APPLYING:
            return confirm(record, desk)
        case State.TRIAL:
            return watch(record, desk)
        case State.ROLLING_BACK:
            return restore(record, desk)
        case _:
            return desk.wait(record, "waits for a person")


def _stopped(pause: Pause | None, mode: Mode) -> str:
    """Why no new value may be written or left on trial; a roll-back that is owed goes on all the same."""
    if pause is not None:
        return f"paused: {pause.reason}"
    return "" if mode is Mode.APPLY else f"the mode is {mode} and no longer apply"


def _stop(record: ChangeRecord, reason: str, desk: Desk) -> ChangeRecord:
    match record.state:
        case State.PROPOSED | State.APPROVED:
            return desk.move(record, Event.EXPIRED, reason)
        case State.APPLYING | State.TRIAL:
            return begin_roll_back(record, desk, reason)
        case State.ROLLING_BACK:
            return restore(record, desk)
        case _:
            return desk.wait(record, "waits for a person")
