"""The closed loop before your eyes: three bottlenecks found, changed one at a time, measured, and kept."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from advisor.clock import SystemClock
from advisor.demo.environment import World, environment
from advisor.demo.harm import RULE as HARM
from advisor.demo.harm import propose_harm
from advisor.demo.load import read_window
from advisor.demo.options import DemoOptions
from advisor.demo.outcome import DemoOutcome, ScenarioOutcome, Seen, change_for
from advisor.demo.scenarios import SCENARIOS, Scenario
from advisor.demo.slack import Preview
from advisor.demo.view import DemoView, describe_change, describe_step
from advisor.engine.approvals import Approvals
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import ChangeRecord, State
from advisor.model.errors import ChangeAlreadyOpenError, JournalError
from advisor.servers.errors import ServerUnavailableError

_LONGEST_SECONDS = 1200.0
_LONGEST_HARM_SECONDS = 240.0
_WITH_A_PERSON_SECONDS = 3600.0
_FOLLOW_SECONDS = 5


def run_demo(options: DemoOptions) -> DemoOutcome:
    """What became of every scenario, and of the harmful change if asked for. Raises ServerUnavailableError."""
    started = time.monotonic()
    permission = "approve" if options.slack else "automatic"
    with ExitStack() as stack:
        view = stack.enter_context(DemoView())
        world = stack.enter_context(environment(view.say, permission))
        stage = _Stage(world=world, view=view, journal=_open_journal(world))
        if options.slack:
            stage.preview = _preview(world, view, options, stack)
        stage.watch(_all_are_decided, _LONGEST_SECONDS if options.yes or not options.slack else _WITH_A_PERSON_SECONDS)
        scenarios = [_outcome(scenario, stage) for scenario in SCENARIOS]
        if options.with_bad_change:
            scenarios.append(_harm(stage))
        outcome = DemoOutcome(scenarios=tuple(scenarios), seconds=time.monotonic() - started)
        if options.keep:
            _keep(world, view)
    return outcome


@dataclass(slots=True)
class _Stage:
    """Follows the daemon from outside: through the journal and the load generator's results only."""

    world: World
    view: DemoView
    journal: SqlJournal
    preview: Preview | None = None
    """What Slack would be sent, where that is asked for."""
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

    def seen(self, route: str, start: datetime, end: datetime) -> Seen | None:
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
        latencies = {s.route: seen.mean_seconds for s in SCENARIOS if (seen := self.seen(s.route, since, now))}
        self.view.follow(next((record for record in history if record.is_open), None), latencies)


def _open_journal(world: World) -> SqlJournal:
    """The journal the daemon makes when it starts."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return open_journal(world.journal_url, read_only=True)
        except JournalError:
            fallen = world.fallen()
            if fallen is not None or time.monotonic() > deadline:
                log = fallen.log_tail() if fallen else "no journal"
                raise ServerUnavailableError(f"the advisor did not start; its log ends with:\n{log}") from None
            time.sleep(0.2)


def _preview(world: World, view: DemoView, options: DemoOptions, stack: ExitStack) -> Preview:
    journal = stack.enter_context(closing(open_journal(world.journal_url)))
    approvals = Approvals(journal=journal, listeners=(), clock=SystemClock())
    return Preview(approvals=approvals, say=view.say, ask=view.ask, says_yes=options.yes)


def _all_are_decided(history: Sequence[ChangeRecord]) -> bool:
    """Kept, or rejected by who was asked."""
    ends = (State.KEPT, State.REJECTED)
    decided = {record.proposal.rule for record in history if record.state in ends}
    return all(scenario.rule in decided for scenario in SCENARIOS)


def _outcome(scenario: Scenario, stage: _Stage) -> ScenarioOutcome:
    record = change_for(scenario.rule, stage.history())
    return _compared(record, stage, scenario, State.KEPT)


def _harm(stage: _Stage) -> ScenarioOutcome:
    """Give harmful advice, and follow it to its end."""
    pool = change_for("pool-exhaustion", stage.history())
    size = pool.proposal.proposed if pool is not None else None
    scenario = Scenario(name="bad-change", rule=HARM, route="replies", metric="mean latency of replies")
    if isinstance(size, int) and _order_harm(stage, size):
        stage.watch(
            lambda history: any(r.proposal.rule == HARM and not r.is_open for r in history), _LONGEST_HARM_SECONDS
        )
    return _compared(change_for(HARM, stage.history()), stage, scenario, State.ROLLED_BACK)


def _order_harm(stage: _Stage, size: int) -> bool:
    """Journal the harmful change once no other is open; False when one stays open."""
    stage.view.say(f"now a harmful change, as a person might order it: a pool of 2 in place of {size}")
    writing = open_journal(stage.world.journal_url)
    deadline = time.monotonic() + _LONGEST_HARM_SECONDS
    try:
        while time.monotonic() < deadline:
            stage.watch(lambda history: not any(record.is_open for record in history), deadline - time.monotonic())
            try:
                propose_harm(writing, size, datetime.now(UTC))
            except ChangeAlreadyOpenError:  # the daemon was quicker
                continue
            return True
    finally:
        writing.close()
    stage.view.say("another change stays open; the harmful one was not ordered")
    return False


def _compared(record: ChangeRecord | None, stage: _Stage, scenario: Scenario, expected: State) -> ScenarioOutcome:
    """The callers' view: the baseline window before the change, and as long a window up to the verdict."""
    before = after = None
    if record is not None and record.applying_since is not None and record.trial_since is not None:
        window = timedelta(seconds=record.plan.baseline_seconds)
        before = stage.seen(scenario.route, record.applying_since - window, record.applying_since)
        judged_at = next(p.at for p in record.phases[::-1] if p.state in (State.KEPT, State.ROLLING_BACK, State.TRIAL))
        after = stage.seen(scenario.route, max(record.trial_since, judged_at - window), judged_at)
    change = f"{record.proposal.target}: {record.proposal.current} -> {record.proposal.proposed}" if record else ""
    return ScenarioOutcome(
        name=scenario.name,
        found=record is not None,
        change=change,
        step=describe_change(record.proposal) if record else "",
        outcome=record.state.value if record else "",
        reason=record.phases[-1 if record.state is State.KEPT else -2].reason if record else "",
        metric=scenario.metric,
        before=before,
        after=after,
        expected=expected,
    )


def _keep(world: World, view: DemoView) -> None:
    """Leave everything running until Ctrl-C."""
    view.say(f"still running: application {world.application_url}, Prometheus {world.prometheus_url}; Ctrl-C ends it")
    try:
        while world.fallen() is None:
            time.sleep(1)
    except KeyboardInterrupt:
        view.say("ending")
