"""F4: the daemon is killed while Postgres builds its index, which goes on without it, or is ended half done."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from advisor.model.change import State
from tests.acceptance.crashes.conftest import Lives, Thing
from tests.acceptance.crashes.lives import CLOSED
from tests.integration.servers.processes import comes_true

BUILDS = "SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database()"
BUILT = """
SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND query ILIKE 'create index%'
"""


def ask(dsn: str, statement: str) -> list[int]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [int(row[0]) for row in connection.execute(statement).fetchall()]  # type: ignore[call-overload]


@contextmanager
def a_writer(dsn: str) -> Iterator[psycopg.Connection]:
    """A transaction that every build on the table has to wait for."""
    with psycopg.connect(dsn) as connection:
        connection.execute("INSERT INTO message VALUES (-1, 'late')")
        yield connection
        connection.rollback()


def killed_in_the_build(lives: Lives, thing: Thing) -> int:
    """The server process that builds on, its client dead."""
    pid = lives.begin(thing.spec(gain=True))
    assert comes_true(lambda: bool(ask(thing.place, BUILDS)), within_seconds=10)
    os.kill(pid, signal.SIGKILL)
    assert lives.end(pid)["code"] == -signal.SIGKILL
    record = thing.record()
    assert record is not None
    assert record.state is State.APPLYING
    return ask(thing.place, BUILDS)[0]


@pytest.mark.parametrize("thing", ["index"], indirect=True)
def test_a_build_that_goes_on_is_watched_adopted_and_never_begun_again(lives: Lives, thing: Thing) -> None:
    with a_writer(thing.place) as writer:
        killed_in_the_build(lives, thing)
        again = lives.begin(thing.spec(gain=True))
        time.sleep(0.5)
        assert len(ask(thing.place, BUILDS)) == 1
        writer.rollback()
        ended = lives.end(again)
    assert ended["code"] == CLOSED
    assert "apply" not in ended["met"]
    assert thing.check_tracked_or_restored() is State.KEPT
    assert ask(thing.place, BUILT) == [1]


@pytest.mark.parametrize("thing", ["index"], indirect=True)
def test_what_an_ended_build_leaves_is_dropped(lives: Lives, thing: Thing) -> None:
    with a_writer(thing.place):
        builder = killed_in_the_build(lives, thing)
        ask(thing.place, f"SELECT pg_terminate_backend({builder})::int")
        assert comes_true(lambda: thing.live() == [False])  # INVALID
    assert lives.run(thing.spec(gain=True))["code"] == CLOSED
    assert thing.check_tracked_or_restored() is State.ROLLED_BACK
    assert thing.live() == []


@pytest.mark.parametrize("thing", ["index"], indirect=True)
def test_remains_that_are_not_ours_by_definition_are_left_alone(lives: Lives, thing: Thing) -> None:
    with a_writer(thing.place):
        builder = killed_in_the_build(lives, thing)
        ask(thing.place, f"SELECT pg_terminate_backend({builder})::int")
        assert comes_true(lambda: thing.live() == [False])
    with psycopg.connect(thing.place, autocommit=True) as connection:
        connection.execute("DROP INDEX advisor_author")
        connection.execute("CREATE INDEX advisor_author ON message (lower(author))")
    assert lives.run(thing.spec(gain=True))["code"] == CLOSED
    record = thing.record()
    assert record is not None
    assert record.state is State.SUPERSEDED
    assert thing.live() == [True]
