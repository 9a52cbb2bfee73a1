"""Estimates of index sizes, beside what PostgreSQL 15 and 18 built over the same rows."""

import pytest

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.whatif.index.pricing.index_size import index_pages, shape_of
from tests.unit.whatif.index.tables import a_column, a_table

TABLE = a_table(
    a_column("id", distinct=-1.0),
    a_column("parent", distinct=-0.25),
    a_column("state", distinct=3, common_shares=(0.5, 0.3, 0.2)),
    a_column("amount", distinct=3, type="numeric(12,2)", common_shares=(0.5, 0.3, 0.2)),
    a_column(
        "code", distinct=3, type="character(2)", type_category="S", width_bytes=3.0, common_shares=(0.5, 0.3, 0.2)
    ),
    a_column("owner", distinct=-0.1, null_ratio=0.9),
    a_column("name", distinct=-1.0, width_bytes=19.0, type="text", type_category="S"),
    a_column("doc", distinct=-1.0, width_bytes=85.0, type="jsonb", type_category="U"),
    a_column("hash", distinct=-1.0, width_bytes=33.0, type="text", type_category="S"),
    a_column("pair", type="integer[]", type_category="A", elements=2.0, element_shares=(0.1,) * 10 + (0.001,) * 990),
    a_column(
        "tags", type="text[]", type_category="A", elements=4.0, element_shares=(0.00042,) * 900 + (0.000333,) * 100
    ),
    a_column("own", type="text[]", type_category="A", elements=2.0),
)


def pages(
    *texts: str, rows: float = 100_000, method: str = "btree", operator_class: str = "", include: str = ""
) -> int:
    keys = tuple(IndexKey(text=text, is_expression="(" in text, operator_class=operator_class) for text in texts)
    included = (include,) if include else ()
    design = IndexDesign(schema="public", table="t", keys=keys, include=included, access_method=method)
    return index_pages(shape_of(design, TABLE, rows))


def test_unique_keys_take_twenty_bytes_each() -> None:
    # 8 of header, 8 of value, 4 of line pointer: 366 a leaf of 8,152 bytes of which a tenth of a page, 819, stays free.
    # 100,000 / 366.2 = 273.1: 274 leaves, a root, a meta page. Built: 276.
    assert pages("id") == 276


def test_equal_keys_share_an_entry() -> None:
    # Lists of 132 rows, 816 bytes each with the line pointer: 8 to 9 a leaf. Built: 87.
    assert pages("state") == pytest.approx(87, rel=0.06)
    # Four rows a key, scattered: 16 bytes for the key and 6 a row, rounded up to 8, and 4. Built: 160.
    assert pages("parent") == pytest.approx(160, rel=0.06)


@pytest.mark.parametrize("column", ["amount", "code"])
def test_equal_keys_that_may_look_different_stay_apart(column: str) -> None:
    assert pages(column) == pages("id")


def test_equal_keys_beside_included_columns_stay_apart() -> None:
    # 8 of header and twice 8, 4 of line pointer: 28 bytes, 261 a leaf. Built: 388.
    assert pages("state", include="id") == pages("id", include="state") == pytest.approx(388, rel=0.01)


def test_rows_without_a_value_are_one_key() -> None:
    # 90,000 of them by lists of 132, 682 of 816 bytes; 10,000 values of 20 bytes: 757 kB, 93 pages and more.
    # Built: 105.
    assert pages("owner") == pytest.approx(105, rel=0.06)


def test_an_index_of_several_columns_has_as_many_keys_as_their_product_but_no_more_than_rows() -> None:
    # 3 * 3; 3 * 25,000, from which 100,000 rows draw; one a row. Built with the last: 388.
    assert pages("state", "id") == pytest.approx(388, rel=0.01)
    assert pages("state", "state") < pages("state", "parent") < pages("state", "id")


def test_a_small_b_tree_counts_its_root_and_its_meta_page() -> None:
    # 1,200 entries of 20 bytes fill 3.3 leaves: 4, a root, a meta page. Built: 6.
    assert pages("id", rows=1200) == 6
    assert pages("id", rows=0) == 2


def test_an_unknown_expression_is_fifty_bytes_wide_as_hypopg_has_it() -> None:
    # 8 + 50, rounded up to 64, and 4: 108 a leaf and 84 a page above. 45,000 / 107.8 = 417.5, 418 leaves, 5, 1, 1;
    # but each leaf repeats a key: 106 rows.
    assert pages("SUBSTRING(name FROM 1 FOR 2)", rows=45_000) == pytest.approx(425, abs=3)


@pytest.mark.parametrize("text", ["lower(name)", 'lower("name")', "upper(name)"])
def test_a_change_of_case_leaves_a_text_as_long_as_it_was(text: str) -> None:
    assert pages(text) == pages("name") < pages("reverse(name)")


def test_a_hash_index_has_buckets_of_307_rows_by_quarters_of_a_power_of_two() -> None:
    # 100,000 / 307 = 325.7: the next power of two is 512, and quarters begin beyond that; with two pages more 514.
    assert pages("name", method="hash") == 514


@pytest.mark.parametrize(
    ("text", "operator_class", "built"),
    [("doc", "", 1660), ("to_tsvector('english', doc)", "", 620), ("hash", "gin_trgm_ops", 1350)],
)
def test_no_gin_index_is_larger_when_built(text: str, operator_class: str, built: int) -> None:
    assert built <= pages(text, method="gin", operator_class=operator_class) <= 2 * built


@pytest.mark.parametrize(("column", "built"), [("pair", 109), ("tags", 424), ("own", 1368)])
def test_a_gin_index_on_an_array_has_an_entry_for_each_element(column: str, built: int) -> None:
    # Ten elements in a tenth of the rows each and a thousand in a thousandth; four of 20,000; two that no other row
    # has. Of the first about 200 rows have each: 1,010 * 100 + 200,000 * 3.5 = 801 kB, 99 pages.
    assert pages(column, method="gin") == pytest.approx(built, rel=0.2)
