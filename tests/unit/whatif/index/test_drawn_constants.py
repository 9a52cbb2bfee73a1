"""Which indexes rest on constants that are not on record: those that other constants lead the search away from."""

from advisor.model.database.index_advice import DrawnConstants, WorkloadStatement
from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.relations import Relations
from advisor.whatif.index.drawn_constants import OtherOutcome, other_indexes, others_of, rests_on
from advisor.whatif.index.search.constants import LASTING, MORE_ROWS
from advisor.whatif.index.search.search import Outcome
from advisor.whatif.index.search.ways import Ways, ways_of
from advisor.whatif.index.search.workload import read_all
from tests.unit.whatif.index.tables import T, a_column, a_table

N = a_column("n", -1, bounds=tuple(str(number) for number in range(101)))
STATE = a_column("state", 3, common_values=("1", "2", "3"), common_shares=(0.7, 0.2, 0.1))
OWNER = a_column("owner", -1)
TABLE = {T: a_table(N, STATE, OWNER)}


def ways(*texts: str) -> list[Ways]:
    statements = [WorkloadStatement(id=str(number), text=text) for number, text in enumerate(texts, 1)]
    read, _ = read_all(statements, Relations(columns={T: ("n", "state", "owner")}))
    return [ways_of(one, TABLE) for one in read]


def on(*columns: str, predicate: str = "") -> IndexDesign:
    keys = tuple(IndexKey(text=column) for column in columns)
    return IndexDesign(schema="public", table="t", keys=keys, predicate=predicate)


def outcome(**used: tuple[IndexDesign, ...]) -> Outcome:
    """By statement, as _1."""
    by_id = {name.removeprefix("_"): designs for name, designs in used.items()}
    return Outcome(
        chosen=tuple(dict.fromkeys(one for designs in by_id.values() for one in designs)),
        before=dict.fromkeys(by_id, 100.0),
        after=dict.fromkeys(by_id, 1.0),
        used=by_id,
    )


def test_an_index_rests_on_the_constants_without_which_it_is_not_chosen() -> None:
    drawn = ways("SELECT 1 FROM t WHERE n > $1", "SELECT 1 FROM t WHERE owner = 7")
    advised = outcome(_1=(on("n"),), _2=(on("owner"),))
    other = OtherOutcome(outcome=outcome(_2=(on("owner"),)), changed=others_of(drawn, MORE_ROWS, TABLE))
    assert rests_on(on("n"), advised, [other]) == (
        DrawnConstants(statement="1", conditions=("public.t.n >",), otherwise=("more rows meet them",)),
    )
    assert rests_on(on("owner"), advised, [other]) == ()
    assert rests_on(on("n"), advised, []) == ()
    assert other_indexes(advised, [other]) == ()


def test_one_that_makes_room_for_that_of_another_statement_rests_on_the_constants_of_that() -> None:
    drawn = ways("SELECT 1 FROM t WHERE owner = 7 AND n > $1", "SELECT 1 FROM t WHERE owner = 8")
    advised = outcome(_2=(on("owner"),))
    other = OtherOutcome(
        outcome=outcome(_1=(on("owner", "n"),), _2=(on("owner", "n"),)), changed=others_of(drawn, MORE_ROWS, TABLE)
    )
    # The second statement has all its constants: it is the first one's wider index that does its work, too.
    assert [one.statement for one in rests_on(on("owner"), advised, [other])] == ["1"]
    (found,) = other_indexes(advised, [other])
    assert found.index == '"public"."t" USING btree ("owner", "n")'
    assert [one.statement for one in found.rests_on] == ["1"]


def test_a_value_makes_a_partial_index_only_if_two_statements_ask_for_it_and_is_not_told() -> None:
    alone = ways("SELECT 1 FROM t WHERE state = $1 AND n > $2")
    assert others_of(alone, LASTING, TABLE) == {}
    two = ways("SELECT 1 FROM t WHERE state = $1 AND n > $2", "SELECT 1 FROM t WHERE state = $1 AND owner = $2")
    changed = others_of(two, LASTING, TABLE)
    assert [[value.condition for value in one.values] for one in changed.values()] == [["public.t.state ="]] * 2
    partial = on("n", predicate="(\"state\" = '1'::bigint)")
    (found,) = other_indexes(outcome(), [OtherOutcome(outcome=outcome(_1=(partial,)), changed=changed)])
    assert found.index == '"public"."t" USING btree ("n") WHERE ("state" = $1::bigint)'
    assert [one.otherwise for one in found.rests_on] == [("the value is always the same",)]
