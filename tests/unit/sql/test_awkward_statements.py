"""SQL and schemas as they come: each row is one oddity, what is read of it, and nothing guessed."""

import pytest

from advisor.model.database.index_design import IndexKey
from advisor.sql.access import ConditionKind
from advisor.sql.normalised import restored
from advisor.sql.parse import UnreadableStatementError
from advisor.sql.relations import Relations, TableName
from advisor.sql.statement import read_statement

LONG = "a" * 63
RELATIONS = Relations(
    columns={
        TableName("public", "orders"): ("id", "customer_id", "status", "created_at", "total", "select"),
        TableName("public", "Customer"): ("Id", "eMail", "country"),
        TableName("public", "events"): ("id", "order_id", "payload", "tags", "words", "title"),
        TableName("sales", "orders"): ("id", "region"),
        TableName("public", LONG): ("id",),
    },
    views={
        TableName("public", "open_orders"): "SELECT o.id, o.customer_id AS buyer FROM orders o WHERE o.status = 'open'"
    },
)
EQUAL, RANGE, JOIN = ConditionKind.EQUAL, ConditionKind.RANGE, ConditionKind.JOIN


@pytest.mark.parametrize(
    ("text", "table", "expected"),
    [
        pytest.param('SELECT 1 FROM "Customer" WHERE "eMail" = $1', "Customer", [(EQUAL, "eMail")], id="mixed case"),
        pytest.param(
            "SELECT 1 FROM orders WHERE status = 'OPEN'", "orders", [(EQUAL, "status")], id="capitals in literal"
        ),
        pytest.param("SELECT 1 FROM orders WHERE id IN ($1,$2)", "orders", [(EQUAL, "id")], id="IN"),
        pytest.param("SELECT 1 FROM orders WHERE id = ANY ($1)", "orders", [(EQUAL, "id")], id="ANY"),
        pytest.param(
            "SELECT 1 FROM orders WHERE created_at > date $1", "orders", [(RANGE, "created_at")], id="date $1"
        ),
        pytest.param(
            "SELECT 1 FROM orders WHERE created_at > now() - interval $1",
            "orders",
            [(RANGE, "created_at")],
            id="interval $1",
        ),
        pytest.param("SELECT 1 FROM orders WHERE total BETWEEN 1 AND 2", "orders", [(RANGE, "total")], id="BETWEEN"),
        pytest.param(
            'SELECT 1 FROM orders WHERE "select" = 1', "orders", [(EQUAL, "select")], id="column named select"
        ),
        pytest.param(f"SELECT 1 FROM {LONG} WHERE id = 1", LONG, [(EQUAL, "id")], id="63-byte name"),
        pytest.param("SELECT 1 FROM sales.orders WHERE region = 'x'", "orders", [(EQUAL, "region")], id="other schema"),
        pytest.param(
            "WITH late AS (SELECT id FROM orders WHERE created_at < $1) SELECT * FROM late",
            "orders",
            [(RANGE, "created_at")],
            id="common table expression",
        ),
        pytest.param(
            "SELECT 1 FROM open_orders WHERE buyer = 7",
            "orders",
            [(EQUAL, "status"), (EQUAL, "customer_id")],
            id="view over a table",
        ),
        pytest.param(
            "SELECT 1 FROM (SELECT customer_id AS c FROM orders) s WHERE s.c = 7",
            "orders",
            [(EQUAL, "customer_id")],
            id="sub-select",
        ),
        pytest.param(
            "SELECT 1 FROM orders WHERE customer_id = 1 AND (status = 'a' OR status = 'b')",
            "orders",
            [(EQUAL, "customer_id"), (EQUAL, "status"), (EQUAL, "status")],
            id="OR",
        ),
        pytest.param("SELECT 1 FROM orders o JOIN events e ON e.order_id = o.id", "orders", [(JOIN, "id")], id="join"),
        pytest.param(
            "SELECT 1 FROM orders WHERE id IN (SELECT order_id FROM events)",
            "events",
            [(JOIN, "order_id")],
            id="IN SELECT",
        ),
        pytest.param(
            "UPDATE orders SET status = 'x' WHERE customer_id = 1", "orders", [(EQUAL, "customer_id")], id="update"
        ),
        pytest.param("SELECT 1 FROM events WHERE tags @> $1", "events", [(ConditionKind.CONTAINS, "tags")], id="array"),
        pytest.param(
            "SELECT 1 FROM events WHERE words @@ to_tsquery('a')",
            "events",
            [(ConditionKind.SEARCH, "words")],
            id="full text",
        ),
        pytest.param(
            "SELECT 1 FROM events WHERE title LIKE '%x%'", "events", [(ConditionKind.INFIX, "title")], id="LIKE inside"
        ),
        pytest.param(
            "SELECT 1 FROM events WHERE title LIKE 'x%'", "events", [(ConditionKind.PREFIX, "title")], id="LIKE start"
        ),
        pytest.param(
            "SELECT 1 FROM events WHERE payload ->> 'kind' = 'a'",
            "events",
            [(EQUAL, "payload ->> 'kind'")],
            id="expression",
        ),
    ],
)
def test_conditions_are_read_at_the_table_they_bound(
    text: str, table: str, expected: list[tuple[ConditionKind, str]]
) -> None:
    shape = read_statement(restored(text) if "$" in text else text, RELATIONS)
    access = next(a for a in shape.accesses if a.table.name == table)
    assert [(c.kind, c.key.text) for c in access.conditions if c.key is not None] == expected


