"""What the maintenance knobs promise, on a real server: once is enough, nobody is pushed aside, no is an answer."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from advisor.knobs.postgres.builder_session import APPLICATION
from advisor.model.errors import KnobBusyError, KnobError
from advisor.model.knob import KnobState, Order, knob_target
from advisor.servers import postgres
from tests.integration.postgres.maintenance_scenarios import TABLE, flush, knobs, make_table

PLACE = {"database": "main", "schema": "public", "table": 'Odd "Table"'}


@pytest.fixture
def session(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        make_table(connection, options="WITH (autovacuum_enabled = off)")
        yield connection


def an_order(session: psycopg.Connection, knob: str) -> Order:
    """What a rule would order now."""
    table, index = session.execute(
        "SELECT greatest(last_analyze, last_autoanalyze), greatest(last_vacuum, last_autovacuum)"
        " FROM pg_stat_user_tables"
    ).fetchone() or (None, None)
    (file,) = session.execute("SELECT pg_relation_filenode('\"Odd Key\"')").fetchone() or (0,)
    old, new, more = {
        "postgres.analyze": (table.isoformat(), "ANALYZE", {}),
        "postgres.vacuum": (index.isoformat(), "VACUUM", {}),
        "postgres.reindex": (f"file {file}", "REINDEX", {"index": "Odd Key"}),
        "postgres.autovacuum": (
            "autovacuum_vacuum_scale_factor=default",
            "autovacuum_vacuum_scale_factor=0.02",
            {},
        ),
    }[knob]
    target = knob_target(knob, **{**PLACE, **more})
    return Order(change_id="chg_0123456789ab", target=target, old=old, new=new, epoch=1)


ALL = ("postgres.analyze", "postgres.vacuum", "postgres.reindex", "postgres.autovacuum")


@contextmanager
def a_transaction(dsn: str, statement: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())
        yield connection
        connection.rollback()


@pytest.mark.parametrize("knob", ALL)
def test_the_same_order_twice_has_one_effect(knob: str, database: str, session: psycopg.Connection) -> None:
    order = an_order(session, knob)
    router = knobs(database)
    assert router.inspect(order).kind is KnobState.OLD
    router.apply(order)
    first = router.inspect(order)
    router.apply(order)
    router.renew(order)
    assert router.inspect(order) == first
    assert first.kind is KnobState.NEW


@pytest.mark.parametrize("knob", ALL)
def test_a_lock_that_is_not_to_be_had_is_given_up_politely(
    knob: str, database: str, session: psycopg.Connection
) -> None:
    order = an_order(session, knob)
    router = knobs(database, lock_timeout_seconds="50ms", quiet={"attempts": 3, "pause_seconds": "200ms"})
    with a_transaction(database, f"LOCK TABLE {TABLE} IN SHARE UPDATE EXCLUSIVE MODE"):
        began = time.monotonic()
        with pytest.raises(KnobBusyError, match="no lock in 3 tries"):
            router.apply(order)
        assert time.monotonic() - began >= 0.55  # three locks of 50 ms, and two pauses of 200 ms between them
    assert router.inspect(order).kind is KnobState.OLD
    router.apply(order)
    assert router.inspect(order).kind is KnobState.NEW


@pytest.mark.parametrize("knob", ALL)
def test_a_busy_server_is_left_alone(knob: str, database: str, session: psycopg.Connection) -> None:
    order = an_order(session, knob)
    router = knobs(database, quiet={"most_active": 0})
    assert router.inspect(order).not_now == ""
    with psycopg.connect(database) as other:
        busy = threading.Thread(target=lambda: other.execute("SELECT pg_sleep(2)"))
        busy.start()
        time.sleep(0.2)
        assert re.match(r"no quiet moment: [1-9]\d* sessions are active", router.inspect(order).not_now)
        with pytest.raises(KnobBusyError, match="no quiet moment"):
            router.apply(order)
        busy.join()
    assert router.inspect(order).kind is KnobState.OLD


@pytest.mark.parametrize("knob", ["postgres.vacuum", "postgres.reindex"])
def test_behind_a_long_transaction_nothing_is_begun(knob: str, database: str, session: psycopg.Connection) -> None:
    order = an_order(session, knob)
    router = knobs(database, quiet={"longest_transaction_seconds": "1s"})
    with a_transaction(database, "SELECT txid_current(), pg_sleep(1.1)") as other:
        assert f"(pid {other.info.backend_pid}) has been open for" in router.inspect(order).not_now
        with pytest.raises(KnobBusyError, match=rf"pid {other.info.backend_pid}\) has been open for"):
            router.apply(order)
    router.apply(order)
    assert router.inspect(order).kind is KnobState.NEW


@pytest.mark.parametrize("knob", ALL)
def test_a_role_that_does_not_own_the_table_is_told_the_grant(
    knob: str, database: str, session: psycopg.Connection
) -> None:
    order = an_order(session, knob)
    session.execute("CREATE ROLE builder LOGIN PASSWORD 'build'")
    try:
        router = knobs(psycopg.conninfo.make_conninfo(database, user="builder", password="build"))
        with pytest.raises(KnobError, match="GRANT"):
            router.apply(order)
        assert router.inspect(order).kind is KnobState.OLD
        if knob != "postgres.autovacuum":  # ALTER TABLE needs the owner
            session.execute("GRANT pg_maintain TO builder")
            router.apply(order)
            assert router.inspect(order).kind is KnobState.NEW
    finally:
        session.execute("DROP ROLE builder")


@pytest.mark.parametrize("knob", ALL)
def test_a_table_that_is_gone_is_nobodys_to_touch(knob: str, database: str, session: psycopg.Connection) -> None:
    order = an_order(session, knob)
    session.execute(f"DROP TABLE {TABLE}".encode())
    router = knobs(database)
    assert router.inspect(order).kind is KnobState.FOREIGN
    router.restore(order)
    with pytest.raises((KnobBusyError, KnobError)):
        router.apply(order)


@pytest.mark.parametrize(
    "changes",
    [
        {"new": "VACUUM; DROP TABLE users"},
        {"new": "autovacuum_vacuum_scale_factor=0.02); DROP TABLE users; --"},
        {"new": "fillfactor=10"},
        {"old": "autovacuum_vacuum_threshold=default"},
        {"old": 7, "new": 8},
    ],
)
def test_an_order_that_is_none_of_ours_is_refused(
    changes: dict[str, object], database: str, session: psycopg.Connection
) -> None:
    router = knobs(database)
    for knob in ALL:
        order = replace(an_order(session, knob), **changes)
        if knob == "postgres.autovacuum" or "new" in changes:
            with pytest.raises(KnobError):
                router.apply(order)
    assert session.execute("SELECT last_autoanalyze FROM pg_stat_user_tables").fetchone() == (None,)


def test_somebody_elses_parameters_are_left_alone(database: str, session: psycopg.Connection) -> None:
    order = an_order(session, "postgres.autovacuum")
    router = knobs(database)
    router.apply(order)
    session.execute(f"ALTER TABLE {TABLE} SET (autovacuum_vacuum_scale_factor = 0.5)".encode())
    assert router.inspect(order).kind is KnobState.FOREIGN
    router.restore(order)
    found = session.execute("SELECT reloptions FROM pg_class WHERE relname = 'Odd \"Table\"'").fetchone()
    assert found is not None
    assert "autovacuum_vacuum_scale_factor=0.5" in found[0]


def test_what_autovacuum_did_by_itself_is_not_ours() -> None:
    with (
        postgres.start(settings={"autovacuum_naptime": "1s"}) as server,
        psycopg.connect(server.dsn, autocommit=True) as session,
    ):
        make_table(session)
        order = an_order(session, "postgres.analyze")
        session.execute(f"UPDATE {TABLE} SET note = 'y'".encode())
        flush(session)
        router = knobs(server.dsn)
        for _ in range(200):
            status = router.inspect(order)
            if status.kind is not KnobState.OLD:
                break
            time.sleep(0.1)
        assert status.kind is KnobState.FOREIGN
        assert "by itself" in status.detail


def test_statistics_that_were_reset_prove_nothing(database: str, session: psycopg.Connection) -> None:
    order = an_order(session, "postgres.analyze")
    session.execute("SELECT pg_stat_reset()")
    assert knobs(database).inspect(order).kind is KnobState.UNKNOWN


def remains(session: psycopg.Connection) -> list[tuple[str]]:
    return session.execute("SELECT relname FROM pg_class WHERE relname ~ '_cc(new|old)'").fetchall()


def test_an_interrupted_rebuild_leaves_remains_that_are_seen_and_dropped(
    database: str, session: psycopg.Connection
) -> None:
    order = an_order(session, "postgres.reindex")
    router = knobs(database, build_timeout_seconds="300ms", lock_timeout_seconds="10s")
    # A young writer: the rebuild waits for it, and so does the drop of what the rebuild leaves.
    with a_transaction(database, f"UPDATE {TABLE} SET note = 'z' WHERE id = 1"):
        with pytest.raises(KnobBusyError, match="statement timeout"):
            router.apply(order)
        assert len(remains(session)) == 1
        status = router.inspect(order)
        assert status.kind is KnobState.REMAINS
        assert "Odd Key_ccnew" in status.detail
    router.restore(order)
    assert remains(session) == []
    assert router.inspect(order).kind is KnobState.OLD


def test_a_rebuild_whose_session_dies_cleans_up_after_itself(database: str, session: psycopg.Connection) -> None:
    order = an_order(session, "postgres.reindex")
    router = knobs(database, lock_timeout_seconds="10s")
    faults: list[Exception] = []

    def rebuild() -> None:
        try:
            router.apply(order)
        except KnobBusyError as error:
            faults.append(error)

    with a_transaction(database, f"UPDATE {TABLE} SET note = 'z' WHERE id = 1") as other:
        building = threading.Thread(target=rebuild)
        building.start()
        for _ in range(100):
            pending = router.inspect(order)
            if pending.kind is KnobState.PENDING:
                break
            time.sleep(0.05)
        assert pending.kind is KnobState.PENDING
        assert "REINDEX CONCURRENTLY" in pending.detail
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND wait_event_type = 'Lock'",
            [APPLICATION],
        )
        other.rollback()
        building.join()
    assert len(faults) == 1
    assert remains(session) == []
    assert router.inspect(order).kind is KnobState.OLD


def test_remains_of_another_index_are_left_alone(database: str, session: psycopg.Connection) -> None:
    session.execute(f"CREATE INDEX other_ccnew ON {TABLE} (note)".encode())
    session.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'other_ccnew'::regclass")
    order = an_order(session, "postgres.reindex")
    router = knobs(database)
    router.restore(order)
    assert remains(session) == [("other_ccnew",)]
    router.apply(order)
    assert router.inspect(order).kind is KnobState.NEW
