"""The Postgres source on real servers of two versions: what it reads, and what it says when it may not."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from advisor.model.check import CheckStatus
from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.errors import AdvisorError, BadDataError, ConfigurationError, SourceUnavailableError
from advisor.model.signal import signal
from advisor.model.snapshot import Observation, SourceStatus
from advisor.servers import postgres
from advisor.servers.listening import free_port
from advisor.servers.postgres import PostgresServer
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.check import check_postgres
from advisor.sources.postgres.session import read_only_session
from advisor.sources.postgres.source import PostgresSource
from advisor.testing.clock import FakeClock

COUNT = "SELECT count(*) FROM message WHERE author = $1"


@dataclass
class Bench:
    """A database with a table, a source that reads it, and a clock that the test moves."""

    dsn: str
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.source = PostgresSource(PostgresSettings(dsn=SecretStr(self.dsn)), self.clock)

    def run(self, *statements: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def work(self, times: int) -> None:
        """The application counts messages so many times."""
        with psycopg.connect(self.dsn, autocommit=True, application_name="shop") as connection:
            for number in range(times):
                connection.execute("SELECT count(*) FROM message WHERE author = %s", [f"author {number}"])

    def read(self, after_seconds: float = 60) -> Observation:
        self.clock.advance(after_seconds)
        return self.source.read(60)

    def look(self, after_seconds: float = 60) -> DatabaseState:
        return self.read(after_seconds).databases["main"]


@pytest.fixture(params=["database", "hypopg_database"], ids=["postgres-18", "postgres-15"])
def bench(request: pytest.FixtureRequest) -> Bench:
    bench = Bench(request.getfixturevalue(request.param))
    bench.run(
        "CREATE TABLE message (id bigint PRIMARY KEY, author text)",
        "INSERT INTO message SELECT n, 'author ' || n % 10 FROM generate_series(1, 1000) n",
    )
    return bench


def counting(look: DatabaseState) -> Statement:
    [found] = [statement for statement in look.statements if statement.text == COUNT]
    return found


def test_one_look_shows_server_tables_indexes_and_sessions(bench: Bench) -> None:
    with psycopg.connect(bench.dsn, application_name="shop") as idle:
        idle.execute("SELECT 1")
        seen = bench.read()
    look = seen.databases["main"]
    assert (seen.status, seen.detail) == (SourceStatus.OK, "")
    assert look.server_version // 10000 in (15, 18)
    assert (look.max_connections, look.reserved_connections) == (60, 3)
    assert look.is_first_look
    assert look.window_seconds > 0
    table = look.table("public", "message")
    assert table is not None
    assert table.size_bytes > 0
    [key] = look.indexes_of("public", "message")
    assert (key.name, key.columns) == ("message_pkey", ("id",))
    assert key.is_valid
    assert key.is_unique
    assert key.backs_constraint
    assert look.activity.by_application["shop"] == 1
    assert look.activity.idle_in_transaction >= 1


def test_a_table_that_was_never_analysed_has_no_row_count_rather_than_none(bench: Bench) -> None:
    never = bench.look().table("public", "message")
    assert never is not None
    assert never.rows == -1
    bench.run("ANALYZE message")
    then = bench.look().table("public", "message")
    assert then is not None
    assert then.rows == 1000


def test_counters_are_what_happened_between_two_looks(bench: Bench) -> None:
    bench.work(times=3)
    assert counting(bench.look()).calls == 3
    bench.work(times=5)
    look = bench.look(after_seconds=60)
    assert not look.is_first_look
    assert look.window_seconds == 60
    seen = counting(look)
    assert seen.calls == 5
    assert seen.rows == 5
    assert seen.mean_seconds == pytest.approx(seen.total_seconds / 5)
    assert seen.calls_per_second(look.window_seconds) == pytest.approx(5 / 60)
    table = look.table("public", "message")
    assert table is not None
    assert (table.sequential_scans, table.sequential_rows_read) == (5, 5000)
    assert table.rows_inserted == 0


def test_a_statement_that_was_not_called_again_is_not_there(bench: Bench) -> None:
    bench.work(times=3)
    bench.look()
    assert [statement for statement in bench.look().statements if statement.text == COUNT] == []


def test_a_reset_of_the_statistics_in_between_is_no_negative_count(bench: Bench) -> None:
    bench.work(times=9)
    bench.look()
    bench.run("SELECT pg_stat_statements_reset()", "SELECT pg_stat_reset()")
    bench.work(times=2)
    look = bench.look()
    assert counting(look).calls == 2
    table = look.table("public", "message")
    assert table is not None
    assert table.sequential_scans == 2


def test_the_points_of_a_trial_are_the_pairs_of_looks(bench: Bench) -> None:
    bench.work(times=1)
    start = bench.clock.now()
    queryid = counting(bench.look()).queryid
    for calls in (6, 0, 12):
        bench.work(calls)
        bench.look(after_seconds=30)
    calls_key = signal("query.calls_per_second", database="main", queryid=queryid)
    mean_key = signal("query.mean_seconds", database="main", queryid=queryid)
    end = bench.clock.now()
    assert bench.source.serves(calls_key)
    assert bench.source.series(calls_key, start, end).values == pytest.approx([6 / 30, 0])
    bench.clock.advance(1)
    assert bench.source.series(calls_key, start, bench.clock.now()).values == pytest.approx([6 / 30, 0, 12 / 30])
    means = bench.source.series(mean_key, start, bench.clock.now())
    assert len(means.values) == 2, "a pair without a call has no mean"
    assert bench.source.series(mean_key, end, bench.clock.now()).problem.startswith("fewer than two looks")
    assert not bench.source.serves(signal("query.mean_seconds", database="other", queryid=queryid))


def test_how_often_an_index_was_read_is_counted_from_its_beginning_on(bench: Bench) -> None:
    """Seven calls before the first look have no index; of the 25 after the second each reads it."""
    bench.work(7)
    bench.read()
    before = bench.clock.now()
    bench.run("CREATE INDEX by_author ON message (author)", "ANALYZE message")
    bench.work(25)
    bench.run("SELECT pg_sleep(1.1)")  # counters are told a second late at most
    bench.read()
    window = bench.source.statements("main", before, bench.clock.now() + timedelta(seconds=1))
    assert window is not None
    assert window.index_scans["public.by_author"] == 25


def test_a_look_out_of_turn_is_no_point_of_a_trial_and_shortens_no_window(bench: Bench) -> None:
    bench.work(times=1)
    start = bench.clock.now()
    queryid = counting(bench.look()).queryid
    for _ in range(2):
        bench.work(times=3)
        bench.clock.advance(15)
        glance = bench.source.glance(60).databases["main"]
        assert counting(glance).calls in (3, 9)
        bench.work(times=3)
        bench.look(after_seconds=15)
    bench.clock.advance(1)
    calls_key = signal("query.calls_per_second", database="main", queryid=queryid)
    assert bench.source.series(calls_key, start, bench.clock.now()).values == pytest.approx([6 / 30] * 2)


def test_without_the_extension_the_rest_is_read_and_the_fix_is_named(bench: Bench) -> None:
    bench.run("DROP EXTENSION pg_stat_statements")
    seen = bench.read()
    look = seen.databases["main"]
    assert seen.status is SourceStatus.DEGRADED
    assert "pg_stat_statements is not installed" in seen.detail
    assert "CREATE EXTENSION pg_stat_statements" in seen.detail
    assert not look.has_statements
    assert look.table("public", "message") is not None


def test_hypopg_is_seen_where_it_is(bench: Bench) -> None:
    look = bench.look()
    assert look.has_hypopg == (look.server_version // 10000 == 15)


def test_the_extension_may_lie_in_a_schema_of_any_name(bench: Bench) -> None:
    bench.run(
        "DROP EXTENSION pg_stat_statements",
        """CREATE SCHEMA "Odd ""stats"" {x} %s" """,
        """CREATE EXTENSION pg_stat_statements SCHEMA "Odd ""stats"" {x} %s" """,
    )
    bench.work(times=2)
    assert bench.look().has_statements


def test_names_of_any_kind_come_back_as_they_are(bench: Bench) -> None:
    bench.run(
        """CREATE TABLE "Größe ""x"" 🐘" ("Spalte %s" int)""", """CREATE INDEX ON "Größe ""x"" 🐘" ("Spalte %s")"""
    )
    look = bench.look()
    assert look.table("public", 'Größe "x" 🐘') is not None
    [index] = look.indexes_of("public", 'Größe "x" 🐘')
    assert index.columns == ('"Spalte %s"',)


@contextmanager
def reader(bench: Bench, name: str) -> Iterator[Bench]:
    """The same database, read by a role without any privilege."""
    role = sql.Identifier(name)
    with psycopg.connect(bench.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'pw'").format(role))
        try:
            parts = psycopg.conninfo.conninfo_to_dict(bench.dsn)
            yield Bench(psycopg.conninfo.make_conninfo(**{**parts, "user": name, "password": "pw"}))
        finally:
            connection.execute(sql.SQL("DROP OWNED BY {}").format(role))
            connection.execute(sql.SQL("DROP ROLE {}").format(role))


def test_a_role_without_pg_monitor_gets_the_exact_grant_and_the_grant_helps(bench: Bench) -> None:
    bench.work(times=2)
    grant = 'GRANT pg_monitor TO "Odd ""reader"""'
    with reader(bench, 'Odd "reader"') as outsider:
        seen = outsider.read()
        assert seen.status is SourceStatus.DEGRADED
        assert f"are hidden: {grant}" in seen.detail
        look = seen.databases["main"]
        assert not look.has_statements
        assert look.hidden_statements > 0
        assert [statement for statement in look.statements if statement.text == COUNT] == []
        assert look.table("public", "message") is not None
        bench.run(grant)
        again = outsider.read()
        assert "hidden" not in again.detail
        assert again.detail.startswith('1 tables are closed to "Odd ""reader""": ')
        assert counting(again.databases["main"])


