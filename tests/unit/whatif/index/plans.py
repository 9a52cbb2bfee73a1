"""Nodes of plans as EXPLAIN (FORMAT JSON) gives them; a test names only what it is about."""

from typing import Any

Plan = dict[str, Any]


def node(kind: str, *children: Plan, rows: float = 1, cost: tuple[float, float] = (0.0, 10.0), **more: Any) -> Plan:
    """cost: startup and total."""
    roles = ("Outer", "Inner")
    plans = [{"Parent Relationship": role, **child} for role, child in zip(roles, children, strict=False)]
    return {
        "Node Type": kind,
        "Startup Cost": cost[0],
        "Total Cost": cost[1],
        "Plan Rows": rows,
        "Plans": plans,
        **{name.replace("_", " "): value for name, value in more.items()},
    }


def look_up(index: str = "tried", **more: Any) -> Plan:
    return node("Index Scan", Index_Name=index, **more)
