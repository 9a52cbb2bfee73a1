"""Statements as pg_stat_statements keeps them, given back what Postgres needs to plan them."""

import pytest

from advisor.sql.normalised import Values, restored, with_values


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [
        pytest.param("SELECT 1 FROM t WHERE at > date $1", "SELECT 1 FROM t WHERE at > $1::date", id="a type"),
        pytest.param("SELECT extract($1 FROM at) FROM t", "SELECT extract ('day' FROM at) FROM t", id="a unit"),
        pytest.param("SELECT concat($1, a) FROM t", "SELECT concat($1::text, a) FROM t", id="of any type"),
        pytest.param("SELECT current_date - $1", "SELECT current_date - $1::int", id="days"),
        pytest.param("SELECT 1 FROM generate_series($1, $2) g", "SELECT 1 FROM generate_series(1, 10) g", id="series"),
        pytest.param(
            "SELECT f($1, a), count(*) FROM t GROUP BY f('x', a) HAVING f($2, a) > $3",
            "SELECT f('x', a), count(*) FROM t GROUP BY f('x', a) HAVING f('x', a) > $3",
            id="grouped by an expression that kept its constant",
        ),
        pytest.param(
            "SELECT f($1, a) || $2 FROM t GROUP BY f($3, a)",
            "SELECT f($3, a) || $2 FROM t GROUP BY f($3, a)",
            id="grouped by one that kept none",
        ),
        pytest.param(
            "SELECT DISTINCT f($1, a) FROM t ORDER BY f('x', a) DESC",
            "SELECT DISTINCT f('x', a) FROM t ORDER BY f('x', a) DESC",
            id="distinct and sorted",
        ),
        pytest.param(
            "SELECT sum(CASE WHEN a > $1 THEN $2 ELSE $3 END) FROM t",
            "SELECT sum(CASE WHEN a > $1 THEN $2::int ELSE $3::int END) FROM t",
            id="a sum of constants",
        ),
        pytest.param(
            "SELECT $1 UNION ALL SELECT depth + $2 FROM t",
            "SELECT $1::int UNION ALL SELECT depth + $2 FROM t",
            id="a constant beside what is reckoned",
        ),
        pytest.param(
            "SELECT f($1, a) FROM t GROUP BY f('x', b)", "SELECT f($1, a) FROM t GROUP BY f('x', b)", id="another one"
        ),
    ],
)
def test_constants_that_the_place_demands_come_back(kept: str, wanted: str) -> None:
    assert restored(kept) == wanted


def test_what_a_column_is_compared_with_is_replaced_whole() -> None:
    text = restored("SELECT a + $1 FROM t WHERE at > now() - interval $2 AND n IN ($3, $4 + $5) LIMIT $6")
    values = Values(sides={(2,): "'2024-01-01'::date", (3,): "7", (4, 5): "8"}, literals={6: "10"}, types={1: "int"})
    assert with_values(text, values) == (
        "SELECT a + $1::int FROM t WHERE at > '2024-01-01'::date AND n IN (7, 8) LIMIT 10",
        1,
    )


def test_parameters_that_are_left_are_numbered_without_gaps() -> None:
    assert with_values("SELECT '$1', $11 FROM t WHERE a = $1 AND f(b, $3, $11)", Values(sides={(1,): "'é'"})) == (
        "SELECT '$1', $1 FROM t WHERE a = 'é' AND f(b, $2, $1)",
        2,
    )
