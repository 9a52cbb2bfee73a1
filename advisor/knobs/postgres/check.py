"""The doctor on a Postgres that is written: whether the role that builds indexes may."""

from advisor.knobs.postgres.builder_session import builder_session
from advisor.model.check import CheckLine, failed, ok, warning
from advisor.model.errors import AdvisorError
from advisor.settings.postgres import PostgresSettings

_SHOWN = 3


def check_builder(settings: PostgresSettings) -> tuple[CheckLine, ...]:
    """Whether indexes can be built, and the exact commands that are missing."""
    name = f"postgres:{settings.name} indexes"
    if settings.dsn is None and settings.builder_dsn is None:
        return ()
    if settings.builder_dsn is None:
        fix = "set postgres.builder_dsn to the connection of a role that owns the tables"
        return (warning(name, "advice only: no role may build them", fix),)
    try:
        with builder_session(settings) as session:
            found = session.rows("builder")[0]
    except AdvisorError as error:
        return (failed(name, error.what, error.fix),)
    if found["is_replica"]:
        return (failed(name, "this server is a replica, which is never written", "point builder_dsn at the primary"),)
    role = found["role"]
    missing = [f"GRANT {owner} TO {role}" for owner in found["other_owners"]]
    missing += [f"ALTER TABLE {table} OWNER TO {role}" for table in found["superusers_tables"]]
    missing += [f"GRANT CREATE ON SCHEMA {schema} TO {role}" for schema in found["closed_schemas"]]
    if missing:
        more = f"; and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        return (warning(name, f"{role} may not build on every table", "; ".join(missing[:_SHOWN]) + more),)
    return (ok(name, f"{role} may build on all {found['tables']} tables"),)
