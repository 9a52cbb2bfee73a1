"""What is added to the planner's price, on plans that are written down."""

from typing import Any

import pytest

from advisor.model.index_design import IndexDesign, plain_keys
from advisor.sql.relations import Relations, TableName
from advisor.whatif.index.catalogue import Catalogue, Column, ExistingIndex
from advisor.whatif.index.plan_joins import Equality, Place, equalities, planned_tables
from advisor.whatif.index.plan_risk import index_names, risk
from tests.unit.whatif.index.tables import a_column, a_table

Plan = dict[str, Any]

PARTS, STOCK, LINES = (TableName("public", name) for name in ("parts", "stock", "lines"))
# Of each part 4 are in stock, and each of those is on 7.5 lines: far fewer pairs than 60,000 x 3,000.
PART, SUPPLIER = a_column("part", distinct=60_000), a_column("supplier", distinct=3_000)
BY_PART = IndexDesign(schema="public", table="lines", keys=plain_keys("part"))
BY_BOTH = IndexDesign(schema="public", table="lines", keys=plain_keys("part", "supplier"))


def a_catalogue(*columns: Column, indexes: tuple[ExistingIndex, ...] = ()) -> Catalogue:
    """columns: of the lines, where they differ."""
    lines = {"part": PART, "supplier": SUPPLIER} | {column.name: column for column in columns}
    tables = {
        PARTS: a_table(PART, name=PARTS, rows=60_000.0, pages=1_200.0),
        STOCK: a_table(PART, SUPPLIER, name=STOCK, rows=240_000.0, pages=5_200.0),
        LINES: a_table(*lines.values(), name=LINES, rows=1_800_000.0, pages=33_744.0, indexes=indexes),
    }
    return Catalogue(relations=Relations(columns={}), tables=tables)


def scan(table: str, rows: float, side: str = "Outer", **more: Any) -> Plan:
    return {
        "Node Type": "Seq Scan",
        "Relation Name": table,
        "Alias": table,
        "Plan Rows": rows,
        "Total Cost": 1000.0,
        "Parent Relationship": side,
        **more,
    }


def lookup(rows: float, cost: float, condition: str, name: str = "tried", **more: Any) -> Plan:
    more = {"Node Type": "Index Scan", "Index Name": name, "Index Cond": condition, **more}
    return scan("lines", rows, "Inner", **{**more, "Total Cost": cost})


def loop(outer: Plan, inner: Plan, rows: float, **more: Any) -> Plan:
    return {"Node Type": "Nested Loop", "Plan Rows": rows, "Total Cost": 1.0, "Plans": [outer, inner], **more}


def added(plan: Plan, design: IndexDesign = BY_PART, catalogue: Catalogue | None = None) -> float:
    return risk(plan, lambda name: design if name == "tried" else None, catalogue or a_catalogue())


def test_a_look_up_is_priced_for_the_loops_that_its_own_plan_makes() -> None:
    # The planner has shared the reads of 30 scattered rows among all look-ups there might be: 1.7 each, where 30 rows
    # take about 20 units when some thousands are looked up (30 x 2.4 microseconds / 3.5).
    plan = loop(scan("stock", 10_000), lookup(30, 1.7, "(part = stock.part)"), rows=300_000)
    assert added(plan) == pytest.approx(10_000 * (20 - 1.7), rel=0.3)


def test_the_rows_that_a_filter_throws_away_are_looked_up_too() -> None:
    plan = loop(
        scan("stock", 10_000), lookup(1, 1.7, "(part = stock.part)", Filter="(stock.supplier = supplier)"), rows=100
    )
    assert added(plan) == pytest.approx(10_000 * (20 - 1.7), rel=0.3)


def test_rows_that_lie_side_by_side_are_left_to_the_planner() -> None:
    ordered = a_catalogue(a_column("part", distinct=60_000, correlation=1.0))
    plan = loop(scan("stock", 10_000), lookup(30, 3.0, "(part = stock.part)"), rows=300_000)
    assert added(plan, catalogue=ordered) < 0.1 * added(plan)


def test_a_price_that_is_high_already_stays() -> None:
    plan = loop(scan("stock", 10), lookup(30, 125.0, "(part = stock.part)"), rows=300)
    assert added(plan) == 0


@pytest.mark.parametrize("kind", ["Hash Join", "Merge Join"])
def test_nothing_is_added_outside_of_loops(kind: str) -> None:
    plan = loop(scan("stock", 10_000), lookup(30, 1.7, "(part = 5)"), rows=300_000) | {"Node Type": kind}
    assert added(plan) == 0


