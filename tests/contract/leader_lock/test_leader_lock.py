"""Every lock keeps the same promises: on a file, in Postgres, by a Lease, and the double."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from advisor.journal.leader_lock import open_lock
from advisor.journal.lease_lock import LeaseLock
from advisor.model.errors import JournalError
from advisor.ports.journal import LeaderLock
from advisor.testing.clock import FakeClock
from advisor.testing.leader_lock import FakeLeaderLock, Place
from tests.fakes.leases import FakeLeases

Opener = Callable[[], LeaderLock]


@pytest.fixture(params=["fake", "lease", "sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Gives a lock of the same place to each process that asks."""
    opened: list[LeaderLock] = []
    place, leases = Place(), FakeLeases()
    url = f"sqlite:///{tmp_path}/journal.db"
    if request.param == "postgres":
        url = request.getfixturevalue("database")

    def open_one() -> LeaderLock:
        opened.append(_open(request.param, place, leases, url, len(opened)))
        return opened[-1]

    yield open_one
    for lock in opened:
        lock.release()


def _open(kind: str, place: Place, leases: FakeLeases, url: str, number: int) -> LeaderLock:
    match kind:
        case "fake":
            return FakeLeaderLock(place)
        case "lease":
            return LeaseLock(leases, ("tuning-advisor", "lead"), f"holder-{number}", FakeClock(), 30)
        case _:
            return open_lock(url, 30)


def test_one_holds_it_and_the_others_do_not(opener: Opener) -> None:
    first, second = opener(), opener()
    held = first.hold()
    assert held is not None
    assert second.hold() is None
    assert first.hold() == held


def test_released_it_goes_to_the_next_and_coming_back_is_a_new_holding(opener: Opener) -> None:
    first, second = opener(), opener()
    held = first.hold()
    first.release()
    assert second.hold() is not None
    assert first.hold() is None
    second.release()
    again = first.hold()
    assert again is not None
    assert again != held


def test_releasing_what_is_not_ours_takes_it_from_nobody(opener: Opener) -> None:
    first, second, third = opener(), opener(), opener()
    first.hold()
    second.release()
    assert third.hold() is None


def test_a_session_that_the_server_ended_has_lost_the_lock(database: str) -> None:
    first, second = open_lock(database, 30), open_lock(database, 30)
    held = first.hold()
    with closing(psycopg.connect(database, autocommit=True)) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'advisor-leader'"
        )
    assert second.hold() is not None
    assert first.hold() is None
    second.release()
    assert first.hold() not in (None, held)
    first.release()


def test_a_holder_that_is_silent_for_the_lease_has_lost_the_lock(database: str) -> None:
    silent, other = open_lock(database, 0.5), open_lock(database, 30)
    assert silent.hold() is not None
    assert other.hold() is None
    time.sleep(1.2)
    assert other.hold() is not None
    assert silent.hold() is None
    other.release()


def test_a_file_that_nobody_touched_for_the_lease_is_replaced_and_its_holder_knows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    silent, other = open_lock(url, 30), open_lock(url, 30)
    silent.hold()
    assert other.hold() is None
    long_ago = time.time() - 31
    os.utime(tmp_path / "journal.db.leader", (long_ago, long_ago))
    assert other.hold() is not None
    assert silent.hold() is None
    assert other.hold() is not None
    other.release()


def test_a_place_that_cannot_be_reached_is_a_clear_error_without_the_password(tmp_path: Path) -> None:
    for url in ("postgresql://advisor:hunter2@127.0.0.1:1/journal", f"sqlite:///{tmp_path}/missing/journal.db"):
        with pytest.raises(JournalError) as caught:
            open_lock(url, 30).hold()
        assert "hunter2" not in str(caught.value)
