"""Doubt in plans. A table of 100,000 rows on 1,000 pages; a page costs 0.7 at least."""

from typing import Any

import pytest

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.sql.relations import Relations, TableName
from advisor.whatif.index.catalogue.tables import Catalogue, TableFacts
from advisor.whatif.index.pricing.plan_risk import risk
from advisor.whatif.index.pricing.plan_runs import planned_rows
from tests.unit.whatif.index.plans import Plan, look_up, node
from tests.unit.whatif.index.tables import T, a_column, a_table

BY_A = IndexDesign(schema="public", table="t", keys=plain_keys("a"))
BY_A_AND_B = IndexDesign(schema="public", table="t", keys=plain_keys("a", "b"))


def doubt(
    plan: Plan, design: IndexDesign | None = BY_A, table: TableFacts | None = None, buffer_pages: float = 1000
) -> float:
    """Of a plan whose tried index is called "tried"."""
    catalogue = Catalogue(relations=Relations(columns={}), tables={T: table or a_table()}, buffer_pages=buffer_pages)
    return risk(plan, {"tried": design}.get, catalogue)


def loop(inner: Plan, rows: float = 200) -> Plan:
    return node("Nested Loop", node("Seq Scan", rows=rows), inner, rows=rows)


def by_a(cost: float, condition: str = "(a = o.a)", kind: str = "Index Scan", **more: Any) -> Plan:
    return look_up(cost=(0, cost), Index_Cond=condition, **more) | {"Node Type": kind}


def test_scattered_rows_cost_a_page_each() -> None:
    # 100,000 rows of 1,000 keys: 100 to a key, each on a page of its own, and the leaf: 101 pages, 0.7 each.
    assert doubt(loop(by_a(cost=1.7))) == pytest.approx(200 * (0.7 * 101 - 1.7))


def test_what_the_planner_priced_higher_is_believed() -> None:
    assert doubt(loop(by_a(cost=80))) == 0.0
    assert doubt(by_a(cost=1.7)) == 0.0  # looked up once: nothing is shared


def test_rows_in_the_order_of_the_index_share_a_page() -> None:
    table = a_table(a_column("a", correlation=1.0), a_column("b"))
    assert doubt(loop(by_a(cost=1.0)), table=table) == pytest.approx(200 * (0.7 * 2 - 1.0))


def test_a_key_never_takes_more_pages_than_the_table_has() -> None:
    table = a_table(a_column("a", distinct=2), pages=30)
    assert doubt(loop(by_a(cost=1.0)), table=table) == pytest.approx(200 * (0.7 * 31 - 1.0))


def test_pages_that_do_not_fit_into_the_buffers_are_read_each_time() -> None:
    # A quarter of the table's 1,000 pages does not: 1.5 more for that share of the 100 pages of a key.
    assert doubt(loop(by_a(cost=1.7)), buffer_pages=750) == pytest.approx(200 * (0.7 * 101 + 1.5 * 25 - 1.7))


def test_what_needs_no_table_costs_a_leaf() -> None:
    assert doubt(loop(by_a(cost=0.3, kind="Index Only Scan"))) == pytest.approx(200 * (0.7 - 0.3))


def test_what_is_there_already_is_not_doubted() -> None:
    assert doubt(loop(by_a(cost=1.7)), design=None) == 0.0
    assert doubt(loop(node("Seq Scan", cost=(0, 1.7)))) == 0.0


def test_a_bitmap_is_a_look_up_as_well() -> None:
    found = node("Bitmap Heap Scan", by_a(cost=0.5, kind="Bitmap Index Scan"), cost=(0, 1.7))
    assert doubt(loop(found)) == pytest.approx(200 * (0.7 * 101 - 1.7))


def test_a_second_column_of_the_key_narrows_it() -> None:
    # 100,000 / (1,000 * 50) = 2 rows: 3 pages. A constant beside one column of a join: nothing to be in doubt about.
    table = a_table(a_column("a"), a_column("b", distinct=50))
    both = by_a(cost=1.0, condition="((a = o.a) AND (b = 'open'::text))")
    assert doubt(loop(both), BY_A_AND_B, table) == pytest.approx(200 * (0.7 * 3 - 1.0))


def test_two_columns_of_a_join_may_belong_together_and_give_far_more_rows() -> None:
    # Independent, 100,000 / (1,000 * 5,000) = 0.02 rows; if one follows from the other, 100,000 / 5,000 = 20 at most.
    # In doubt sqrt(1 * 20) = 4.47, which is 224 times as many. 4.47 rows lie on 4.47 pages, with the leaf 5.47.
    table = a_table(a_column("a"), a_column("b", distinct=5000))
    rows = 20**0.5
    pair = loop(by_a(cost=1.05, condition="((a = o.a) AND (b = o.b))"), rows=100)
    own = 100 * (0.7 * (1 + rows) - 1.05)
    assert doubt(pair, BY_A_AND_B, table) == pytest.approx(own)
    # Two rows are expected out of that. What is looked up for each, in one more table, is paid 224 times as often.
    planned = pair | {"Plan Rows": 2}
    other = by_a(cost=0.3, kind="Index Only Scan", index="other")
    more = 2 * (rows / 0.02) - 2
    assert doubt(node("Nested Loop", planned, other), BY_A_AND_B, table) == pytest.approx(own + 0.3 * more)
    grouped = node("Aggregate", planned, rows=2)
    assert doubt(node("Nested Loop", grouped, other), BY_A_AND_B, table) == pytest.approx(own)


