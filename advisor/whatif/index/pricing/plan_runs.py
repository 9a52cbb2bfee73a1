"""How often each node of a plan is run, from what the plan says of it without having been run. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

_REMEMBERING = ("Memoize", "Materialize")
_READING_ALL = ("Sort", "Hash", "Plain", "Hashed")  # nodes, and strategies of an aggregate

Plan = Mapping[str, Any]
RowsOf = Callable[[Plan], float]


def planned_rows(node: Plan) -> float:
    return float(node["Plan Rows"])


def rows_of_a_call(plan: Plan) -> float:
    """That it is expected to return; or to write, where it returns none."""
    if plan["Node Type"] != "ModifyTable" or planned_rows(plan) > 0:
        return planned_rows(plan)
    return sum(planned_rows(child) for child in plan.get("Plans", ()) if child.get("Parent Relationship") == "Outer")


def runs_of_nodes(plan: Plan, rows_of: RowsOf = planned_rows) -> Iterator[tuple[Plan, float]]:
    """Every node, those inside of it first, with how often it is begun anew: 1 outside of loops and subplans.

    rows_of: what a node gives to the loop that it drives.
    """
    return _walk(plan, rows_of, 1.0, 1.0)


def _walk(plan: Plan, rows_of: RowsOf, runs: float, part: float) -> Iterator[tuple[Plan, float]]:
    """part: of the node's rows that are asked for."""
    part = 1.0 if plan["Node Type"] in _READING_ALL or plan.get("Strategy") in _READING_ALL else part
    inputs = [child for child in plan.get("Plans", ()) if not _is_subplan(child)]
    for child in plan.get("Plans", ()):
        if _is_subplan(child):
            yield from _walk(child, rows_of, runs * _subplan_runs(plan, child, inputs) * part, 1.0)
        elif plan["Node Type"] == "Limit":
            yield from _walk(child, rows_of, runs, part * _part_read(plan, child))
        elif plan["Node Type"] == "Nested Loop" and child.get("Parent Relationship") == "Inner":
            yield from _walk(child, rows_of, runs * max(1.0, _loop_runs(plan, child, rows_of) * part), 1.0)
        else:
            yield from _walk(child, rows_of, runs, part)
    yield plan, runs


def _is_subplan(child: Plan) -> bool:
    return child.get("Parent Relationship") == "SubPlan"


def _part_read(limit: Plan, child: Plan) -> float:
    """Which part of the rows below a limit is asked for."""
    startup, whole = float(child["Startup Cost"]), float(child["Total Cost"])
    return min(1.0, max(0.0, limit["Total Cost"] - startup) / (whole - startup)) if whole > startup else 1.0


def _loop_runs(plan: Plan, inner: Plan, rows_of: RowsOf = planned_rows) -> float:
    """How often a loop runs what is inside it."""
    outer = next(one for one in plan["Plans"] if one.get("Parent Relationship") == "Outer")
    rows = rows_of(outer)
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
        one["Total Cost"] * (_loop_runs(plan, one) if loops and one.get("Parent Relationship") == "Inner" else 1.0)
        for one in inputs
    )
    return max(1.0, float(plan["Total Cost"] - spent) / float(child["Total Cost"]))
