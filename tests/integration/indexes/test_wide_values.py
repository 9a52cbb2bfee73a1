"""Values that a B-tree may refuse: another kind of index, which takes them when it is built."""

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import WorkloadStatement
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes
from tests.integration.postgres.watching import run

PAGES = (
    "CREATE TABLE page (id int PRIMARY KEY, url text, short text, body text)",
    "INSERT INTO page SELECT g, 'https://example.org/' || repeat(md5(g::text), 28), md5((g % 5000)::text),"
    " repeat(md5(g::text), 3) FROM generate_series(1, 20000) g",
    "ANALYZE page",
)
BY_URL = "SELECT id FROM page WHERE url = 'https://example.org/x'"
BY_SHORT = "SELECT id, url FROM page WHERE short = 'c4ca4238a0b923820dcc509a6f75849b'"


@pytest.mark.parametrize("planner", ["hypopg", "clone"])
def test_wide_values_are_hashed_and_stand_in_no_b_tree(hypopg_database: str, planner: str) -> None:
    run(hypopg_database, *PAGES)
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(hypopg_database)))
    statements = [WorkloadStatement(id="url", text=BY_URL), WorkloadStatement(id="short", text=BY_SHORT)]
    advice = advise_on_indexes(settings, statements, Limits(), planner)
    assert {(one.design.columns, one.design.include, one.design.access_method) for one in advice.indexes} == {
        (("url",), (), "hash"),
        (("short",), (), "btree"),
    }
    with psycopg.connect(hypopg_database, autocommit=True) as owner:
        for suggestion in advice.indexes:
            owner.execute(suggestion.ddl[0].encode())
        # 3 kB of which nothing can be saved: no entry of a B-tree takes it.
        owner.execute(
            "INSERT INTO page SELECT 0, string_agg(md5(g::text), ''), 's' FROM generate_series(1, 100) g",
        )
        plan = "\n".join(row[0] for row in owner.execute(f"EXPLAIN {BY_URL}".encode()))
    assert "adv_page_url" in plan
