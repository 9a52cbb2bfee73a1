"""Which double stands in for which port: the one table, checked by mypy and by a test against `advisor.ports`."""

from dataclasses import dataclass, field

from advisor.ports.changing import Knob
from advisor.ports.clock import Clock
from advisor.ports.events import AlertListener, ChangeListener, DiagnosisListener, Meter
from advisor.ports.journal import (
    Archive,
    Book,
    Epochs,
    Fights,
    Journal,
    KillSwitch,
    LeaderLock,
    Pages,
    Register,
    Snoozes,
)
from advisor.ports.notebook import Notebook
from advisor.ports.notifier import Notifier
from advisor.ports.observing import (
    CountingSource,
    Fleet,
    History,
    KnownEvents,
    LoadHistory,
    SampleReader,
    Source,
    StatementReader,
)
from advisor.ports.predicting import (
    AutoscalerModel,
    CacheModel,
    IndexPlanner,
    LoadClassifier,
    PoolModel,
    StatementPlanner,
)
from advisor.ports.surface import Surface
from advisor.testing.clock import FakeClock
from advisor.testing.fleet import FakeFleet
from advisor.testing.history import FakeHistory, FakeKnownEvents, FakeLoadHistory
from advisor.testing.journal import InMemoryJournal
from advisor.testing.knob import FakeKnob
from advisor.testing.leader_lock import FakeLeaderLock
from advisor.testing.meter import FakeAlertListener, FakeDiagnosisListener, FakeListener, FakeMeter
from advisor.testing.models import FakeAutoscalerModel, FakeCacheModel, FakeLoadClassifier, FakePoolModel
from advisor.testing.notebook import InMemoryNotebook
from advisor.testing.notifier import FakeNotifier
from advisor.testing.planner import FakeIndexPlanner, FakeStatementPlanner
from advisor.testing.samples import FakeSamples
from advisor.testing.source import FakeCountingSource, FakeSource
from advisor.testing.statements import FakeStatementReader
from advisor.testing.surface import FakeSurface


def _a_knob() -> FakeKnob:
    return FakeKnob(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubles:
    """A fresh double of every port, by the port's name."""

    clock: Clock = field(default_factory=FakeClock)

    source: Source = field(default_factory=FakeSource)
    counting_source: CountingSource = field(default_factory=FakeCountingSource)
    sample_reader: SampleReader = field(default_factory=FakeSamples)
    statement_reader: StatementReader = field(default_factory=FakeStatementReader)
    fleet: Fleet = field(default_factory=FakeFleet)
    load_history: LoadHistory = field(default_factory=FakeLoadHistory)
    history: History = field(default_factory=FakeHistory)
    known_events: KnownEvents = field(default_factory=FakeKnownEvents)

    pool_model: PoolModel = field(default_factory=FakePoolModel)
    cache_model: CacheModel = field(default_factory=FakeCacheModel)
    autoscaler_model: AutoscalerModel = field(default_factory=FakeAutoscalerModel)
    load_classifier: LoadClassifier = field(default_factory=FakeLoadClassifier)
    index_planner: IndexPlanner = field(default_factory=FakeIndexPlanner)
    statement_planner: StatementPlanner = field(default_factory=FakeStatementPlanner)

    knob: Knob = field(default_factory=_a_knob)

    journal: Journal = field(default_factory=InMemoryJournal)
    archive: Archive = field(default_factory=InMemoryJournal)
    pages: Pages = field(default_factory=InMemoryJournal)
    fights: Fights = field(default_factory=InMemoryJournal)
    snoozes: Snoozes = field(default_factory=InMemoryJournal)
    book: Book = field(default_factory=InMemoryJournal)
    register: Register = field(default_factory=InMemoryJournal)
    epochs: Epochs = field(default_factory=InMemoryJournal)
    kill_switch: KillSwitch = field(default_factory=InMemoryJournal)
    leader_lock: LeaderLock = field(default_factory=FakeLeaderLock)

    meter: Meter = field(default_factory=FakeMeter)
    change_listener: ChangeListener = field(default_factory=FakeListener)
    diagnosis_listener: DiagnosisListener = field(default_factory=FakeDiagnosisListener)
    alert_listener: AlertListener = field(default_factory=FakeAlertListener)

    surface: Surface = field(default_factory=FakeSurface)
    notifier: Notifier = field(default_factory=FakeNotifier)
    notebook: Notebook = field(default_factory=InMemoryNotebook)
