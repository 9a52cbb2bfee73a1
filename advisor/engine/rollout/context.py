"""What the acting stages work with: the ports, the settings and the leadership term."""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from advisor.engine.judge.statements import on_table
from advisor.engine.judge.trial import Windows
from advisor.engine.rollout.transitions import Transitions
from advisor.model.change import ChangeRecord, Event, NamedSeries, State
from advisor.model.database.workload import StatementWindow
from advisor.model.errors import AdvisorError, StaleEpochError, TransientError
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.model.signal import INSTANCES_SIGNAL, WITHIN_SIGNAL, Series, SignalKey, signal
from advisor.ports.changing import Knob
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener, Meter
from advisor.ports.journal import Book, Epochs, KillSwitch
from advisor.ports.observing import Fleet, KnownEvents, SampleReader, StatementReader
from advisor.settings.policy import Mode, PolicySettings
from advisor.settings.trial import TrialSettings

log = structlog.get_logger()

_NO_NEED = frozenset({WITHIN_SIGNAL, INSTANCES_SIGNAL})
_NUMBER = re.compile(r"\d[\d.]*\w*")
"""With its unit: "the next look is in 3m12s" is no news after "in 3m15s"."""


def random_id() -> str:
    """An id for a change that no other journal has given."""
    return "chg_" + secrets.token_hex(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutContext:
    """epoch: this process's term; every write to the journal and to a knob carries it. 0: none, nothing is written."""

    journal: Book
    epochs: Epochs
    kill_switch: KillSwitch
    knob: Knob
    samples: SampleReader
    clock: Clock
    meter: Meter
    listeners: Sequence[ChangeListener]
    mode: Mode
    policy: PolicySettings
    trial: TrialSettings
    epoch: int = 0
    statements: StatementReader | None = None
    fleet: Fleet | None = None
    known_events: KnownEvents | None = None
    new_id: Callable[[], str] = random_id
    """Names a change; in which order it is switched back follows from that."""
    told: set[tuple[str, State, str]] = field(default_factory=set)
    """What the log has said of the change that waits."""

    def order(self, record: ChangeRecord) -> Order:
        """The write that `record` stands for, with the dead man's switch set."""
        until = self.clock.now() + timedelta(seconds=self.trial.hold_seconds)
        return record.order(epoch=self.epoch, hold_until=until)

    def look(self, record: ChangeRecord) -> KnobStatus:
        """Where the live value stands; UNKNOWN while it cannot be read."""
        try:
            return self.knob.inspect(self.order(record))
        except TransientError as error:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=str(error))

    def store(self, record: ChangeRecord) -> ChangeRecord:
        """Write `record` in the name of this term. Raises JournalError."""
        return self.transitions.store(record)

    @property
    def transitions(self) -> Transitions:
        return Transitions(journal=self.journal, listeners=self.listeners, epoch=self.epoch)

    def move(self, record: ChangeRecord, event: Event, reason: str) -> ChangeRecord:
        """Take one step. Raises JournalError."""
        return self.transitions.move(record, event, self.clock.now(), reason)

    def check_term(self) -> None:
        """Before a write to a knob that no journal write has just gone before: a frozen leader may have woken.

        Raises StaleEpochError when a newer term has begun, JournalError when that cannot be told.
        """
        term = self.epochs.term()
        if term is not None and term.epoch > self.epoch:
            raise StaleEpochError(f"term {self.epoch} is over; {term.holder} holds {term.epoch}", where="journal")

    def mark(self, record: ChangeRecord, reason: str) -> ChangeRecord:
        """Add a note to its life. Raises JournalError."""
        return self.transitions.note(record, self.clock.now(), reason)

    def renew(self, record: ChangeRecord) -> None:
        """Keep a value on trial alive. A failed renewal does no harm: it falls back by itself, and a look sees it."""
        self.check_term()
        try:
            self.knob.renew(self.order(record))
        except StaleEpochError:
            raise
        except AdvisorError as error:
            log.warning("renewal_failed", change_id=record.id, error=str(error))

    def wait(self, record: ChangeRecord, reason: str) -> ChangeRecord:
        """Leave `record` as it is until the next cycle, and say why: once, until it is for another reason."""
        kind = (record.id, record.state, _NUMBER.sub("", reason))
        if kind not in self.told:
            self.told.clear()  # one change is open at a time, and only the latest reason counts
            self.told.add(kind)
            log.info("change_waited", change_id=record.id, state=record.state, reason=reason)
        return record

    def seconds_since(self, moment: datetime | None) -> float:
        """Seconds from `moment` to now; 0 when it never was."""
        return 0.0 if moment is None else (self.clock.now() - moment).total_seconds()

    def read(
        self, record: ChangeRecord, start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> tuple[NamedSeries, ...]:
        """The goal's and the guardrails' points in [start, end), of these instances or of all.

        And how many instances share the load, where all are read. What cannot be read carries its problem.
        """
        rails = (key for rail in record.plan.guardrails for key in rail.signals)
        app = record.proposal.app
        counts = [signal(INSTANCES_SIGNAL, app=app)] if app and not instances else []
        signals = list(dict.fromkeys([record.proposal.goal.signal, *rails, *counts]))
        return self.read_signals(signals, start, end, instances)

    def read_signals(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> tuple[NamedSeries, ...]:
        """The points of `signals` in [start, end). What cannot be read carries its problem."""
        try:
            found = self.samples.series(signals, start, end, instances)
        except TransientError as error:
            found = {key: Series(problem=str(error)) for key in signals}
        return tuple(NamedSeries(signal=key, series=found.get(key, Series(problem="not read"))) for key in signals)

    def read_statements(self, record: ChangeRecord, start: datetime, end: datetime) -> StatementWindow | None:
        """What the statements on the change's table did, and how often its index was read, if it has one.

        None when it has no table, or nothing is known of it.
        """
        database, table, schema, index = (
            record.proposal.target.get(name) for name in ("database", "table", "schema", "index")
        )
        if self.statements is None or not database or not table:
            return None
        window = self.statements.statements(database, start, end)
        if window is None:
            return None
        own = {name: scans for name, scans in window.index_scans.items() if name == f"{schema}.{index}"}
        return replace(on_table(window, table), index_scans=own)


def by_signal(windows: Sequence[NamedSeries]) -> Windows:
    """As the judge takes them."""
    return {window.signal: window.series for window in windows}


def first_problem(windows: Sequence[NamedSeries], fewest: float) -> str:
    """Why these windows cannot serve as a baseline; "" when each has at least `fewest` points and no gap.

    A histogram is no need: without it, the quantile itself is compared. Nor is the number of instances.
    """
    for window in windows:
        if window.signal.name in _NO_NEED:
            continue
        if window.series.problem:
            return f"{window.signal}: {window.series.problem}"
        if len(window.series.samples) < fewest:
            return f"{window.signal}: {len(window.series.samples)} points, {fewest:g} are needed"
    return ""
