"""Take one look: everything the catalogue and the statistics views show at one moment, in totals."""

import math
import sys
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import sql

from advisor.clients.postgres import PostgresSession
from advisor.model.database.maintenance import (
    DatabaseAge,
    ForeignKey,
    OpenTransaction,
    TableMaintenance,
    VacuumSettings,
)
from advisor.model.database.workload import Activity, Index, Table
from advisor.sources.postgres.bloat import BloatReader
from advisor.sources.postgres.look import RawLook, RawStatement
from advisor.sources.postgres.privileges import UNUSABLE, hidden_from, lost, unseen_tables, unusable
from advisor.sources.postgres.replicas import index_reads
from advisor.sql.search_path import schemas_of
from advisor.sql.utility import without_literals

_HIDDEN = "<insufficient privilege>"
_ADD_EXTENSION = "shared_preload_libraries = 'pg_stat_statements', then CREATE EXTENSION pg_stat_statements"


def take_look(session: PostgresSession, at: datetime, bloat: BloatReader | None = None) -> RawLook:
    """Read everything once. bloat: measures it where that is due; without one there is none in the look."""
    server = session.row("server")
    extensions = {row["name"]: row["schema"] for row in session.rows("extensions")}
    skipped = []
    listed = _Statements()
    since_reset = server["since_reset_seconds"] if server["since_reset_seconds"] >= 0 else server["up_seconds"]
    schema = extensions.get("pg_stat_statements")
    if schema is None:
        skipped.append(f"pg_stat_statements is not installed: {_ADD_EXTENSION}")
    else:
        try:
            listed = _Statements.read(session, schema)
        except UNUSABLE as error:
            skipped.append(unusable(error, schema, server))
            schema = None
        else:
            skipped.extend(filter(None, [lost(listed.lost, schema)]))
    if hidden := hidden_from(server):
        skipped.append(hidden)
    unseen = unseen_tables(session.rows("unseen_tables"), server)
    return RawLook(
        at=at,
        server_at=server["now"],
        tables_since_seconds=server["since_reset_seconds"] if server["since_reset_seconds"] >= 0 else math.inf,
        since_reset_seconds=listed.since_reset_seconds or since_reset,
        server_version=server["version"],
        is_in_recovery=server["is_in_recovery"],
        standbys=server["standbys"],
        max_connections=server["max_connections"],
        reserved_connections=server["reserved_connections"],
        has_statements=schema is not None and not listed.hides_all,
        has_all_statements=listed.is_complete,
        has_hypopg="hypopg" in extensions,
        statements=listed.entries,
        tables=tuple(Table(**row) for row in session.rows("tables")),
        other_relations=tuple(row["name"] for row in session.rows("other_relations")),
        indexes=_indexes(session),
        activity=_activity(session),
        skipped=tuple(skipped),
        unseen=tuple(f"{one.detail}: {one.fix}" for one in unseen),
        sees_everybody=server["sees_everybody"],
        hidden_statements=listed.hidden,
        maintenance=tuple(
            TableMaintenance(**{**row, "options": _options(row["options"])}) for row in session.rows("maintenance")
        ),
        bloat=bloat.read(session, extensions.get("pgstattuple"), at) if bloat else (),
        transactions=tuple(OpenTransaction(**row) for row in session.rows("transactions")),
        foreign_keys=tuple(ForeignKey(**_with_tuples(row)) for row in session.rows("foreign_keys")),
        ages=tuple(DatabaseAge(**row) for row in session.rows("ages")),
        vacuum=VacuumSettings(**session.row("vacuum_settings")),
    )


class _Statements:
    """What pg_stat_statements shows, less the entries whose text this role may not see."""

    def __init__(self) -> None:
        self.entries: dict[str, RawStatement] = {}
        self.since_reset_seconds: float | None = None
        self.is_complete = True
        self.hidden = 0
        self.lost = 0

    @property
    def hides_all(self) -> bool:
        """Whether there are entries, and the text of none can be seen."""
        return self.hidden + self.lost > 0 and not self.entries

    @classmethod
    def read(cls, session: PostgresSession, schema: str) -> "_Statements":
        """The columns differ by the extension's version, which can lag the server's."""
        found = cls()
        columns = {row["name"] for row in session.rows("columns_of_statements", {"schema": schema})}
        exec_time = "_exec_time" if "total_exec_time" in columns else "_time"
        parts: dict[str, sql.Composable] = {
            "schema": sql.Identifier(schema),
            "total_time": sql.Identifier("total" + exec_time),
            "mean_time": sql.Identifier("mean" + exec_time),
            "stddev_time": sql.Identifier("stddev" + exec_time),
            "plan_time": sql.SQL("s.total_plan_time" if "total_plan_time" in columns else "0"),
            "since": sql.SQL("s.stats_since" if "stats_since" in columns else "NULL::timestamptz"),
            "toplevel": sql.SQL("s.toplevel" if "toplevel" in columns else "true"),
        }
        rows = session.rows("statements", None, **parts)
        without_text = session.rows("hidden_statements", schema=parts["schema"])[0]
        found.hidden, found.lost = without_text["entries"], without_text["lost"]
        found.is_complete = not rows or rows[0]["entries"] == len(rows)
        paths = _search_paths(session, {row["role"] for row in rows})
        for row in rows:
            if not row["text"] or row["text"] == _HIDDEN:
                continue
            found.entries[f"{row['queryid']}/{row['role']}"] = RawStatement(
                queryid=row["queryid"],
                text=sys.intern(without_literals(row["text"])),  # hundreds of looks hold the same statements
                calls=row["calls"],
                total_seconds=row["total_ms"] / 1000,
                rows=row["rows"],
                blocks_hit=row["blocks_hit"],
                blocks_read=row["blocks_read"],
                squared_seconds=row["squared_ms2"] / 1e6,
                plan_seconds=row["plan_ms"] / 1000,
                temp_blocks=row["temp_blocks"],
                since=row["since"],
                search_path=paths.get(row["role"], ()),
            )
        # The view that tells the reset came with the column toplevel, in version 1.9.
        if "toplevel" in columns:
            found.since_reset_seconds = session.rows("statements_reset", schema=parts["schema"])[0]["seconds"]
        return found


def _search_paths(session: PostgresSession, roles: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Where a session of each role looks bare names up, unless it sets another path for itself."""
    rows = session.rows("search_paths", {"roles": sorted(roles)})
    return {row["role"]: schemas_of(row["path"], row["name"]) for row in rows}


def _indexes(session: PostgresSession) -> tuple[Index, ...]:
    reads = index_reads(session)
    found = [Index(**{**row, "columns": tuple(row["columns"])}) for row in session.rows("indexes")]
    idle = {place: known.idle_seconds for place, known in reads.items()}
    return tuple(replace(index, idle_seconds=idle.get((index.schema, index.name))) for index in found)


def _activity(session: PostgresSession) -> Activity:
    by_application = {row["name"]: row["connections"] for row in session.rows("applications")}
    return Activity(**session.row("activity"), by_application=by_application)


def _options(raw: list[str]) -> Mapping[str, str]:
    """Storage parameters, as pg_class keeps them: "name=value"."""
    return {name: value for name, _, value in (text.partition("=") for text in raw)}


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
