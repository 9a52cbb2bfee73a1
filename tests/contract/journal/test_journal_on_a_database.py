"""What only a database can get wrong: processes side by side, versions, the constraint, a server that is gone."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from advisor.engine.rollout.lifecycle import transition
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import Event, State
from advisor.model.errors import JournalError
from advisor.testing.words import NOON, a_change

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def journal(url: str) -> Iterator[SqlJournal]:
    with closing(open_journal(SecretStr(url))) as opened:
        yield opened


def side_by_side(code: str, url: str, count: int) -> list[str]:
    """What `count` processes print that run `code` at the same time."""
    code = "import os, sys\nfrom advisor.journal.repository import open_journal\n" + code
    environment = {**os.environ, "URL": url, "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(number)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    ended = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * count, ended
    return [out for out, _ in ended]


def run_sql(url: str, statement: str) -> list[Any]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_processes_that_start_together_migrate_once_and_never_share_an_epoch(url: str) -> None:
    code = 'journal = open_journal(os.environ["URL"])\nprint(*[journal.take("x") for _ in range(20)])\njournal.close()'
    epochs = [[int(word) for word in out.split()] for out in side_by_side(code, url, 3)]
    assert all(own == sorted(own) for own in epochs)
    assert sorted(epoch for own in epochs for epoch in own) == list(range(1, 61))  # 3 processes x 20


ADDER = """
from advisor.model.errors import ChangeAlreadyOpenError
from advisor.testing.words import a_change
journal = open_journal(os.environ["URL"])
for turn in range(20):
    for environment in (f"shared{turn}", f"own{turn}_{sys.argv[1]}"):
        try:
            journal.add(a_change(id=f"chg_{environment}_{sys.argv[1]}", environment=environment))
            print(environment)
        except ChangeAlreadyOpenError:
            print("refused")
