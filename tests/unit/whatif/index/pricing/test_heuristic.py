"""An index priced without a planner: the arithmetic, with Postgres' own cost constants."""

import math

import pytest

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.whatif.index.catalogue.tables import Column
from advisor.whatif.index.pricing.heuristic import lookup, present_cost
from tests.unit.whatif.index.tables import a_column, a_table, access, existing


def priced(condition: str, *columns: Column) -> float:
    """An index on these columns, on 100,000 rows on 1,000 pages."""
    table = a_table(*columns)
    design = IndexDesign(schema="public", table="t", keys=plain_keys(*(column.name for column in columns)))
    return lookup(design, access(f"SELECT * FROM t WHERE {condition}", table), table)


def scan(kind: str, cost: float, alias: str = "t", **changes: object) -> dict[str, object]:
    node = {"Node Type": kind, "Total Cost": cost, "Plan Rows": 10, "Relation Name": "t", "Alias": alias}
    return node | {name.replace("_", " "): value for name, value in changes.items()}


def spent(*nodes: dict[str, object], column: str = "a") -> float:
    """On the table, by a plan that joins these scans by a hash, where it asks for the column."""
    plan = {"Node Type": "Hash Join", "Total Cost": 9000.0, "Plan Rows": 10, "Plans": list(nodes)}
    table = a_table(indexes=(existing("b", "a", name="t_b_a"),))
    return present_cost(IndexDesign(schema="public", table="t", keys=plain_keys(column)), table, plan)


def test_what_an_index_can_save_is_what_the_plan_spends_where_it_asks_for_its_key() -> None:
    whole = scan("Seq Scan", 2250.0, Filter="(a = 5)")
    by_index = scan("Index Scan", 8.4, "t_1", Index_Cond="(b = 7)")
    assert spent(whole, by_index) == 2250
    assert spent(whole, by_index, column="b") == 8.4
    assert spent(by_index) == 0


def test_what_an_index_finds_by_its_first_key_is_mostly_in_memory() -> None:
    """An index that is read through for its second key is as dear as it is priced."""
    bitmap = scan("Bitmap Heap Scan", 500.0, Recheck_Cond="(b = 7)")
    bitmap["Plans"] = [{"Node Type": "Bitmap Index Scan", "Index Name": "t_b_a", "Index Cond": "(b = 7)"}]
    assert spent(scan("Index Scan", 500.0, Index_Name="t_b_a", Index_Cond="(b = 7)"), column="b") == 500 * 0.2
    assert spent(bitmap, column="b") == 500 * 0.2
    assert spent(scan("Index Scan", 500.0, Index_Name="t_b_a", Index_Cond="(a = 7)"), column="a") == 500


def test_an_index_that_the_plan_uses_leaves_next_to_nothing_to_another_one() -> None:
    table = a_table(a_column("a", -1))
    design = IndexDesign(schema="public", table="t", keys=plain_keys("a"))
    gain = spent(scan("Index Scan", 8.4, Index_Cond="(a = 5)")) - lookup(
        design, access("SELECT * FROM t WHERE a = 5", table), table
    )
    assert gain < 1


def test_every_value_of_a_list_is_looked_up() -> None:
    # Two descents of 0.0415 + a leaf of 4, two rows on two pages.
    found = priced("a IN (1, 2)", a_column("a", -1))
    assert found == pytest.approx(2 * 4.0415 + 2 * 0.015 + 2 * 4, abs=0.001)


def test_rows_that_lie_apart_cost_a_page_each() -> None:
    # One in 1,000: 100 rows. log2(100,000) x 0.0025 + a leaf of 4 + 100 x (0.005 + 0.01) + 100 pages x 4
    assert priced("a = $1", a_column("a")) == pytest.approx(4.0415 + 1.5 + 400, abs=0.001)


def test_rows_that_lie_together_cost_the_pages_they_fill() -> None:
    # 100 rows of 100 a page: one page.
    assert priced("a = $1", a_column("a", correlation=1.0)) == pytest.approx(4.0415 + 1.5 + 4, abs=0.001)


def test_two_columns_find_fewer_rows_than_one() -> None:
    # 1/1,000 x 1/50: 2 rows.
    found = priced("a = $1 AND b = $2", a_column("a"), a_column("b", 50))
    assert found == pytest.approx(4.0415 + 2 * 0.015 + 2 * 4, abs=0.001)


def test_a_number_of_values_below_zero_is_a_share_of_the_rows() -> None:
    # All different: one row.
    assert priced("a = $1", a_column("a", -1)) == pytest.approx(4.0415 + 0.015 + 4, abs=0.001)


def test_nulls_are_not_found_by_equality() -> None:
    # Half are NULL: 50 rows.
    found = priced("a = $1", a_column("a", null_ratio=0.5))
    assert found == pytest.approx(4.0415 + 50 * 0.015 + 50 * 4, abs=0.001)


def test_an_index_whose_first_key_is_not_bounded_finds_nothing() -> None:
    assert priced("b = $1", a_column("a"), a_column("b")) == math.inf
