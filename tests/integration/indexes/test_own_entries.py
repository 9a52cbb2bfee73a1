"""What one run leaves in pg_stat_statements: little, marked, without a user's words, and nothing that blinds later."""

import re

import psycopg
import pytest
from psycopg import sql

from advisor.clients.named_sql import MARK
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes
from advisor.wiring.report import build_report

SCHEMA = """
CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO item SELECT g, 'n' || g FROM generate_series(1, 500) g;
CREATE TABLE w (id bigserial PRIMARY KEY, a int, b int, c int, d int, e int, s text, at timestamptz);
INSERT INTO w (a, b, c, d, e, s, at) SELECT g % 10, g % 20, g % 30, g % 400, g % 5000, 's' || g % 90,
    now() - g * interval '1 min' FROM generate_series(1, 20000) g;
ANALYZE;
"""
DEEP = {
    "concat": "SELECT " + "||".join(["name"] * 60) + " FROM item WHERE id = 1",
    "union": " UNION ALL ".join(["SELECT id FROM item WHERE id = 1"] * 100),
    "plus": "SELECT count(*) FROM item WHERE id = " + " + ".join(["1"] * 2000),
    "case": "SELECT " + "CASE WHEN id = 0 THEN 0 ELSE " * 90 + "1" + " END" * 90 + " FROM item WHERE id = 1",
}
LITERAL = "s77"
COLUMNS = ("a", "b", "c", "d", "e")
WORKLOAD = [
    f"SELECT id, s FROM w WHERE {one} = 3 AND {two} = 4 AND s = '{LITERAL}' ORDER BY at LIMIT 5"
    for one in COLUMNS
    for two in COLUMNS
    if one != two
]
ENTRIES = """
SELECT s.queryid, s.query FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND s.queryid IS NOT NULL
"""


@pytest.fixture(params=["hypopg_database", "database"], ids=["hypopg", "clone"])
def loaded(request: pytest.FixtureRequest) -> str:
    """A database, of a server with HypoPG or without, on which the workload and the deep statements ran."""
    dsn: str = request.getfixturevalue(request.param)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("SELECT pg_stat_statements_reset()")
        for text in (*DEEP.values(), *WORKLOAD):
            connection.execute(sql.SQL(text))
    return dsn


def entries(dsn: str) -> dict[int, str]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return dict(connection.execute(ENTRIES).fetchall())


def test_one_run_leaves_at_most_twenty_entries_and_hides_no_statement_for_later(loaded: str) -> None:
    settings = Settings.model_validate({"postgres": {"dsn": loaded}, "journal": {"url": "sqlite:///none.db"}})
    first = build_report(settings)
    assert [report.status.value for report in first.snapshot.sources if report.name == "postgres:main"] == ["ok"]
    skipped = {one.reason for one in first.snapshot.databases["main"].skipped_statements}
    assert skipped == {"nests too deeply to be read"}
    before = entries(loaded)

    advice = advise_on_indexes(settings, None, Limits(), None)
    assert advice.indexes, "the workload wants some"
    second = build_report(settings)
    after = entries(loaded)

    assert [report.status.value for report in second.snapshot.sources if report.name == "postgres:main"] == ["ok"]
    ours = {number: text for number, text in after.items() if text.endswith(MARK)}
    assert len(ours) <= 20, sorted(ours.values())
    strangers = [text for number, text in after.items() if number not in before and number not in ours]
    assert [text for text in strangers if "pg_stat_statements" not in text] == []
    assert [text for text in ours.values() if LITERAL in text or re.search(r"\bw\b", text)] == []
    seen = {one.text for one in second.snapshot.databases["main"].statements}
    assert not [text for text in seen if text.endswith(MARK)], "what is ours is no workload"
