"""One contract for the journal in memory, on SQLite and on Postgres."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from advisor.engine.lifecycle import transition
from advisor.journal.records import to_json
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import ChangeRecord, Event, NamedSeries, State
from advisor.model.errors import ChangeAlreadyOpenError, ConflictError, JournalError, StaleEpochError
from advisor.model.signal import series_of
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason
from tests.fakes.journal import InMemoryJournal
from tests.fakes.words import NOON, WAIT, a_change, a_proposal

ROOT = Path(__file__).resolve().parents[3]
KINDS = ["memory", "sqlite", "postgres"]


@pytest.fixture(params=KINDS)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield InMemoryJournal()
        return
    url = f"sqlite:///{tmp_path}/journal.db" if request.param == "sqlite" else request.getfixturevalue("database")
    opened = open_journal(SecretStr(url))
    yield opened
    opened.close()


def fresh(**changes: Any) -> ChangeRecord:
    return a_change(State.PROPOSED, version=0, **changes)


def test_one_change_is_open_at_a_time_in_an_environment(journal: Any) -> None:
    first = journal.add(fresh())
    with pytest.raises(ChangeAlreadyOpenError):
        journal.add(fresh(id="chg_second"))
    journal.add(fresh(id="chg_elsewhere", environment="staging"))
    assert journal.open_change("default") == first
    journal.advance(transition(first, Event.REJECTED, NOON, "no"))
    assert journal.open_change("default") is None
    second = journal.add(fresh(id="chg_second"))
    assert [record.id for record in journal.history("default")] == [second.id, first.id]


def test_a_change_comes_back_exactly_as_it_was_stored(journal: Any) -> None:
    """Numbers keep their type, what is not a number stays so, and times keep their zone."""
    nan = math.nan
    metric = MetricComparison(
        signal=str(WAIT),
        role="goal",
        before=0.1,
        after=nan,
        ratio=nan,
        ratio_low=-math.inf,
        ratio_high=math.inf,
        confidence=0.98,
        samples_before=30,
        samples_after=0,
        effective_before=21.5,
        effective_after=0.0,
    )
    for number, (old, new) in enumerate([(5, 12), (30.0, 60.0), (None, 'CREATE INDEX "ä" ON t (a)'), ("7", 0)]):
        series = series_of([(NOON, 0.25), (NOON + timedelta(seconds=1), 1e-9)])
        record = journal.add(
            fresh(
                id=f"chg_{number}",
                environment=f"e{number}",
                proposal=a_proposal(current=old, proposed=new),
                baseline=(NamedSeries(signal=WAIT, series=series),),
                verdict=Verdict(
                    outcome=Outcome.ROLL_BACK, reason=VerdictReason.NO_DATA, explanation="no data", evidence=(metric,)
                ),
            )
        )
        found = journal.open_change(f"e{number}")
        assert to_json(found) == to_json(record)  # as text, since nan is not equal to itself
        assert (type(found.proposal.current), type(found.proposal.proposed)) == (type(old), type(new))


def test_a_write_on_an_outdated_version_is_refused(journal: Any) -> None:
    record = journal.add(fresh())
    journal.advance(transition(record, Event.APPROVED, NOON, "yes"))
    with pytest.raises(ConflictError):
        journal.advance(transition(record, Event.REJECTED, NOON, "no"))
    assert journal.open_change("default").state is State.APPROVED


def test_who_is_out_of_office_can_write_nothing(journal: Any) -> None:
    first = journal.take("one")
    record = journal.add(fresh(epoch=first))
    second = journal.take("two")
    assert second > first
    with pytest.raises(StaleEpochError):
        journal.advance(transition(record, Event.APPROVED, NOON, "yes"))
    with pytest.raises(StaleEpochError):
        journal.add(fresh(id="chg_other", environment="staging", epoch=first))
    taken_over = replace(transition(record, Event.APPROVED, NOON, "yes"), epoch=second)
    assert journal.advance(taken_over).epoch == second
    assert journal.current_epoch() == second


def test_a_change_is_found_by_the_beginning_of_its_id(journal: Any) -> None:
    journal.add(fresh(id="chg_abc"))
    journal.add(fresh(id="chg_abd", environment="staging"))
    assert journal.find("chg_abc").id == "chg_abc"
    assert journal.find("chg_x") is None
    assert journal.find("chg%") is None
    with pytest.raises(JournalError, match="several"):
        journal.find("chg_ab")


def test_a_pause_lasts_until_it_is_ended(journal: Any) -> None:
    assert journal.paused() is None
    journal.pause("release", NOON, freeze=False)
    journal.pause("incident", NOON, freeze=True)
    found = journal.paused()
    assert (found.reason, found.since, found.freeze) == ("incident", NOON, True)
    journal.resume()
    journal.resume()
    assert journal.paused() is None


# ---- what only a database can get wrong


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/journal.db" if request.param == "sqlite" else request.getfixturevalue("database")


TAKER = """
import os, sys
from pydantic import SecretStr
from advisor.journal.repository import open_journal
journal = open_journal(SecretStr(os.environ["URL"]))
print(*[journal.take("x") for _ in range(20)])
"""


def test_two_processes_that_start_together_migrate_once_and_never_share_an_epoch(url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER],
            cwd=ROOT,
            env={**os.environ, "URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    epochs = [int(word) for out, _ in outputs for word in out.split()]
    assert sorted(epochs) == list(range(1, 41))


def test_what_was_written_is_there_after_opening_it_again(url: str) -> None:
    first = open_journal(SecretStr(url))
    record = first.add(fresh())
    first.close()
    again = open_journal(SecretStr(url))
    assert again.open_change("default") == record
    again.close()


def test_a_journal_of_a_newer_version_is_refused(url: str) -> None:
    open_journal(SecretStr(url)).close()
    _execute(url, "UPDATE alembic_version SET version_num = '9999'")
    for read_only in (False, True):
        with pytest.raises(JournalError, match="9999, newer than this program"):
            open_journal(SecretStr(url), read_only=read_only)


def test_reading_makes_nothing_and_changes_nothing(url: str) -> None:
    with pytest.raises(JournalError):
        open_journal(SecretStr(url), read_only=True)
    writable = open_journal(SecretStr(url))
    writable.add(fresh())
    reading = open_journal(SecretStr(url), read_only=True)
    assert len(reading.history("default")) == 1
    with pytest.raises(JournalError):
        reading.add(fresh(id="chg_other", environment="staging"))
    reading.close()
    writable.close()


def test_a_document_that_cannot_be_read_is_named_and_not_guessed(url: str) -> None:
    journal: SqlJournal = open_journal(SecretStr(url))
    journal.add(fresh())
    _execute(url, 'UPDATE changes SET document = \'{"id": "chg_1", "colour": "green"}\'')
    with pytest.raises(JournalError, match="newer version: 'colour'"):
        journal.open_change("default")
    journal.close()


def test_the_password_is_in_no_error() -> None:
    with pytest.raises(JournalError) as caught:
        open_journal(SecretStr("postgresql+psycopg://advisor:hunter2@127.0.0.1:1/journal"))
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="does not exist"):
        open_journal(SecretStr(f"sqlite:///{tmp_path}/none/journal.db"))


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    open_journal(SecretStr(f"sqlite:///{tmp_path}/journal.db")).close()
    assert (tmp_path / "journal.db").stat().st_mode & 0o077 == 0


def _execute(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        import sqlite3

        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