@pytest.mark.parametrize(("partners", "rows"), [(20_000, 5.0), (1_000_000, 1.0), (100, 20.0)])
def test_a_key_that_one_other_table_has_whole_is_taken_for_a_foreign_key(partners: float, rows: float) -> None:
    # Each of 100,000 rows has its partner: 5 to each of 20,000 partners; 1 where the partners are the many; and no more
    # than 100,000 / 5,000 = 20, for there are 5,000 values of b. Independent columns would give 0.02.
    table = a_table(a_column("a"), a_column("b", distinct=5000))
    other = a_table(name=TableName("public", "other"), rows=partners)
    catalogue = Catalogue(relations=Relations(columns={}), tables={T: table, other.name: other}, buffer_pages=1000)
    outer = node("Seq Scan", rows=100, Relation_Name="other", Alias="o")
    pair = node("Nested Loop", outer, by_a(cost=0.5, condition="((a = o.a) AND (b = o.b))"), rows=2)
    assert risk(pair, {"tried": BY_A_AND_B}.get, catalogue) == pytest.approx(100 * (0.7 * (1 + rows) - 0.5))


@pytest.mark.parametrize(
    "condition", ["(a = o.a)", '("a" = o."A")', "((a)::text = (o.a)::text)", "(o.x = 1) AND (a = 5)"]
)
def test_a_condition_is_read_as_plans_write_it(condition: str) -> None:
    assert doubt(loop(by_a(cost=1.7, condition=condition))) > 0


@pytest.mark.parametrize("condition", ["(a > o.a)", "(aa = o.a)", "(x.a = 3)", ""])
def test_what_asks_for_no_single_value_is_not_taken_for_a_key(condition: str) -> None:
    # One row is planned: the leaf and one page.
    assert doubt(loop(by_a(cost=1.0, condition=condition))) == pytest.approx(200 * (0.7 * 2 - 1.0))


def test_what_the_price_left_out_is_paid_in_every_run() -> None:
    catalogue = Catalogue(relations=Relations(columns={}), tables={T: a_table()})
    # 0.3 for the way down, which the plan's cost was given: 2.0 of 0.7 * 101 is charged already.
    found = risk(loop(by_a(cost=1.7)), {"tried": BY_A}.get, catalogue, lambda _node: 0.3)
    assert found == pytest.approx(200 * (0.7 * 101 - 2.0))


@pytest.mark.parametrize("rows", [0.0, -1.0])
def test_a_table_of_which_nothing_is_known_is_read_as_one_of_a_row(rows: float) -> None:
    # The leaf and one page.
    assert doubt(loop(by_a(cost=1.0)), table=a_table(rows=rows)) == pytest.approx(200 * (0.7 * 2 - 1.0))


def without_partner(rows: float, of: float, **more: Any) -> Plan:
    """The rows of an input for which another has none."""
    return node("Hash Join", node("Seq Scan", rows=of), node("Hash", rows=10), rows=rows, Join_Type="Anti", **more)


def driven_by(outer: Plan, inner: Plan) -> Plan:
    return node("Nested Loop", outer, inner, rows=planned_rows(outer))


def test_a_table_that_is_read_whole_for_each_row_of_a_guess_is_dear() -> None:
    # One row is expected of 40,000: half way, in logarithms, are 200. 199 more reads of 5,000.
    fragile = driven_by(without_partner(rows=1, of=40_000), node("Seq Scan", cost=(0, 5000)))
    assert doubt(fragile, design=None) == pytest.approx(199 * 5000)


def test_a_look_up_for_each_row_of_a_guess_is_cheap_whether_its_index_is_tried_or_there() -> None:
    looked_up = driven_by(without_partner(rows=1, of=40_000), look_up(index="there", cost=(0, 8)))
    assert doubt(looked_up, design=None) == pytest.approx(199 * 8)
    tried = driven_by(without_partner(rows=1, of=40_000), by_a(cost=80))
    assert doubt(tried) == pytest.approx(199 * 80)


def test_rows_that_are_kept_are_gone_over_again() -> None:
    kept = node("Materialize", node("Seq Scan", rows=3000, cost=(0, 5000)), rows=3000, cost=(0, 5015))
    assert doubt(driven_by(without_partner(rows=1, of=40_000), kept), design=None) == pytest.approx(199 * 3000 * 0.005)


def test_a_join_by_two_columns_may_give_more_rows_and_one_by_one_column_is_believed() -> None:
    def joined(condition: str) -> Plan:
        sides = node("Seq Scan", rows=10_000), node("Hash", rows=500)
        return node("Hash Join", *sides, rows=100, Join_Type="Inner", Hash_Cond=condition)

    inner = node("Seq Scan", cost=(0, 50))
    # 100 of at most 10,000: half way 1,000.
    both = driven_by(joined("((a.x = b.x) AND (a.y = b.y))"), inner)
    assert doubt(both, design=None) == pytest.approx(900 * 50)
    assert doubt(driven_by(joined("(a.x = b.x)"), inner), design=None) == 0.0
