"""The next page by key: a statement that Postgres takes, or none."""

import pytest

from advisor.sql.keyset import next_page, offset_of


@pytest.mark.parametrize(
    ("text", "unique", "wanted"),
    [
        pytest.param(
            "SELECT m.key FROM m WHERE m.run = $1 OR m.run IS NULL ORDER BY m.at, m.key LIMIT $2 OFFSET $3",
            ["run", "key"],
            "SELECT m.key FROM m WHERE (m.run = $1 OR m.run IS NULL) AND (m.at, m.key, run) > ($2, $3, $4)"
            " ORDER BY m.at, m.key, run LIMIT $5",
            id="the rest of the key is added",
        ),
        pytest.param(
            "SELECT CASE WHEN a IS NULL THEN 1 ELSE 0 END AS clause_1 FROM t ORDER BY clause_1, 1, id OFFSET 40",
            ["id"],
            "SELECT CASE WHEN a IS NULL THEN 1 ELSE 0 END AS clause_1 FROM t"
            " WHERE (CASE WHEN a IS NULL THEN 1 ELSE 0 END, CASE WHEN a IS NULL THEN 1 ELSE 0 END, id) > ($1, $2, $3)"
            " ORDER BY CASE WHEN a IS NULL THEN 1 ELSE 0 END,"
            " CASE WHEN a IS NULL THEN 1 ELSE 0 END, id LIMIT 20",
            id="output names and positions stand for expressions",
        ),
        pytest.param("SELECT a FROM t", ["id"], "SELECT a FROM t WHERE id > $1 ORDER BY id LIMIT 20", id="unsorted"),
        pytest.param("SELECT a FROM t ORDER BY a", [], "", id="no key is known"),
        pytest.param("SELECT a FROM t ORDER BY a, b DESC", ["id"], "", id="up and down"),
        pytest.param("SELECT a, count(*) FROM t GROUP BY a ORDER BY a", ["id"], "", id="grouped"),
        pytest.param("SELECT a FROM t, s", ["id"], "", id="two tables"),
        pytest.param("SELECT a FROM t UNION SELECT a FROM s", ["id"], "", id="united"),
    ],
)
def test_the_next_page_begins_after_the_last_row(text: str, unique: list[str], wanted: str) -> None:
    assert next_page(text, unique, 20) == wanted


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("SELECT 1 FROM t LIMIT 5 OFFSET 0", 0),
        ("SELECT 1 FROM t", 0),
        ("SELECT 1 FROM t OFFSET 700", 700),
        ("SELECT 1 FROM t OFFSET $1", None),
    ],
)
def test_an_offset_is_known_where_it_is_written(text: str, offset: int | None) -> None:
    assert offset_of(text) == offset