def test_statements_in_a_closed_schema_are_left_out_with_the_grant_and_the_rest_is_read(bench: Bench) -> None:
    bench.run(
        "DROP EXTENSION pg_stat_statements", "CREATE SCHEMA closed", "CREATE EXTENSION pg_stat_statements SCHEMA closed"
    )
    with reader(bench, "outsider") as outsider:
        seen = outsider.read()
        assert seen.status is SourceStatus.DEGRADED
        assert 'GRANT USAGE ON SCHEMA "closed" TO outsider' in seen.detail
        assert not seen.databases["main"].has_statements
        assert seen.databases["main"].table("public", "message") is not None
        bench.run('GRANT USAGE ON SCHEMA "closed" TO outsider', "GRANT pg_monitor TO outsider")
        assert outsider.read().databases["main"].has_statements


def test_an_extension_whose_library_is_not_loaded_is_left_out_with_the_fix() -> None:
    with postgres.start(settings={"shared_preload_libraries": ""}) as server:
        bench = Bench(server.dsn)
        bench.run("CREATE EXTENSION pg_stat_statements")
        seen = bench.read()
    assert seen.status is SourceStatus.DEGRADED
    assert "library is not loaded: put it into shared_preload_libraries and restart" in seen.detail
    assert not seen.databases["main"].has_statements


