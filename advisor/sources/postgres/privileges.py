"""What the reading role may not see, and the exact command that lets it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow

UNUSABLE = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
"""Why pg_stat_statements can be installed and not be read: no privilege on its schema, or its library is not loaded."""
_LOAD = "put it into shared_preload_libraries and restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Tables that the reading role knows less of. kind: how a check calls it. fix: the command that suffices."""

    kind: str
    detail: str
    fix: str


def unseen_tables(rows: Sequence[DictRow], server: DictRow) -> Iterator[Unseen]:
    """What the rows of the query `unseen_tables` say is hidden from the role of the row of the query `server`."""
    role = server["reader"]
    if closed := [row for row in rows if row["closed"]]:
        schemas, count = ", ".join(row["schema"] for row in closed), sum(row["closed"] for row in closed)
        yield Unseen(
            kind="tables",
            detail=f"{count} tables are closed to {role}: slow statements on them are found, but no index is proposed",
            fix=f"GRANT USAGE ON SCHEMA {schemas} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {role}",
        )
    if secured := sum(row["secured"] for row in rows):
        yield Unseen(
            kind="row security",
            detail=f"row security hides the statistics of {secured} tables from {role}, so indexes are priced worse",
            fix=f"ALTER ROLE {role} BYPASSRLS",
        )


def hidden_from(server: DictRow) -> str:
    """What the row of the query `server` says is hidden; "" when nothing is."""
    if server["sees_everybody"]:
        return ""
    return f"sessions and statements of other roles are hidden: {grant(server)}"


def grant(server: DictRow) -> str:
    """The command that lets the role of this session see everything; to be run by a superuser."""
    return f"GRANT pg_monitor TO {server['reader']}"


def unusable(error: psycopg.Error, schema: str, server: DictRow) -> str:
    """Why pg_stat_statements in `schema` cannot be read, and the fix."""
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        quoted = '"' + schema.replace('"', '""') + '"'
        fix = f"GRANT USAGE ON SCHEMA {quoted} TO {server['reader']}"
        return f"pg_stat_statements may not be read: {fix}; {grant(server)}"
    return f"pg_stat_statements is installed, but its library is not loaded: {_LOAD}"
