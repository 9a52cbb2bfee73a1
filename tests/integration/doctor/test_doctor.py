"""`advisor check` against real servers: every line names what was found, or the exact command that is missing."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from prometheus_client import CollectorRegistry, start_http_server
from psycopg import sql
from pydantic import SecretStr

from advisor.clock import SystemClock
from advisor.journal.check import check_journal
from advisor.journal.repository import open_journal
from advisor.knobs.agents.check import check_board
from advisor.knobs.agents.file_board import FileBoard
from advisor.knobs.agents.redis_board import RedisBoard
from advisor.knobs.postgres.check import check_builder
from advisor.model.check import CheckLine, CheckStatus
from advisor.servers import postgres
from advisor.servers.listening import free_port
from advisor.servers.prometheus import PrometheusServer
from advisor.settings.applications import ApplicationSettings
from advisor.settings.postgres import PostgresSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.redis import RedisSettings
from advisor.settings.schema import Settings
from advisor.sources.postgres.check import check_postgres
from advisor.sources.prometheus.check import check_agents, check_prometheus
from advisor.sources.redis.check import check_redis
from advisor.testing.words import NOON, a_change
from advisor.wiring.check import check
from advisor_agents import Agent, BoardUnavailableError
from advisor_agents import FileBoard as AgentsFileBoard

SERVERS = pytest.mark.parametrize("server", ["database", "hypopg_database"], ids=["postgres-18", "postgres-15"])
SHOP = ApplicationSettings(name="shop")


def by_name(lines: tuple[CheckLine, ...]) -> dict[str, CheckLine]:
    for line in lines:
        assert line.detail, line
        assert bool(line.fix) == (line.status is not CheckStatus.OK), f"a fault has a fix: {line}"
    return {line.name: line for line in lines}


@contextmanager
def role(dsn: str, name: str) -> Iterator[SecretStr]:
    """The connection string of a role that may log in and nothing else."""
    identifier = sql.Identifier(name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'topsecret'").format(identifier))
        try:
            parts = psycopg.conninfo.conninfo_to_dict(dsn)
            yield SecretStr(psycopg.conninfo.make_conninfo(**{**parts, "user": name, "password": "topsecret"}))
        finally:
            connection.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(identifier))
            connection.execute(sql.SQL("DROP OWNED BY {}").format(identifier))
            connection.execute(sql.SQL("DROP ROLE {}").format(identifier))


def run(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


# Postgres, as it is read


@SERVERS
def test_versions_and_extensions_are_named(server: str, request: pytest.FixtureRequest) -> None:
    dsn = request.getfixturevalue(server)
    lines = by_name(check_postgres(PostgresSettings(dsn=SecretStr(dsn))))
    main = lines["postgres:main"]
    assert (main.status, main.is_connection) == (CheckStatus.OK, True)
    version = 18 if server == "database" else 15
    assert main.detail.startswith(f"version {version}.")
    assert lines["postgres:main pg_stat_statements"].detail.startswith("version 1.")
    assert lines["postgres:main role"].detail == "advisor sees what other roles do"
    hypopg = lines["postgres:main hypopg"]
    if version == 15:
        assert hypopg.detail.startswith("version 1.")
    else:
        assert (hypopg.status, hypopg.detail) == (CheckStatus.WARNING, "not installed")
        assert "CREATE EXTENSION hypopg" in hypopg.fix


@SERVERS
def test_a_missing_extension_and_a_missing_privilege_come_with_the_commands_that_put_them_right(
    server: str, request: pytest.FixtureRequest
) -> None:
    dsn = request.getfixturevalue(server)
    run(dsn, "DROP EXTENSION pg_stat_statements")
    with role(dsn, 'Odd "reader"') as reader:
        lines = by_name(check_postgres(PostgresSettings(dsn=reader)))
        statements = lines["postgres:main pg_stat_statements"]
        assert (statements.status, statements.detail) == (CheckStatus.WARNING, "not installed")
        assert statements.fix.endswith("CREATE EXTENSION pg_stat_statements")
        missing = lines["postgres:main role"]
        assert (missing.status, missing.fix) == (CheckStatus.WARNING, 'GRANT pg_monitor TO "Odd ""reader"""')
        run(dsn, missing.fix, "CREATE EXTENSION pg_stat_statements")
        lines = by_name(check_postgres(PostgresSettings(dsn=reader)))
        assert lines["postgres:main role"].status is CheckStatus.OK
        assert lines["postgres:main pg_stat_statements"].status is CheckStatus.OK


