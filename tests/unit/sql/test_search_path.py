"""What a bare name may mean: by the search paths of those who ran the statement, and never by a guess."""

import pytest

from advisor.sql.relations import Relations, TableName
from advisor.sql.search_path import schemas_of
from advisor.sql.statement import read_statement, with_schemas

A, B, LONE = TableName("a", "orders"), TableName("b", "orders"), TableName("lone", "thing")
RELATIONS = Relations(columns={A: ("id",), B: ("id",), LONE: ("id",)})


@pytest.mark.parametrize(
    ("setting", "schemas"),
    [
        pytest.param('"$user", public', ("web", "public"), id="the default"),
        pytest.param('App, "Odd, One", app', ("app", "Odd, One"), id="quoted, and twice"),
        pytest.param('""', (), id="none"),
        pytest.param("a b", (), id="not to be read"),
    ],
)
def test_a_search_path_is_read_as_postgres_keeps_it(setting: str, schemas: tuple[str, ...]) -> None:
    assert schemas_of(setting, "web") == schemas


@pytest.mark.parametrize(
    ("name", "paths", "meant"),
    [
        pytest.param("orders", [("x", "b", "a")], (B,), id="the first on the path"),
        pytest.param("orders", [("a",), ("b",)], (A, B), id="two roles with two paths"),
        pytest.param("orders", [("a",), ("x",)], (A, B), id="one of two paths leads nowhere"),
        pytest.param("orders", [], (A, B), id="no path is known"),
        pytest.param("thing", [("x",)], (LONE,), id="one place alone"),
        pytest.param("gone", [("a",)], (), id="nowhere"),
    ],
)
def test_a_bare_name_means_what_every_path_leads_to(
    name: str, paths: list[tuple[str, ...]], meant: tuple[TableName, ...]
) -> None:
    assert RELATIONS.meant(name, paths) == meant


def test_names_get_their_schema_where_they_stand_and_no_others() -> None:
    text = "WITH thing AS (SELECT id FROM orders o) SELECT * FROM thing, orders JOIN a.orders p USING (id)"
    shape = read_statement(text, RELATIONS, [("b",)])
    assert [access.table for access in shape.accesses] == [B, B, A]
    wanted = "WITH thing AS (SELECT id FROM b.orders o) SELECT * FROM thing, b.orders JOIN a.orders p USING (id)"
    assert with_schemas(text, shape.bare) == wanted


def test_a_name_that_is_not_clear_is_told_with_all_that_it_may_mean() -> None:
    shape = read_statement("SELECT 1 FROM orders", RELATIONS, [])
    assert (shape.unclear, shape.accesses) == ((("orders", (A, B)),), ())
