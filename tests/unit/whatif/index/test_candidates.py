"""Which indexes are thought of for a statement."""

import pytest
from advisor.whatif.index.candidates import candidates, create_statement, drop_statement, is_covered

from advisor.model.forecast import IndexCandidate
from advisor.model.workload import DatabaseLook
from advisor.sql.shape import table_uses
from tests.fakes.snapshots import a_look, a_table, an_index


def columns(text: str, **changes: object) -> list[tuple[str, ...]]:
    look: DatabaseLook = a_look(**{"tables": (a_table("t"),), **changes})
    return [candidate.columns for candidate in candidates(table_uses(text), look)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT * FROM t WHERE a = $1", [("a",)]),
        ("SELECT * FROM t WHERE a = $1 ORDER BY c", [("a", "c"), ("a",)]),
        ("SELECT * FROM t WHERE b > $1 AND a = $2", [("a", "b"), ("a",)]),
        ("SELECT * FROM t WHERE b > $1 AND c < $2", [("b",), ("c",)]),
        ("SELECT * FROM t WHERE a = $1 AND b = $2 AND c = $3 AND d = $4", [("a", "b", "c")]),
        ("SELECT * FROM t WHERE a = $1 ORDER BY a", [("a",)]),
        ("SELECT * FROM t", []),
        ("SELECT * FROM elsewhere WHERE a = $1", []),
    ],
    ids=[
        "equality",
        "then the order",
        "then one range",
        "one range each",
        "three at most",
        "once",
        "none",
        "unknown table",
    ],
)
def test_equality_comes_first_then_one_range_or_the_order(text: str, wanted: list[tuple[str, ...]]) -> None:
    assert columns(text) == wanted


def test_what_exists_and_its_prefixes_are_not_thought_of_again() -> None:
    text = "SELECT * FROM t WHERE a = $1 ORDER BY c"
    assert columns(text, indexes=(an_index("a", "c", table="t"),)) == []
    assert columns(text, indexes=(an_index("a", table="t"),)) == [("a", "c")]


@pytest.mark.parametrize(
    ("index", "covers"),
    [
        (an_index("a", "b"), True),
        (an_index("b", "a"), False),
        (an_index("a", is_valid=False), False),
        (an_index("a", where="b > 0"), False),
        (an_index('"a"'), True),
        (an_index("a", table="elsewhere"), False),
    ],
    ids=["longer", "other order", "invalid", "partial", "quoted", "other table"],
)
def test_covered_by(index: object, covers: bool) -> None:
    candidate = IndexCandidate(schema="public", table="messages", columns=("a",))
    assert is_covered(candidate, a_look(indexes=(index,))) is covers


def test_of_two_schemas_public_is_meant_where_the_statement_does_not_say() -> None:
    look = a_look(tables=(a_table("t", schema="old"), a_table("t")))
    found = candidates(table_uses("SELECT * FROM t WHERE a = $1"), look)
    assert [candidate.schema for candidate in found] == ["public"]


def test_ddl_survives_any_name_and_is_cut_to_what_postgres_takes() -> None:
    candidate = IndexCandidate(schema="My Shop", table='t"x', columns=("Größe", "b" * 63))
    assert len(candidate.name.encode()) <= 63
    assert create_statement(candidate).startswith('CREATE INDEX CONCURRENTLY "adv_t""x_Größe_bbb')
    assert 'ON "My Shop"."t""x" USING btree ("Größe", "' + "b" * 63 + '")' in create_statement(candidate)
    assert drop_statement(candidate).startswith('DROP INDEX CONCURRENTLY IF EXISTS "My Shop"."adv_t""x_Größe_bbb')