def test_what_is_kept_is_looked_up_once_and_what_is_remembered_once_for_a_key() -> None:
    inner = lookup(30, 1.7, "(part = stock.part)")
    kept = {"Node Type": "Materialize", "Plan Rows": 30, "Parent Relationship": "Inner", "Plans": [inner]}
    assert added(loop(scan("stock", 1_000_000), kept, rows=1)) == 0
    remembered = kept | {"Node Type": "Memoize", "Cache Key": "stock.part"}
    bare = loop(scan("stock", 60_000), inner, rows=1)
    assert added(loop(scan("stock", 1_000_000), remembered, rows=1)) == pytest.approx(added(bare))


def test_all_processes_share_what_is_read_but_each_makes_its_own_look_ups() -> None:
    inner = lookup(30, 1.7, "(part = stock.part)")
    # Two workers and four tenths of a leader: 2.4 processes.
    gather = {
        "Node Type": "Gather",
        "Workers Planned": 2,
        "Plan Rows": 1,
        "Plans": [loop(scan("stock", 5_000), inner, 1)],
    }
    assert added(gather) == pytest.approx(added(loop(scan("stock", 12_000), inner, 1)) / 2.4)


def test_an_index_that_is_there_already_is_priced_like_one_that_is_tried() -> None:
    there = ExistingIndex(
        name="lines_part",
        definition="",
        access_method="btree",
        keys=("part",),
        include=(),
        predicate="",
        is_unique=False,
        is_valid=True,
        constraint="",
        size_bytes=40_000_000,
    )
    inner = lookup(30, 1.7, "(part = stock.part)", name="lines_part")
    known = added(loop(scan("stock", 10_000), inner, 1), catalogue=a_catalogue(indexes=(there,)))
    assert known == pytest.approx(
        added(loop(scan("stock", 10_000), lookup(30, 1.7, "(part = stock.part)"), 1)), rel=0.2
    )


def test_two_columns_that_belong_together_find_more_rows_than_the_planner_thinks() -> None:
    # It expects 1,800,000 / (60,000 x 3,000) = 0.01 rows and shows 1; each line has its stock, so they are 7.5.
    both = "((part = stock.part) AND (supplier = stock.supplier))"
    plan = loop(scan("stock", 10_000), lookup(1, 1.0, both), rows=100)
    # 7.5 x 2.4 microseconds / 3.5 a unit, and about one unit for the index, less the one that is paid already.
    assert added(plan, BY_BOTH) == pytest.approx(10_000 * 7.5 * 2.4 / 3.5, rel=0.3)


def test_look_ups_for_the_rows_of_such_a_join_are_counted_as_they_may_come() -> None:
    # 100 rows are planned; 60,000 x 3,000 / 240,000 = 750 times as many may come, and are looked up.
    condition = "((stock.part = lines.part) AND (stock.supplier = lines.supplier))"
    joined = loop(scan("stock", 240_000), scan("lines", 1_800_000, "Inner"), rows=100) | {
        "Node Type": "Hash Join",
        "Hash Cond": condition,
        "Parent Relationship": "Outer",
    }
    inner = scan("parts", 1, "Inner") | {
        "Node Type": "Index Scan",
        "Index Name": "tried",
        "Index Cond": "(part = lines.part)",
        "Total Cost": 0.3,
    }
    on_parts = IndexDesign(schema="public", table="parts", keys=plain_keys("part"))
    one_column = joined | {"Hash Cond": "(stock.part = lines.part)"}
    assert added(loop(one_column, inner, rows=100), on_parts) < 1000
    # 75,000 look-ups at 0.3 units at least.
    assert added(loop(joined, inner, rows=100), on_parts) > 74_900 * 0.3


def test_a_sum_over_groups_ends_that_fear() -> None:
    joined = loop(scan("stock", 240_000), scan("lines", 1_800_000, "Inner"), rows=100) | {
        "Node Type": "Hash Join",
        "Hash Cond": "((stock.part = lines.part) AND (stock.supplier = lines.supplier))",
    }
    grouped = {"Node Type": "Aggregate", "Plan Rows": 10, "Parent Relationship": "Outer", "Plans": [joined]}
    assert added(loop(grouped, lookup(1, 40.0, "(part = lines.part)"), rows=10)) == 0


def test_conditions_are_read_with_quotes_casts_and_aliases() -> None:
    node = {"Alias": "o", "Index Cond": '((("eMail")::text = (c."e.Mail")::text) AND (o.id = c.id) AND (day > c.day))'}
    wanted: set[Equality] = {
        frozenset({Place("o", "eMail"), Place("c", "e.Mail")}),
        frozenset({Place("o", "id"), Place("c", "id")}),
    }
    assert equalities(node) == wanted


def test_tables_that_nobody_knows_are_passed_over() -> None:
    plan = loop(scan("elsewhere", 10_000), lookup(30, 1.7, "(part = elsewhere.part)", name="unknown"), rows=1)
    assert added(plan) == 0
    assert set(planned_tables(plan, a_catalogue()).by_alias) == {"lines"}
    assert list(index_names(plan)) == ["unknown"]
