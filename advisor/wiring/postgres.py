"""The parts that speak to a Postgres; only loaded where one is configured."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

from pydantic import SecretStr

from advisor.knobs.postgres.autovacuum import PostgresAutovacuumKnob
from advisor.knobs.postgres.index import PostgresIndexKnob
from advisor.knobs.postgres.maintenance import ANALYZE, VACUUM, PostgresMaintenanceKnob
from advisor.knobs.postgres.reindex import PostgresReindexKnob
from advisor.ports.changing import Knob
from advisor.ports.clock import Clock
from advisor.ports.predicting import IndexPlanner, StatementPlanner
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.plans import PlanningBudget, PostgresStatementPlanner
from advisor.sources.postgres.session import read_only_session
from advisor.sources.postgres.source import PostgresSource
from advisor.sources.samples import RememberingSource
from advisor.whatif.index.clone.keeper import CloneKeeper
from advisor.whatif.index.connection import planning_connection
from advisor.whatif.index.planner import PostgresIndexPlanner
from advisor.wiring.clone import clone_server, sweep_remains


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresParts:
    """All that is asked of one database."""

    source: RememberingSource
    index_planner: IndexPlanner
    statement_planner: StatementPlanner


@contextmanager
def open_postgres(settings: PostgresSettings, dsn: SecretStr, clock: Clock) -> Iterator[PostgresParts]:
    """What reads and plans, by the reader's connection string. What was started for it is ended at the end."""
    session = partial(read_only_session, dsn, settings.timeout_seconds)
    budget = PlanningBudget(settings.planning_seconds, clock)
    connection = partial(planning_connection, dsn, settings.timeout_seconds)
    sweep_remains()
    with closing(CloneKeeper(clone_server)) if settings.planner_clone else nullcontext() as clones:
        yield PostgresParts(
            source=PostgresSource(settings, clock),
            index_planner=PostgresIndexPlanner(connection, clones),
            statement_planner=PostgresStatementPlanner(session, budget, clock),
        )


def postgres_knobs(settings: PostgresSettings) -> dict[str, Knob]:
    """What builds and maintains, by the builder's connection string."""
    return {
        "postgres.index": PostgresIndexKnob(settings),
        "postgres.analyze": PostgresMaintenanceKnob(ANALYZE, settings),
        "postgres.vacuum": PostgresMaintenanceKnob(VACUUM, settings),
        "postgres.reindex": PostgresReindexKnob(settings),
        "postgres.autovacuum": PostgresAutovacuumKnob(settings),
    }
