"""One contract for the notebook in memory, on SQLite and on Postgres."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from advisor.journal.repository import open_journal
from advisor.testing.notebook import InMemoryNotebook

KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.servers)]


@pytest.fixture(params=KINDS)
def notebook(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield InMemoryNotebook()
        return
    url = f"sqlite:///{tmp_path}/journal.db" if request.param == "sqlite" else request.getfixturevalue("database")
    journal = open_journal(SecretStr(url))
    yield journal.notebook()
    journal.close()


def test_a_text_is_read_as_it_was_written_last_and_by_its_surface_alone(notebook: Any) -> None:
    notebook.write("slack", "chg_1", "first")
    notebook.write("slack", "chg_1", "\u202eZoë 💡\r\n")
    assert notebook.read("slack", "chg_1") == "\u202eZoë 💡\r\n"
    assert notebook.read("alerts", "chg_1") is None
    notebook.drop("slack", "chg_1")
    notebook.drop("slack", "chg_1")
    assert notebook.read("slack", "chg_1") is None


def test_what_is_added_is_never_overwritten(notebook: Any) -> None:
    assert notebook.add("slack", "signature", "once")
    assert not notebook.add("slack", "signature", "twice")
    assert notebook.read("slack", "signature") == "once"


def test_of_several_who_add_at_once_one_is_told_so(notebook: Any) -> None:
    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(lambda number: notebook.add("slack", "signature", str(number)), range(8)))
    assert sum(told) == 1


def test_entries_come_in_the_order_in_which_they_were_first_stored(notebook: Any) -> None:
    for key in ("owed:b", "owed:a", "told:c", "OWED:d"):
        notebook.write("slack", key, key[-1])
    notebook.write("slack", "owed:b", "B")
    assert list(notebook.entries("slack", "owed:")) == [("owed:b", "B"), ("owed:a", "a")]
    assert len(notebook.entries("slack")) == 4
