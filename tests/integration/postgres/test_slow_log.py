"""The slow-query log of real servers, read through the server and as a file."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from advisor.model.check import CheckStatus
from advisor.model.snapshot import SourceStatus
from advisor.servers import postgres
from advisor.servers.postgres import PostgresServer
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.check import check_postgres
from tests.integration.postgres.watching import Watcher, run

SLOW = "SELECT pg_sleep(0.06)"


@pytest.fixture(scope="module", params=["csvlog", "jsonlog", "stderr"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    settings = {
        "logging_collector": "on",
        "log_destination": request.param,
        "log_min_duration_statement": "50ms",
        "log_rotation_age": "0",
        "log_filename": "%Y-%m-%d_%H%M%S.log",
    }
    with postgres.start(settings=settings) as running:
        yield running


def log_file(server: PostgresServer) -> Path:
    with psycopg.connect(server.dsn) as connection:
        found = connection.execute(
            "SELECT current_setting('data_directory') || '/' || coalesce(pg_current_logfile('csvlog'),"
            " pg_current_logfile('jsonlog'), pg_current_logfile())"
        ).fetchone()
    assert found is not None
    return Path(found[0])


def test_slow_statements_are_read_through_the_server(server: PostgresServer) -> None:
    watcher = Watcher(server.dsn, slow_log="server")
    watcher.look()
    run(server.dsn, SLOW, "SELECT pg_sleep(0.09)", "SELECT 1 AS quick")
    look = watcher.look()
    (found,) = [logged for logged in look.logged if "0.09" in logged.text]
    assert found.text == "SELECT pg_sleep(0.09)"  # the slowest of its shape, with its constant
    assert found.count >= 2
    assert 0.09 <= found.longest_seconds < 0.5
    assert not [logged for logged in look.logged if "quick" in logged.text]
    assert watcher.look().logged == look.logged  # nothing is counted twice


def test_slow_statements_are_read_from_a_file(server: PostgresServer) -> None:
    watcher = Watcher(server.dsn, slow_log=f"file:{log_file(server)}")
    watcher.look()
    run(server.dsn, "SELECT pg_sleep(0.07), 'from a file'")
    (found,) = [logged for logged in watcher.look().logged if "from a file" in logged.text]
    assert found.count == 1


def test_another_database_of_the_server_is_left_out(server: PostgresServer) -> None:
    if log_file(server).suffix not in (".csv", ".json"):
        pytest.skip("plain text does not say which database")
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE elsewhere")
    watcher = Watcher(server.dsn, slow_log="server")
    watcher.look()
    run(server.dsn_of("elsewhere"), "SELECT pg_sleep(0.06), 'elsewhere'")
    assert not [logged for logged in watcher.look().logged if "'elsewhere'" in logged.text]
    run(server.dsn, "DROP DATABASE elsewhere WITH (FORCE)")


def test_a_rotated_log_loses_nothing(server: PostgresServer) -> None:
    watcher = Watcher(server.dsn, slow_log="server")
    watcher.look()
    run(server.dsn, "SELECT pg_sleep(0.06) FROM pg_database LIMIT 1")
    before = log_file(server)
    time.sleep(1.1)  # the file's name counts seconds
    run(server.dsn, "SELECT pg_rotate_logfile()")
    for _ in range(100):  # the logger takes a moment
        if log_file(server) != before:
            break
        time.sleep(0.05)
    run(server.dsn, "SELECT pg_sleep(0.06) FROM pg_tablespace LIMIT 1")
    texts = " ".join(logged.text for logged in watcher.look().logged)
    assert "pg_database" in texts
    assert "pg_tablespace" in texts


def test_a_role_that_may_not_read_it_is_told_the_grant(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE watcher LOGIN PASSWORD 'watch' IN ROLE pg_monitor")
        try:
            dsn = psycopg.conninfo.make_conninfo(server.dsn, user="watcher", password="watch")
            refused = Watcher(dsn, slow_log="server").observe()
            assert refused.status is SourceStatus.DEGRADED
            assert "may not be read" in refused.detail
            grant = refused.detail.partition("may not be read: ")[2].replace("CURRENT_USER", "watcher")
            connection.execute(sql.SQL(grant))
            assert "may not be read" not in Watcher(dsn, slow_log="server").observe().detail
        finally:
            connection.execute("DROP OWNED BY watcher")
            connection.execute("DROP ROLE watcher")


def test_a_file_that_is_not_there_is_said(server: PostgresServer, tmp_path: Path) -> None:
    seen = Watcher(server.dsn, slow_log=f"file:{tmp_path}/none.csv").observe()
    assert seen.status is SourceStatus.DEGRADED
    assert "cannot be read" in seen.detail


def record(number: int) -> str:
    return (
        '2026-01-01 12:00:00.250 CET,"app",,77,"10.0.0.1:5",6f,3,"SELECT",2026-01-01 11:00:00 CET,3/5,0,LOG,00000,'
        f'"duration: 250.500 ms  statement: SELECT ""a"",\n  b FROM t\n WHERE c = {number}",,,,,,,,,"web","client",,0\n'
    )


def test_a_large_file_is_begun_within_quotes_and_read_on(server: PostgresServer, tmp_path: Path) -> None:
    """The last MiB of 6,000 records of 220 bytes begins in one of them; another comes later."""
    path = tmp_path / "postgresql.csv"
    path.write_text("".join(record(number) for number in range(6000)))
    watcher = Watcher(server.dsn, slow_log=f"file:{path}")
    (found,) = watcher.look().logged
    assert 4000 < found.count < 6000
    with path.open("a") as file:
        file.write(record(6000))
    assert watcher.look().logged[0].count == found.count + 1


def test_a_log_of_something_else_is_a_problem_and_told_by_check(server: PostgresServer, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text('10.0.0.1 - - "GET / HTTP/1.1" 200\n' * 7)
    seen = Watcher(server.dsn, slow_log=f"file:{path}").observe()
    assert seen.status is SourceStatus.DEGRADED
    assert f"understood nothing of 7 lines of the slow-query log {path}" in seen.detail
    settings = PostgresSettings(dsn=SecretStr(server.dsn), slow_log=f"file:{path}")
    lines = {line.name: line for line in check_postgres(settings)}
    assert lines["postgres:main slow log"].status is CheckStatus.WARNING
    path.write_text("2026-01-01 12:00:00.250 CET [7] LOG:  checkpoint starting: time\n" * 40 + "what?\n")
    lines = {line.name: line for line in check_postgres(settings)}
    assert lines["postgres:main slow log"].status is CheckStatus.OK
    assert "40 records understood, 1 not" in lines["postgres:main slow log"].detail
