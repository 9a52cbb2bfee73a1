"""What is there already is not advised again, by any planner; what cannot be built is not advised at all."""

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import IndexAdvice, WorkloadStatement
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes

MEMBERS = (
    "CREATE TABLE member (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, handle varchar NOT NULL,"
    " active boolean NOT NULL, joined timestamptz NOT NULL, tags text NOT NULL, ref text NOT NULL, rank int NOT NULL)",
    "INSERT INTO member SELECT g, 'm' || g || '@x.io', 'h' || g, g % 3 > 0, now() - g * interval '1 min',"
    " 'a b c' || g % 400, 'r' || g, g FROM generate_series(1, 60000) g",
    "CREATE INDEX member_tags ON member USING gin (string_to_array(tags, ' '))",
    "CREATE INDEX member_handle ON member (lower(handle), joined)",
    "CREATE INDEX member_day ON member (date_trunc('day', joined AT TIME ZONE 'UTC'))",
    "CREATE INDEX member_ref ON member USING hash (ref)",
    "CREATE INDEX member_rank ON member (rank) INCLUDE (email, active)",
    "VACUUM ANALYZE member",
)
SERVED = (
    "SELECT id FROM member WHERE email = 'm77@x.io' AND active",
    "SELECT id FROM member WHERE id IN (5, 6, 7) AND active",
    "SELECT id FROM member WHERE string_to_array(tags, ' ') @> ARRAY['c77']",
    "SELECT id FROM member WHERE lower(handle) = 'h77' ORDER BY joined DESC LIMIT 1",
    "SELECT id FROM member WHERE date_trunc('day', joined AT TIME ZONE 'UTC') = timestamp '2026-09-01'",
    "SELECT email FROM member WHERE ref = 'r77'",
    "SELECT email FROM member WHERE rank = 77 AND active",
)
LINES = (
    "CREATE TABLE line (id bigint PRIMARY KEY, qty int NOT NULL, price int NOT NULL,"
    " total int GENERATED ALWAYS AS (qty * price))",
    "INSERT INTO line (id, qty, price) SELECT g, g % 90, g % 7000 FROM generate_series(1, 60000) g",
    "ANALYZE line",
)


def advise(dsn: str, planner: str, *texts: str) -> IndexAdvice:
    statements = [WorkloadStatement(id=str(n), text=text) for n, text in enumerate(texts, 1)]
    return advise_on_indexes(Settings(postgres=PostgresSettings(dsn=SecretStr(dsn))), statements, Limits(), planner)


def run(dsn: str, *statements: str) -> list[str]:
    """The first column of the last one's answer."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        for statement in statements:
            cursor = owner.execute(statement.encode())
        return [str(row[0]) for row in cursor.fetchall()] if cursor.description else []


@pytest.mark.parametrize("planner", ["heuristic", "clone"])
def test_expressions_included_columns_and_hashes_are_not_advised_again(database: str, planner: str) -> None:
    run(database, *MEMBERS)
    advice = advise(database, planner, *SERVED)
    assert [one.ddl for one in advice.indexes] == []
    assert advice.skipped == ()
    plain = advise(database, planner, "SELECT id FROM member WHERE joined = now() AND NOT active")
    assert [one.design.columns[0] for one in plain.indexes] == ["joined"]


def test_a_virtual_column_gets_an_index_on_its_expression(database: str) -> None:
    """From PostgreSQL 18 on; such a column cannot be indexed as it is."""
    run(database, *LINES)
    text = "SELECT id FROM line WHERE total = 6300"
    (suggestion,) = advise(database, "clone", text).indexes
    assert suggestion.design.columns == ("qty * price",)
    plan = run(database, *suggestion.ddl, "ANALYZE line", f"EXPLAIN {text}")
    assert suggestion.design.name in "\n".join(plan)
    assert advise(database, "clone", text).indexes == ()
    assert advise(database, "heuristic", text).indexes == ()
