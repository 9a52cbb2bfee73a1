"""What the planner does not see in its own plan. Pure.

A nested loop that looks rows up by an index and then throws some away by a filter reads more of the table than the
plan tells, and the planner prices those reads as if they were shared among as many look-ups as the outer table has
rows, filtered or not. On TPC-H such a loop took two to four times its price. The surcharge makes a search prefer an
index that answers the whole condition, and doubt a small gain.
"""

from collections.abc import Mapping
from typing import Any

_SURCHARGE = 3.0
_LOOKUPS = ("Index Scan", "Bitmap Heap Scan")

Plan = Mapping[str, Any]


def risk(plan: Plan) -> float:
    """What to add to the plan's cost, in the planner's units."""
    children = plan.get("Plans", ())
    total = sum(risk(child) for child in children)
    if plan["Node Type"] == "Nested Loop" and len(children) == 2:
        outer, inner = children
        total += _SURCHARGE * float(outer["Plan Rows"]) * _wasteful(inner)
    return total


def _wasteful(node: Plan) -> float:
    """The cost of one look-up that filters what it found, under what only passes rows on."""
    if node["Node Type"] in _LOOKUPS:
        return float(node["Total Cost"]) if "Filter" in node else 0.0
    if node["Node Type"] in ("Memoize", "Materialize"):
        return _wasteful(node["Plans"][0])
    return 0.0
