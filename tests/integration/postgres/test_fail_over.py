"""A primary that dies in the middle of a build, and the replica that takes its place."""

import os
import signal
import threading
from collections.abc import Callable

import psycopg
import pytest
from pydantic import SecretStr

from advisor.knobs.postgres.index import PostgresIndexKnob
from advisor.model.errors import AdvisorError, KnobBusyError
from advisor.model.knob import KnobState, Order, knob_target
from advisor.servers import postgres
from advisor.servers.postgres import PostgresServer
from advisor.settings.postgres import PostgresSettings
from tests.integration.postgres.watching import run
from tests.integration.servers.processes import comes_true

ORDER = Order(
    change_id="chg_a",
    target=knob_target("postgres.index", database="main", schema="public", table="message", index="advisor_author"),
    old=None,
    new='CREATE INDEX CONCURRENTLY "advisor_author" ON "public"."message" USING btree ("author")',
    epoch=1,
)
ROOM = {"max_connections": "20"}


def one_of(primary: PostgresServer, replica: PostgresServer) -> PostgresSettings:
    """Whichever of the two can be written, as libpq finds it."""
    login, _, place = primary.dsn.partition("@")
    both = f"{login}@127.0.0.1:{primary.port},127.0.0.1:{replica.port}/{place.rpartition('/')[2]}"
    return PostgresSettings(
        builder_dsn=SecretStr(both + "?target_session_attrs=read-write"), lock_timeout_seconds="20s"
    )


def indexes(dsn: str) -> list[tuple[str, bool]]:
    query = """
    SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = 'message'::regclass
    """
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()


def in_background(work: Callable[[], None], faults: list[AdvisorError]) -> threading.Thread:
    def told() -> None:
        try:
            work()
        except AdvisorError as error:
            faults.append(error)

    thread = threading.Thread(target=told)
    thread.start()
    return thread


def test_a_build_cut_short_by_a_fail_over_is_found_on_the_successor_and_its_remains_dropped() -> None:
    with postgres.start(settings=ROOM) as primary:
        run(primary.dsn, "CREATE TABLE message (author text)", "INSERT INTO message VALUES ('ada')")
        with postgres.start(settings=ROOM, replica_of=primary) as replica:
            knob = PostgresIndexKnob(one_of(primary, replica))
            writer = psycopg.connect(primary.dsn)
            writer.execute("INSERT INTO message VALUES ('late')")  # every build waits for it
            faults: list[AdvisorError] = []
            build = in_background(lambda: knob.apply(ORDER), faults)
            assert comes_true(lambda: indexes(replica.dsn) == [("advisor_author", False)])
            os.kill(primary.process.pid, signal.SIGQUIT)  # as in a crash: nobody is asked, nothing is rolled back
            build.join(timeout=20)
            writer.close()
            assert not build.is_alive()
            assert isinstance(faults[0], KnobBusyError)
            with pytest.raises(KnobBusyError, match="cannot be reached"):  # no primary yet, and a replica is none
                knob.restore(ORDER)
            run(replica.dsn, "SELECT pg_promote()")
            assert knob.inspect(ORDER).kind is KnobState.REMAINS
            knob.restore(ORDER)
            assert indexes(replica.dsn) == []
            knob.apply(ORDER)
            assert indexes(replica.dsn) == [("advisor_author", True)]


def test_an_index_that_never_reached_the_successor_is_not_there_and_may_be_built_again() -> None:
    with postgres.start(settings=ROOM) as primary:
        run(primary.dsn, "CREATE TABLE message (author text)", "INSERT INTO message VALUES ('ada')")
        with postgres.start(settings=ROOM, replica_of=primary) as replica:
            knob = PostgresIndexKnob(one_of(primary, replica))
            run(replica.dsn, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
            with psycopg.connect(replica.dsn, autocommit=True) as cut_off:
                assert comes_true(lambda: not cut_off.execute("SELECT pid FROM pg_stat_wal_receiver").fetchall())
            knob.apply(ORDER)
            assert knob.inspect(ORDER).kind is KnobState.NEW
            os.kill(primary.process.pid, signal.SIGQUIT)
            assert comes_true(lambda: not primary.process.is_alive())
            run(replica.dsn, "SELECT pg_promote()")
            assert knob.inspect(ORDER).kind is KnobState.OLD
            knob.restore(ORDER)  # already so
            knob.apply(ORDER)
            assert indexes(replica.dsn) == [("advisor_author", True)]
