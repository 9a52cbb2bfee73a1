"""What an index costs the writing statements of a file: each runs once, and writes one row."""

import math

import pytest

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.file_writes import FileWrites

PAGE = TableName("public", "page")
INSERT = StatementShape(accesses=(), unknown=(), inserts_into=frozenset({PAGE}))
UPDATE = StatementShape(accesses=(), unknown=(), sets_columns=frozenset({(PAGE, "hits")}))


def on(column: str, method: str = "btree") -> IndexDesign:
    return IndexDesign(schema="public", table="page", keys=plain_keys(column), access_method=method)


@pytest.mark.parametrize(
    ("cost", "shape", "design", "share"),
    [
        # Into a table of three indexes a row and three entries are written, 16 units; then a fourth entry, 4.
        (0.0, INSERT, on("title"), 4 / 16),
        # A look-up of 8 and the row, 4: with the index all four get an entry.
        (8.0, UPDATE, on("hits"), 16 / 12),
        (8.0, UPDATE, on("title"), 0.0),
        (8.0, UPDATE, on("hits", "brin"), 0.0),
    ],
)
def test_an_index_makes_its_writers_dearer(
    cost: float, shape: StatementShape, design: IndexDesign, share: float
) -> None:
    writes = FileWrites(writers=[(cost, shape), (cost, shape)], indexes={PAGE: 3})
    assert writes.score(design) == pytest.approx(2 * math.log(1 + share))


def test_another_table_of_the_name_pays_nothing() -> None:
    writes = FileWrites(writers=[(0.0, INSERT)], indexes={PAGE: 3})
    assert writes.score(IndexDesign(schema="archive", table="page", keys=plain_keys("title"))) == 0.0