# Texts that cannot be read


@contextmanager
def encoded(server: PostgresServer, encoding: str) -> Iterator[Bench]:
    """A database in another encoding than UTF8, on a server of its own: its texts spoil what all others read."""
    name = f"in_{encoding.lower()}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} ENCODING {} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'").format(
                sql.Identifier(name), sql.Literal(encoding)
            )
        )
    yield Bench(server.dsn_of(name))


def test_a_database_without_an_encoding_is_read_and_its_odd_bytes_end_the_statements_alone() -> None:
    with postgres.start() as server, encoded(server, "SQL_ASCII") as ascii_bench:
        neighbour = Bench(server.dsn)
        neighbour.run("CREATE EXTENSION pg_stat_statements")
        ascii_bench.run("CREATE EXTENSION pg_stat_statements", "CREATE TABLE message (id int, author text)")
        ascii_bench.work(3)
        look = ascii_bench.look()
        assert look.table("public", "message") is not None
        assert counting(look).calls == 3
        assert check_postgres(PostgresSettings(dsn=SecretStr(ascii_bench.dsn)))[1].detail.startswith("advisor sees")
        with psycopg.connect(ascii_bench.dsn, autocommit=True, client_encoding="LATIN1") as connection:
            connection.execute('SELECT author AS "gr\u00f6\u00dfe" FROM message')
        for bench in (ascii_bench, neighbour):
            seen = bench.read()
            assert seen.status is SourceStatus.DEGRADED
            assert "pg_stat_statements_reset()" in seen.detail
            assert not seen.databases["main"].has_statements
        lines = {line.name: line for line in check_postgres(PostgresSettings(dsn=SecretStr(neighbour.dsn)))}
        assert lines["postgres:main pg_stat_statements"].status is CheckStatus.WARNING


