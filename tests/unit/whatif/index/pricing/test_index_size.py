"""Estimates of index sizes, beside what PostgreSQL 15 and 18 built over the same rows."""

import pytest

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.whatif.index.pricing.index_size import index_pages, shape_of
from tests.unit.whatif.index.tables import a_column, a_table

TABLE = a_table(
    a_column("id", width_bytes=4.0),
    a_column("name", width_bytes=19.0, type_category="S"),
    a_column("doc", width_bytes=85.0, type_category="U"),
    a_column("hash", width_bytes=33.0, type_category="S"),
)


def pages(text: str, rows: float, method: str = "btree", operator_class: str = "") -> int:
    key = IndexKey(text=text, is_expression="(" in text, operator_class=operator_class)
    design = IndexDesign(schema="public", table="t", keys=(key,), access_method=method)
    return index_pages(shape_of(design, TABLE, rows))


def test_a_large_b_tree_is_as_large_as_hypopg_says() -> None:
    # 1,800,100 entries of 4 + 16 bytes, times 1.3, on pages of 8,152: 5,741.2, which is 47.04 MB. HypoPG says 47.03
    # of TPC-H's l_orderkey; built, with equal keys stored once, it takes 23.37 MB.
    assert pages("id", 1_800_100) == 5742


def test_a_small_b_tree_counts_its_root_and_its_meta_page() -> None:
    # 1,200 entries of 16 + 4 bytes fill 3.3 leaves of 8,152 * 0.9 bytes: 4, a root, a meta page. Built: 6; HypoPG: 3.
    assert pages("id", 1200) == 6
    assert pages("id", 0) == 2


def test_an_unknown_expression_is_fifty_bytes_wide_as_hypopg_has_it() -> None:
    # 45,000 * (50 + 16) * 1.3 / 8,152 = 473.6
    assert pages("SUBSTRING(name FROM 1 FOR 2)", 45_000) == 474


@pytest.mark.parametrize("text", ["lower(name)", 'lower("name")', "upper(name)"])
def test_a_change_of_case_leaves_a_text_as_long_as_it_was(text: str) -> None:
    assert pages(text, 45_000) == pages("name", 45_000) < pages("reverse(name)", 45_000)


@pytest.mark.parametrize(
    ("text", "operator_class", "built"),
    [("doc", "", 1660), ("to_tsvector('english', doc)", "", 620), ("hash", "gin_trgm_ops", 1350)],
)
def test_no_gin_index_is_larger_when_built(text: str, operator_class: str, built: int) -> None:
    assert built <= pages(text, 100_000, "gin", operator_class) <= 2 * built
