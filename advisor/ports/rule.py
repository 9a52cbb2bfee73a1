"""What a rule is, and what it may ask."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Finding
from advisor.model.kubernetes.demand import WorkloadKey
from advisor.model.proposal import Proposal
from advisor.model.signal import Measured, describe
from advisor.model.snapshot import Snapshot
from advisor.ports.predicting import (
    AutoscalerModel,
    CacheModel,
    IndexPlanner,
    LoadClassifier,
    PoolModel,
    StatementPlanner,
)
from advisor.ports.rule_alert import NotByMetrics, RuleAlert
from advisor.settings.applications import ApplicationSettings
from advisor.settings.guide import GuideSettings
from advisor.settings.rule_packs import PackSettings

_NAMED = 5
_Settings = TypeVar("_Settings", bound=PackSettings)


Relief: TypeAlias = Callable[[str, float, Snapshot, "RuleContext"], float]
"""Seconds of waiting for a connection that end per second in an application whose statements take so many s/s less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext:
    """The thresholds and the what-if models; a rule has nothing else to lean on.

    index_planners, statement_planners: by database name. applications: what is configured of each, by name.
    pack_settings: the settings of the rule packs that are on. relief: None where pools are not looked at.
    changes_clusters: whether live objects of a cluster may be changed; if not, what is proposed of them is advice.
    """

    guide: GuideSettings
    pool_model: PoolModel
    cache_model: CacheModel
    autoscaler_model: AutoscalerModel
    load_classifier: LoadClassifier
    index_planners: Mapping[str, IndexPlanner]
    statement_planners: Mapping[str, StatementPlanner] = field(default_factory=dict)
    applications: Mapping[str, ApplicationSettings] = field(default_factory=dict)
    pack_settings: tuple[PackSettings, ...] = ()
    relief: Relief | None = None
    changes_clusters: bool = False

    def settings_of(self, kind: type[_Settings]) -> _Settings:
        """A pack's own settings, by their class; its defaults where none are given."""
        return next((given for given in self.pack_settings if isinstance(given, kind)), None) or kind()

    def database_of(self, app: str, snapshot: Snapshot) -> DatabaseState | None:
        """The database that `app` is configured to use; for an app that is not configured, the only one there is.

        None when it was not read, or when it is not known which of several it is.
        """
        configured = self.applications.get(app)
        if configured is not None:
            return snapshot.databases.get(configured.database)
        return next(iter(snapshot.databases.values())) if len(snapshot.databases) == 1 else None

    def app_of(self, database: str, snapshot: Snapshot) -> str:
        """The one application that uses `database`, whose guardrails can watch it; "" when that is not clear."""
        apps = [name for name, app in self.applications.items() if app.database == database]
        if not self.applications:
            apps = list(snapshot.label_values("http.requests_per_second", "app"))
        return apps[0] if len(apps) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a rule cannot judge without: a signal by its name, or one of the words below.

    "database", "statements", "sessions", "tables", "cpu cores", "workloads", "autoscalers", "usage", "demand".
    """

    name: str

    def missing(self, snapshot: Snapshot) -> str:
        """Why the need is not met by anything at all, "" when something meets it."""
        looks = snapshot.databases.values()
        match self.name:
            case "database" | "sessions" | "statements" if not looks:
                return "no Postgres was read"
            case "workloads" | "autoscalers" | "usage" | "demand":
                return _nothing_of_clusters(self.name, snapshot)
            case "database" | "sessions" | "tables":
                return ""  # what is left out of them, `gaps` says
            case "statements":
                if any(look.has_statements for look in looks):
                    return ""
                return "; ".join(dict.fromkeys(map(_why_no_statements, looks)))
            case "cpu cores":
                is_known = any(look.cpu_cores for look in looks)
                return "" if is_known else "the server's processors are not known: set postgres.cpu_cores"
            case _:
                readings = [snapshot.signals[key] for key in snapshot.keys(self.name)]
                if any(isinstance(reading, Measured) for reading in readings):
                    return ""
                return "; ".join(self.gaps(snapshot)) or f"no source delivers {self.name}"

    def gaps(self, snapshot: Snapshot) -> Iterator[str]:
        """What is there and could not be judged: a reading that is no number, a database without its statements."""
        if gap_of := _GAPS.get(self.name):
            for look in snapshot.databases.values():
                if gap := gap_of(look):
                    yield f"database {look.name}: {gap}"
        if self.name in ("workloads", "autoscalers"):
            for cluster in snapshot.clusters.values():
                if lost := [f"{one.what} ({one.why})" for one in (*cluster.unread, *cluster.skipped)]:
                    yield f"{cluster.name}: {_some(lost)}"
        yield from _gaps_in_usage(self.name, snapshot)
        for key in snapshot.keys(self.name):
            reading = snapshot.signals[key]
            if not isinstance(reading, Measured):
                yield f"{key}: {describe(reading)}"


def _nothing_of_clusters(need: str, snapshot: Snapshot) -> str:
    if need == "demand":
        return "" if snapshot.usage and snapshot.usage.demands else "the demand of no autoscaled workload was read"
    if need == "usage":
        return "" if snapshot.usage and snapshot.usage.containers else "the usage of no container was read"
    return "" if snapshot.clusters else "no cluster and no manifests were read"


def _gaps_in_usage(need: str, snapshot: Snapshot) -> Iterator[str]:
    if need == "usage" and snapshot.usage is not None and snapshot.usage.left_out:
        yield _some([f"{one.what} ({one.why})" for one in snapshot.usage.left_out])
    if need == "demand" and (unknown := list(_without_demand(snapshot))):
        yield f"no whole day of demand of {_some(unknown)}"


def _without_demand(snapshot: Snapshot) -> Iterator[str]:
    """Autoscaled workloads that no replay can tell of."""
    known = snapshot.usage.demands if snapshot.usage is not None else {}
    for cluster in snapshot.clusters.values():
        for workload in filter(None, map(cluster.target_of, cluster.hpas)):
            meta = workload.meta
            if WorkloadKey(meta.namespace, meta.kind, meta.name) not in known:
                yield f"{meta.kind} {meta.namespace}/{meta.name}"


def _gap_in_statements(look: DatabaseState) -> str:
    if not look.has_statements:
        return _why_no_statements(look)
    return f"{look.hidden_statements} statements of other roles are hidden" if look.hidden_statements else ""


def _gap_in_sessions(look: DatabaseState) -> str:
    return "" if look.sees_everybody else "sessions of other roles are hidden"


def _gap_in_tables(look: DatabaseState) -> str:
    return _some(look.other_relations) if look.other_relations else ""


_GAPS: Mapping[str, Callable[[DatabaseState], str]] = {
    "statements": _gap_in_statements,
    "sessions": _gap_in_sessions,
    "tables": _gap_in_tables,
}
"""What a rule cannot see of one database, by need; "" where it sees all."""


def _some(names: Sequence[str]) -> str:
    """The first few by name, the others by their number."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _why_no_statements(look: DatabaseState) -> str:
    if look.hidden_statements:
        return f"all {look.hidden_statements} statements of other roles are hidden"
    return "pg_stat_statements is not installed or cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One bottleneck: how it is seen and what may be done.

    id: kebab-case; its module, test and docs page carry the same name. guide: the section it stems from.
    uses: signals that it judges better with and can do without.
    alert: what `advisor rules export` makes of it, or why nothing; None where its pack does not say.
    diagnose: pure; one finding for each thing affected, none when all is well.
    propose: asks the what-if models; a NoProposal with its reason when there is nothing safe to do.
    """

    id: str
    title: str
    guide: str
    needs: tuple[Need, ...]
    diagnose: Callable[[Snapshot, RuleContext], Sequence[Finding]]
    propose: Callable[[Finding, Snapshot, RuleContext], Sequence[Proposal]]
    uses: tuple[str, ...] = ()
    alert: RuleAlert | NotByMetrics | None = None


def needs(*names: str) -> tuple[Need, ...]:
    return tuple(Need(name=name) for name in names)
