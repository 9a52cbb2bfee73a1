"""The clockwork: one cycle after another, until a signal says stop."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from advisor.engine.observe import reachable
from advisor.model.errors import AdvisorError, StaleEpochError
from advisor.model.report import Choice
from advisor.settings.policy import Mode
from advisor.settings.schema import Settings
from advisor.surfaces.web import Health, WebServer
from advisor.wiring import Works, assemble

log = structlog.get_logger()

NO_SOURCE = 3
_DEPOSED = 2
_STOP_SECONDS = 8.0
_SILENT_CYCLES = 10


def run(settings: Settings, *, once: bool) -> int:
    """Serve until SIGTERM or SIGINT, or walk one single cycle. Returns the exit code.

    Raises ConfigurationError for what cannot be started, JournalError when the journal cannot be opened.
    """
    with assemble(settings) as works:
        daemon = Daemon(settings, works)
        return daemon.run_once() if once else daemon.run_until_stopped()


class Daemon:
    """Runs the cycle by a scheduler and answers for its health."""

    def __init__(self, settings: Settings, works: Works) -> None:
        self._settings = settings
        self._works = works
        self._stop = threading.Event()
        self._busy = threading.Lock()
        self._cycles_ended = 0
        self._last_end = works.clock.monotonic()
        self._problem = "no cycle has ended yet"
        self._exit_code = 0
        self._told: str | None = None

    def run_once(self) -> int:
        """One cycle. 3 when no source could be reached."""
        diagnosis = self._works.cycle.run()
        self._tell(diagnosis.choice)
        return 0 if reachable(diagnosis.snapshot.sources) else NO_SOURCE

    def run_until_stopped(self) -> int:
        health = Health(healthy=self._healthy, ready=lambda: self._problem, metrics=self._works.metrics.text)
        web = WebServer(self._settings.web.listen_address, health)
        web.start()
        log.info("daemon_started", address=web.address, mode=self._settings.mode, epoch=self._works.cycle.desk.epoch)
        if self._settings.mode is not Mode.APPLY:
            log.info(
                "changes_disabled", mode=self._settings.mode, fix="set mode: apply to let the advisor change things"
            )
        scheduler = self._schedule()
        try:
            with _stop_signals(self._stop):
                self._stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            web.stop()
        self._wait_for_cycle()
        log.info("daemon_stopped", exit_code=self._exit_code)
        return self._exit_code

    def _schedule(self) -> BackgroundScheduler:
        interval = self._settings.daemon.interval_seconds
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of every run otherwise
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_listener(self._missed, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        scheduler.add_job(
            self._tick,
            "interval",
            seconds=interval,
            jitter=interval * 0.05,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(1, round(interval)),
            next_run_time=self._works.clock.now(),
        )
        scheduler.start()
        return scheduler

    def _tick(self) -> None:
        """One cycle; the boundary at which an error ends a cycle and not the daemon."""
        if self._stop.is_set():
            return
        with self._busy:
            self._problem = self._guarded_cycle()
            self._works.metrics.cycle_ended("failed" if self._problem else "ok")
            if not self._problem:
                self._works.metrics.cycle_was_well(self._works.clock.now())
            self._report()
            self._cycles_ended += 1
            self._last_end = self._works.clock.monotonic()

    def _guarded_cycle(self) -> str:
        """What went wrong in one cycle; "" when all went well."""
        try:
            self._tell(self._works.cycle.run().choice)
        except StaleEpochError as error:
            log.error("deposed", error=str(error), fix="another advisor has taken over; this one stops")
            self._exit_code = _DEPOSED
            self._stop.set()
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
        except AdvisorError as error:
            log.warning("journal_unreadable", error=str(error))

    def _healthy(self) -> str:
        """Unhealthy only when the clockwork stands still and a restart would help."""
        silent = self._works.clock.monotonic() - self._last_end
        allowed = _SILENT_CYCLES * self._settings.daemon.interval_seconds
        if self._busy.locked():  # an index may be building
            allowed += self._settings.trial.build_seconds
        return "" if silent <= allowed else f"no cycle has ended for {silent:.0f} s"

    def _missed(self, event: JobExecutionEvent) -> None:
        if not self._busy.locked():
            log.warning("schedule_missed", code=event.code)
        self._works.metrics.schedule_missed()

    def _wait_for_cycle(self) -> None:
        """Let a cycle under way end. One that takes longer is left to the journal: the next start takes it up."""
        if self._busy.acquire(timeout=_STOP_SECONDS):
            self._busy.release()
            return
        log.warning("cycle_abandoned", fix="the journal knows the change in flight; the next start takes it up")
        os._exit(self._exit_code)


@contextmanager
def _stop_signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`; the former handlers come back afterwards."""

    def handle(number: int, _: FrameType | None) -> None:
        stop.set()

    former = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
