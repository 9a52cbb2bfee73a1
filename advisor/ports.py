"""What the walk asks of the world: small protocols, each with one home for its adapters and a double in the tests."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from advisor.model.change import ChangeRecord, Pause
from advisor.model.cohort import Instance
from advisor.model.forecast import CacheForecast, IndexForecast, PoolDemand, PoolForecast, Reuse
from advisor.model.knob import KnobTarget, Order, Standing
from advisor.model.plan import PlanNode
from advisor.model.report import Diagnosis
from advisor.model.signal import Series, SignalKey
from advisor.model.snapshot import Observation, Snapshot
from advisor.model.term import Term
from advisor.model.workload import DatabaseLook, Statement, StatementWindow


class Clock(Protocol):
    """The only way to the time."""

    def now(self) -> datetime:
        """Aware UTC time."""

    def monotonic(self) -> float:
        """Seconds that never jump, for measuring how long something took."""


class Source(Protocol):
    """Reads one system, judges nothing."""

    @property
    def name(self) -> str:
        """Such as "prometheus" or "postgres:main"."""

    def read(self, window_seconds: float) -> Observation:
        """What it shows now, with rates over the last `window_seconds`.

        Raises SourceUnavailableError or BadDataError. Ends by itself within the source's own time-out.
        """


class SampleReader(Protocol):
    """Reads the points that a trial is judged on."""

    def series(
        self, signals: Sequence[SignalKey], start: datetime, end: datetime, instances: Sequence[str] = ()
    ) -> Mapping[SignalKey, Series]:
        """The points of each signal in [start, end). A signal that cannot be read has its `problem` set.

        instances: of these only, by the label `instance`; none given: of all.
        Raises SourceUnavailableError when nothing at all can be read.
        """


class StatementReader(Protocol):
    """Reads what every statement of a database did."""

    def statements(self, database: str, start: datetime, end: datetime) -> StatementWindow | None:
        """Over the looks in [start, end); None when there are fewer than two, or the database is not known."""


class Fleet(Protocol):
    """Knows the processes behind a target, where a value can be given to some of them only."""

    def instances(self, target: KnobTarget) -> Sequence[Instance]:
        """Those that show the target's knob now; empty where nothing is known of any. Raises TransientError."""


class Knob(Protocol):
    """Reads, writes and restores one kind of setting. Every call may be repeated with the same result."""

    def inspect(self, order: Order) -> Standing:
        """Where the live value stands, seen from `order`. Raises TransientError when it cannot be read."""

    def apply(self, order: Order) -> None:
        """Write `order.new` if the live value is still `order.old` or already ours.

        Raises KnobError when refused for good, KnobBusyError or another TransientError when later may work,
        StaleEpochError when a newer leader has written.
        """

    def restore(self, order: Order) -> None:
        """Put `order.old` back if the live value is ours; somebody else's value is left alone. Raises as apply."""

    def hold(self, order: Order) -> None:
        """Renew a value on trial until `order.hold_until`, or confirm it for good when that is None.

        Nothing to do for knobs without a dead man's switch. Raises as apply.
        """


class Journal(Protocol):
    """The durable record of every change."""

    def open_change(self, environment: str) -> ChangeRecord | None:
        """The one change that is open, if any. Raises JournalError."""

    def add(self, record: ChangeRecord) -> ChangeRecord:
        """Store a new change. Raises ChangeAlreadyOpenError, StaleEpochError, JournalError."""

    def advance(self, record: ChangeRecord) -> ChangeRecord:
        """Store `record` over its former version and return it with the next one.

        `record.version` is the version it was read with. Raises ConflictError, StaleEpochError, JournalError.
        """

    def history(self, environment: str, limit: int = 100) -> Sequence[ChangeRecord]:
        """The latest changes, newest first, the open one included; without their samples. Raises JournalError."""


class Archive(Protocol):
    """Single changes, whole."""

    def find(self, change_id: str) -> ChangeRecord | None:
        """The change whose id starts with `change_id`, None for "". Raises JournalError when several do."""


