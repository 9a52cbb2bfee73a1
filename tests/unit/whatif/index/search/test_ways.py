"""Which constants are taken for those that are not on record: by the rows that calls returned."""

from collections.abc import Callable

import pytest

from advisor.model.database.index_advice import WorkloadStatement
from advisor.sql.relations import Relations
from advisor.whatif.index.search.constants import FEWER_ROWS, LADDER, LASTING, MORE_ROWS, PATTERNS, TYPICAL
from advisor.whatif.index.search.costs import WorkloadQuery
from advisor.whatif.index.search.ways import Ways, fitted, ways_of
from advisor.whatif.index.search.workload import read_all
from tests.unit.whatif.index.tables import T, a_column, a_table

N = a_column("n", -1, bounds=tuple(str(number) for number in range(101)))
STATE = a_column("state", 3, common_values=("1", "2", "3"), common_shares=(0.7, 0.2, 0.1))
TABLE = {T: a_table(N, STATE)}


def ways(text: str, rows_a_call: float | None) -> Ways:
    statement = WorkloadStatement(id="1", text=text, rows_a_call=rows_a_call)
    (read,), _ = read_all([statement], Relations(columns={T: ("n", "state")}))
    return ways_of(read, TABLE)


def expecting(found: Ways, *rows: float) -> Callable[[WorkloadQuery], float | None]:
    """A planner that expects so many rows, by rung of the ladder."""
    by_text = {found.by_draw[draw].text: expected for draw, expected in zip(LADDER, rows, strict=True)}
    return lambda query: by_text[query.text]


@pytest.mark.parametrize(
    ("recorded", "taken", "others"),
    [
        # Expected are 1,000, 3,000, 10,000, 30,000 and 90,000. What is twice as far as the best remains likely.
        (80_000.0, MORE_ROWS, set()),
        (900.0, FEWER_ROWS, set()),
        (11_000.0, TYPICAL, set()),
        (18_000.0, TYPICAL, {LADDER[3]}),  # 30,000 is nearer, at 1.7 times, but 1.8 is not twice as far
    ],
)
def test_constants_are_taken_that_leave_as_many_rows_as_calls_returned(
    recorded: float, taken: object, others: set[object]
) -> None:
    found = ways("SELECT n FROM t WHERE n > $1", recorded)
    fit = fitted(found, expecting(found, 1_000, 3_000, 10_000, 30_000, 90_000))
    assert fit.taken == taken
    assert set(LADDER) & fit.might_be == others


def test_after_a_join_the_rows_tell_less() -> None:
    found = ways("SELECT a.n FROM t a JOIN t b ON a.n = b.n WHERE a.n > $1", 11_000.0)
    fit = fitted(found, expecting(found, 1_000, 3_000, 10_000, 30_000, 90_000))
    # The best is off by 1.1; 4 times as far are 2,500 and 48,400: 3,000 and 30,000 are within.
    assert set(LADDER) & fit.might_be == {LADDER[1], LADDER[3]}


def test_where_the_rows_tell_nothing_typical_constants_are_taken_and_all_others_are_likely() -> None:
    found = ways("SELECT count(*) FROM t WHERE n > $1", 1.0)
    fit = fitted(found, expecting(found, 1, 1, 1, 1, 1))
    assert (fit.taken, fit.might_be) == (TYPICAL, {*LADDER, PATTERNS, LASTING} - {TYPICAL})
    having = ways("SELECT n FROM t WHERE n > $1 GROUP BY n HAVING count(*) > $2", 80_000.0)
    assert fitted(having, expecting(having, 1_000, 3_000, 10_000, 30_000, 90_000)).taken == TYPICAL


def test_another_draw_changes_what_it_draws_otherwise_alone() -> None:
    found = ways("SELECT n FROM t WHERE n > $1 AND state = $2", None)
    more, lasting = (found.drawn_as(draw, TABLE) for draw in (MORE_ROWS, LASTING))
    assert more is not None
    assert lasting is not None
    # Half of the rows, and the most common value, are both state 1.
    assert [one.condition for one in more.values] == ["public.t.n >"]
    assert more.otherwise == "more rows meet them"
    assert [one.condition for one in lasting.values] == ["public.t.state ="]
    assert [c.predicate for c in lasting.read.shape.accesses[0].conditions] == ["", "\"state\" = '1'::bigint"]
    assert found.drawn_as(PATTERNS, TABLE) is None


def test_a_statement_with_constants_of_its_own_is_planned_in_one_way() -> None:
    found = ways("SELECT n FROM t WHERE n > 7", 5.0)
    assert (len(found.every), found.drawn(TABLE), found.drawn_as(MORE_ROWS, TABLE)) == (1, (), None)