def test_an_arm_of_an_or_narrows_nothing_by_itself() -> None:
    access = read_statement("SELECT 1 FROM orders WHERE status = 'a' OR total > 3", RELATIONS).accesses[0]
    assert all(condition.optional for condition in access.conditions)


def test_what_all_arms_of_an_or_demand_is_demanded() -> None:
    arms = "(o.id = e.order_id AND o.total > 1) OR (o.id = e.order_id AND title = 'a')"
    text = f"SELECT 1 FROM orders o, events e WHERE {arms}"
    joins = [c for c in read_statement(text, RELATIONS).accesses[0].conditions if c.kind is JOIN]
    assert [(c.key, c.optional) for c in joins] == [(IndexKey(text="id"), False)]


def test_the_order_of_nulls_is_kept() -> None:
    text = "SELECT id FROM orders WHERE customer_id = 1 ORDER BY created_at DESC NULLS LAST LIMIT 10"
    access = read_statement(text, RELATIONS).accesses[0]
    assert access.order == (IndexKey(text="created_at", descending=True, nulls_first=False),)


def test_a_predicate_with_a_moving_date_or_a_parameter_is_never_carried_by_an_index() -> None:
    for condition in ("created_at > now()", "created_at = 'today'", "status = $1", "created_at < current_date"):
        access = read_statement(f"SELECT 1 FROM orders WHERE {condition}", RELATIONS).accesses[0]
        assert [c.predicate for c in access.conditions] == [""], condition


@pytest.mark.parametrize("text", ["SELECT a FROM orders WHERE (id = 1", "VACUUM orders", "SELECT 1; SELECT 2"])
def test_a_cut_off_a_utility_and_a_double_statement_are_refused(text: str) -> None:
    with pytest.raises(UnreadableStatementError):
        read_statement(text, RELATIONS)


def test_a_word_that_was_cut_off_is_no_column() -> None:
    access = read_statement("SELECT id FROM orders WHERE id = 1 AND tot", RELATIONS).accesses[0]
    assert [c.key.text for c in access.conditions if c.key] == ["id"]


def test_a_table_that_is_not_in_the_catalogue_is_named() -> None:
    assert read_statement("SELECT 1 FROM nowhere WHERE a = 1", RELATIONS).unknown == ("nowhere",)


def test_typed_parameters_are_rewritten_as_postgres_takes_them() -> None:
    assert restored("SELECT 1 FROM orders WHERE created_at > date $1").endswith("created_at > $1::date")
