"""What HypoPG leaves out of a plan's cost: the way down a B-tree. Pure.

The planner charges every look-up 50 operator costs for each level of the tree (DEFAULT_PAGE_CPU_MULTIPLIER in
selfuncs.c), the leaf included. HypoPG gives its indexes the height -1, so that they are charged nothing: on TPC-H
a join by look-ups cost half as much again once its index was built. Here the levels are counted that the plan goes
down, by how often each of its nodes is run.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_OPERATORS_A_LEVEL = 50
_BTREE_SCANS = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
_REMEMBERING = ("Memoize", "Materialize")
_READING_ALL = ("Sort", "Hash", "Plain", "Hashed")  # nodes, and strategies of an aggregate
_LIST = re.compile(r"= ANY \('\{([^}]*)\}'")

Plan = Mapping[str, Any]
HeightOf = Callable[[str], int | None]


def descents(plan: Plan, height_of: HeightOf, operator_cost: float) -> float:
    """What to add to the plan's total cost.

    height_of: by the name of an index in the plan, levels above the leaves; None for one that was charged already.
    operator_cost: cpu_operator_cost of the session.
    """
    return _levels(plan, height_of, 1.0) * _OPERATORS_A_LEVEL * operator_cost


def _levels(plan: Plan, height_of: HeightOf, part: float) -> float:
    """Levels gone down in one run of this node. part: of its rows that are asked for."""
    part = 1.0 if plan["Node Type"] in _READING_ALL or plan.get("Strategy") in _READING_ALL else part
    inputs = [child for child in plan.get("Plans", ()) if not _is_subplan(child)]
    total = 0.0
    for child in plan.get("Plans", ()):
        if _is_subplan(child):
            total += _levels(child, height_of, 1.0) * _subplan_runs(plan, child, inputs) * part
        elif plan["Node Type"] == "Limit":
            total += _levels(child, height_of, part * _part_read(plan, child))
        elif plan["Node Type"] == "Nested Loop" and child.get("Parent Relationship") == "Inner":
            total += _levels(child, height_of, 1.0) * max(1.0, _runs(plan, child) * part)
        else:
            total += _levels(child, height_of, part)
    if plan["Node Type"] in _BTREE_SCANS:
        height = height_of(str(plan["Index Name"]))
        total += 0 if height is None else (height + 1) * _searches(str(plan.get("Index Cond", "")))
    return total


def _is_subplan(child: Plan) -> bool:
    return child.get("Parent Relationship") == "SubPlan"


def _part_read(limit: Plan, child: Plan) -> float:
    """Which part of the rows below a limit is asked for."""
    startup, whole = float(child["Startup Cost"]), float(child["Total Cost"])
    return min(1.0, max(0.0, limit["Total Cost"] - startup) / (whole - startup)) if whole > startup else 1.0


def _runs(plan: Plan, inner: Plan) -> float:
    """How often a loop runs what is inside it."""
    outer = next(one for one in plan["Plans"] if one.get("Parent Relationship") == "Outer")
    rows = float(outer["Plan Rows"])
    if inner["Node Type"] in _REMEMBERING and inner["Total Cost"] > 0:
        # How seldom the plan does not say; the cost of the loop does.
        return max(1.0, min(rows, float(plan["Total Cost"] - outer["Total Cost"]) / float(inner["Total Cost"])))
    return rows


def _subplan_runs(plan: Plan, child: Plan, inputs: Sequence[Plan]) -> float:
    """Once where its result is hashed or looked up, else about as often as it goes into what the node adds to its
    inputs."""
    name = child.get("Subplan Name", "")
    hashed = any(f"hashed {name}" in text for text in plan.values() if isinstance(text, str))
    if hashed or name in plan.get("Index Cond", "") or child["Total Cost"] <= 0:
        return 1.0
    loops = plan["Node Type"] == "Nested Loop"
    spent = sum(
        one["Total Cost"] * (_runs(plan, one) if loops and one.get("Parent Relationship") == "Inner" else 1.0)
        for one in inputs
    )
    return max(1.0, float(plan["Total Cost"] - spent) / float(child["Total Cost"]))


def _searches(condition: str) -> int:
    """A list of values is looked up one by one."""
    found = 1
    for values in _LIST.findall(condition):
        found *= values.count(",") + 1
    return found
