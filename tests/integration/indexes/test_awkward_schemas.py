"""Awkward names and statements, end to end: advice is given, its statements run as they are, and the index serves."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import WorkloadStatement
from advisor.servers.postgres import PostgresServer
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes

LONG = "ö" * 31 + "x"  # 31 x 2 + 1 = 63 bytes
SCHEMA = f"""
CREATE DOMAIN short_code AS text CHECK (length(value) < 40);
CREATE TYPE mood AS ENUM ('calm', 'cross', 'Über');
CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema"."Sales Order" (
    "Id" bigint PRIMARY KEY, "select" int, "Mixed Case" text, code short_code, mood mood, "Größe" int,
    created_at timestamp, rank int, "{LONG}" int, payload jsonb);
INSERT INTO "Odd Schema"."Sales Order"
SELECT n, n % 5000, 'Name ' || n % 4000, 'c' || n % 3000, CASE WHEN n % 900 = 0 THEN 'Über' ELSE 'calm' END::mood,
       n % 6000, timestamp '2024-01-01' + n * interval '5 minutes', nullif(n % 7000, 0), n % 8000,
       jsonb_build_object('Kind', 'k' || n % 2000)
FROM generate_series(1, 60000) n;
CREATE VIEW "Odd Schema"."Some Orders" AS
SELECT "Id", "Größe" AS size FROM "Odd Schema"."Sales Order" WHERE rank > 3;
CREATE TABLE "Parts" ("At" timestamp, "Who" int) PARTITION BY RANGE ("At");
CREATE TABLE "Parts one" PARTITION OF "Parts" FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE "Parts two" PARTITION OF "Parts" DEFAULT;
INSERT INTO "Parts" SELECT timestamp '2024-01-01' + n * interval '4 minutes', n % 9000 FROM generate_series(1, 80000) n;
VACUUM (ANALYZE) "Odd Schema"."Sales Order";
VACUUM (ANALYZE) "Parts";
"""
ORDERS = '"Odd Schema"."Sales Order"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """text: as pg_stat_statements shows it. keys: of the advised index. run: the same with values, for EXPLAIN."""

    text: str
    keys: tuple[str, ...]
    run: str


ODDITIES = {
    "capitals in the table and the column": Oddity(
        text=f'SELECT "Id" FROM {ORDERS} WHERE "Mixed Case" = $1',
        keys=("Mixed Case",),
        run=f"""SELECT "Id" FROM {ORDERS} WHERE "Mixed Case" = 'Name 7'""",
    ),
    "a column named select": Oddity(
        text=f'SELECT "Id" FROM {ORDERS} WHERE "select" IN ($1,$2)',
        keys=("select",),
        run=f'SELECT "Id" FROM {ORDERS} WHERE "select" IN (3, 4)',
    ),
    "a domain": Oddity(
        text=f"SELECT * FROM {ORDERS} WHERE code = $1",
        keys=("code",),
        run=f"SELECT * FROM {ORDERS} WHERE code = 'c17'",
    ),
    "an enum with an umlaut in a literal": Oddity(
        text=f"SELECT * FROM {ORDERS} WHERE mood = 'Über' AND \"Größe\" > 5990",
        keys=("mood", "Größe"),
        run=f"SELECT * FROM {ORDERS} WHERE mood = 'Über' AND \"Größe\" > 5990",
    ),
    "a name of 63 bytes": Oddity(
        text=f'SELECT * FROM {ORDERS} WHERE "{LONG}" = $1',
        keys=(LONG,),
        run=f'SELECT * FROM {ORDERS} WHERE "{LONG}" = 5',
    ),
    "date $1": Oddity(
        text=f'SELECT "Id" FROM {ORDERS} WHERE created_at BETWEEN date $1 AND date $1 + interval $2',
        keys=("created_at",),
        run=f"""SELECT "Id" FROM {ORDERS} WHERE created_at BETWEEN date '2024-05-01' AND date '2024-05-02'""",
    ),
    "ORDER BY ... DESC NULLS LAST LIMIT": Oddity(
        text=f'SELECT "Id" FROM {ORDERS} ORDER BY rank DESC NULLS LAST LIMIT $1',
        keys=("rank",),
        run=f'SELECT "Id" FROM {ORDERS} ORDER BY rank DESC NULLS LAST LIMIT 10',
    ),
    "a common table expression": Oddity(
        text=f'WITH few AS (SELECT * FROM {ORDERS} WHERE "Größe" = $1) SELECT count(*) FROM few',
        keys=("Größe",),
        run=f'WITH few AS (SELECT * FROM {ORDERS} WHERE "Größe" = 7) SELECT count(*) FROM few',
    ),
    "a view over a table": Oddity(
        text='SELECT "Id" FROM "Odd Schema"."Some Orders" WHERE size = $1',
        keys=("Größe",),
        run='SELECT "Id" FROM "Odd Schema"."Some Orders" WHERE size = 7',
    ),
    "a key of a document": Oddity(
        text=f"""SELECT "Id" FROM {ORDERS} WHERE payload ->> 'Kind' = $1""",
        keys=("payload ->> 'Kind'",),
        run=f"""SELECT "Id" FROM {ORDERS} WHERE payload ->> 'Kind' = 'k9'""",
    ),
    "partitions with blanks in their names": Oddity(
        text='SELECT "At" FROM "Parts" WHERE "Who" = $1',
        keys=("Who",),
        run='SELECT "At" FROM "Parts" WHERE "Who" = 77',
    ),
}


@pytest.fixture(scope="module")
def odd_database(hypopg_server: PostgresServer) -> Iterator[str]:
    name = "odd_schemas"
    with psycopg.connect(hypopg_server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    dsn = hypopg_server.dsn_of(name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION hypopg")
        for statement in SCHEMA.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())
    yield dsn
    with psycopg.connect(hypopg_server.dsn, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize("planner", ["hypopg", "clone"])
@pytest.mark.parametrize("oddity", ODDITIES.values(), ids=ODDITIES)
def test_the_advice_runs_as_it_stands_and_serves(odd_database: str, oddity: Oddity, planner: str) -> None:
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(odd_database)))
    statement = WorkloadStatement(id="1", text=oddity.text, load=1.0)
    advice = advise_on_indexes(settings, [statement], Limits(), planner)
    assert advice.indexes, advice.skipped
    suggestion = advice.indexes[0]
    assert suggestion.design.columns[: len(oddity.keys)] == oddity.keys
    with psycopg.connect(odd_database, autocommit=True) as connection:
        try:
            for ddl in suggestion.ddl:
                connection.execute(ddl.encode())
            plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {oddity.run}".encode()))
            assert "Index" in plan, plan
        finally:
            for ddl in suggestion.undo_ddl:
                connection.execute(ddl.encode())
        left = connection.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'adv%'").fetchone()
    assert left == (0,)


@pytest.mark.parametrize("planner", ["hypopg", "clone"])
def test_a_statement_that_was_cut_off_and_one_of_no_table_are_listed(odd_database: str, planner: str) -> None:
    cut = f'SELECT "Id" FROM {ORDERS} WHERE ("Größe" = $1 AND'
    gone = "SELECT 1 FROM gone_since WHERE a = $1"
    statements = [WorkloadStatement(id=str(n), text=text, load=1.0) for n, text in enumerate((cut, gone), 1)]
    advice = advise_on_indexes(
        Settings(postgres=PostgresSettings(dsn=SecretStr(odd_database))), statements, Limits(), planner
    )
    assert not advice.indexes
    assert len(advice.skipped) == 2


@pytest.fixture
def bytes_database(hypopg_server: PostgresServer) -> Iterator[str]:
    """A database without an encoding, with values that are no UTF-8 in a column and its statistics."""
    name = "without_encoding"
    with psycopg.connect(hypopg_server.dsn, autocommit=True) as owner:
        owner.execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'".encode()
        )
    dsn = hypopg_server.dsn_of(name)
    with psycopg.connect(dsn, autocommit=True, client_encoding="LATIN1") as connection:
        connection.execute("CREATE EXTENSION hypopg")
        connection.execute("CREATE TABLE customers (town text, code int)")
        connection.execute("INSERT INTO customers SELECT 'Köln', n % 5000 FROM generate_series(1, 60000) n")
        connection.execute("ANALYZE")
    yield dsn
    with psycopg.connect(hypopg_server.dsn, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize("planner", ["hypopg", "clone"])
def test_values_that_are_no_text_cost_the_statistics_of_their_column_alone(bytes_database: str, planner: str) -> None:
    statement = WorkloadStatement(id="1", text="SELECT town FROM customers WHERE code = $1", load=1.0)
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(bytes_database)))
    advice = advise_on_indexes(settings, [statement], Limits(), planner)
    assert [index.design.columns for index in advice.indexes] == [("code",)]
