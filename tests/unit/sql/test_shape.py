"""What is read from awkward SQL, and what is left out rather than guessed."""

from contextlib import suppress

import pytest

from advisor.sql.parse import UnreadableStatementError
from advisor.sql.shape import TableUse, is_plannable, table_uses
from advisor.sql.statement_facts import facts_of, fingerprint, without_constants


def use(
    table: str, *, schema: str = "", equal: tuple[str, ...] = (), ranges: tuple[str, ...] = (), by: tuple[str, ...] = ()
) -> TableUse:
    return TableUse(schema=schema, table=table, equal=equal, ranges=ranges, sorted_by=by)


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ('SELECT * FROM "Orders" o WHERE o."CustomerId" = $1', [use("Orders", equal=("CustomerId",))]),
        ('SELECT "select" FROM t AS "T" WHERE "T"."select" = $1', [use("t", equal=("select",))]),
        ("SELECT * FROM shop.t WHERE shop.t.a = $1", [use("t", schema="shop", equal=("a",))]),
        ("SELECT * FROM t WHERE kind = 'WHERE x = y'", [use("t", equal=("kind",))]),
    ],
    ids=["mixed case", "a column called select", "with its schema", "SQL in a literal"],
)
def test_names_are_read_as_they_are_written(text: str, uses: list[TableUse]) -> None:
    assert list(table_uses(text)) == uses


@pytest.mark.parametrize(
    ("condition", "equal", "ranges"),
    [
        ("a IN ($1, $2)", ("a",), ()),
        ("a = ANY($1)", ("a",), ()),
        ("$1 = ANY(a)", (), ()),
        ("a = $1::bigint", ("a",), ()),
        ("$1 = a", ("a",), ()),
        ("a = $1 AND a = $2 AND b = $3", ("a", "b"), ()),
        ("a > date $1", (), ("a",)),
        ("a >= $1::date AND a < $2::timestamptz + interval $3", (), ("a",)),
        ("a > now() - interval $1", (), ("a",)),
        ("a BETWEEN $1 AND $2", (), ("a",)),
    ],
)
def test_conditions_that_an_index_can_serve(condition: str, equal: tuple[str, ...], ranges: tuple[str, ...]) -> None:
    assert table_uses(f"SELECT * FROM t WHERE {condition}") == (use("t", equal=equal, ranges=ranges),)


@pytest.mark.parametrize(
    "condition",
    [
        "a = $1 OR b = $2",
        "NOT a = $1",
        "a <> $1",
        "a NOT IN ($1)",
        "a::text = $1",
        "lower(a) = $1",
        "a = b",
        "a + 1 = $1",
    ],
)
def test_conditions_that_name_no_index_are_left_out(condition: str) -> None:
    assert table_uses(f"SELECT * FROM t WHERE {condition}") == (use("t"),)


def test_one_condition_beside_an_or_still_counts() -> None:
    assert table_uses("SELECT * FROM t WHERE a = $1 AND (b = $2 OR c = $3)") == (use("t", equal=("a",)),)


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        (
            "SELECT * FROM a JOIN b ON a.id = b.a_id WHERE b.x = $1",
            [use("a", equal=("id",)), use("b", equal=("x", "a_id"))],
        ),
        (
            "SELECT * FROM t LEFT JOIN (SELECT id FROM u WHERE z = $1) v ON v.id = t.id",
            [use("t", equal=("id",)), use("u", equal=("z",))],
        ),
        ("SELECT * FROM t WHERE a IN (SELECT b FROM u WHERE c = $1)", [use("t"), use("u", equal=("c",))]),
        ("SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id)", [use("t"), use("u", equal=("t_id",))]),
        ("SELECT a FROM t WHERE b = $1 UNION ALL SELECT a FROM u", [use("t", equal=("b",)), use("u")]),
        ("UPDATE t SET x = $1 WHERE a = $2", [use("t", equal=("a",))]),
        ("DELETE FROM t WHERE a < $1", [use("t", ranges=("a",))]),
        ("SELECT x FROM a, b WHERE x = $1", [use("a"), use("b")]),
    ],
    ids=[
        "join",
        "joined sub-select",
        "IN sub-select",
        "EXISTS",
        "UNION",
        "UPDATE",
        "DELETE",
        "whose column is not clear",
    ],
)
def test_every_table_is_seen_with_its_own_conditions(text: str, uses: list[TableUse]) -> None:
    assert list(table_uses(text)) == uses


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("SELECT * FROM o JOIN c USING (id) WHERE c.a = $1", [use("o", equal=("id",)), use("c", equal=("a", "id"))]),
        (
            "SELECT * FROM o x JOIN c y USING (id, k) LEFT JOIN d USING (k)",
            [use("o", equal=("id", "k")), use("c", equal=("id", "k")), use("d", equal=("k",))],
        ),
        # Which of two tables has it is not told; a sub-select has no index.
        ("SELECT * FROM o CROSS JOIN c JOIN d USING (k)", [use("o"), use("c"), use("d", equal=("k",))]),
        ("SELECT * FROM o JOIN (SELECT k FROM e) s USING (k)", [use("o", equal=("k",)), use("e")]),
    ],
)
def test_a_column_that_using_names_is_compared_on_both_sides(text: str, uses: list[TableUse]) -> None:
    assert list(table_uses(text)) == uses


