"""A planner whose costs are written down: no server, every number known."""

from collections.abc import Callable, Collection, Sequence

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.sql.relations import TableName
from advisor.whatif.index.pricing.planner_port import PlannedCost

MB = 1_000_000


def on(*columns: str) -> IndexDesign:
    return IndexDesign(schema="public", table="t", keys=plain_keys(*columns))


A, B, C = on("a"), on("b"), on("c")
UNIT = 1000.0
"""Costs are told in thousands of the planner's units: what a call costs besides its plan is next to nothing then."""


class WrittenDown:
    """Each statement costs 1,000 if not said, or what its best visible index makes of it. Every index takes 10 MB if
    not said.

    risks: by statement and the index it then uses.
    """

    method = "written down"

    def __init__(
        self,
        costs: dict[str, dict[IndexDesign, float]],
        sizes: dict[IndexDesign, int] | None = None,
        risks: dict[tuple[str, IndexDesign], float] | None = None,
        whole: float = 1000.0,
    ) -> None:
        self.whole = whole
        self.costs = costs
        self.sizes = sizes or {}
        self.risks = risks or {}
        self.asked = 0

    def bound(self, seconds_left: Callable[[], float]) -> None:
        """Every call takes no time."""

    def offer(self, designs: Sequence[IndexDesign]) -> dict[IndexDesign, str]:
        return {}

    def size_bytes(self, design: IndexDesign) -> int:
        return self.sizes.get(design, 10 * MB)

    def plan(self, text: str, visible: frozenset[IndexDesign], tables: Collection[TableName]) -> PlannedCost:
        self.asked += 1
        known = {design: cost for design, cost in self.costs[text].items() if design in visible}
        if not known:
            return PlannedCost(cost=self.whole * UNIT, used=frozenset())
        best = min(known, key=lambda design: (known[design], design))
        risk = self.risks.get((text, best), 0.0)
        return PlannedCost(cost=known[best] * UNIT, used=frozenset({best}), risk=risk * UNIT)
