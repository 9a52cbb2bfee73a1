"""An index priced without a planner: the arithmetic, with Postgres' own cost constants."""

import pytest

from advisor.model.forecast import IndexCandidate
from advisor.sql.shape import table_uses
from advisor.whatif.index.heuristic import ColumnStatistics, Estimate, estimate

ROWS, PAGES = 100_000, 1_000


def column(n_distinct: float = 1000, *, correlation: float = 0.0, null_ratio: float = 0.0) -> ColumnStatistics:
    return ColumnStatistics(n_distinct=n_distinct, null_ratio=null_ratio, width_bytes=8, correlation=correlation)


def priced(condition: str, *names: str, **columns: ColumnStatistics) -> Estimate:
    (use,) = table_uses(f"SELECT * FROM t WHERE {condition}")
    return estimate(IndexCandidate(schema="public", table="t", columns=names), use, columns, ROWS, PAGES)


def test_reading_the_table_whole_costs_its_pages_and_one_look_at_each_row() -> None:
    # 1,000 pages x 1 + 100,000 rows x (0.01 + 0.0025)
    assert priced("a = $1", "a", a=column()).cost_before == pytest.approx(2250)


def test_rows_that_lie_apart_cost_a_page_each() -> None:
    # One in 1,000: 100 rows. log2(100,000) x 0.0025 + 100 x (0.005 + 0.01) + 100 pages x 4
    assert priced("a = $1", "a", a=column()).cost_after == pytest.approx(0.0415 + 1.5 + 400, abs=0.001)


def test_rows_that_lie_together_cost_the_pages_they_fill() -> None:
    # 100 rows of 100 a page: one page.
    found = priced("a = $1", "a", a=column(correlation=1.0))
    assert found.cost_after == pytest.approx(0.0415 + 1.5 + 4, abs=0.001)


def test_two_columns_find_fewer_rows_than_one() -> None:
    # 1/1,000 x 1/50: 2 rows.
    found = priced("a = $1 AND b = $2", "a", "b", a=column(), b=column(50))
    assert found.cost_after == pytest.approx(0.0415 + 2 * 0.015 + 2 * 4, abs=0.001)


def test_a_number_of_values_below_zero_is_a_share_of_the_rows() -> None:
    # All different: one row.
    assert priced("a = $1", "a", a=column(-1)).cost_after == pytest.approx(0.0415 + 0.015 + 4, abs=0.001)


def test_nulls_are_not_found_by_equality() -> None:
    # Half are NULL: 50 rows.
    found = priced("a = $1", "a", a=column(null_ratio=0.5))
    assert found.cost_after == pytest.approx(0.0415 + 50 * 0.015 + 50 * 4, abs=0.001)


def test_an_index_that_would_read_more_than_the_table_gains_nothing() -> None:
    # A range finds a third of all rows, spread over every page: 33,333 x 0.015 + 1,000 x 4 is dearer than 2,250.
    found = priced("a > $1", "a", a=column())
    assert found.cost_after == found.cost_before


def test_the_size_is_that_of_its_pages() -> None:
    # 100,000 entries of 8 + 16 bytes, pages 90% full: 2,666,667 bytes are 326 pages of 8,192.
    assert priced("a = $1", "a", a=column()).size_bytes == 326 * 8192
