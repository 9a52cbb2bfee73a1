"""What HypoPG leaves out of a plan's cost: the way down a B-tree. Pure.

The planner charges every look-up 50 operator costs for each level of the tree (DEFAULT_PAGE_CPU_MULTIPLIER in
selfuncs.c), the leaf included. HypoPG gives its indexes the height -1, so that they are charged nothing: on TPC-H
a join by look-ups cost half as much again once its index was built. Here the levels are counted that the plan goes
down, by how often each of its nodes is run.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from advisor.whatif.index.pricing.plan_runs import Plan, runs_of_nodes

_OPERATORS_A_LEVEL = 50
_BTREE_SCANS = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
_LIST = re.compile(r"= ANY \('\{([^}]*)\}'")


@dataclass(frozen=True, slots=True)
class Descents:
    """height_of: by the name of an index in a plan, levels above the leaves; None for one that was charged already.

    operator_cost: cpu_operator_cost of the session.
    """

    height_of: Callable[[str], int | None]
    operator_cost: float

    def of_node(self, node: Plan) -> float:
        """What to add to the cost of one run of the node itself."""
        height = self.height_of(str(node["Index Name"])) if node["Node Type"] in _BTREE_SCANS else None
        if height is None:
            return 0.0
        searches = _searches(str(node.get("Index Cond", "")))
        return (height + 1) * searches * _OPERATORS_A_LEVEL * self.operator_cost

    def of_plan(self, plan: Plan) -> float:
        """What to add to the plan's total cost."""
        return sum(runs * self.of_node(node) for node, runs in runs_of_nodes(plan))


def _searches(condition: str) -> int:
    """A list of values is looked up one by one."""
    found = 1
    for values in _LIST.findall(condition):
        found *= values.count(",") + 1
    return found
