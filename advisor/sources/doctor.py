"""The doctor: reaches every source, names versions and extensions, and the exact command for what is missing."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import redis
from psycopg.rows import DictRow

from advisor.model.check import CheckLine, CheckStatus
from advisor.model.errors import AdvisorError
from advisor.settings.connections import PostgresSettings, PrometheusSettings, RedisSettings
from advisor.sources.catalogue import load_templates
from advisor.sources.postgres.session import Session, read_only_session
from advisor.sources.prometheus_api import PrometheusApi
from advisor.sources.redis import make_client

_EXTENSIONS = {
    "pg_stat_statements": "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements', restart, "
    "then CREATE EXTENSION pg_stat_statements",
    "hypopg": "CREATE EXTENSION hypopg (package postgresql-N-hypopg); without it indexes are estimated, not planned",
}


def check_prometheus(settings: PrometheusSettings) -> tuple[CheckLine, ...]:
    """One line for the server, or why it cannot be used."""
    if settings.url is None:
        return (_warning("prometheus", "not configured", "set prometheus.url or -p"),)

    def look() -> Iterator[CheckLine]:
        signals = len(load_templates(settings.presets))
        with PrometheusApi(settings) as api:
            yield _ok("prometheus", f"version {api.version()}, {signals} signals from {', '.join(settings.presets)}")

    return _guarded("prometheus", look)


def check_postgres(settings: PostgresSettings) -> tuple[CheckLine, ...]:
    """Version, role, extensions, and whether an index could be built."""
    name = f"postgres:{settings.name}"
    dsn = settings.dsn
    if dsn is None:
        return (_warning(name, "not configured", "set postgres.dsn or --postgres-dsn"),)

    def look() -> Iterator[CheckLine]:
        with read_only_session(dsn, settings.timeout_seconds) as session:
            yield from _postgres(name, session)
        if settings.builder_dsn is None:
            fix = "set postgres.builder_dsn to the connection of the role that owns the tables"
            yield _warning(f"{name} indexes", "advice only: no role may build them", fix)

    return _guarded(name, look)


def _postgres(name: str, session: Session) -> Iterator[CheckLine]:
    server: DictRow = session.row("server")
    number = server["version"]
    role = ", in recovery: a replica is never written" if server["is_in_recovery"] else ""
    yield _ok(name, f"version {number // 10000}.{number % 10000}, {server['max_connections']} connections{role}")
    if not server["is_monitor"]:
        yield _warning(f"{name} role", "statements of other users are hidden", f"GRANT pg_monitor TO {server['role']}")
    yield from _closed_tables(name, server["role"], session)
    installed = {row["name"]: row["version"] for row in session.rows("extensions")}
    for extension, fix in _EXTENSIONS.items():
        version = installed.get(extension)
        line = f"{name} {extension}"
        yield _ok(line, f"version {version}") if version else _warning(line, "not installed", fix)


def _closed_tables(name: str, role: str, session: Session) -> Iterator[CheckLine]:
    """Without SELECT a role sees neither the statistics of a table's columns nor a plan: no index can be priced."""
    closed = session.rows("closed_tables")
    if not closed:
        return
    schemas = ", ".join(row["schema"] for row in closed)
    count = sum(row["tables"] for row in closed)
    detail = f"{count} tables are closed to {role}: slow statements on them are found, but no index is proposed"
    fix = f"GRANT USAGE ON SCHEMA {schemas} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {role}"
    yield _warning(f"{name} tables", detail, fix)


def check_redis(settings: RedisSettings) -> tuple[CheckLine, ...]:
    """Version, and whether the commands the source needs are allowed."""
    name = f"redis:{settings.name}"
    url = settings.url
    if url is None:
        return (_warning(name, "not configured", "set redis.url or --redis-url"),)

    def look() -> Iterator[CheckLine]:
        try:
            with make_client(url, settings.timeout_seconds) as client:
                facts = dict(client.info("server"))
                yield _ok(name, f"version {facts.get('valkey_version') or facts.get('redis_version')}")
                client.slowlog_len()
        except redis.exceptions.NoPermissionError:
            yield _warning(name, "INFO or SLOWLOG is not allowed", "ACL SETUSER the user with +info +slowlog")
        except redis.RedisError as error:
            yield _failed(name, f"no answer: {type(error).__name__}", "check redis.url")

    return _guarded(name, look)


def _guarded(name: str, look: Callable[[], Iterator[CheckLine]]) -> tuple[CheckLine, ...]:
    try:
        lines = tuple(look())
    except AdvisorError as error:
        lines = (_failed(name, str(error), error.fix),)
    return tuple(replace(line, is_connection=line.name == name) for line in lines)


def _ok(name: str, detail: str) -> CheckLine:
    return CheckLine(name=name, status=CheckStatus.OK, detail=detail)


def _warning(name: str, detail: str, fix: str) -> CheckLine:
    return CheckLine(name=name, status=CheckStatus.WARNING, detail=detail, fix=fix)


def _failed(name: str, detail: str, fix: str) -> CheckLine:
    return CheckLine(name=name, status=CheckStatus.FAILED, detail=detail, fix=fix)
