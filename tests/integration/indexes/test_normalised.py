"""What pg_stat_statements keeps of a workload leads to the indexes that the workload itself leads to."""

from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import IndexAdvice
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.sql.shape import is_plannable
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes, statements_of_file
from advisor.wiring.looks import Looks
from tests.integration.postgres.watching import Watcher

SCHEMA = (
    "CREATE TABLE visit (id bigserial PRIMARY KEY, at timestamptz NOT NULL, day date NOT NULL, page text NOT NULL,"
    " ms int NOT NULL)",
    "INSERT INTO visit (at, day, page, ms) SELECT now() - g * interval '1 min', current_date - g / 1440,"
    " 'p' || g % 5000, g % 90000 FROM generate_series(1, 100000) g",
    "CREATE TABLE pay (id bigserial PRIMARY KEY, at timestamptz NOT NULL, amount int NOT NULL, kind text NOT NULL,"
    " shop int NOT NULL)",
    "INSERT INTO pay (at, amount, kind, shop) SELECT now() - g * interval '1 min', g % 9000, 'k' || g % 7, g % 4000"
    " FROM generate_series(1, 60000) g",
    "ANALYZE",
)
EXPRESSIONS = """
SELECT count(*) FROM visit WHERE at > now() - interval '3 hours';
SELECT count(*) FROM visit WHERE at >= now() - 2 * interval '1 hour';
SELECT count(*) FROM visit WHERE at BETWEEN now() - interval '1 hour' AND now();
SELECT count(*) FROM visit WHERE at >= date_trunc('hour', now());
SELECT count(*) FROM visit WHERE at > to_timestamp(1795880000);
SELECT count(*) FROM visit WHERE day >= current_date - 1;
SELECT count(*) FROM visit WHERE day = (date '2026-11-20' + 3);
SELECT count(*) FROM visit WHERE at > now() - make_interval(mins => 90);
SELECT count(*) FROM visit WHERE page = concat('p', 77);
SELECT count(*) FROM visit WHERE ms > 89000 + 990;
"""
CLAUSES = """
SELECT date_trunc('day', at), count(*) FROM pay WHERE shop = 7 GROUP BY date_trunc('day', at);
SELECT DISTINCT date_trunc('day', at) FROM pay WHERE shop = 8 ORDER BY date_trunc('day', at);
SELECT CASE WHEN amount > 5000 THEN 'big' ELSE 'small' END, count(*) FROM pay WHERE shop = 9
GROUP BY CASE WHEN amount > 5000 THEN 'big' ELSE 'small' END;
SELECT extract(hour FROM at) FROM pay WHERE shop = 10;
SELECT json_build_object('id', id, 'kind', kind) FROM pay WHERE shop = 11;
SELECT concat('P-', id) FROM pay WHERE shop = 12;
SELECT p.id FROM pay p JOIN (VALUES (1, 'a'), (2, 'b')) v(shop, l) ON p.shop = v.shop;
SELECT p.id FROM pay p JOIN generate_series(1, 3) g ON p.shop = g;
"""


@pytest.fixture(params=["hypopg_database", "database"], ids=["the distribution's", "18"])
def loaded(request: pytest.FixtureRequest) -> str:
    dsn: str = request.getfixturevalue(request.param)
    with psycopg.connect(dsn, autocommit=True) as owner:
        for statement in SCHEMA:
            owner.execute(statement.encode())
        # What was written to fill the tables says nothing of the workload.
        owner.execute("SELECT pg_stat_reset()")
    return dsn


@pytest.mark.parametrize("workload", [EXPRESSIONS, CLAUSES], ids=["in expressions", "where a clause needs constants"])
def test_the_statistics_lead_to_the_same_indexes_as_the_file(loaded: str, workload: str, tmp_path: Path) -> None:
    file = tmp_path / "workload.sql"
    file.write_text(workload)
    statements = statements_of_file(file)
    with psycopg.connect(loaded, autocommit=True) as application:
        for statement in statements:
            for _ in range(5):
                application.execute(statement.text.encode())
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(loaded)))
    by_file = advise_on_indexes(settings, statements, Limits(), None)
    by_statistics = advise_on_indexes(settings, None, Limits(), None, Looks(seconds=1, wait=lambda _: None))
    wanted = {("visit", key) for key in ("at", "day", "page", "ms")} if "visit" in workload else {("pay", "shop")}
    assert places(by_file) == places(by_statistics) == wanted
    assert len(by_statistics.statements) == len(by_file.statements) == len(statements)
    (note,) = by_statistics.planner_notes
    assert note.startswith("the constants of ")  # all but what compares with nothing but now()
    assert by_file.planner_notes == ()


def places(advice: IndexAdvice) -> set[tuple[str, str]]:
    return {(one.design.table, one.design.columns[0]) for one in advice.indexes}


PAGES = (
    "CREATE TABLE point (name text, value float8, at bigint, step bigint, run text, id bigint)",
    "INSERT INTO point SELECT 'loss', g, g, g, md5('run' || g % 100), g FROM generate_series(1, 5000) g",
    "ANALYZE point",
)
"""What an ORM sends for every first page, and the next page by key."""
PAGED = """
SELECT name, value, at, run FROM point WHERE run = md5('run77') AND name = 'loss' ORDER BY at, step LIMIT 250 OFFSET 0;
SELECT 1 FROM point WHERE (at, step, value, id) > (1, 1, 1, 1) ORDER BY at, step, value, id LIMIT 20;
"""
COMPUTED = (
    "CREATE TABLE line (id bigint PRIMARY KEY, qty int NOT NULL, price int NOT NULL,"
    " total int GENERATED ALWAYS AS (qty * price) VIRTUAL)",
    "INSERT INTO line (id, qty, price) SELECT g, g % 90, g % 7000 FROM generate_series(1, 20000) g",
    "ANALYZE line",
)


def test_the_report_plans_every_statement_that_the_index_search_plans(loaded: str, tmp_path: Path) -> None:
    file = tmp_path / "workload.sql"
    with psycopg.connect(loaded, autocommit=True) as application:
        is_18 = application.info.server_version >= 180_000  # before it nothing is computed when it is read
        for statement in (*PAGES, *(COMPUTED if is_18 else ())):
            application.execute(statement.encode())
        file.write_text(EXPRESSIONS + CLAUSES + PAGED + "SELECT id FROM line WHERE total = 6300;" * is_18)
        watcher = Watcher(loaded)
        watcher.look()
        texts = [statement.text.encode() for statement in statements_of_file(file)]
        for text in texts:
            application.execute(text)
    look = watcher.look()
    planner = watcher.context().statement_planners["main"]
    seen = [statement for statement in look.statements if is_plannable(statement.text)]
    assert len(seen) >= len(texts)
    assert all(planner.plan(look, statement).cost > 0 for statement in seen)
