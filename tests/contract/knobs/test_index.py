"""The index knob on real servers: locks, failed builds, builds under way, other people's indexes and odd names."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from pydantic import SecretStr

from advisor.knobs.postgres.index import PostgresIndexKnob
from advisor.model.errors import AdvisorError, ConfigurationError, KnobBusyError, KnobError
from advisor.model.knob import KnobState, Order, knob_target
from advisor.servers import postgres
from advisor.settings.postgres import PostgresSettings, QuietSettings
from tests.contract.knobs.benches import DDL, IndexBench

_LATE_WRITE = "INSERT INTO message VALUES (-1, 'late')"
_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'advisor_author'::regclass"

_BUILDS = """
SELECT query FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND query ILIKE 'create index%'
"""


def order_for(table: str, name: str, column: str) -> Order:
    def quoted(identifier: str) -> str:
        return '"' + identifier.replace('"', '""') + '"'

    ddl = f'CREATE INDEX CONCURRENTLY {quoted(name)} ON "public".{quoted(table)} USING btree ({quoted(column)})'
    target = knob_target("postgres.index", database="main", schema="public", table=table, index=name)
    return Order(change_id="chg_a", target=target, old=None, new=ddl, epoch=1)


@contextmanager
def open_transaction(dsn: str, statement: str) -> Iterator[psycopg.Connection]:
    """A session in mid-transaction."""
    with psycopg.connect(dsn) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
        yield connection
        connection.rollback()


def eventually(bench: IndexBench, kind: KnobState) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        status = bench.knob.inspect(bench.wanted.order())
        if status.kind is kind:
            return status.detail
        time.sleep(0.02)
    raise AssertionError(f"never {kind}: {status}")


def leave_invalid_remains(bench: IndexBench) -> None:
    """A build that gives up while it waits for a writer leaves its index behind, INVALID."""
    with open_transaction(bench.dsn, _LATE_WRITE), psycopg.connect(bench.dsn, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute(DDL)
    assert bench.run(_VALID) == [(False,)]


def test_an_index_is_built_beside_writers_and_bears_our_mark(index: IndexBench) -> None:
    index.knob.apply(index.wanted.order())
    assert index.live() == ["CREATE INDEX advisor_author ON public.message USING btree (author)"]
    assert index.run(_VALID) == [(True,)]
    assert index.run("SELECT obj_description('advisor_author'::regclass)") == [("advisor chg_a term 1",)]
    with open_transaction(index.dsn, _LATE_WRITE) as writer:
        writer.execute("SELECT pg_advisory_lock(1)")
    statements = index.run(_BUILDS)
    assert [str(text).startswith("CREATE INDEX CONCURRENTLY") for (text,) in statements] == [True]


def test_a_build_that_cannot_get_its_lock_cleans_up_after_itself_and_may_be_tried_again(index: IndexBench) -> None:
    with open_transaction(index.dsn, _LATE_WRITE) as writer:
        release = threading.Thread(target=when_the_drop_has_begun, args=(index, writer.rollback))
        release.start()
        with pytest.raises(KnobBusyError, match="the build failed: canceling statement due to lock timeout"):
            index.knob.apply(index.wanted.order())
        release.join(timeout=20)
    assert index.live() == []
    index.knob.apply(index.wanted.order())
    assert index.knob.inspect(index.wanted.order()).kind is KnobState.NEW


def when_the_drop_has_begun(bench: IndexBench, then: Callable[[], None]) -> None:
    dropping = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DROP INDEX CONCURRENTLY%'"
    deadline = time.monotonic() + 10
    while bench.run(dropping) == [(0,)] and time.monotonic() < deadline:
        time.sleep(0.01)
    then()


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        ({"build_timeout_seconds": 20, "lock_timeout_seconds": 0.2}, "due to lock timeout"),
        ({"build_timeout_seconds": 0.2, "lock_timeout_seconds": 20}, "due to statement timeout"),
    ],
)
def test_remains_that_cannot_be_dropped_yet_are_dropped_by_the_roll_back_that_is_owed(
    index: IndexBench, limits: dict[str, float], complaint: str
) -> None:
    """The writer outlasts the clean-up, too."""
    knob = PostgresIndexKnob(index.settings.model_copy(update=limits))
    with open_transaction(index.dsn, _LATE_WRITE):
        with pytest.raises(KnobBusyError, match=complaint):
            knob.apply(index.wanted.order())
        assert knob.inspect(index.wanted.order()).kind is KnobState.REMAINS
        with pytest.raises(KnobBusyError, match=complaint):
            knob.restore(index.wanted.order())
    knob.restore(index.wanted.order())
    assert index.live() == []
    assert knob.inspect(index.wanted.order()).kind is KnobState.OLD


def test_invalid_remains_of_our_build_are_seen_and_dropped(index: IndexBench) -> None:
    leave_invalid_remains(index)
    status = index.knob.inspect(index.wanted.order())
    assert (status.kind, "INVALID" in status.detail) == (KnobState.REMAINS, True)
    with pytest.raises(KnobBusyError, match="INVALID remains"):
        index.knob.apply(index.wanted.order())
    index.knob.restore(index.wanted.order())
    assert index.live() == []


def test_invalid_remains_of_somebody_else_are_never_dropped(index: IndexBench) -> None:
    leave_invalid_remains(index)
    for comment in ("mine, do not touch", "advisor chg_other term 1", "advisor chg_a"):
        index.run(f"COMMENT ON INDEX advisor_author IS '{comment}'")
        assert index.knob.inspect(index.wanted.order()).kind is KnobState.FOREIGN
        index.knob.restore(index.wanted.order())
        with pytest.raises(KnobError, match="hands off"):
            index.knob.apply(index.wanted.order())
        assert index.run(_VALID) == [(False,)]


OTHER_DEFINITIONS = [
    "CREATE INDEX advisor_author ON message (id)",
    "CREATE INDEX advisor_author ON message (author, id)",
    "CREATE INDEX advisor_author ON message (author) INCLUDE (id)",
    "CREATE INDEX advisor_author ON message (author DESC)",
    "CREATE INDEX advisor_author ON message (author) WHERE id > 5",
    "CREATE INDEX advisor_author ON message (lower(author))",
    "CREATE INDEX advisor_author ON message USING hash (author)",
    "CREATE UNIQUE INDEX advisor_author ON message (author, id)",
    "CREATE TABLE other (author text); CREATE INDEX advisor_author ON other (author)",
]


def test_an_index_of_the_same_name_and_another_definition_is_foreign(index: IndexBench) -> None:
    for definition in OTHER_DEFINITIONS:
        index.run(definition)
        assert index.knob.inspect(index.wanted.order()).kind is KnobState.FOREIGN, definition
        index.knob.restore(index.wanted.order())
        assert len(index.live()) == 1, definition
        index.run("DROP INDEX advisor_author")


def test_a_build_under_way_is_watched_and_no_second_one_is_begun(index: IndexBench) -> None:
    with open_transaction(index.dsn, _LATE_WRITE) as writer:
        build = threading.Thread(target=index.run, args=(DDL,))
        build.start()
        try:
            assert "waiting for writers" in eventually(index, KnobState.PENDING)
            for write in (index.knob.apply, index.knob.restore):
                with pytest.raises(KnobBusyError, match="waiting for writers"):
                    write(index.wanted.order())
            index.knob.renew(index.wanted.order())
            other = order_for("message", "advisor_other", "author")
            with pytest.raises(KnobBusyError, match="another index is being built"):
                index.knob.apply(other)
            assert index.run("SELECT count(*) FROM pg_stat_progress_create_index") == [(1,)]
            writer.rollback()
        finally:
            writer.rollback()
            build.join(timeout=20)
    assert index.knob.inspect(index.wanted.order()).kind is KnobState.NEW


def test_a_build_whose_session_is_killed_is_found_as_remains(index: IndexBench) -> None:
    """What a daemon killed in mid-build leaves, or a server that fails over."""
    faults: list[Exception] = []

    def build() -> None:
        try:
            patient = index.settings.model_copy(update={"lock_timeout_seconds": 2})
            PostgresIndexKnob(patient).apply(index.wanted.order())
        except AdvisorError as error:
            faults.append(error)

    with open_transaction(index.dsn, _LATE_WRITE):
        builder = threading.Thread(target=build)
        builder.start()
        eventually(index, KnobState.PENDING)
        index.run("SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index")
        builder.join(timeout=20)
    assert isinstance(faults[0], KnobBusyError)
    assert index.knob.inspect(index.wanted.order()).kind is KnobState.REMAINS
    index.knob.restore(index.wanted.order())
    assert index.live() == []


def test_a_build_that_would_wait_for_an_old_transaction_is_not_begun(index: IndexBench) -> None:
    impatient = QuietSettings(longest_transaction_seconds="1ms")
    knob = PostgresIndexKnob(index.settings.model_copy(update={"quiet": impatient}))
    with open_transaction(index.dsn, _LATE_WRITE) as writer:
        open_for = rf"a transaction of .* \(pid {writer.info.backend_pid}\) has been open for 0 s"
        assert re.match(open_for, knob.inspect(index.wanted.order()).not_now)
        with pytest.raises(KnobBusyError, match=open_for):
            knob.apply(index.wanted.order())
        assert index.live() == []
    assert knob.inspect(index.wanted.order()).not_now == ""
    knob.apply(index.wanted.order())


ODD_TABLES = {
    "it is a view": "CREATE VIEW odd AS SELECT author FROM message",
    "it is a materialised view": "CREATE MATERIALIZED VIEW odd AS SELECT author FROM message",
    "it is a partitioned table": "CREATE TABLE odd (author text) PARTITION BY LIST (author)",
    "it is a foreign table": "CREATE FOREIGN TABLE odd (author text) SERVER nowhere",
    "it is a relation of another kind": "CREATE SEQUENCE odd",
    "there is no such table": "SELECT 1",
}


def test_only_an_ordinary_table_takes_an_index(index: IndexBench) -> None:
    index.run("CREATE FOREIGN DATA WRAPPER nobody; CREATE SERVER nowhere FOREIGN DATA WRAPPER nobody")
    for number, (complaint, make) in enumerate(ODD_TABLES.items()):
        index.run(make.replace("odd", f"odd{number}"))
        with pytest.raises(KnobError, match=complaint) as caught:
            index.knob.apply(order_for(f"odd{number}", "advisor_odd", "author"))
        assert caught.value.where == f"public.odd{number}"
        assert caught.value.fix


def test_a_column_that_is_not_there_is_refused_with_the_servers_words(index: IndexBench) -> None:
    with pytest.raises(KnobError, match='the build failed: column "nope" does not exist'):
        index.knob.apply(order_for("message", "advisor_nope", "nope"))


ODD_NAMES = [
    'with "quotes"',
    "with spaces and 'apostrophes'",
    "WithCapitals",
    "Größe_索引_🐘",
    "percent %s {braces} \\ $1 --",
    'x" ON message; DROP TABLE message; --',
    "a" * 63,
    "é" * 31 + "e",  # 31 x 2 + 1 = 63 bytes
]


def test_names_of_any_kind_are_built_found_and_dropped(index: IndexBench) -> None:
    for name in ODD_NAMES:
        build_and_drop(index, name)
    assert index.run("SELECT count(*) FROM message") == [(2000,)]


def build_and_drop(index: IndexBench, name: str) -> None:
    identifier = '"' + name.replace('"', '""') + '"'
    table = "t" + name[1:]
    table_identifier = '"' + table.replace('"', '""') + '"'
    index.run(f"CREATE TABLE {table_identifier} ({identifier} int)")
    order = order_for(table, name, name)
    index.knob.apply(order)
    assert index.knob.inspect(order).kind is KnobState.NEW
    with psycopg.connect(index.dsn) as connection:
        found = connection.execute("SELECT tablename FROM pg_indexes WHERE indexname = %s", [name]).fetchall()
    assert found == [(table,)]
    index.knob.restore(order)
    assert index.knob.inspect(order).kind is KnobState.OLD


def test_a_role_that_does_not_own_the_table_is_refused_by_the_server(index: IndexBench) -> None:
    role = "outsider"
    index.run(f"DROP ROLE IF EXISTS {role}")
    index.run(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
    try:
        dsn = SecretStr("postgresql://outsider:pw@" + index.dsn.rpartition("@")[2])
        knob = PostgresIndexKnob(index.settings.model_copy(update={"builder_dsn": dsn}))
        with pytest.raises(KnobError, match="the build failed: must be owner of table message"):
            knob.apply(index.wanted.order())
    finally:
        index.run(f"DROP ROLE {role}")


def test_a_server_that_is_away_is_busy_and_its_password_is_not_told(index: IndexBench) -> None:
    dsn = SecretStr("postgresql://nobody:topsecret@127.0.0.1:1/nowhere")
    knob = PostgresIndexKnob(index.settings.model_copy(update={"builder_dsn": dsn}))
    with pytest.raises(KnobBusyError, match="cannot be reached") as caught:
        knob.inspect(index.wanted.order())
    assert "topsecret" not in str(caught.value)


def test_a_connection_string_that_cannot_be_read_is_not_shown() -> None:
    knob = PostgresIndexKnob(PostgresSettings(builder_dsn=SecretStr("postgresql://u:topsecret@[::1/x")))
    with pytest.raises(ConfigurationError, match="not a connection string") as caught:
        knob.apply(order_for("message", "advisor_author", "author"))
    assert "topsecret" not in str(caught.value)


@pytest.mark.servers
def test_a_replica_is_never_written() -> None:
    with postgres.start(is_standby=True) as server:
        settings = PostgresSettings(builder_dsn=SecretStr(server.dsn))
        with pytest.raises(KnobError, match=r"this server is a replica.*point postgres.builder_dsn at the primary"):
            PostgresIndexKnob(settings).apply(order_for("message", "advisor_author", "author"))
