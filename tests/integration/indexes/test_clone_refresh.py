"""A clone that is kept: after every change of the source it plans as one that is built anew."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.model.errors import SourceUnavailableError
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.clone.keeper import CloneKeeper
from advisor.wiring.clone import clone_server
from tests.integration.indexes import shop

Connection = psycopg.Connection[Any]

ORDERS, CUSTOMERS, VISITS = (TableName("public", name) for name in ("orders", "customers", "visits"))
TEXTS = (
    "SELECT * FROM orders WHERE id = 7",
    "SELECT * FROM orders WHERE customer_id = 5",
    "SELECT count(*) FROM orders WHERE status = 'open'",
    "SELECT c.mood, sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id < 90 GROUP BY 1",
    "SELECT count(*) FROM visits WHERE at > timestamp '2024-08-01'",
    "SELECT * FROM customers WHERE lower(\"eMail\") = 'user7@example.org'",
)
TRIED = tuple(
    IndexDesign(schema="public", table=table, keys=plain_keys(*columns))
    for table, columns in (("orders", ("customer_id",)), ("orders", ("status", "total")), ("visits", ("at",)))
)


@pytest.fixture
def source(database: str) -> Iterator[Connection]:
    shop.load(database)
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as connection:
        yield connection


@pytest.fixture
def keeper() -> Iterator[CloneKeeper]:
    kept = CloneKeeper(clone_server)
    yield kept
    kept.close()


def catalogue_of(source: Connection, *tables: TableName) -> Catalogue:
    names = read_relations(source)
    return Catalogue(
        relations=names.relations,
        tables=read_tables(source, tables or (ORDERS, CUSTOMERS, VISITS)),
        extensions=names.extensions,
        server_version=names.server_version,
    )


def costs(source: Connection, keeper: CloneKeeper, *tables: TableName) -> list[float]:
    """Of every statement as things are, and with the tried indexes."""
    with ExitStack() as stack:
        pricing = keeper.pricing(source, catalogue_of(source, *tables), stack)
        assert pricing.offer(TRIED) == {}
        return [
            pricing.plan(f"EXPLAIN (FORMAT JSON) {text}", visible, (ORDERS, CUSTOMERS, VISITS)).cost
            for visible in (frozenset[IndexDesign](), frozenset(TRIED))
            for text in TEXTS
        ]


def source_costs(source: Connection) -> list[float]:
    plans = [source.execute(f"EXPLAIN (FORMAT JSON) {text}".encode()).fetchone() for text in TEXTS]
    return [plan[0][0]["Plan"]["Total Cost"] for plan in plans if plan]


def agrees(source: Connection, keeper: CloneKeeper, built: int) -> None:
    """Kept or fresh, the clone says the same, and what the source says; it was built so often."""
    kept = costs(source, keeper)
    fresh = CloneKeeper(clone_server)
    try:
        assert kept == costs(source, fresh)
    finally:
        fresh.close()
    assert kept[: len(TEXTS)] == pytest.approx(source_costs(source), rel=0.01)
    assert keeper.built == built
    assert keeper.missing == fresh.missing == []


SMALL_CHANGES = (
    "INSERT INTO orders SELECT n, 1, 'lost' FROM generate_series(200001, 280000) n; ANALYZE orders",
    "UPDATE customers SET mood = 'cross'; ANALYZE customers",
    "INSERT INTO visits SELECT 3, timestamp '2024-09-01' FROM generate_series(1, 90000); ANALYZE visits",
    'CREATE INDEX orders_status ON orders (status); CREATE INDEX ON customers (lower("eMail")); ANALYZE',
    "DROP INDEX orders_status; SET random_page_cost = 1.1; SET work_mem = '64kB'",
    "RESET random_page_cost; INSERT INTO orders SELECT n, 1, 'lost' FROM generate_series(300001, 320000) n",
    "DELETE FROM orders WHERE id > 3000; ANALYZE orders",
)
OTHER_DEFINITIONS = (
    "ALTER TABLE orders ADD COLUMN more text",
    "ALTER TABLE orders ALTER COLUMN total TYPE float",
    "ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE",
    "CREATE INDEX ON visits (page)",
    "CREATE TABLE visits_3 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2025-07-01')",
)


def test_what_changed_is_taken_over_without_a_new_clone(source: Connection, keeper: CloneKeeper) -> None:
    agrees(source, keeper, built=1)
    for change in SMALL_CHANGES:
        source.execute(change.encode())
        agrees(source, keeper, built=1)
    source.execute("VACUUM (FULL, ANALYZE) orders")
    agrees(source, keeper, built=1)


def test_other_definitions_take_a_new_clone(source: Connection, keeper: CloneKeeper) -> None:
    agrees(source, keeper, built=1)
    for built, change in enumerate(OTHER_DEFINITIONS, 2):
        source.execute(f"{change}; ANALYZE".encode())
        agrees(source, keeper, built=built)


def test_the_clone_grows_to_all_tables_that_were_asked_for(source: Connection, keeper: CloneKeeper) -> None:
    assert keeper.built == 0
    for tables, built in (((ORDERS,), 1), ((CUSTOMERS,), 2), ((ORDERS,), 2), ((CUSTOMERS, ORDERS), 2)):
        with ExitStack() as stack:
            keeper.pricing(source, catalogue_of(source, *tables), stack)
        assert keeper.built == built


def test_only_what_was_analysed_is_read_again(source: Connection, keeper: CloneKeeper) -> None:
    source.execute("SELECT pg_stat_statements_reset()")
    source.execute("SET pg_stat_statements.track = 'all'")  # what is read runs inside a block

    def rows_read() -> int:
        found = source.execute(
            "SELECT coalesce(sum(rows), 0)::int FROM pg_stat_statements WHERE query LIKE '%most_common_elems%'"
        ).fetchone()
        return int(found[0]) if found else 0

    costs(source, keeper)
    whole = rows_read()
    costs(source, keeper)
    assert rows_read() == whole
    source.execute("ANALYZE customers")
    costs(source, keeper)
    assert rows_read() == whole + 4  # its four columns


def test_a_clone_whose_server_died_is_made_anew(source: Connection) -> None:
    pids: list[int] = []

    @contextmanager
    def recorded(settings: Mapping[str, str]) -> Iterator[str]:
        with clone_server(settings) as dsn:
            with psycopg.connect(dsn) as connection:
                (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            pids.append(int(Path(folder, "postmaster.pid").read_text().split()[0]))
            yield dsn

    keeper = CloneKeeper(recorded)
    first = costs(source, keeper)
    os.kill(pids[0], signal.SIGKILL)
    assert costs(source, keeper) == first
    assert keeper.built == 2
    keeper.close()


def test_no_server_to_be_had_is_said_and_not_tried_for_ever(source: Connection) -> None:
    def nowhere(settings: Any) -> Any:
        asked.append(settings)
        raise OSError(30, "Read-only file system")

    asked: list[Any] = []
    keeper = CloneKeeper(nowhere)
    for _ in range(5):
        with ExitStack() as stack, pytest.raises(SourceUnavailableError, match=r"Read-only file system|3 times"):
            keeper.pricing(source, catalogue_of(source), stack)
    assert len(asked) == 3
