"""The composition root of `advisor indexes`: which workload, which planner."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from advisor.clock import SystemClock
from advisor.model.database.index_advice import DropSuggestion, IndexAdvice, WorkloadStatement
from advisor.model.database.workload import DatabaseState
from advisor.model.errors import ConfigurationError
from advisor.settings.guide import QueryGuide
from advisor.settings.schema import Settings
from advisor.sources.postgres.source import PostgresSource
from advisor.sql.script import statements as statements_in
from advisor.whatif.index.advice import IndexAdviser, Limits
from advisor.whatif.index.connection import planning_connection
from advisor.whatif.index.from_look import workload_of
from advisor.whatif.index.planners import PlannerChoice
from advisor.wiring.clone import clone_server
from advisor.wiring.looks import Looks
from advisor_rules.indexes.removal import duplicate, invalid, unused

_PLANNERS = ("hypopg", "clone", "heuristic")


def advise_on_indexes(
    settings: Settings,
    statements: Sequence[WorkloadStatement] | None,
    limits: Limits,
    planner: str | None,
    looks: Looks | None = None,
) -> IndexAdvice:
    """statements: None for those of pg_stat_statements. planner: None for the first that can be had. looks: two, to
    measure how much is written while the statements of pg_stat_statements run.

    Raises ConfigurationError, SourceUnavailableError, BadDataError.
    """
    postgres = settings.postgres
    if planner is not None and planner not in _PLANNERS:
        raise ConfigurationError(f"no planner {planner!r}", where="--planner", fix=f"one of {', '.join(_PLANNERS)}")
    if postgres.dsn is None:
        raise ConfigurationError("no database is named", where="postgres.dsn", fix="give --postgres-dsn")
    source = PostgresSource(postgres, SystemClock())
    seen = source.read(0)
    look = seen.databases[postgres.name]
    if statements is None and looks is not None and looks.seconds > 0:
        looks.wait(looks.seconds)
        later = source.read(0).databases[postgres.name].write_rates
        look = replace(look, current_writes=later, statements=source.with_seen_constants(look.statements))
    wanted = _from_statistics(look) if statements is None else statements
    with ExitStack() as stack:
        connection = stack.enter_context(planning_connection(postgres.dsn, postgres.timeout_seconds))
        # Where no planner is asked for by name, half the time must be left for the statistics alone.
        ends = time.monotonic() + limits.seconds * (1.0 if planner == "clone" else 0.5)
        choice = PlannerChoice(connection, stack, planner, clone_server, seconds_left=lambda: ends - time.monotonic())
        advice = IndexAdviser(connection, time.monotonic, choice.pricing, limits).advise(wanted, look.write_rates)
    notes = (*advice.planner_notes, *choice.notes, *([seen.detail] if seen.detail else []))
    drop = {(one.schema, one.name): one for one in (*advice.drop, *_removals(look, settings.guide.query))}
    return replace(advice, planner_notes=notes, drop=tuple(drop.values()))


def statements_of_file(path: Path) -> tuple[WorkloadStatement, ...]:
    """The statements of a file, numbered from 1. Raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot be read: {error}", where=str(path), fix="name a file of SQL") from error
    parts = statements_in(text)
    if not parts:
        raise ConfigurationError("there is no statement in it", where=str(path), fix="name a file of SQL")
    return tuple(WorkloadStatement(id=str(number), text=part) for number, part in enumerate(parts, 1))


def _removals(look: DatabaseState, guide: QueryGuide) -> tuple[DropSuggestion, ...]:
    found = {
        (removal.index.schema, removal.index.name): removal
        for removal in (*duplicate(look), *unused(look, guide), *invalid(look))
    }
    return tuple(
        DropSuggestion(
            schema=removal.index.schema,
            table=removal.index.table,
            name=removal.index.name,
            reason=removal.reason,
            size_bytes=removal.index.size_bytes,
            ddl=removal.drop.rstrip(";"),
            undo_ddl=removal.undo.rstrip(";"),
        )
        for removal in found.values()
    )


def _from_statistics(look: DatabaseState) -> tuple[WorkloadStatement, ...]:
    if look.hidden_statements and not look.has_statements:
        what = f"the text of all {look.hidden_statements} statements in pg_stat_statements is hidden from this role"
        raise ConfigurationError(what, where="postgres.dsn", fix="GRANT pg_monitor TO the reading role")
    if not look.has_statements:
        fix = "`advisor check` tells why and what helps; or give --workload FILE.sql"
        raise ConfigurationError("pg_stat_statements is not there or cannot be read", where="postgres.dsn", fix=fix)
    return workload_of(look, look.statements)
