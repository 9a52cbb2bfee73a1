"""What a table has already, by what it does and not by how it is written."""

import pytest

from advisor.model.database.index_design import IndexDesign, IndexKey, plain_keys
from advisor.whatif.index.catalogue.tables import ExistingIndex
from advisor.whatif.index.search.existing import is_found_by_key, is_hashed, is_there, outdone, without_virtual
from tests.unit.whatif.index.tables import a_column, a_table, access, existing


def design(*columns: str, expression: str = "", **changes: object) -> IndexDesign:
    keys = (IndexKey(text=expression, is_expression=True),) if expression else plain_keys(*columns)
    return IndexDesign(schema="public", table="t", keys=keys, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (design(expression="lower(a)"), existing("lower((a)::text)", "b")),
        (
            design(expression="date_trunc('day', a AT TIME ZONE 'UTC')"),
            existing("date_trunc('day'::text, (a AT TIME ZONE 'UTC'::text))"),
        ),
        (
            design(expression="string_to_array(a, ' ')", access_method="gin"),
            existing("string_to_array(a, ' '::text)", access_method="gin"),
        ),
        (design("a", include=("b", "c")), existing("a", "c", include=("b",))),
        (design("a", predicate="b = 'x'"), existing("a", predicate="(b = 'x'::text)")),
    ],
    ids=["a cast of the catalogue's", "nested", "in an index for arrays", "included", "of the same rows"],
)
def test_an_index_is_known_by_what_it_holds(wanted: IndexDesign, index: ExistingIndex) -> None:
    assert is_there(wanted, a_table(indexes=(index,)))


def test_an_index_of_other_rows_or_of_fewer_columns_is_another() -> None:
    assert not is_there(design("a", predicate="b = 'x'"), a_table(indexes=(existing("a", predicate="(b = 'y')"),)))
    assert not is_there(design("a", include=("b",)), a_table(indexes=(existing("a"),)))


@pytest.mark.parametrize(
    ("wanted", "index", "text", "is_found"),
    [
        (design("a", "b"), existing("a", is_unique=True), "a = 5 AND b = 7", True),
        (design("a", include=("b",)), existing("a", is_unique=True), "a = 5", True),
        (design("b", "a"), existing("a", is_unique=True), "a = 5 AND b = 7", True),
        (design("a", "b", "c"), existing("a", "b", is_unique=True), "a = 5 AND b = 7 AND c > 1", True),
        (design("b", "a"), existing("a", is_unique=True), "b = 7 ORDER BY a", False),
        (design("b", "a"), existing("a", is_unique=True), "b = 7 AND a > 5", False),
        (design("a"), existing("a", "b", is_unique=True), "a = 5", False),
        (design("a", "b"), existing("a"), "a = 5 AND b = 7", False),
        (design("a", "b"), existing("a", is_unique=True, predicate="(b = 1)"), "a = 5 AND b = 7", False),
        (design("a", "b", predicate="c = 1"), existing("a", is_unique=True), "a = 5 AND b = 7 AND c = 1", True),
    ],
)
def test_what_a_unique_key_finds_needs_no_wider_index(
    wanted: IndexDesign, index: ExistingIndex, text: str, is_found: bool
) -> None:
    table = a_table(*map(a_column, "abc"), indexes=(index,))
    assert is_found_by_key(wanted, access(f"SELECT b FROM t WHERE {text}", table), table) is is_found


def test_a_hash_index_does_for_look_ups_by_equal_values_alone() -> None:
    table = a_table(indexes=(existing("a", access_method="hash"),))
    assert is_hashed(design("a"), access("SELECT 1 FROM t WHERE a = 5", table), table)
    assert not is_hashed(design("a"), access("SELECT 1 FROM t WHERE a > 5", table), table)
    assert not is_hashed(design("a", "b"), access("SELECT 1 FROM t WHERE a = 5 AND b = 7", table), table)


def test_what_begins_like_an_index_and_holds_what_it_holds_outdoes_it() -> None:
    def gone(index: ExistingIndex, wanted: IndexDesign) -> bool:
        return bool(outdone(wanted, a_table(indexes=(index,))))

    assert gone(existing("a"), design("a", include=("b",)))
    assert gone(existing("a", "b"), design("a", "b", "c"))
    assert not gone(existing("a", "b"), design("a", include=("b",)))
    assert not gone(existing("a", include=("d",)), design("a", "b"))
    assert not gone(existing("a", is_unique=True), design("a", "b"))
    assert not gone(existing("a", is_part=True), design("a", "b"))
    assert not gone(existing("a"), design("a", "b", predicate="c = 1"))


def test_a_virtual_column_is_indexed_by_its_expression_or_not_at_all() -> None:
    table = a_table(a_column("a"), a_column("b", expression="(a * 2)"))
    (key,) = ((found := without_virtual(design("b"), table)) and found.keys) or ()
    assert (key.text, key.is_expression) == ("a * 2", True)
    assert without_virtual(design("a", include=("b",)), table) is None
    assert without_virtual(design("a", predicate="b > 3"), table) is None
    assert without_virtual(design("a"), table) == design("a")
