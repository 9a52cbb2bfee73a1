"""How many rows a join may give where the planner's estimate of them is a guess. Pure.

By how much estimates are off grows with what they multiply (V. Leis et al., "How Good Are Query Optimizers, Really?",
VLDB 2015). Two joins are guessed worst: the rows without a partner (NOT EXISTS), which come out as next to none where
conditions go together, and joins by several columns, which are taken for independent. Each may give as many rows as
its larger input, and is taken to give half way there, in logarithms. TPC-H's query 21 expected one row where 400 came,
and read lineitem whole for each.
"""

import math

from advisor.whatif.index.pricing.plan_runs import Plan, planned_rows

_JOINS = ("Nested Loop", "Hash Join", "Merge Join")
_CONDITIONS = ("Hash Cond", "Merge Cond", "Join Filter")
_MOST = 1000.0
"""Times: beyond that nothing is a doubt any more, but another workload."""


def excess_of_join(node: Plan) -> float:
    """By how many times its own guess may be too low, from 1; 1 for what is no join and for a join by one column."""
    if node["Node Type"] not in _JOINS:
        return 1.0
    inputs = {child.get("Parent Relationship"): planned_rows(child) for child in node.get("Plans", ())}
    match node.get("Join Type"):
        case "Anti":
            most = inputs.get("Outer", 1.0)
        case "Right Anti":
            most = inputs.get("Inner", 1.0)
        case "Inner" if _equalities(node) > 1:
            most = max(inputs.get("Outer", 1.0), inputs.get("Inner", 1.0))
        case _:
            return 1.0
    return min(_MOST, math.sqrt(max(1.0, most / max(1.0, planned_rows(node)))))


def _equalities(node: Plan) -> int:
    return sum(str(node.get(name, "")).count(" = ") for name in _CONDITIONS)