def test_a_library_that_is_not_loaded_is_not_taken_for_an_extension_that_works() -> None:
    with postgres.start(settings={"shared_preload_libraries": ""}) as server:
        run(server.dsn, "CREATE EXTENSION pg_stat_statements")
        lines = by_name(check_postgres(PostgresSettings(dsn=SecretStr(server.dsn))))
    statements = lines["postgres:main pg_stat_statements"]
    assert statements.status is CheckStatus.WARNING
    assert statements.fix == "put it into shared_preload_libraries and restart"


def test_a_database_that_is_away_is_a_failed_connection_without_its_password() -> None:
    dsn = SecretStr(f"postgresql://me:topsecret@127.0.0.1:{free_port()}/shop")
    [line] = check_postgres(PostgresSettings(dsn=dsn))
    assert (line.status, line.is_connection) == (CheckStatus.FAILED, True)
    assert "refused" in line.detail
    assert line.fix
    assert "topsecret" not in line.detail


# Postgres, as it is written


@SERVERS
def test_a_builder_that_owns_the_tables_may_build(server: str, request: pytest.FixtureRequest) -> None:
    dsn = request.getfixturevalue(server)
    run(dsn, "CREATE TABLE message (id int)")
    [line] = check_builder(PostgresSettings(builder_dsn=SecretStr(dsn)))
    assert (line.status, line.detail) == (CheckStatus.OK, "advisor may build on all 1 tables")


@SERVERS
def test_a_builder_that_does_not_own_the_tables_gets_the_commands_that_let_it(
    server: str, request: pytest.FixtureRequest
) -> None:
    dsn = request.getfixturevalue(server)
    with role(dsn, "Table owner") as owner, role(dsn, "builder") as builder:
        run(
            dsn,
            'CREATE SCHEMA "Shop"',
            'GRANT ALL ON SCHEMA "Shop" TO "Table owner"',
            "CREATE TABLE of_the_superuser ()",
        )
        run(owner.get_secret_value(), 'CREATE TABLE "Shop"."Message" (id int)')
        [line] = check_builder(PostgresSettings(builder_dsn=builder))
        assert (line.status, line.detail) == (CheckStatus.WARNING, "builder may not build on every table")
        commands = line.fix.split("; ")
        assert commands == [
            'GRANT "Table owner" TO builder',
            "ALTER TABLE public.of_the_superuser OWNER TO builder",
            "GRANT CREATE ON SCHEMA public TO builder",
        ], "what the owner may create in its schema comes with the membership"
        run(dsn, *commands)
        [line] = check_builder(PostgresSettings(builder_dsn=builder))
        assert (line.status, line.detail) == (CheckStatus.OK, "builder may build on all 2 tables")


def test_without_a_builder_indexes_are_advice(database: str) -> None:
    [line] = check_builder(PostgresSettings(dsn=SecretStr(database)))
    assert (line.status, line.detail) == (CheckStatus.WARNING, "advice only: no role may build them")
    assert "postgres.builder_dsn" in line.fix
    assert check_builder(PostgresSettings()) == ()


def test_a_builder_that_would_write_a_replica_fails() -> None:
    with postgres.start(is_standby=True) as server:
        [line] = check_builder(PostgresSettings(builder_dsn=SecretStr(server.dsn)))
    assert (line.status, line.fix) == (CheckStatus.FAILED, "point builder_dsn at the primary")


