"""Levels of hypothetical B-trees that a plan goes down: 50 operator costs of 0.0025 each, so 0.125 a level."""

from collections.abc import Mapping

import pytest

from advisor.whatif.index.pricing.descents import Descents
from tests.unit.whatif.index.plans import Plan, look_up, node

LEVEL = 0.125


def added(plan: Plan, heights: Mapping[str, int] = {"tried": 2}) -> float:
    return Descents(heights.get, 0.0025).of_plan(plan) / LEVEL


def test_one_look_up_goes_down_to_the_leaf() -> None:
    assert added(look_up()) == 3  # two levels above the leaf, and the leaf
    assert added(node("Bitmap Heap Scan", node("Bitmap Index Scan", Index_Name="tried"))) == 3


def test_an_index_that_exists_was_charged_by_the_planner() -> None:
    assert added(look_up("existing")) == 0
    assert added(node("Seq Scan")) == 0


def test_a_loop_looks_up_once_for_each_row_outside() -> None:
    assert added(node("Nested Loop", node("Seq Scan", rows=1000), look_up())) == 3000
    both = node("Nested Loop", look_up(rows=50), look_up())
    assert added(both) == 3 + 150


def test_what_is_remembered_is_looked_up_as_often_as_the_loop_pays_for() -> None:
    # The loop costs 100 more than what is outside of it; one look-up, remembered or not, costs 5: twenty were paid.
    memoize = node("Memoize", look_up(cost=(0, 5)), cost=(0, 5))
    assert added(node("Nested Loop", node("Seq Scan", rows=1000, cost=(0, 50)), memoize, cost=(0, 150))) == 60


def test_a_limit_asks_for_part_of_the_rows_unless_they_are_sorted_first() -> None:
    loop = node("Nested Loop", node("Seq Scan", rows=1000), look_up(), cost=(0, 1000))
    assert added(node("Limit", loop, cost=(0, 10))) == 30  # a hundredth of it
    sort = node("Sort", loop, cost=(1000, 1001))
    assert added(node("Limit", sort, cost=(1000, 1000.1))) == 3000


@pytest.mark.parametrize(
    ("where", "runs"),
    [
        ({"Index Cond": "(a = (SubPlan 1))"}, 1),
        ({"Filter": "(hashed SubPlan 1)"}, 1),
        ({"Filter": "(a = (SubPlan 1))"}, 40),  # the scan costs 400, its subplan 10
    ],
)
def test_a_subplan_is_run_as_often_as_the_node_pays_for(where: dict[str, str], runs: int) -> None:
    subplan = {**look_up(), "Parent Relationship": "SubPlan", "Subplan Name": "SubPlan 1"}
    scan = {**node("Seq Scan", cost=(0, 400)), **where, "Plans": [subplan]}
    assert added(scan) == 3 * runs


def test_each_value_of_a_list_is_looked_up() -> None:
    assert added(look_up(Index_Cond="(a = ANY ('{1,2,3}'::integer[]))")) == 9
