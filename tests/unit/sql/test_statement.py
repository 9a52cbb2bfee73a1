"""What a statement tells of the tables that it uses."""

import pytest

from advisor.sql.access import ConditionKind
from advisor.sql.relations import Relations, TableName
from advisor.sql.statement import StatementShape, read_statement

RELATIONS = Relations(
    columns={TableName("public", "line"): ("part", "qty", "mode", "at"), TableName("public", "part"): ("id", "brand")}
)


def read(text: str) -> StatementShape:
    return read_statement(text, RELATIONS)


def ranges(shape: StatementShape) -> list[str]:
    return [key.text for key in shape.accesses[0].keys(ConditionKind.RANGE)]


def test_a_column_is_of_the_sub_select_in_which_it_stands() -> None:
    compared = "SELECT 1 FROM line, part WHERE part = id AND qty < (SELECT avg(qty) FROM line WHERE part = id)"
    assert ranges(read(compared)) == ["qty"]  # the mean of the part's lines, whichever line is looked at


def test_a_column_that_a_sub_select_takes_from_the_same_row_bounds_nothing() -> None:
    assert ranges(read("SELECT 1 FROM line l WHERE qty < (SELECT avg(qty) FROM line WHERE part = l.part)")) == []


def test_what_every_arm_of_or_asks_by_equality_is_a_key_whatever_the_values() -> None:
    (access,) = read("SELECT 1 FROM line WHERE (mode = $1 AND qty < $2) OR (mode = $3 AND part = $4)").accesses
    assert [key.text for key in access.keys(ConditionKind.EQUAL)] == ["mode"]
    assert [c.values for c in access.conditions if c.column == "mode"] == [((1,),), ((3,),)]
    assert [key.text for key in access.keys(ConditionKind.EQUAL, ConditionKind.RANGE, optional=True)] == [
        "mode",
        "qty",
        "part",
    ]


def test_what_one_arm_of_or_asks_alone_is_no_key() -> None:
    (access,) = read("SELECT 1 FROM line WHERE mode = 'a' OR part = 7").accesses
    assert access.keys(ConditionKind.EQUAL) == []


def test_the_limit_of_the_whole_is_told_from_one_inside() -> None:
    shape = read("SELECT 1 FROM (SELECT part FROM line LIMIT $1) x LIMIT $2 OFFSET $3")
    assert (sorted(shape.limits), shape.own_limits, shape.offsets) == ([1, 2], (2,), (3,))


@pytest.mark.parametrize(
    ("text", "tell"),
    [
        ("SELECT part FROM line WHERE qty < $1", True),
        ("DELETE FROM line WHERE qty < $1", True),
        ("SELECT DISTINCT part FROM line WHERE qty < $1", True),
        ("SELECT part, count(*) FROM line WHERE qty < $1 GROUP BY part", True),
        ("SELECT date_trunc('day', at), count(*) FROM line WHERE qty < $1 GROUP BY 1", False),
        ("SELECT part FROM line WHERE qty < $1 GROUP BY part HAVING count(*) > $2", False),
        ("SELECT y, count(*) FROM (SELECT qty / 2 AS y FROM line WHERE qty < $1) x GROUP BY y", False),
    ],
)
def test_groups_of_what_is_computed_tell_nothing_of_the_rows_that_are_found(text: str, tell: bool) -> None:
    assert read(text).rows_tell is tell


def test_a_search_in_a_language_that_is_not_on_record_has_an_open_key() -> None:
    (access,) = read("SELECT 1 FROM line WHERE to_tsvector($1, mode) @@ to_tsquery($2, $3)").accesses
    assert [(c.kind, c.key.text if c.key else "") for c in access.conditions] == [
        (ConditionKind.OPEN_KEY, "to_tsvector($1, mode)")
    ]
