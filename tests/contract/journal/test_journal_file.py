"""The SQLite file: its place, its rights, and a disk that is full."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from advisor.journal.repository import open_journal
from advisor.model.errors import ConfigurationError, JournalError
from advisor.testing.words import a_change

ROOT = Path(__file__).resolve().parents[3]

# No file may grow past the limit, which to SQLite is a disk without room.
WITHOUT_ROOM = """
import os, resource
from advisor.journal.repository import open_journal
from advisor.model.errors import JournalError
from advisor.testing.words import NOON

def leave_no_room(file_bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))

def attempt(write):
    try:
        write()
    except JournalError as error:
        print("refused:", error)
"""


def without_room(code: str, url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ROOM + code],
        env={**os.environ, "URL": url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_on_a_full_disk_writes_are_refused_reads_go_on_and_room_heals(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/journal.db"
    with closing(open_journal(url)) as journal:
        journal.add(a_change())
    code = """
journal = open_journal(os.environ["URL"])
journal.take("before")
leave_no_room(0)
attempt(lambda: journal.take("without room"))
attempt(lambda: journal.pause("without room", NOON, freeze=False))
print("read:", journal.open_change("default").id, journal.current_epoch(), journal.paused())
leave_no_room(resource.RLIM_INFINITY)
print("again:", journal.take("with room"))
journal.close()
"""
    lines = without_room(code, url).splitlines()
    assert [line.split(":")[0] for line in lines] == ["refused", "refused", "read", "again"]
    assert "nothing is changed until it can be written again" in lines[0]
    assert lines[2:] == ["read: chg_0123456789ab 1 None", "again: 2"]


def test_a_journal_at_rest_on_a_full_disk_can_still_be_read(tmp_path: Path) -> None:
    """Even opening it to read would make a file beside it, for which there is no room."""
    url = f"sqlite:///{tmp_path}/journal.db"
    with closing(open_journal(url)) as journal:
        journal.add(a_change())
    code = """
leave_no_room(0)
journal = open_journal(os.environ["URL"], read_only=True)
print("read:", journal.open_change("default").id)
journal.close()
attempt(lambda: open_journal(os.environ["URL"]))
"""
    lines = without_room(code, url).splitlines()
    assert lines[0] == "read: chg_0123456789ab"
    assert lines[1].startswith("refused: journal sqlite:///")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"journal\.url: the folder .*/none does not exist \(create it\)"):
        open_journal(f"sqlite:///{tmp_path}/none/journal.db")


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but longer than its header of a hundred bytes\n" * 3)
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(JournalError, match="file is not a database"):
            open_journal(f"sqlite:///{path}", read_only=read_only)
    assert path.read_bytes() == before


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with closing(open_journal(f"sqlite:///{tmp_path}/journal.db")) as journal:
        journal.add(a_change())
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_path_may_hold_what_means_something_in_an_address(tmp_path: Path) -> None:
    folder = tmp_path / "50% #1"
    folder.mkdir()
    open_journal(f"sqlite:///{folder}/journal.db").close()
    assert [path.name for path in folder.iterdir()] == ["journal.db"]


@pytest.mark.parametrize(
    "url", ["", "journal.db", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "postgresql://h:x/d"]
)
def test_an_address_that_cannot_be_a_journal_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"journal\.url"):
        open_journal(url)


def test_a_change_that_was_written_before_there_were_summaries_is_listed_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(open_journal(f"sqlite:///{path}")) as journal:
        journal.add(a_change(epoch=journal.take("test")))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE changes SET summary = NULL")
    with closing(open_journal(f"sqlite:///{path}")) as journal:
        assert [record.id for record in journal.page("default", 1).changes] == ["chg_0123456789ab"]
