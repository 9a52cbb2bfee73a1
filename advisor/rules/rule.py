"""What a rule is, and what it may ask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports import CacheModel, IndexPlanner, PoolModel, StatementPlanner
from advisor.settings.connections import ApplicationSettings
from advisor.settings.guide import GuideSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext:
    """The thresholds and the what-if models; a rule has nothing else to lean on.

    index_planners, statement_planners: by database name.
    """

    guide: GuideSettings
    pool_model: PoolModel
    cache_model: CacheModel
    index_planners: dict[str, IndexPlanner]
    statement_planners: Mapping[str, StatementPlanner] = field(default_factory=dict)
    applications: tuple[ApplicationSettings, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something a rule cannot judge without: a signal by its name, or "database", "statements", "cpu cores"."""

    name: str

    def missing(self, snapshot: Snapshot) -> str:
        """Why the need is not met, "" when it is."""
        match self.name:
            case "database":
                return "" if snapshot.databases else "no Postgres was read"
            case "statements":
                if not snapshot.databases:
                    return "no Postgres was read"
                seen = any(look.has_statements for look in snapshot.databases.values())
                return "" if seen else "pg_stat_statements is not installed or may not be read"
            case "cpu cores":
                seen = any(look.cpu_cores for look in snapshot.databases.values())
                return "" if seen else "the server's processors are not known: set postgres.cpu_cores"
            case _:
                return "" if any(True for _ in snapshot.keys(self.name)) else f"no source delivers {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One bottleneck: how it is seen and what may be done.

    id: kebab-case; its module, test and docs page carry the same name. guide: the section it stems from.
    diagnose: pure; one finding for each thing affected, none when all is well.
    propose: asks the what-if models; empty when there is nothing safe to do, and the finding's cause says why.
    """

    id: str
    title: str
    guide: str
    needs: tuple[Need, ...]
    diagnose: Callable[[Snapshot, RuleContext], Sequence[Finding]]
    propose: Callable[[Finding, Snapshot, RuleContext], Sequence[Proposal]]


def needs(*names: str) -> tuple[Need, ...]:
    return tuple(Need(name=name) for name in names)
