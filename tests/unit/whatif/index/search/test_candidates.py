"""Which indexes are thought of for a statement."""

import pytest

from advisor.model.database.index_design import IndexDesign, IndexKey, plain_keys
from advisor.whatif.index.catalogue.tables import ExistingIndex
from advisor.whatif.index.search.designs import designs_for
from advisor.whatif.index.search.existing import is_there
from advisor.whatif.index.search.special import special_designs_for
from tests.unit.whatif.index.tables import a_column, a_table, access, existing


def plain(text: str) -> set[tuple[str, ...]]:
    table = a_table()
    return {d.columns for d in designs_for(access(text, table), table) if not d.include and not d.predicate}


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("a = $1", {("a",)}),
        ("a = $1 ORDER BY c", {("a",), ("a", "c")}),
        ("b > $1 AND a = $2", {("a",), ("b",), ("a", "b")}),
        ("b > $1 AND c < $2", {("b",), ("c",)}),
        ("a = $1 ORDER BY a", {("a",)}),
        ("true", set()),
    ],
    ids=["equality", "then the order", "then one range", "one range each", "once", "none"],
)
def test_equality_comes_first_then_one_range_or_the_order(condition: str, wanted: set[tuple[str, ...]]) -> None:
    assert plain(f"SELECT * FROM t WHERE {condition}") == wanted


def test_what_is_read_besides_the_keys_makes_a_covering_index_unless_all_is_read() -> None:
    table = a_table()
    found = designs_for(access("SELECT c FROM t WHERE a = 1", table), table)
    assert [d.include for d in found if d.columns == ("a",)] == [(), ("c",)]
    everything = designs_for(access("SELECT * FROM t WHERE a = 1", table), table)
    assert all(not design.include for design in everything)


def test_a_state_makes_a_partial_index_and_a_value_among_many_does_not() -> None:
    table = a_table(a_column("state", 5, type="text", type_category="S"), a_column("a", 90_000))
    found = designs_for(access("SELECT * FROM t WHERE state = 'open' AND a = 7", table), table)
    assert {(d.columns, d.predicate) for d in found if d.predicate} == {(("a",), "(state = 'open')")}


def test_a_descending_order_is_kept_only_where_reading_backwards_does_not_give_it() -> None:
    table = a_table()
    backwards = designs_for(access("SELECT * FROM t WHERE a = 1 ORDER BY b DESC, c DESC", table), table)
    assert plain_keys("a", "b", "c") in [d.keys for d in backwards]
    mixed = designs_for(access("SELECT * FROM t WHERE a = 1 ORDER BY b DESC NULLS LAST, c", table), table)
    wanted = (IndexKey(text="a"), IndexKey(text="b", descending=True), IndexKey(text="c"))
    assert wanted in [d.keys for d in mixed]


def test_special_methods_come_where_they_can_serve() -> None:
    ordered = a_column("at", type="timestamp", type_category="D", correlation=0.99)
    during = a_column("during", type="tsrange", type_category="R")
    table = a_table(
        a_column("tags", type="text[]", type_category="A"), a_column("name", type_category="S"), ordered, during
    )

    def methods(condition: str, pages: float = 1000.0, **extensions: str) -> list[tuple[str, str]]:
        large = a_table(*table.columns.values(), pages=pages)
        found = special_designs_for(access(f"SELECT 1 FROM t WHERE {condition}", large), large, extensions)
        return [(d.access_method, d.keys[0].operator_class) for d in found]

    assert methods("tags @> ARRAY['x']") == [("gin", "")]
    assert methods("during && tsrange(now(), now())") == [("gist", "")]
    assert methods("name LIKE '%x%'") == []
    assert methods("name LIKE '%x%'", pg_trgm="public") == [("gin", '"public".gin_trgm_ops')]
    assert methods("name LIKE 'x%'") == [("btree", "text_pattern_ops")]
    assert methods("at > now()") == []
    assert methods("at > now()", pages=100_000.0) == [("brin", "")]


@pytest.mark.parametrize(
    ("index", "covers"),
    [
        (existing("a", "b"), True),
        (existing("b", "a"), False),
        (existing("a", is_valid=False), False),
        (existing("a", predicate="b > 0"), False),
        (existing('"a"'), True),
        (existing("a DESC"), True),
        (existing("a", access_method="hash"), False),
    ],
    ids=["longer", "other order", "invalid", "partial", "quoted", "read backwards", "other method"],
)
def test_what_exists_and_its_beginnings_are_not_thought_of_again(index: ExistingIndex, covers: bool) -> None:
    design = IndexDesign(schema="public", table="t", keys=plain_keys("a"))
    assert is_there(design, a_table(indexes=(index,))) is covers
