"""What the reading role may not see, and the exact command that lets it."""

import psycopg
from psycopg.rows import DictRow

UNUSABLE = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
"""Why pg_stat_statements can be installed and not be read: no privilege on its schema, or its library is not loaded."""
_LOAD = "put it into shared_preload_libraries and restart"


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