def test_a_builder_who_is_refused_is_named_without_the_password(database: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(database)
    wrong = psycopg.conninfo.make_conninfo(**{**parts, "password": "topsecret"})
    [line] = check_builder(PostgresSettings(builder_dsn=SecretStr(wrong)))
    assert line.status is CheckStatus.FAILED
    assert "password of postgres.builder_dsn" in line.fix
    assert "topsecret" not in line.detail


# Redis and the boards


def test_redis_names_its_version_and_what_its_user_may_not_run(valkey_url: str) -> None:
    [line] = check_redis(RedisSettings(url=SecretStr(valkey_url)))
    assert (line.status, line.is_connection) == (CheckStatus.OK, True)
    assert line.detail.startswith("version ")
    basics = ["+auth", "+hello", "+client|setname", "+client|setinfo", "+info"]
    with redis.Redis.from_url(valkey_url) as client:
        client.acl_setuser("reader", enabled=True, passwords=["+topsecret"], commands=basics)
        try:
            url = SecretStr(f"redis://reader:topsecret@127.0.0.1:{valkey_url.rpartition(':')[2]}")
            lines = by_name(check_redis(RedisSettings(url=url)))
            slow_log = lines["redis:main slow log"]
            fix = "ACL SETUSER reader +info +slowlog|get +slowlog|len"
            assert (slow_log.status, slow_log.fix) == (CheckStatus.WARNING, fix)
            client.execute_command(*slow_log.fix.split())
            assert len(check_redis(RedisSettings(url=url))) == 1
        finally:
            client.acl_deluser("reader")


def test_a_redis_that_is_away_or_refuses_is_a_failed_connection_without_its_password(valkey_url: str) -> None:
    port = valkey_url.rpartition(":")[2]
    for address in (f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}"):
        [line] = check_redis(RedisSettings(url=SecretStr(f"redis://:topsecret@{address}")))
        assert (line.status, line.is_connection) == (CheckStatus.FAILED, True)
        assert line.fix
        assert "topsecret" not in line.detail


def test_an_address_of_redis_that_cannot_be_read_hides_no_other_line() -> None:
    redis = RedisSettings.model_construct(url=SecretStr("http://:topsecret@host"), name="sessions")
    good = Settings.model_validate_json(json.dumps({"applications": [{"name": "shop"}]}))
    settings = good.model_copy(update={"redis": redis})  # as the settings would not take it
    lines = by_name(check(settings))
    for name in ("redis:sessions", "board:shop"):
        assert (lines[name].status, "not a Redis address" in lines[name].detail) == (CheckStatus.FAILED, True)
        assert "topsecret" not in lines[name].detail
    assert {"prometheus", "postgres:main", "agents:shop"} <= set(lines)


def test_boards_are_tried_and_left_as_they_are(valkey_url: str, tmp_path: Path) -> None:
    board = RedisBoard(valkey_url)
    [line] = check_board(SHOP, board)
    board.close()
    assert (line.name, line.status, line.detail) == ("board:shop", CheckStatus.OK, "redis:main can be written")
    path = tmp_path / "board.json"
    [line] = check_board(SHOP, FileBoard(path, app="shop"))
    assert (line.status, path.exists()) == (CheckStatus.OK, False)
    path.write_text("{")
    [line] = check_board(SHOP, FileBoard(path, app="shop"))
    assert line.status is CheckStatus.FAILED
    assert "is not JSON" in line.detail
    assert "mend it by hand" in line.fix
    [line] = check_board(SHOP, FileBoard(tmp_path / "nowhere" / "board.json", app="shop"))
    assert line.status is CheckStatus.FAILED
    assert "writable folder" in line.fix
    [line] = check_board(SHOP, None)
    assert (line.status, line.fix) == (CheckStatus.WARNING, "set redis.url, or the application's board to file:PATH")


# Prometheus and the agents


class NoBoard:
    def read(self, app: str) -> dict[str, str | bytes]:
        raise BoardUnavailableError("away")


def test_agents_are_seen_and_those_that_do_not_reach_their_board_are_told(
    prometheus_server: Callable[[dict[str, list[str]]], PrometheusServer], tmp_path: Path
) -> None:
    registry = CollectorRegistry()
    seeing = Agent("shop", AgentsFileBoard(tmp_path / "board.json"), registry=registry)
    blind = Agent("till", NoBoard(), registry=registry)
    seeing.poll()
    time.sleep(1.1)
    blind.poll()  # its board was last read when it was made
    exporter, thread = start_http_server(0, "127.0.0.1", registry=registry)
    try:
        server = prometheus_server({"web": [f"127.0.0.1:{exporter.server_port}"]})
        settings = PrometheusSettings.model_validate({"url": server.url, "stale_after_seconds": "1s"})
        patient = PrometheusSettings.model_validate({"url": server.url})
        deadline = time.monotonic() + 15
        while check_agents("shop", patient, SystemClock())[0].status is not CheckStatus.OK:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        [line] = check_agents("shop", patient, SystemClock())
        assert (line.name, line.detail) == ("agents:shop", "processes that read their board: 1")
        line, at = check_prometheus(patient, SystemClock())
        assert (at.name, at.status, at.detail) == ("prometheus clock", CheckStatus.OK, "agrees with ours")
        assert (line.status, line.is_connection) == (CheckStatus.OK, True)
        assert "signals from agents, guide" in line.detail
        [line] = check_agents("nobody", patient, SystemClock())
        assert (line.status, "app='nobody'" in line.detail) == (CheckStatus.WARNING, True)
        time.sleep(1.0)
        [line] = eventually_one_sample(settings)
        assert line.status is CheckStatus.WARNING
        assert "1 of 1 processes do not reach their board" in line.detail
    finally:
        exporter.shutdown()
        exporter.server_close()
        thread.join()


def eventually_one_sample(settings: PrometheusSettings) -> tuple[CheckLine, ...]:
    """With samples of one second at most, a moment can fall between two scrapes."""
    for _ in range(50):
        lines = check_agents("till", settings, SystemClock())
        if "no process" not in lines[0].detail:
            return lines
        time.sleep(0.1)
    return lines


def test_a_prometheus_that_is_away_fails_and_its_agents_cannot_be_seen() -> None:
    settings = PrometheusSettings(url=f"http://me:topsecret@127.0.0.1:{free_port()}")
    [line] = check_prometheus(settings, SystemClock())
    assert (line.status, line.is_connection) == (CheckStatus.FAILED, True)
    [agents] = check_agents("shop", settings, SystemClock())
    assert (agents.status, agents.is_connection) == (CheckStatus.FAILED, False)
    assert "topsecret" not in line.detail + agents.detail
    [agents] = check_agents("shop", PrometheusSettings(), SystemClock())
    assert agents.status is CheckStatus.WARNING


# The journal


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_journal_tells_what_is_open_and_nothing_is_made(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = SecretStr(f"sqlite:///{tmp_path}/journal.db" if kind == "sqlite" else request.getfixturevalue("database"))
    [line] = check_journal(url, "default")
    assert line.status is (CheckStatus.WARNING if kind == "sqlite" else CheckStatus.FAILED), line
    assert "advisor run" in line.fix
    assert list(tmp_path.iterdir()) == []
    journal = open_journal(url)
    [line] = check_journal(url, "default")
    assert line.status is CheckStatus.OK
    assert line.detail.endswith("no change is open")
    journal.add(a_change(version=0))
    [line] = check_journal(url, "default")
    assert line.detail.endswith("change chg_0123456789ab is proposed")
    journal.pause("release", NOON, freeze=False)
    [line] = check_journal(url, "default")
    assert (line.status, line.fix) == (CheckStatus.WARNING, "advisor resume")
    assert line.detail.endswith("paused: release")
    journal.close()
    assert url.get_secret_value() not in line.detail or kind == "sqlite"


def test_a_journal_that_cannot_be_reached_fails_without_its_password(tmp_path: Path) -> None:
    away = f"postgresql://me:topsecret@127.0.0.1:{free_port()}/journal"
    for url in (away, "mysql://me:topsecret@host/journal", f"sqlite:///{tmp_path}/nowhere/journal.db"):
        [line] = check_journal(url, "default")
        assert line.status is CheckStatus.FAILED
        assert line.fix
        assert "topsecret" not in line.detail


# All together


def test_every_source_knob_board_and_the_journal_have_their_line(
    database: str, valkey_url: str, tmp_path: Path
) -> None:
    settings = Settings.model_validate_json(
        json.dumps(
            {
                "prometheus": {"url": f"http://127.0.0.1:{free_port()}"},
                "postgres": {"dsn": database, "builder_dsn": database},
                "redis": {"url": valkey_url},
                "applications": [{"name": "shop"}, {"name": "till", "board": f"file:{tmp_path}/board.json"}],
                "journal": {"url": f"sqlite:///{tmp_path}/journal.db"},
            }
        )
    )
    before: Any = sorted(tmp_path.iterdir())
    lines = by_name(check(settings))
    assert {name: line.status.value for name, line in lines.items()} == {
        "prometheus": "failed",
        "postgres:main": "ok",
        "postgres:main role": "ok",
        "postgres:main pg_stat_statements": "ok",
        "postgres:main hypopg": "warning",
        "postgres:main pgstattuple": "warning",
        "postgres:main indexes": "ok",
        "redis:main": "ok",
        "board:shop": "ok",
        "agents:shop": "failed",
        "board:till": "ok",
        "agents:till": "failed",
        "journal": "warning",
    }
    assert sorted(tmp_path.iterdir()) == before, "the doctor writes nothing"
    assert [name for name, line in lines.items() if line.is_connection] == ["prometheus", "postgres:main", "redis:main"]
