"""The demo as it is watched from outside: through the daemon's journal and the callers' results only."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from advisor.clock import SystemClock
from advisor.demo.load import read_window
from advisor.demo.options import DemoOptions
from advisor.demo.outcome import ScenarioOutcome, Seen
from advisor.demo.scenarios import Scenario
from advisor.demo.slack import Preview
from advisor.demo.view import DemoView, describe_change, describe_step
from advisor.demo.world import World
from advisor.engine.approvals import Approvals
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import ChangeRecord, Phase, State
from advisor.model.errors import ChangeAlreadyOpenError, JournalError
from advisor.servers.errors import ServerUnavailableError

LONGEST_HARM_SECONDS = 240.0
_FOLLOW_SECONDS = 5
_START_SECONDS = 120.0
"""On a machine that is busy."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """preview: what Slack would be sent, where that is asked for."""

    world: World
    view: DemoView
    scenarios: Sequence[Scenario]
    journal: SqlJournal
    preview: Preview | None = None
    told: set[tuple[str, int]] = field(default_factory=set)

    def history(self) -> Sequence[ChangeRecord]:
        return self.journal.history("default")

    def watch(self, is_done: Callable[[Sequence[ChangeRecord]], bool], longest_seconds: float) -> None:
        """Tell every step as it happens, until `is_done` or the time is over. Raises when a process has ended."""
        deadline = time.monotonic() + longest_seconds
        while time.monotonic() < deadline:
            history = self.history()
            self._tell(history)
            if is_done(history):
                return
            fallen = self.world.fallen()
            if fallen is not None:
                raise ServerUnavailableError(
                    f"a process of the demo has ended; its log ends with:\n{fallen.log_tail()}"
                )
            time.sleep(1)

    def order(self, propose: Callable[[SqlJournal, datetime], ChangeRecord]) -> bool:
        """Journal a change as a person would, once no other is open; False when one stays open."""
        writing = open_journal(self.world.journal_url)
        deadline = time.monotonic() + LONGEST_HARM_SECONDS
        try:
            while time.monotonic() < deadline:
                self.watch(lambda history: not any(record.is_open for record in history), deadline - time.monotonic())
                try:
                    propose(writing, datetime.now(UTC))
                except ChangeAlreadyOpenError:  # the daemon was quicker
                    continue
                return True
        finally:
            writing.close()
        self.view.say("another change stays open; the harmful one was not ordered")
        return False

    def compared(self, scenario: Scenario, record: ChangeRecord | None, expected: State) -> ScenarioOutcome:
        """The callers' view: the baseline window before the change, and as long a window up to the verdict."""
        before = after = None
        if record is not None and record.applying_since is not None and record.trial_since is not None:
            window = timedelta(seconds=record.plan.baseline_seconds)
            before = self._seen(scenario.route, record.applying_since - window, record.applying_since)
            judged_at = _judged(record).at
            after = self._seen(scenario.route, max(record.trial_since, judged_at - window), judged_at)
        change = f"{record.proposal.target}: {record.proposal.current} -> {record.proposal.proposed}" if record else ""
        return ScenarioOutcome(
            name=scenario.name,
            found=record is not None,
            change=change,
            step=describe_change(record.proposal) if record else "",
            outcome=record.state.value if record else "",
            reason=_judged(record).reason if record else "",
            metric=scenario.metric,
            before=before,
            after=after,
            expected=expected,
        )

    def keep(self) -> None:
        """Leave everything running until Ctrl-C."""
        self.view.say(f"still running: {self.world.addresses}; Ctrl-C ends it")
        try:
            while self.world.fallen() is None:
                time.sleep(1)
        except KeyboardInterrupt:
            self.view.say("ending")

    def _seen(self, route: str, start: datetime, end: datetime) -> Seen | None:
        return read_window(self.world.results, route, start, end)

    def _tell(self, history: Sequence[ChangeRecord]) -> None:
        for record in reversed(history):
            for number, phase in enumerate(record.phases):
                if (record.id, number) not in self.told:
                    self.told.add((record.id, number))
                    self.view.say(describe_step(record, phase, self.world.started_at))
        if self.preview is not None:
            self.preview.follow(history)
        now = datetime.now(UTC)
        since = now - timedelta(seconds=_FOLLOW_SECONDS)
        routes = dict.fromkeys(scenario.route for scenario in self.scenarios)
        latencies = {route: seen.mean_seconds for route in routes if (seen := self._seen(route, since, now))}
        self.view.follow(next((record for record in history if record.is_open), None), latencies)


def _judged(record: ChangeRecord) -> Phase:
    """The step that ended its trial; what is noted later, as of its probation, is no part of that."""
    decided = State.KEPT if record.state is State.KEPT else State.ROLLING_BACK
    return next((phase for phase in record.phases if phase.state is decided), record.phases[-1])


def journal_of(world: World) -> SqlJournal:
    """The one that the daemon makes when it starts. Raises ServerUnavailableError."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return open_journal(world.journal_url, read_only=True)
        except JournalError:
            fallen = world.fallen()
            if fallen is not None or time.monotonic() > deadline:
                log = fallen.log_tail() if fallen else "no journal"
                raise ServerUnavailableError(f"the advisor did not start; its log ends with:\n{log}") from None
            time.sleep(0.2)


def slack_preview(world: World, view: DemoView, options: DemoOptions, stack: ExitStack) -> Preview:
    """What Slack would be sent, on the terminal, and what is answered there."""
    return Preview(approvals=approvals(world, stack), say=view.say, ask=view.ask, says_yes=options.yes)


def approvals(world: World, stack: ExitStack) -> Approvals:
    """By which a person's word reaches the journal."""
    journal = stack.enter_context(closing(open_journal(world.journal_url)))
    return Approvals(journal=journal, listeners=(), clock=SystemClock())
