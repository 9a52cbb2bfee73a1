"""Constants that stand for `$n`: by the statistics of the column, and by how many rows they are to leave."""

import pytest

from advisor.sql.relations import Relations
from advisor.sql.statement import read_statement
from advisor.whatif.index.catalogue.tables import Column
from advisor.whatif.index.search.constants import FEWER_ROWS, LADDER, MORE_ROWS, PATTERNS, TYPICAL, Draw, drawn_values
from advisor.whatif.index.search.patterns import beginning, pattern
from tests.unit.whatif.index.tables import T, a_column, a_table

HUNDRED = tuple(str(number) for number in range(101))  # bounds of 100 equal parts
MODES = a_column(
    "mode",
    4,
    type="text",
    type_category="S",
    common_values=("air", "ship", "rail", "mule"),
    common_shares=(0.6, 0.2, 0.15, 0.05),
)
NAMES = a_column(
    "name",
    -1,
    type="text",
    type_category="S",
    bounds=("blue steel anvil", "blue brass bell", "green steel cup"),
)


def literals(where: str, *columns: Column, draw: Draw = TYPICAL, rows_a_call: float | None = None) -> list[str]:
    table = a_table(*columns)
    shape = read_statement(f"SELECT 1 FROM t WHERE {where}", Relations(columns={T: tuple(table.columns)}))
    return [one.literal for one in drawn_values(shape, {T: table}, draw, rows_a_call)]


@pytest.mark.parametrize(
    ("draw", "above", "below", "between"),
    [
        (FEWER_ROWS, "99", "1", ["49", "51"]),
        (TYPICAL, "90", "10", ["45", "55"]),
        (MORE_ROWS, "10", "90", ["5", "95"]),
    ],
)
def test_a_range_takes_its_share_of_the_histogram(draw: Draw, above: str, below: str, between: list[str]) -> None:
    n = a_column("n", -1, bounds=HUNDRED)
    assert literals("n > $1", n, draw=draw) == [f"'{above}'::bigint"]
    assert literals("n < $1", n, draw=draw) == [f"'{below}'::bigint"]
    wanted = [f"'{place}'::bigint" for place in between]
    assert literals("n BETWEEN $1 AND $2", n, draw=draw) == literals("n >= $1 AND n < $2", n, draw=draw) == wanted


def test_an_equality_takes_the_value_of_its_rank() -> None:
    # Of the rows 60% have air, 80% that or ship, 95% that or rail: half of them are at air, the rarest value is mule.
    found = [literals("mode = $1", MODES, draw=draw) for draw in LADDER]
    assert found == [[f"'{mode}'::text"] for mode in ("mule", "ship", "air", "air", "air")]


def test_a_list_takes_as_many_values_as_are_on_record() -> None:
    assert literals("mode IN ($1, $2)", MODES) == ["'air'::text", "'ship'::text"]


def test_a_rare_value_is_one_of_the_histogram_where_the_common_ones_are_not_all() -> None:
    n = a_column("n", -0.5, common_values=("7",), common_shares=(0.1,), bounds=HUNDRED)
    assert literals("n = $1", n, draw=MORE_ROWS) == ["'7'::bigint"]
    assert literals("n = $1", n) == literals("n = $1", n, draw=FEWER_ROWS) == ["'50'::bigint"]


def test_a_pattern_holds_a_word_that_the_values_hold() -> None:
    # steel and blue stand in two of three values, anvil, bell, brass, cup and green in one each: rank by rank
    # blue, steel, anvil, bell, brass, cup, green. The fourth of seven has rank one half.
    assert [pattern(NAMES, "~~", rank) for rank in (0.0, 0.5, 1.0)] == ["'%blue%'", "'%bell%'", "'%green%'"]
    assert pattern(NAMES, "~", 0.0) == "'blue'"
    assert pattern(a_column("empty"), "~~", 0.5) == "'%abc%'"


def test_a_pattern_may_begin_with_letters() -> None:
    # "blue brass b", and its last letter one further: what no value of the histogram begins with.
    assert beginning(NAMES) == "'blue brass c%'"
    assert literals("name LIKE $1", NAMES, draw=PATTERNS) == ["'blue brass c%'"]
    assert literals("name ILIKE $1", NAMES, draw=PATTERNS) == ["'%bell%'"]


@pytest.mark.parametrize(
    ("rows_a_call", "limit", "lower"),
    [(None, "10", "10"), (20.0, "20", "20"), (1.0, "1", "1"), (3.4, "1000", "10"), (0.0, "1000", "10")],
)
def test_a_limit_is_what_calls_return_where_they_end_at_it(rows_a_call: float | None, limit: str, lower: str) -> None:
    for draw, wanted in ((TYPICAL, limit), (PATTERNS, lower)):
        assert literals("true LIMIT $1", draw=draw, rows_a_call=rows_a_call) == [wanted]
