"""The daemon: one cycle after another while it leads, until a signal says stop."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from queue import Empty, SimpleQueue
from types import FrameType

import structlog

from advisor.engine.observe import reachable
from advisor.model.alert import Focus, TargetedLook
from advisor.model.errors import AdvisorError, StaleEpochError
from advisor.model.report import Choice
from advisor.reload import SettingsFile
from advisor.resilience.heap import give_back, keep_small
from advisor.schedule import Schedule
from advisor.settings.policy import Mode
from advisor.settings.schema import Settings
from advisor.surfaces.web.health import Health
from advisor.wiring.daemon import Components, assemble, under

log = structlog.get_logger()

_STOP_SECONDS = 5.0
_LONGEST_SLEEP_SECONDS = 0.5
"""A signal that another thread takes, as of two that come together, does not wake the main thread, which handles it."""
_SILENT_CYCLES = 10
_LONGEST_LOOK_SECONDS = 120.0
"""A cycle waits so long for the targeted look that came before it, and is left out then."""
_CONFIRMATIONS_IN_A_LEASE = 3
_MARK = "the advisor was stopped here; the next start goes on"


def run(settings: Settings, file: SettingsFile, *, once: bool) -> bool:
    """Serve until SIGTERM or SIGINT, or walk one single cycle. False when that cycle reached no source.

    file: read again on SIGHUP, and when it changes.
    Raises ConfigurationError for what cannot be started, JournalError when the journal cannot be opened.
    """
    keep_small()
    with assemble(settings) as works:
        daemon = Daemon(settings, works, file)
        return daemon.run_once() if once else daemon.run_until_stopped()


class Daemon:
    """Runs the cycle by a schedule, stands for election, and answers for its health."""

    def __init__(self, settings: Settings, works: Components, file: SettingsFile) -> None:
        self._settings = settings
        self._file = file
        self._works = works
        self._stop = threading.Event()
        self._busy = threading.Lock()
        self._is_looking = False
        self._last_end = works.clock.monotonic()
        self._problem = "no cycle has ended yet"
        self._role = "no leader is known yet"
        self._told: str | None = None

    def run_once(self) -> bool:
        """One cycle; whether any source could be reached."""
        self._campaign()
        try:
            diagnosis = self._works.cycle.run(self._epoch())
        finally:
            self._works.election.resign()
        self._tell(diagnosis.choice)
        return reachable(diagnosis.snapshot.sources)

    def run_until_stopped(self) -> bool:
        metrics = self._works.metrics
        health = Health(healthy=self._healthy, ready=lambda: self._problem, role=self._standing, metrics=metrics.text)
        web = self._works.serve(health)
        self._campaign()
        web.start()
        for surface in self._works.surfaces:
            surface.start()
        if self._works.alerts is not None:
            self._works.alerts.worker.start(self)
        log.info("daemon_started", address=web.address, mode=self._settings.mode, epoch=self._epoch())
        if self._settings.mode is not Mode.APPLY:
            log.info(
                "changes_disabled", mode=self._settings.mode, fix="set mode: apply to let the advisor change things"
            )
        schedule = self._schedule()
        try:
            with _signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as arrived:
                self._obey(arrived)
        finally:
            schedule.stop()
        if self._works.alerts is not None:
            self._works.alerts.worker.stop()
        has_ended = self._busy.acquire(timeout=_STOP_SECONDS) or self._is_looking  # a look writes nothing
        self._leave(has_ended=has_ended)
        for surface in reversed(self._works.surfaces):
            surface.stop()
        web.stop()
        log.info("daemon_stopped", exit_code=0)
        return True

    def _obey(self, arrived: "SimpleQueue[int]") -> None:
        """Until a signal says stop."""
        while not self._stop.is_set():
            try:
                number = arrived.get(timeout=_LONGEST_SLEEP_SECONDS)
            except Empty:
                continue
            if number == signal.SIGHUP:
                self._file.ask()
            else:
                self._stop.set()

    def leads(self) -> bool:
        """Whether this process may act."""
        return bool(self._epoch())

    def look(self, focus: Focus) -> TargetedLook:
        """A targeted look between two cycles, because of an alert. Raises AdvisorError."""
        with self._busy:
            self._is_looking = True
            try:
                return self._works.cycle.look(focus)
            finally:
                self._is_looking = False

    def note(self, focus: Focus, reason: str) -> str:
        """Note in the life of the open change, where it came of `focus`; its id, "" for none. Raises JournalError."""
        with self._busy:
            record = self._works.cycle.note(self._epoch(), focus, reason)
        return record.id if record is not None else ""

    def _schedule(self) -> Schedule:
        daemon, now = self._settings.daemon, self._works.clock.now()
        schedule = Schedule(self._works.metrics)
        schedule.every(daemon.interval_seconds, self._tick, name="cycle", first_at=now)
        confirm = daemon.lease_seconds / _CONFIRMATIONS_IN_A_LEASE
        schedule.every(confirm, self._campaign, name="election", first_at=now)
        if (digest := self._settings.slack.digest) is not None:
            for notifier in self._works.notifiers:
                first = schedule.daily(digest, notifier.day_begins, name=f"digest_{notifier.name}", now=now)
                log.debug("digest_planned", surface=notifier.name, first_at=first.isoformat())
        schedule.start()
        return schedule

    def _standing(self) -> str:
        """Who leads, and what people elsewhere do not get to hear: no reason to send requests to another replica."""
        return "; ".join([self._role, *(one.problem for one in self._works.notifiers if one.problem)])

    def _campaign(self) -> None:
        """Try to lead, or confirm the lead; runs beside the cycles, which may take long."""
        try:
            self._works.election.campaign()
        except AdvisorError as error:
            log.warning("campaign_failed", error=str(error))
        self._works.metrics.leading(self._works.election.term is not None)

    def _epoch(self) -> int:
        term = self._works.election.term
        return term.epoch if term is not None else 0

    def _tick(self) -> None:
        """One cycle; the boundary at which an error ends a cycle and not the daemon."""
        if not self._has_turn():
            return
        try:
            if self._file.is_due():
                self._reload()
            self._problem = self._guarded_cycle()
            self._works.metrics.cycle_ended("failed" if self._problem else "ok")
            if not self._problem:
                self._works.metrics.cycle_was_well(self._works.clock.now())
            self._report()
            self._last_end = self._works.clock.monotonic()
        finally:
            self._busy.release()
            give_back()

    def _has_turn(self) -> bool:
        """Whether `_busy` is ours; not once the daemon is to stop, for whose end nobody may wait."""
        give_up_at = self._works.clock.monotonic() + _LONGEST_LOOK_SECONDS
        while not self._stop.is_set() and self._works.clock.monotonic() < give_up_at:
            if self._busy.acquire(timeout=_LONGEST_SLEEP_SECONDS):
                if not self._stop.is_set():
                    return True
                self._busy.release()
        return False

    def _reload(self) -> None:
        """Between two cycles: no stage of one sees two settings."""
        current = self._file.reread(self._settings)
        self._works.metrics.settings_reread(is_well=current is not None)
        if current is not None and current != self._settings:
            self._settings = self._works.in_force.settings = current
            self._works = replace(self._works, cycle=under(current, self._works.cycle))
            for notifier in self._works.notifiers:
                notifier.mode = current.mode

    def _guarded_cycle(self) -> str:
        """What went wrong in one cycle; "" when all went well."""
        try:
            self._tell(self._works.cycle.run(self._epoch()).choice)
        except StaleEpochError as error:
            log.error("leader_superseded", error=str(error), fix="another advisor has taken over; this one follows")
            self._works.election.depose("a newer term has begun")
            self._works.metrics.leading(False)
            return str(error)
        except AdvisorError as error:
            log.error("cycle_failed", error=str(error))
            return str(error)
        except Exception as error:
            log.exception("cycle_crashed")
            return f"unexpected {type(error).__name__}; see the log"
        return ""

    def _tell(self, choice: Choice) -> None:
        """Log the choice when it is another one than before; in mode propose it is all that the daemon does."""
        proposal = choice.proposal
        chosen = proposal.id if proposal is not None else ""
        if chosen == self._told:
            return
        self._told = chosen
        if proposal is None:
            log.info("nothing_chosen", reason=choice.reason)
            return
        step = f"{proposal.current} -> {proposal.proposed}"
        target, rule = str(proposal.target), proposal.rule
        log.info("proposal_chosen", rule_id=rule, target=target, step=step, reason=choice.reason)

    def _report(self) -> None:
        """Bring the metrics up to what the journal says, whoever changed it."""
        journal = self._works.journal
        try:
            open_change = journal.open_change(self._settings.policy.environment)
            self._works.metrics.standing(open_change=open_change is not None, paused=journal.paused() is not None)
            self._role = self._describe_role()
        except AdvisorError as error:
            log.warning("journal_unreadable", error=str(error))

    def _describe_role(self) -> str:
        own, leader = self._works.election.term, self._works.election.leader()
        if own is not None:
            return f"leads (term {own.epoch})"
        return f"follows {leader.holder} (term {leader.epoch})" if leader is not None else "nobody leads"

    def _healthy(self) -> str:
        """Unhealthy only when the clockwork stands still and a restart would help."""
        silent = self._works.clock.monotonic() - self._last_end
        allowed = _SILENT_CYCLES * self._settings.daemon.interval_seconds
        if self._busy.locked():  # an index may be building
            allowed += self._settings.trial.build_seconds
        return "" if silent <= allowed else f"no cycle has ended for {silent:.0f} s"

    def _leave(self, *, has_ended: bool) -> None:
        """Mark the change in flight, then make room for the next leader: only once nothing is written any more.

        A cycle that has not ended in time is cut off: its writes end with the process, and so does its lock.
        """
        epoch = self._epoch()
        if epoch:
            try:
                self._works.cycle.leave(epoch, _MARK)
            except AdvisorError as error:
                log.warning("change_not_marked", error=str(error))
        if not has_ended:
            log.warning("cycle_abandoned", fix="the journal knows the change in flight; the next start takes it up")
            os._exit(0)
        self._works.election.resign()


@contextmanager
def _signals(*numbers: signal.Signals) -> Iterator["SimpleQueue[int]"]:
    """Where the numbers of those that arrive are put; the former handlers come back afterwards.

    A handler runs in the midst of whatever the main thread does, and may itself be interrupted: putting into this queue
    is safe there, while an event's lock that the main thread holds just then would be waited for for ever.
    """
    arrived: SimpleQueue[int] = SimpleQueue()

    def handle(number: int, _: FrameType | None) -> None:
        arrived.put(number)

    former = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield arrived
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
