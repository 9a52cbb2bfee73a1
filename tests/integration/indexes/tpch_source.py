"""TPC-H on a server with HypoPG, designs over it, and the statistics of one server set into another of its version."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.database.index_design import IndexDesign, IndexKey, plain_keys
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.search.costs import WorkloadQuery
from advisor.whatif.index.search.ways import query_of
from advisor.whatif.index.search.workload import read_all
from benchmarks import tpch

Connection = psycopg.Connection[Any]


def design(
    table: str, *columns: str, include: tuple[str, ...] = (), predicate: str = "", access_method: str = "btree"
) -> IndexDesign:
    return IndexDesign(
        schema="public",
        table=table,
        keys=plain_keys(*columns),
        include=include,
        predicate=predicate,
        access_method=access_method,
    )


DESIGNS = (
    design("customer", "c_custkey"),
    design("customer", "c_acctbal"),
    design("customer", "c_custkey", predicate="c_mktsegment = 'BUILDING'"),
    IndexDesign(schema="public", table="customer", keys=(IndexKey(text="lower(c_name)", is_expression=True),)),
    design("lineitem", "l_orderkey"),
    design("lineitem", "l_partkey", "l_quantity"),
    design("lineitem", "l_shipdate", include=("l_discount", "l_extendedprice", "l_quantity")),
    design("lineitem", "l_partkey", include=("l_quantity",), predicate="l_shipmode IN ('AIR', 'AIR REG')"),
    design("lineitem", "l_shipdate", access_method="brin"),
    design("orders", "o_orderkey"),
    design("orders", "o_custkey", include=("o_orderkey",)),
    design("orders", "o_orderdate", "o_custkey"),
    design("part", "p_name"),
    design("part", "p_brand", "p_container"),
    design("part", "p_partkey", predicate="p_size = 15"),
    design("partsupp", "ps_partkey"),
    design("partsupp", "ps_suppkey", include=("ps_partkey", "ps_supplycost")),
    design("supplier", "s_suppkey"),
)


def read(connection: Connection) -> tuple[Catalogue, dict[str, WorkloadQuery]]:
    """The catalogue and the 22 queries by number."""
    workload = [WorkloadStatement(id=str(number), text=text) for number, text in enumerate(tpch.queries(), 1)]
    names = read_relations(connection)
    statements, _ = read_all(workload, names.relations)
    tables = read_tables(connection, {name for one in statements for name in one.shape.tables})
    catalogue = Catalogue(
        relations=names.relations, tables=tables, extensions=names.extensions, server_version=names.server_version
    )
    return catalogue, {one.statement.id: query_of(one, tables) for one in statements}


def copy_statistics(source: Connection, target: Connection, tables: Sequence[str]) -> None:
    """Row by row, by the number of the column: before 18 a superuser must write the catalogue himself."""
    with source.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT c.relname, s.*, stavalues1::text AS v1, stavalues2::text AS v2, stavalues3::text AS v3"
            " FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid WHERE c.relname = ANY (%s)",
            (list(tables),),
        ).fetchall()
    slots = [f"sta{what}{n}" for what in ("kind", "op", "coll", "numbers") for n in range(1, 6)]
    values = ", ".join(f"array_in(%(v{n})s::cstring, a.atttypid, a.atttypmod)" for n in (1, 2, 3))
    for row in rows:
        text = (
            "INSERT INTO pg_statistic SELECT a.attrelid, a.attnum, false, %(stanullfrac)s, %(stawidth)s,"
            " %(stadistinct)s, "
            + ", ".join(f"%({slot})s" + ("::real[]" if "numbers" in slot else "") for slot in slots)
            + f", {values}, NULL, NULL FROM pg_attribute a"
            " WHERE a.attrelid = %(relname)s::regclass AND a.attnum = %(staattnum)s"
        )
        target.execute(text.encode(), row)
