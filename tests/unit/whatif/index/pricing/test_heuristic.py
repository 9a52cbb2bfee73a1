"""An index priced without a planner: the arithmetic, with Postgres' own cost constants."""

import math

import pytest

from advisor.model.index_design import IndexDesign, plain_keys
from advisor.whatif.index.catalogue.tables import Column
from advisor.whatif.index.pricing.heuristic import lookup, whole_scan
from tests.unit.whatif.index.tables import a_column, a_table, access


def priced(condition: str, *columns: Column) -> float:
    """An index on these columns, on 100,000 rows on 1,000 pages."""
    table = a_table(*columns)
    design = IndexDesign(schema="public", table="t", keys=plain_keys(*(column.name for column in columns)))
    return lookup(design, access(f"SELECT * FROM t WHERE {condition}", table), table)


def test_reading_the_table_whole_costs_its_pages_and_one_look_at_each_row() -> None:
    # 1,000 pages x 1 + 100,000 rows x (0.01 + 0.0025)
    assert whole_scan(a_table()) == pytest.approx(2250)


def test_rows_that_lie_apart_cost_a_page_each() -> None:
    # One in 1,000: 100 rows. log2(100,000) x 0.0025 + 100 x (0.005 + 0.01) + 100 pages x 4
    assert priced("a = $1", a_column("a")) == pytest.approx(0.0415 + 1.5 + 400, abs=0.001)


def test_rows_that_lie_together_cost_the_pages_they_fill() -> None:
    # 100 rows of 100 a page: one page.
    assert priced("a = $1", a_column("a", correlation=1.0)) == pytest.approx(0.0415 + 1.5 + 4, abs=0.001)


def test_two_columns_find_fewer_rows_than_one() -> None:
    # 1/1,000 x 1/50: 2 rows.
    found = priced("a = $1 AND b = $2", a_column("a"), a_column("b", 50))
    assert found == pytest.approx(0.0415 + 2 * 0.015 + 2 * 4, abs=0.001)


def test_a_number_of_values_below_zero_is_a_share_of_the_rows() -> None:
    # All different: one row.
    assert priced("a = $1", a_column("a", -1)) == pytest.approx(0.0415 + 0.015 + 4, abs=0.001)


def test_nulls_are_not_found_by_equality() -> None:
    # Half are NULL: 50 rows.
    found = priced("a = $1", a_column("a", null_ratio=0.5))
    assert found == pytest.approx(0.0415 + 50 * 0.015 + 50 * 4, abs=0.001)


def test_an_index_whose_first_key_is_not_bounded_finds_nothing() -> None:
    assert priced("b = $1", a_column("a"), a_column("b")) == math.inf
