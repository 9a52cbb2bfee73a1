"""What each server offers: the extensions, the limits, and nothing beyond loopback without a password."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
import requests
from redis.backoff import NoBackoff
from redis.retry import Retry

from advisor.servers import postgres, prometheus
from advisor.servers.folders import UNPRIVILEGED_USER
from advisor.servers.listening import free_port
from advisor.servers.postgres import PostgresServer
from advisor.servers.process import run_tool
from advisor.servers.prometheus import PrometheusServer
from advisor.servers.valkey import ValkeyServer
from tests.integration.servers.processes import comes_true, user_id_of


def setting(dsn: str, name: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_the_embedded_postgres_counts_statements_and_has_no_hypopg(database: str) -> None:
    assert setting(database, "server_version_num").startswith("18")
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_stat_statements").fetchone() is not None
        available = "SELECT name FROM pg_available_extensions WHERE name = 'hypopg'"
        assert connection.execute(available).fetchone() is None


def test_the_distributions_postgres_plans_with_an_index_that_does_not_exist(hypopg_database: str) -> None:
    with psycopg.connect(hypopg_database) as connection:
        connection.execute("CREATE TABLE message AS SELECT n AS id, repeat('x', 50) FROM generate_series(1, 10000) n")
        connection.execute("ANALYZE message")
        connection.execute("SELECT * FROM hypopg_create_index('CREATE INDEX ON message (id)')")
        plan = connection.execute("EXPLAIN SELECT * FROM message WHERE id = 7").fetchall()
    assert "Index Scan" in str(plan)


def test_just_in_time_compilation_that_is_not_there_stops_no_query(hypopg_database: str) -> None:
    with psycopg.connect(hypopg_database) as connection:
        connection.execute("SET jit_above_cost = 0")
        # 1 + 2 + ... + 1000 = 1000 * 1001 / 2
        assert connection.execute("SELECT sum(n) FROM generate_series(1, 1000) n").fetchone() == (500_500,)


def test_postgres_listens_on_loopback_only_and_wants_its_password(postgres_server: PostgresServer) -> None:
    assert setting(postgres_server.dsn, "listen_addresses") == "127.0.0.1"
    assert setting(postgres_server.dsn, "unix_socket_directories") == ""
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(
            f"postgresql://{postgres.OWNER}@127.0.0.1:{postgres_server.port}/postgres", passfile="/dev/null"
        )


def test_every_test_has_a_database_of_its_own(database: str, postgres_server: PostgresServer) -> None:
    assert urlsplit(database).path != urlsplit(postgres_server.dsn).path
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT relname FROM pg_stat_user_tables").fetchall() == []


def test_settings_reach_postgres() -> None:
    with postgres.start(settings={"max_connections": "11", "track_io_timing": "off"}) as server:
        assert setting(server.dsn, "max_connections") == "11"
        assert setting(server.dsn, "track_io_timing") == "off"


def test_postgres_runs_as_an_ordinary_user_in_a_private_data_folder(postgres_server: PostgresServer) -> None:
    data = postgres_server.process.folder / "data"
    assert data.stat().st_mode & 0o777 == 0o700
    assert user_id_of(postgres_server.process.pid) == data.stat().st_uid
    assert data.stat().st_uid != 0
    assert data.owner() == UNPRIVILEGED_USER or data.stat().st_uid == os.geteuid()


def test_valkey_is_empty_bounded_keeps_nothing_on_disk_and_wants_its_password(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0
        wanted = {"save": "", "appendonly": "no", "bind": "127.0.0.1", "maxmemory": str(64 * 1024 * 1024)}
        assert client.config_get(*wanted) == wanted
    with (
        redis.Redis(port=urlsplit(valkey_url).port or 0, retry=Retry(NoBackoff(), retries=0)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_the_password_is_in_no_log_and_no_command_line(
    postgres_server: PostgresServer, valkey_server: ValkeyServer
) -> None:
    for process, address in (
        (postgres_server.process, postgres_server.dsn),
        (valkey_server.process, valkey_server.url),
    ):
        password = urlsplit(address).password
        assert password
        assert password not in process.log_tail(10_000)
        assert password not in Path(f"/proc/{process.pid}/cmdline").read_text()


def test_prometheus_scrapes_its_targets_every_second() -> None:
    port = free_port()
    with prometheus.start({"itself": [f"127.0.0.1:{port}"]}, choose_port=lambda: port) as server:

        def samples() -> float:
            query = {"query": 'count_over_time(up{job="itself"}[1m])'}
            answer = requests.get(f"{server.url}/api/v1/query", params=query, timeout=5).json()
            return sum(float(series["value"][1]) for series in answer["data"]["result"])

        assert comes_true(lambda: samples() >= 2, within_seconds=15)


def test_a_test_may_start_several_prometheus(
    prometheus_server: Callable[[dict[str, list[str]]], PrometheusServer],
) -> None:
    first, second = prometheus_server({}), prometheus_server({})
    assert first.url != second.url
    assert requests.get(f"{first.url}/-/ready", timeout=5).ok


def test_promtool_comes_with_prometheus() -> None:
    run_tool([str(prometheus.program("promtool")), "--version"], what="promtool")
