"""TPC-H without any key or index: tables, data and the 22 queries, all from the wheel `duckdb` without a network."""

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import LiteralString

import duckdb
import psycopg
from psycopg import sql

_ROWS_AT_A_TIME = 20_000
_KEYS = {
    "region": ("r_regionkey",),
    "nation": ("n_nationkey", "n_regionkey"),
    "supplier": ("s_suppkey", "s_nationkey"),
    "customer": ("c_custkey", "c_nationkey"),
    "part": ("p_partkey",),
    "partsupp": ("ps_partkey", "ps_suppkey"),
    "orders": ("o_orderkey", "o_custkey"),
    "lineitem": ("l_orderkey", "l_partkey", "l_suppkey"),
}
_FIXED = {
    "region": ("r_name",),
    "nation": ("n_name",),
    "supplier": ("s_name", "s_phone"),
    "customer": ("c_phone", "c_mktsegment"),
    "part": ("p_mfgr", "p_brand", "p_container"),
    "orders": ("o_orderstatus", "o_orderpriority", "o_clerk"),
    "lineitem": ("l_returnflag", "l_linestatus", "l_shipinstruct", "l_shipmode"),
}
_SCHEMA: LiteralString = """
CREATE TABLE region (r_regionkey integer, r_name char(25), r_comment varchar(152));
CREATE TABLE nation (n_nationkey integer, n_name char(25), n_regionkey integer, n_comment varchar(152));
CREATE TABLE supplier (s_suppkey integer, s_name char(25), s_address varchar(40), s_nationkey integer,
    s_phone char(15), s_acctbal numeric(15,2), s_comment varchar(101));
CREATE TABLE customer (c_custkey integer, c_name varchar(25), c_address varchar(40), c_nationkey integer,
    c_phone char(15), c_acctbal numeric(15,2), c_mktsegment char(10), c_comment varchar(117));
CREATE TABLE part (p_partkey integer, p_name varchar(55), p_mfgr char(25), p_brand char(10), p_type varchar(25),
    p_size integer, p_container char(10), p_retailprice numeric(15,2), p_comment varchar(23));
CREATE TABLE partsupp (ps_partkey integer, ps_suppkey integer, ps_availqty integer, ps_supplycost numeric(15,2),
    ps_comment varchar(199));
CREATE TABLE orders (o_orderkey integer, o_custkey integer, o_orderstatus char(1), o_totalprice numeric(15,2),
    o_orderdate date, o_orderpriority char(15), o_clerk char(15), o_shippriority integer, o_comment varchar(79));
CREATE TABLE lineitem (l_orderkey integer, l_partkey integer, l_suppkey integer, l_linenumber integer,
    l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2),
    l_returnflag char(1), l_linestatus char(1), l_shipdate date, l_commitdate date, l_receiptdate date,
    l_shipinstruct char(25), l_shipmode char(10), l_comment varchar(44));
"""
TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")


def load(dsn: str, scale: float, changes: Sequence[str] = ()) -> None:
    """Fill an empty database. Statistics as a default ANALYZE makes them; all pages are visible.

    changes: statements that make something else of it, run before that.
    """
    with duckdb.connect() as source, psycopg.connect(dsn, autocommit=True) as target:
        source.execute(f"LOAD tpch; CALL dbgen(sf = {scale})")
        target.execute(_SCHEMA)
        for table in TABLES:
            copy = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(sql.Identifier(table))
            with target.cursor().copy(copy) as stream:
                for text in _rows(source, table):
                    stream.write(text)
        for change in changes:
            target.execute(change.encode())
        target.execute("VACUUM (ANALYZE)")


def keys_as(kind: str, using: str) -> list[str]:
    """All keys in another type. using: the new value by the old one, which stands for {}."""
    return [_altered(table, dict.fromkeys(names, (kind, using))) for table, names in _KEYS.items()]


def fixed_as_varchar() -> list[str]:
    """Text of fixed length as text of varying length."""
    return [_altered(table, dict.fromkeys(names, ("varchar", "rtrim({})"))) for table, names in _FIXED.items()]


def _altered(table: str, columns: Mapping[str, tuple[str, str]]) -> str:
    parts = [f"ALTER {name} TYPE {kind} USING {using.format(name)}" for name, (kind, using) in columns.items()]
    return f"ALTER TABLE {table} {', '.join(parts)}"


PRIMARY_KEYS = [
    *(f"ALTER TABLE {table} ADD PRIMARY KEY ({table[0]}_{table}key)" for table in ("region", "nation")),
    "ALTER TABLE supplier ADD PRIMARY KEY (s_suppkey)",
    "ALTER TABLE customer ADD PRIMARY KEY (c_custkey)",
    "ALTER TABLE part ADD PRIMARY KEY (p_partkey)",
    "ALTER TABLE partsupp ADD PRIMARY KEY (ps_partkey, ps_suppkey)",
    "ALTER TABLE orders ADD PRIMARY KEY (o_orderkey)",
    "ALTER TABLE lineitem ADD PRIMARY KEY (l_orderkey, l_linenumber)",
]
SKEWED = [
    # A few customers order most, and dates go with keys: the tables lie in the order in which the rows came.
    "UPDATE orders SET o_custkey = 1 + (power(o_custkey::float8 / (SELECT count(*) FROM customer), 4)"
    " * (SELECT count(*) - 1 FROM customer))::int",
    "CREATE TABLE sorted AS SELECT * FROM orders ORDER BY o_orderdate",
    "DROP TABLE orders",
    "ALTER TABLE sorted RENAME TO orders",
    "CREATE TABLE sorted AS SELECT * FROM lineitem ORDER BY l_shipdate",
    "DROP TABLE lineitem",
    "ALTER TABLE sorted RENAME TO lineitem",
]


def _rows(source: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    import csv

    found = source.execute(f"SELECT * FROM {table}")
    while rows := found.fetchmany(_ROWS_AT_A_TIME):
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        yield text.getvalue()


def queries() -> list[str]:
    """The 22 queries with their validation constants."""
    with duckdb.connect() as source:
        source.execute("LOAD tpch")
        found = source.execute("SELECT query FROM tpch_queries() ORDER BY query_nr").fetchall()
    return [text.strip().rstrip(";") for (text,) in found]
