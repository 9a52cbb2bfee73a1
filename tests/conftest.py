"""The surroundings of every test; real servers, started once for all tests that ask for them, and databases on them."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
import redis
from psycopg import sql

from advisor.servers import postgres, prometheus, valkey
from advisor.servers.installation import with_hypopg
from advisor.servers.postgres import PostgresServer
from advisor.servers.prometheus import PrometheusServer
from advisor.servers.valkey import ValkeyServer

SURROUNDINGS = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC"}
"""What every test finds; what else shapes a program's output is taken away."""
SWAYING = (
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "LC_ALL",
    "LC_CTYPE",
    "LANGUAGE",
)

LONGEST = ("field", "always_true")
"""Folders of tests that take so long that all others would be done before them."""

# Autovacuum does not come round: what a test analysed stays as it is until the test says otherwise.
SHARED = {"max_connections": "60", "autovacuum_naptime": "1d"}


def pytest_configure(config: pytest.Config) -> None:
    """The caller's terminal, language, zone, settings and umask change nothing, in the processes of a test neither.

    HOME stays: in an installation it is where the servers lie. A test that writes there gives a HOME of its own.
    """
    config.addinivalue_line("markers", "servers: needs a real Postgres, Redis or Prometheus; `make unit` leaves it out")
    settings = {name for name in os.environ if name.startswith("ADVISOR_") and not name.startswith("ADVISOR_TEST_")}
    for name in settings | (set(SWAYING) & set(os.environ)):
        del os.environ[name]
    os.environ.update(SURROUNDINGS)
    time.tzset()
    os.umask(0o022)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever uses a server, directly or by another fixture, needs servers. What takes ten minutes begins first."""
    for item in items:
        if "servers_wanted" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.servers)
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


@pytest.fixture(scope="session")
def servers_wanted(request: pytest.FixtureRequest) -> None:
    """Refuses a server to a run without servers: a parameter that stands for one is marked with `servers` by hand."""
    if request.config.getoption("markexpr") == "not servers":
        pytest.fail("asks for a server, and is not marked with `servers`")


@pytest.fixture(scope="session")
def postgres_server(servers_wanted: None) -> Iterator[PostgresServer]:
    """PostgreSQL 18 with pg_stat_statements, without HypoPG."""
    with postgres.start(settings=SHARED) as server:
        yield server


@pytest.fixture(scope="session")
def hypopg_server(servers_wanted: None) -> Iterator[PostgresServer]:
    """The distribution's PostgreSQL with HypoPG."""
    with postgres.start(with_hypopg(), settings=SHARED) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server(servers_wanted: None) -> Iterator[ValkeyServer]:
    """A Redis-compatible server."""
    with valkey.start() as server:
        yield server


@pytest.fixture
def prometheus_server(servers_wanted: None) -> Iterator[Callable[[dict[str, list[str]]], PrometheusServer]]:
    """Starts a Prometheus that scrapes the given targets (job name to host:port) every second."""
    with ExitStack() as servers:
        yield lambda targets: servers.enter_context(prometheus.start(targets))


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """The connection string of a fresh database with pg_stat_statements on PostgreSQL 18."""
    with _fresh_database(postgres_server, "pg_stat_statements") as dsn:
        yield dsn


@pytest.fixture
def hypopg_database(hypopg_server: PostgresServer) -> Iterator[str]:
    """The connection string of a fresh database with pg_stat_statements and hypopg."""
    with _fresh_database(hypopg_server, "pg_stat_statements", "hypopg") as dsn:
        yield dsn


@pytest.fixture
def valkey_url(valkey_server: ValkeyServer) -> str:
    """The address of a server with nothing in it."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


@contextmanager
def _fresh_database(server: PostgresServer, *extensions: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    dsn = server.dsn_of(name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for extension in extensions:
            connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
    yield dsn
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
