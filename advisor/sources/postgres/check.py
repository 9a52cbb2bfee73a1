"""The doctor on a Postgres that is read: version, role, extensions, and the exact command for what is missing."""

from collections.abc import Iterator

from psycopg import sql
from psycopg.rows import DictRow

from advisor.clients.postgres import PostgresSession
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.privileges import UNUSABLE, grant, hidden_from, unseen_tables, unusable
from advisor.sources.postgres.session import read_only_session
from advisor.sources.postgres.slow_log import SlowLogReader

_ANY_TIME_SECONDS = 1e9
_EXTENSIONS = {
    "pg_stat_statements": "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements', restart, "
    "then CREATE EXTENSION pg_stat_statements",
    "hypopg": "CREATE EXTENSION hypopg (package postgresql-N-hypopg); without it indexes are estimated, not planned",
    "pgstattuple": "CREATE EXTENSION pgstattuple (contrib); without it bloat is estimated, not measured",
}


def check_postgres(settings: PostgresSettings) -> tuple[CheckLine, ...]:
    """Version, role and extensions."""
    name = f"postgres:{settings.name}"
    dsn = settings.dsn
    if dsn is None:
        return (warning(name, "not configured", "set postgres.dsn or --postgres-dsn"),)

    def look() -> Iterator[CheckLine]:
        with read_only_session(dsn, settings.timeout_seconds) as session:
            yield from _postgres(name, session)
            if settings.slow_log is not None:
                yield _slow_log(f"{name} slow log", settings.slow_log, session)

    return guarded(name, look, is_connection=True)


def _postgres(name: str, session: PostgresSession) -> Iterator[CheckLine]:
    server: DictRow = session.row("server")
    number = server["version"]
    role = ", in recovery: a replica is never written" if server["is_in_recovery"] else ""
    yield ok(name, f"version {number // 10000}.{number % 10000}, {server['max_connections']} connections{role}")
    hidden = hidden_from(server)
    detail = hidden.partition(":")[0] if hidden else f"{server['reader']} sees what other roles do"
    yield warning(f"{name} role", detail, grant(server)) if hidden else ok(f"{name} role", detail)
    yield from _unseen_tables(name, server, session)
    installed = {row["name"]: row for row in session.rows("extensions")}
    for extension, fix in _EXTENSIONS.items():
        line = f"{name} {extension}"
        if extension not in installed:
            yield warning(line, "not installed", fix)
        elif problem := _why_unusable(session, server, installed[extension]):
            detail, _, fix = problem.partition(": ")
            yield warning(line, detail, fix)
        else:
            yield ok(line, f"version {installed[extension]['version']}")


def _slow_log(name: str, place: str, session: PostgresSession) -> CheckLine:
    """Whether the end of the log can be read, and how much of it is understood."""
    reader = SlowLogReader(place)
    server = session.row("server")
    found, problem = reader.read(session, server["version"], server["now"], _ANY_TIME_SECONDS)
    if problem:
        detail, _, fix = problem.partition(": ")
        return warning(name, detail, fix)
    return ok(name, f"{reader.tally()}; {sum(logged.count for logged in found)} slow statements in the last MiB")


def _why_unusable(session: PostgresSession, server: DictRow, extension: DictRow) -> str:
    if extension["name"] != "pg_stat_statements":
        return ""
    try:
        session.rows("one_statement", schema=sql.Identifier(extension["schema"]))
    except UNUSABLE as error:
        return unusable(error, extension["schema"], server)
    return ""


def _unseen_tables(name: str, server: DictRow, session: PostgresSession) -> Iterator[CheckLine]:
    """Without SELECT a role sees neither the statistics of a table's columns nor a plan: no index can be priced."""
    for unseen in unseen_tables(session.rows("unseen_tables"), server):
        yield warning(f"{name} {unseen.kind}", unseen.detail, unseen.fix)