def test_what_with_names_is_no_table_even_when_a_table_is_called_so() -> None:
    text = "WITH messages AS (SELECT a FROM t WHERE b = $1) SELECT * FROM messages WHERE a = $2"
    assert table_uses(text) == (use("t", equal=("b",)),)


@pytest.mark.parametrize(
    ("order", "by"),
    [
        ("a, b", ("a", "b")),
        ("a DESC NULLS LAST LIMIT $1", ("a",)),
        ("lower(a)", ()),
        ("a, lower(b)", ()),
        ("1", ()),
    ],
)
def test_only_an_order_by_plain_columns_counts(order: str, by: tuple[str, ...]) -> None:
    assert table_uses(f"SELECT * FROM t ORDER BY {order}") == (use("t", by=by),)


def test_an_order_over_two_tables_names_no_index() -> None:
    assert table_uses("SELECT * FROM a JOIN b ON a.id = b.id ORDER BY a.x, b.y") == (
        use("a", equal=("id",)),
        use("b", equal=("id",)),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT * FROM t WHERE a = $1 AND (b =", "does not parse"),
        ("SELECT * FROM t WHERE a = 'cut of", "does not parse"),
        ("SELECT 1; DROP TABLE t", "2 statements in one text"),
        ("VACUUM t", "is not planned"),
        ("CREATE INDEX i ON t (a)", "is not planned"),
        ("INSERT INTO t VALUES ($1)", "is not planned"),
        ("EXPLAIN ANALYZE DELETE FROM t", "is not planned"),
        ("", "0 statements in one text"),
    ],
)
def test_what_cannot_be_read_or_planned_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(UnreadableStatementError, match=why):
        table_uses(text)
    assert not is_plannable(text)


def test_one_statement_that_is_only_planned_is_plannable() -> None:
    assert is_plannable("SELECT * FROM t WHERE a = $1;")


DEEP = {
    "concat": "SELECT " + " || ".join(["name"] * 60) + " FROM item WHERE id = $1",
    "union": " UNION ALL ".join(["SELECT id FROM item WHERE id = $1"] * 100),
    "plus": "SELECT id FROM item WHERE id = " + " + ".join(["$1"] * 400),
    "case": "SELECT " + "CASE WHEN id = 0 THEN 0 ELSE " * 200 + "1" + " END" * 200 + " FROM item",
    "calls": "SELECT " + "coalesce(" * 5_000 + "name" + ", 'x')" * 5_000 + " FROM item",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_statement_that_nests_deeply_is_read_or_refused_as_one_statement(text: str) -> None:
    """Postgres runs all of them; the parser's tree can be read to 100 levels, and the walk to Python's own depth."""
    with suppress(UnreadableStatementError):
        assert {use.table for use in table_uses(text)} == {"item"}
    facts = facts_of(text)
    assert facts is None or facts.is_read
    assert fingerprint(text)
    assert without_constants(text)
