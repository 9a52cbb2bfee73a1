"""Every file of SQL that is shipped: what is sent from it is known as ours, and is one statement."""

import re
from pathlib import Path

import pytest

from advisor.clients.named_sql import MARK, NamedSql

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "advisor").rglob("*.sql") if "-- name:" in path.read_text())


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_query_is_marked_at_its_end_so_that_the_server_shows_whose_it_is(file: Path) -> None:
    names = re.findall(r"^-- name: (\w+)$", (ROOT / file).read_text(), re.MULTILINE)
    queries = NamedSql(".".join(file.parent.parts), (file.name,))
    assert len(set(names)) == len(names) > 0, "no name is given twice"
    for name in names:
        statement = re.sub(r"--.*", "", queries[name])
        assert ";" not in statement, "a mark behind a semicolon would be another statement's"
        assert statement.endswith(MARK), "nor is it part of a comment"


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_percent_sign_stands_only_before_a_value_or_twice(file: Path) -> None:
    assert re.sub(r"%%|%\(\w+\)s", "", (ROOT / file).read_text()).count("%") == 0


def test_queries_of_several_files_are_found_by_name() -> None:
    queries = NamedSql("advisor.knobs.postgres", ("index.sql", "quiet.sql"))
    assert "pg_stat_activity" in queries["active"]
    with pytest.raises(KeyError):
        queries["nowhere"]