journal.close()
"""


def test_of_processes_that_add_together_one_wins_and_other_environments_are_not_in_the_way(url: str) -> None:
    open_journal(url).close()
    printed = " ".join(side_by_side(ADDER, url, 3)).split()
    # Each of the 20 shared places goes to one of 3 processes; each of 3 x 20 places of one's own is had.
    assert sorted(word for word in printed if word.startswith("shared")) == sorted(f"shared{n}" for n in range(20))
    assert sum(word.startswith("own") for word in printed) == 60
    assert printed.count("refused") == 40


def test_the_database_itself_refuses_a_second_open_change(journal: SqlJournal, url: str) -> None:
    journal.add(a_change())
    copied = ", ".join(
        ["environment", "version", "epoch", "state", "is_open", "rule", "knob", "target", "created_at", "updated_at"]
    )
    statement = f"INSERT INTO changes (id, document, {copied}) SELECT 'chg_other', document, {copied} FROM changes"
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)):
        run_sql(url, statement)


def test_every_write_leaves_a_row_in_the_trail(journal: SqlJournal, url: str) -> None:
    added = journal.add(a_change())
    epoch = journal.take("second")
    approved = journal.advance(replace(transition(added, Event.APPROVED, NOON, "looks right"), epoch=epoch))
    journal.advance(replace(approved, restore_attempts=1))
    rows = run_sql(url, "SELECT version, epoch, state, reason FROM writes ORDER BY version")
    assert rows == [(1, 1, "proposed", "test"), (2, 1, "approved", "looks right"), (3, 1, "approved", "looks right")]
    assert run_sql(url, "SELECT epoch, holder FROM epochs") == [(1, "second")]


def test_a_refused_write_leaves_nothing_behind(journal: SqlJournal, url: str) -> None:
    added = journal.add(a_change())
    journal.advance(transition(added, Event.APPROVED, NOON, "yes"))
    with pytest.raises(JournalError):
        journal.advance(transition(added, Event.REJECTED, NOON, "no"))
    with pytest.raises(JournalError):
        journal.add(a_change(id="chg_other"))
    assert run_sql(url, "SELECT count(*) FROM writes") == [(2,)]


def test_what_was_written_is_there_after_opening_it_again(url: str) -> None:
    with closing(open_journal(url)) as first:
        record = first.add(a_change())
    with closing(open_journal(url)) as again:
        assert again.open_change("default") == record


def test_a_journal_of_a_newer_version_is_refused(url: str) -> None:
    open_journal(url).close()
    run_sql(url, "UPDATE alembic_version SET version_num = '9999'")
    for read_only in (False, True):
        with pytest.raises(JournalError, match="9999, newer than this program"):
            open_journal(url, read_only=read_only)


def test_a_journal_that_a_newer_program_migrates_meanwhile_is_written_no_more(journal: SqlJournal, url: str) -> None:
    record = journal.add(a_change())
    run_sql(url, "UPDATE alembic_version SET version_num = '9999'")
    for write in (
        lambda: journal.advance(transition(record, Event.APPROVED, NOON, "yes")),
        lambda: journal.take("late"),
        lambda: journal.pause("late", NOON, freeze=False),
    ):
        with pytest.raises(JournalError, match="9999, newer than this program"):
            write()
    assert journal.open_change("default") == record


def test_reading_makes_nothing_and_changes_nothing(url: str) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        open_journal(url, read_only=True)
    assert not url.startswith("sqlite") or not Path(url.removeprefix("sqlite:///")).exists()
    with closing(open_journal(url)) as writable, closing(open_journal(url, read_only=True)) as reading:
        writable.add(a_change())
        assert len(reading.history("default")) == 1
        for write in (lambda: reading.add(a_change(id="chg_2", environment="staging")), lambda: reading.take("x")):
            with pytest.raises(JournalError, match=r"read-?only"):
                write()


def test_reading_goes_on_while_somebody_writes(journal: SqlJournal, url: str) -> None:
    record = journal.add(a_change())
    blocker: Any
    if url.startswith("sqlite"):
        blocker = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
    else:
        blocker = psycopg.connect(url)
    with closing(blocker):
        blocker.execute("UPDATE changes SET knob = 'x'")
        assert journal.open_change("default") == record
        blocker.rollback()


def test_a_document_of_a_newer_version_is_named_and_not_guessed(journal: SqlJournal, url: str) -> None:
    journal.add(a_change())
    run_sql(url, """UPDATE changes SET document = replace(document, '{"id":', '{"colour":"green","id":')""")
    with pytest.raises(JournalError, match="newer version: 'colour' is not known"):
        journal.open_change("default")


def test_a_reason_that_no_database_can_store_is_a_clear_error(journal: SqlJournal) -> None:
    broken = b"\xff".decode(errors="surrogateescape")  # what Python makes of bytes on a command line
    with pytest.raises(JournalError, match="surrogates not allowed"):
        journal.pause(broken, NOON, freeze=False)
    assert journal.paused() is None


def test_a_server_that_is_gone_for_a_while_is_an_error_and_then_serves_again(database: str) -> None:
    admin, _, name = database.rpartition("/")
    allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
    with (
        closing(open_journal(database)) as journal,
        psycopg.connect(f"{admin}/postgres", autocommit=True) as connection,
    ):
        record = journal.add(a_change())
        connection.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        with pytest.raises(JournalError, match="not currently accepting connections"):
            journal.advance(transition(record, Event.APPROVED, NOON, "yes"))
        connection.execute(allow.format(sql.Identifier(name), sql.Literal(True)))
        assert journal.advance(transition(record, Event.APPROVED, NOON, "yes")).state is State.APPROVED


def test_the_password_is_in_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    for url in (
        "postgresql+psycopg://advisor:hunter2@127.0.0.1:1/journal",
        "postgresql://advisor:hunter2@127.0.0.1:hunter2/journal",
        "hunter2",
    ):
        with pytest.raises((JournalError, Exception)) as caught:
            open_journal(SecretStr(url))
        assert "hunter2" not in str(caught.value)
    assert "hunter2" not in "".join(capsys.readouterr())