def test_statements_whose_texts_are_lost_are_told_and_not_taken_for_none(bench: Bench) -> None:
    with psycopg.connect(bench.dsn, autocommit=True) as connection:
        found = connection.execute("SELECT pg_get_viewdef('pg_stat_statements'::regclass)").fetchone()
        assert found is not None
        without = re.sub(r"(\w+\.)?\bquery,", "NULL::text AS query,", found[0], count=1)
        connection.execute(f"CREATE OR REPLACE VIEW pg_stat_statements AS {without}")
    seen = bench.read()
    assert seen.status is SourceStatus.DEGRADED
    assert "statements are lost" in seen.detail
    assert 'SELECT "public".pg_stat_statements_reset()' in seen.detail
    assert not seen.databases["main"].has_statements


# The session


def test_a_session_can_neither_write_nor_last(bench: Bench) -> None:
    dsn = SecretStr(bench.dsn)
    with pytest.raises(BadDataError, match="read-only transaction"), read_only_session(dsn, 5) as session:
        session.run(sql.SQL("INSERT INTO public.message VALUES (-1, 'x')"))
    with pytest.raises(SourceUnavailableError, match=r"more than 0\.2 s"), read_only_session(dsn, 0.2) as session:
        session.run(sql.SQL("SELECT pg_sleep(5)"))
    names = ("application_name", "statement_timeout", "lock_timeout", "search_path")
    with read_only_session(dsn, 5) as session:
        settings = [session.run(sql.SQL("SHOW {}").format(sql.Identifier(name)))[0][name] for name in names]
    assert settings == ["advisor", "5s", "5s", "pg_catalog"]


def test_a_wrong_password_is_told_without_the_password(bench: Bench) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(bench.dsn)
    wrong = Bench(psycopg.conninfo.make_conninfo(**{**parts, "password": "topsecret"}))
    with pytest.raises(SourceUnavailableError, match="password authentication failed") as caught:
        wrong.read()
    assert "topsecret" not in str(caught.value)
    assert "user and password" in caught.value.fix


@pytest.mark.parametrize(
    ("dsn", "kind", "complaint"),
    [
        ("postgresql://me:topsecret@127.0.0.1:{closed_port}/shop", SourceUnavailableError, "refused"),
        ("postgresql://me:topsecret@[::1/shop", ConfigurationError, "not a connection string"),
        ("host=127.0.0.1 password=topsecret colour=red", ConfigurationError, "not a connection string"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_the_password(
    dsn: str, kind: type[AdvisorError], complaint: str
) -> None:
    with pytest.raises(kind, match=complaint) as caught:
        Bench(dsn.replace("{closed_port}", str(free_port()))).read()
    assert "topsecret" not in str(caught.value)
    assert caught.value.fix


def test_a_replica_is_read_and_known_as_one() -> None:
    with postgres.start(is_standby=True) as server:
        assert Bench(server.dsn).look().is_in_recovery
