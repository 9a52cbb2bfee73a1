"""An index that serves one statement and tempts the planner into a worse plan for another, on a real server."""

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.index_advice import WorkloadStatement
from advisor.model.index_design import IndexDesign, plain_keys
from advisor.settings.connections import PostgresSettings
from advisor.sql.index_ddl import create_statement
from advisor.sql.relations import TableName
from advisor.whatif.index.advice import Limits
from advisor.whatif.index.catalogue import Catalogue
from advisor.whatif.index.catalogue_reader import read_relations, read_tables
from advisor.whatif.index.hypopg import HypopgPricing
from advisor.whatif.index.planner_port import PlannedCost
from advisor.wiring_indexes import advise_on_indexes

# Each part has four suppliers, and each of those pairs is on 7.5 lines, which lie anywhere in the table. The planner
# takes part and supplier for independent: 10,000 x 1,000 pairs where there are 40,000.
SCHEMA = """
CREATE TABLE parts (part integer, name text);
CREATE TABLE stock (part integer, supplier integer, cost numeric);
CREATE TABLE lines (part integer, supplier integer, quantity integer, price numeric, note text);
INSERT INTO parts SELECT n, 'part ' || n % 997 FROM generate_series(0, 9999) n;
INSERT INTO stock SELECT n / 4, (n / 4 * 7 + n % 4 * 251) % 1000, n % 100 FROM generate_series(0, 39999) n;
INSERT INTO lines SELECT at / 4, (at / 4 * 7 + at % 4 * 251) % 1000, n % 50, n % 1000, repeat('x', 60)
    FROM generate_series(0, 299999) n CROSS JOIN LATERAL (SELECT (n * 7919::bigint % 40000)::int AS at) pair ORDER BY n;
"""
OF_ONE_PART = "SELECT avg(quantity) FROM lines WHERE part = 17"
OF_MANY = """SELECT sum(l.price - s.cost * l.quantity) FROM parts p JOIN stock s ON s.part = p.part
    JOIN lines l ON l.part = s.part AND l.supplier = s.supplier WHERE p.name LIKE '%7'"""
BY_PART = IndexDesign(schema="public", table="lines", keys=plain_keys("part"))
LINES = frozenset(TableName("public", name) for name in ("parts", "stock", "lines"))

Plan = Mapping[str, Any]


@pytest.fixture
def stocked(hypopg_database: str) -> str:
    with psycopg.connect(hypopg_database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("VACUUM (ANALYZE)")
    return hypopg_database


def catalogue(connection: psycopg.Connection[Any]) -> Catalogue:
    names = read_relations(connection)
    return Catalogue(
        relations=names.relations,
        tables=read_tables(connection, LINES),
        extensions=names.extensions,
        memory=names.memory,
    )


def priced(dsn: str, text: str, designs: frozenset[IndexDesign]) -> PlannedCost:
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
        pricing = HypopgPricing(connection, catalogue(connection))
        pricing.offer(sorted(designs))
        return pricing.plan(f"EXPLAIN (FORMAT JSON) {text}", designs, LINES)


def executed(dsn: str, text: str) -> Plan:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        row = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}".encode()).fetchone()
    assert row is not None
    plan: Plan = row[0][0]["Plan"]
    return plan


def pages_touched(plan: Plan) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def the_loop(plan: Plan) -> Plan:
    return plan if plan["Node Type"] == "Nested Loop" else the_loop(plan["Plans"][0])


def test_the_planner_is_tempted_and_the_risk_says_so(stocked: str) -> None:
    before = priced(stocked, OF_MANY, frozenset())
    tempted = priced(stocked, OF_MANY, frozenset({BY_PART}))
    assert BY_PART in tempted.used
    assert tempted.cost < 0.9 * before.cost
    assert tempted.cost + tempted.risk > 2 * (before.cost + before.risk)

    # And so it is once the index is there: about 30 rows are fetched for each of 4,000 pairs, of which 7.5 are wanted.
    scanned = executed(stocked, OF_MANY)
    with psycopg.connect(stocked, autocommit=True) as connection:
        connection.execute(create_statement(BY_PART, concurrently=False).encode())
        connection.execute("VACUUM (ANALYZE)")
    looked_up = executed(stocked, OF_MANY)
    assert pages_touched(looked_up) > 10 * pages_touched(scanned)
    loop = the_loop(looked_up)
    assert loop["Actual Rows"] > 50 * loop["Plan Rows"]


@pytest.mark.parametrize("planner", ["hypopg", "clone"])
def test_the_advice_serves_the_one_and_leaves_the_other_no_dearer(stocked: str, planner: str) -> None:
    statements = [WorkloadStatement(id=text, text=text) for text in (OF_ONE_PART, OF_MANY)]
    # Enough for an index by part that holds all that both ask for.
    limits = Limits(storage_bytes=40_000_000)
    advice = advise_on_indexes(PostgresSettings(dsn=SecretStr(stocked)), statements, limits, planner)
    chosen = frozenset(suggestion.design for suggestion in advice.indexes)
    assert BY_PART not in chosen
    before, after = priced(stocked, OF_MANY, frozenset()), priced(stocked, OF_MANY, chosen)
    assert after.cost + after.risk <= 1.01 * (before.cost + before.risk)
    one = {statement.id: statement for statement in advice.statements}[OF_ONE_PART]
    assert one.cost_after < 0.05 * one.cost_before


def test_without_the_other_statement_the_plain_index_is_advised(stocked: str) -> None:
    advice = advise_on_indexes(
        PostgresSettings(dsn=SecretStr(stocked)),
        [WorkloadStatement(id="one", text=OF_ONE_PART)],
        Limits(storage_bytes=8_500_000),
        "hypopg",
    )
    assert [suggestion.design for suggestion in advice.indexes] == [BY_PART]