class Fights(Protocol):
    """What the journal knows of other owners of a knob."""

    def fights(self, environment: str) -> Sequence[ChangeRecord]:
        """Every change that somebody else overwrote and that no person has cleared, newest first, however old.

        Raises JournalError.
        """


class Book(Journal, Archive, Fights, Protocol):
    """The journal as the walk uses it."""


class LoadHistory(Protocol):
    """Knows what load is usual."""

    def usual(self, app: str, at: datetime) -> float | None:
        """Median requests per second of `app` over the history before `at`; None when there is too little of it.

        Raises SourceUnavailableError or BadDataError.
        """


class History(Protocol):
    """What was recorded, as the snapshots that could have been taken then."""

    def snapshots(
        self, start: datetime, end: datetime, step_seconds: float, window_seconds: float
    ) -> Iterator[Snapshot]:
        """One for every step in [start, end], oldest first, one without signals where nothing was recorded.

        Raises SourceUnavailableError or BadDataError.
        """


class Epochs(Protocol):
    """Numbers the terms of office: whoever takes a newer one shuts all older ones out."""

    def take(self, holder: str) -> int:
        """The next epoch, larger than every one before it. Raises JournalError."""

    def term(self) -> Term | None:
        """The term in office; None before the first. Raises JournalError."""


class LeaderLock(Protocol):
    """The place that one process at a time can have: by a database, a file, or a cluster's lease."""

    def hold(self) -> int | None:
        """Take the place, or confirm that it is still ours: the number of this holding, None while another has it.

        Another number than the last one means that it was lost in between. Raises JournalError or TransientError when
        it cannot be told.
        """

    def release(self) -> None:
        """Give it up; nothing happens when it is not ours."""


class KillSwitch(Protocol):
    """Durable pause, honoured before every write."""

    def paused(self) -> Pause | None:
        """The pause in force. Raises JournalError."""

    def pause(self, reason: str, at: datetime, *, freeze: bool) -> Pause:
        """Start or replace a pause."""

    def resume(self) -> None:
        """End it; nothing happens when there is none."""


class Meter(Protocol):
    """Counts what the walk does, for the advisor's own metrics."""

    def stage_ended(self, stage: str, seconds: float) -> None:
        """One stage of one cycle took so long."""

    def diagnosed(self, diagnosis: Diagnosis) -> None:
        """A cycle's sources, rules and findings."""

    def change_moved(self, record: ChangeRecord) -> None:
        """A change took a step of its life."""

    def cycle_ended(self, outcome: str) -> None:
        """A cycle came to its end: "ok" or "failed"."""


class PoolModel(Protocol):
    """Predicts a connection pool by queueing theory."""

    def forecast(self, demand: PoolDemand, capacity: int) -> PoolForecast:
        """The queue of `capacity` (>= 1) servers under `demand`; waits are infinite when it is overloaded."""

    def smallest_capacity(self, demand: PoolDemand, *, wait_p95_seconds: float, utilisation: float) -> int:
        """The least capacity whose p95 wait and utilisation stay at or below these."""


class CacheModel(Protocol):
    """Predicts a cache tier from how soon its keys come back."""

    def forecast(self, reuse: Reuse, ttl_seconds: float) -> CacheForecast:
        """Hit and stale ratio at `ttl_seconds` (> 0)."""


class IndexPlanner(Protocol):
    """Prices indexes that do not exist."""

    def forecasts(self, database: DatabaseLook, statement: Statement) -> Sequence[IndexForecast]:
        """Candidates for one statement, the best first; empty when none helps.

        Raises BadDataError when the statement cannot be read, SourceUnavailableError when the planner cannot.
        """


class StatementPlanner(Protocol):
    """Shows how one database would carry a statement out; nothing is run."""

    def plan(self, database: DatabaseLook, statement: Statement) -> PlanNode:
        """The plan, whatever the parameters.

        Raises BadDataError when the statement cannot be planned or may not be, SourceUnavailableError when there is no
        server, or no planning time left in this cycle.
        """
