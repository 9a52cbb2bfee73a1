"""The doctor: reaches every source, names versions and extensions, and the exact command for what is missing."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import redis
from psycopg import sql
from psycopg.rows import DictRow

from advisor.clients.prometheus import PrometheusApi
from advisor.model.check import CheckLine, failed, ok, warning
from advisor.model.errors import AdvisorError
from advisor.ports.clock import Clock
from advisor.settings.postgres import PostgresSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.redis import RedisSettings
from advisor.sources.postgres.privileges import UNUSABLE, grant, hidden_from, unusable
from advisor.sources.postgres.session import Session, read_only_session
from advisor.sources.prometheus.catalogue import load_templates
from advisor.sources.prometheus.instances import AgentInstances
from advisor.sources.redis.source import grant as grant_redis
from advisor.sources.redis.source import make_client, read_slow_log, translated

_EXTENSIONS = {
    "pg_stat_statements": "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements', restart, "
    "then CREATE EXTENSION pg_stat_statements",
    "hypopg": "CREATE EXTENSION hypopg (package postgresql-N-hypopg); without it indexes are estimated, not planned",
    "pgstattuple": "CREATE EXTENSION pgstattuple (contrib); without it bloat is estimated, not measured",
}


def check_prometheus(settings: PrometheusSettings) -> tuple[CheckLine, ...]:
    """One line for the server, or why it cannot be used."""
    if settings.url is None:
        return (warning("prometheus", "not configured", "set prometheus.url or -p"),)

    def look() -> Iterator[CheckLine]:
        signals = len(load_templates(settings.presets))
        with PrometheusApi(settings) as api:
            yield ok("prometheus", f"version {api.version()}, {signals} signals from {', '.join(settings.presets)}")

    return _guarded("prometheus", look)


def check_agents(app: str, settings: PrometheusSettings, clock: Clock) -> tuple[CheckLine, ...]:
    """Whether the processes of an application are seen, and whether they reach the board they were given."""
    name = f"agents:{app}"
    if settings.url is None:
        return (warning(name, "cannot be seen without Prometheus", "set prometheus.url or -p"),)
    try:
        with PrometheusApi(settings) as api:
            ages = AgentInstances(api, settings, clock).board_ages(app)
    except AdvisorError as error:
        return (failed(name, str(error), error.fix),)
    if not ages:
        fix = f"make an advisor_agents.Agent({app!r}, board) in it, and let Prometheus scrape it"
        return (warning(name, f"no process shows advisor_agent_board_age_seconds with app={app!r}", fix),)
    blind = sorted(process for process, age in ages.items() if age > settings.stale_after_seconds)
    if blind:
        fix = "compare the board that its Agent was given with `applications`"
        return (warning(name, f"{len(blind)} of {len(ages)} processes do not reach their board: {blind[0]}", fix),)
    return (ok(name, f"processes that read their board: {len(ages)}"),)


def check_postgres(settings: PostgresSettings) -> tuple[CheckLine, ...]:
    """Version, role and extensions."""
    name = f"postgres:{settings.name}"
    dsn = settings.dsn
    if dsn is None:
        return (warning(name, "not configured", "set postgres.dsn or --postgres-dsn"),)

    def look() -> Iterator[CheckLine]:
        with read_only_session(dsn, settings.timeout_seconds) as session:
            yield from _postgres(name, session)

    return _guarded(name, look)


def _postgres(name: str, session: Session) -> Iterator[CheckLine]:
    server: DictRow = session.row("server")
    number = server["version"]
    role = ", in recovery: a replica is never written" if server["is_in_recovery"] else ""
    yield ok(name, f"version {number // 10000}.{number % 10000}, {server['max_connections']} connections{role}")
    hidden = hidden_from(server)
    detail = hidden.partition(":")[0] if hidden else f"{server['reader']} sees what other roles do"
    yield warning(f"{name} role", detail, grant(server)) if hidden else ok(f"{name} role", detail)
    yield from _closed_tables(name, server["reader"], session)
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


def _why_unusable(session: Session, server: DictRow, extension: DictRow) -> str:
    if extension["name"] != "pg_stat_statements":
        return ""
    try:
        session.rows("one_statement", schema=sql.Identifier(extension["schema"]))
    except UNUSABLE as error:
        return unusable(error, extension["schema"], server)
    return ""


def _closed_tables(name: str, role: str, session: Session) -> Iterator[CheckLine]:
    """Without SELECT a role sees neither the statistics of a table's columns nor a plan: no index can be priced."""
    closed = session.rows("closed_tables")
    if not closed:
        return
    schemas = ", ".join(row["schema"] for row in closed)
    count = sum(row["tables"] for row in closed)
    detail = f"{count} tables are closed to {role}: slow statements on them are found, but no index is proposed"
    fix = f"GRANT USAGE ON SCHEMA {schemas} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {role}"
    yield warning(f"{name} tables", detail, fix)


def check_redis(settings: RedisSettings) -> tuple[CheckLine, ...]:
    """Version, and whether the commands the source needs are allowed."""
    name = f"redis:{settings.name}"
    url = settings.url
    if url is None:
        return (warning(name, "not configured", "set redis.url or --redis-url"),)

    def look() -> Iterator[CheckLine]:
        with translated(name, settings), make_client(url, settings.timeout_seconds) as client:
            facts = dict(client.info("server"))
            yield ok(name, f"version {facts.get('valkey_version') or facts.get('redis_version')}")
            try:
                read_slow_log(client)
            except redis.exceptions.NoPermissionError:
                yield warning(f"{name} slow log", "SLOWLOG is not allowed", grant_redis(settings))

    return _guarded(name, look)


def _guarded(name: str, look: Callable[[], Iterator[CheckLine]]) -> tuple[CheckLine, ...]:
    """The lines up to the first error, and that one."""
    lines: list[CheckLine] = []
    try:
        lines.extend(look())  # keeps what came before the error
    except AdvisorError as error:
        lines.append(failed(name, str(error), error.fix))
    return tuple(replace(line, is_connection=line.name == name) for line in lines)
