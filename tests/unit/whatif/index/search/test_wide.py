"""Which columns a B-tree may refuse a row of, and what is advised in its place."""

import pytest

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.whatif.index.catalogue.tables import Column, ExistingIndex, TableFacts
from advisor.whatif.index.search.wide import hash_designs_for, why_too_wide
from tests.unit.whatif.index.tables import a_column, a_table, access


def text(name: str, **changes: object) -> Column:
    given: dict[str, object] = {"type": "text", "type_category": "S", "width_bytes": 30.0, "distinct": -1.0, **changes}
    return a_column(name, **given)  # type: ignore[arg-type]


def of(length: int) -> tuple[str, ...]:
    return ("x" * length,) * 20


def is_refused(*columns: Column, include: tuple[Column, ...] = ()) -> bool:
    table = a_table(*columns, *include)
    keys = plain_keys(*(column.name for column in columns))
    names = tuple(column.name for column in include)
    return why_too_wide(IndexDesign(schema="public", table="t", keys=keys, include=names), table) != ""


@pytest.mark.parametrize(
    ("column", "refused"),
    [
        (text("a", bounds=of(29)), False),
        (text("a", width_bytes=650.0, bounds=of(649)), False),  # 4 * 649 = 2,596 bytes
        (text("a", width_bytes=700.0, bounds=of(699)), True),  # 4 * 699 = 2,796 bytes
        (text("a", width_bytes=400.0, bounds=of(29)), True),  # most are kept out of sight
        (text("a", width_bytes=18.0, bounds=()), True),  # all are: 18 bytes are a pointer to one
        (text("a", type="character varying(600)", width_bytes=400.0), False),  # 2,400 bytes at most
        (text("a", type="character varying(700)", width_bytes=400.0), True),
        (a_column("a"), False),
        (text("a", null_ratio=1.0), False),
        (text("a", is_analysed=False), False),
    ],
)
def test_a_column_that_may_hold_more_than_a_third_of_a_page_is_refused(column: Column, refused: bool) -> None:
    assert is_refused(column) is refused


def test_all_columns_of_an_entry_count_together_and_included_ones_too() -> None:
    one, other = text("a", bounds=of(400), width_bytes=401.0), text("b", bounds=of(400), width_bytes=401.0)
    assert not is_refused(one)
    assert is_refused(one, other)
    assert is_refused(one, include=(other,))


def test_wide_values_that_are_asked_for_by_equality_may_be_hashed() -> None:
    wide, narrow = text("url", width_bytes=900.0, bounds=of(899)), text("name", bounds=of(29))
    table = a_table(wide, narrow)

    def hashed(condition: str, table: TableFacts = table) -> list[tuple[str, ...]]:
        found = list(hash_designs_for(access(f"SELECT 1 FROM t WHERE {condition}", table), table))
        assert all(design.access_method == "hash" for design in found)
        return [design.columns for design in found]

    assert hashed("url = 'x' AND name = 'y'") == [("url",)]
    assert hashed("url > 'x'") == []
    there = ExistingIndex(
        name="i",
        definition="",
        access_method="btree",
        keys=("url",),
        include=(),
        predicate="",
        is_unique=True,
        is_valid=True,
        constraint="",
        size_bytes=0,
    )
    assert hashed("url = 'x'", a_table(wide, narrow, indexes=(there,))) == []
