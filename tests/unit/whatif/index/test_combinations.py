"""Columns that are joined together with one other table have no more combinations than that has rows."""

import pytest

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.sql.relations import Relations, TableName
from advisor.sql.statement import read_statement
from advisor.whatif.index.catalogue.combinations import with_combinations
from advisor.whatif.index.catalogue.tables import Column, TableFacts
from advisor.whatif.index.pricing.index_size import index_pages, shape_of
from tests.unit.whatif.index.tables import a_column, a_table

LINE, STOCK = TableName("public", "line"), TableName("public", "stock")


def tables(stock_part: Column) -> dict[TableName, TableFacts]:
    ours = (a_column("part", distinct=6000), a_column("supplier", distinct=300), a_column("note", distinct=-1.0))
    return {
        LINE: a_table(*ours, name=LINE),
        STOCK: a_table(stock_part, a_column("supplier", distinct=300), name=STOCK, rows=24_000.0),
    }


def told(condition: str, stock_part: Column | None = None) -> dict[frozenset[str], float]:
    facts = tables(stock_part or a_column("part", distinct=6000))
    relations = Relations(columns={name: tuple(one.columns) for name, one in facts.items()})
    shape = read_statement(f"SELECT * FROM line l JOIN stock s ON {condition}", relations)
    return dict(with_combinations(facts, [shape])[LINE].combinations)


def test_a_key_of_two_columns_has_a_partner_for_each_combination() -> None:
    assert told("l.part = s.part AND s.supplier = l.supplier") == {frozenset({"part", "supplier"}): 24_000}


@pytest.mark.parametrize("condition", ["l.part = s.part", "l.part = s.part AND l.supplier < s.supplier"])
def test_one_column_tells_nothing(condition: str) -> None:
    assert told(condition) == {}


def test_a_condition_beside_a_key_of_one_column_is_no_part_of_it() -> None:
    assert told("l.part = s.part AND s.supplier = l.supplier", a_column("part", distinct=-1.0)) == {}


def test_an_index_on_both_columns_is_as_small_as_that() -> None:
    facts = tables(a_column("part", distinct=6000))
    relations = Relations(columns={name: tuple(one.columns) for name, one in facts.items()})
    text = "SELECT * FROM line l JOIN stock s ON l.part = s.part AND s.supplier = l.supplier"
    known = with_combinations(facts, [read_statement(text, relations)])[LINE]
    design = IndexDesign(schema="public", table="line", keys=plain_keys("supplier", "part"))
    # 24,000 keys of 24 bytes and four rows of 6 bytes each, with line pointers 1.2 MB; an entry for each row 2.8 MB.
    assert index_pages(shape_of(design, known, 100_000)) < 0.6 * index_pages(shape_of(design, facts[LINE], 100_000))
