"""Sizes as they are foretold beside what is built, over tables of several applications."""

from collections.abc import Iterator
from statistics import median

import psycopg
import pytest

from advisor.model.database.index_design import IndexDesign
from advisor.sql.index_ddl import create_statement
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.pricing.hypopg import HypopgPricing
from tests.integration.indexes.sized_schemas import DESIGNS, SCHEMA
from tests.integration.indexes.tpch_source import Connection

_MEDIAN_ERROR, _LARGEST_ERROR = 0.15, 0.5


@pytest.fixture
def source(hypopg_database: str) -> Iterator[Connection]:
    with psycopg.connect(hypopg_database, autocommit=True, prepare_threshold=None) as connection:
        connection.execute(SCHEMA.encode())
        connection.execute("VACUUM (ANALYZE)")
        yield connection


def built_bytes(connection: Connection, design: IndexDesign) -> int:
    connection.execute(create_statement(design, concurrently=False, name="probe").encode())
    found = connection.execute("SELECT pg_relation_size('probe')").fetchone()
    connection.execute("DROP INDEX probe")
    return int(found[0]) if found else 0


def test_sizes_are_foretold_within_a_seventh_by_the_median(source: Connection) -> None:
    names = read_relations(source)
    tables = read_tables(source, {TableName(one.schema, one.table) for one in DESIGNS})
    catalogue = Catalogue(relations=names.relations, tables=tables, extensions=names.extensions)
    pricing = HypopgPricing(source, catalogue)
    assert pricing.offer(DESIGNS) == {}
    foretold = {one: pricing.size_bytes(one) for one in DESIGNS}
    source.execute("SELECT hypopg_reset()")
    errors = {one.name: foretold[one] / built_bytes(source, one) - 1 for one in DESIGNS}
    assert len(errors) >= 40
    far = {name: f"{error:+.0%}" for name, error in errors.items() if abs(error) > _LARGEST_ERROR}
    assert median(abs(error) for error in errors.values()) < _MEDIAN_ERROR, errors
    assert not far
