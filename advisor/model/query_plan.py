"""A plan as EXPLAIN (FORMAT JSON) tells it, in the words that matter."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from advisor.model.errors import BadDataError

GENERIC_PLAN_SINCE = 160000
"""The first server_version_num that has EXPLAIN (GENERIC_PLAN)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One step and those below it. cost: total, its children's included, in planner's units; rows: given on, estimated.

    condition: the filter, the index condition or the join condition, whichever there is first.
    """

    kind: str
    cost: float
    rows: float
    table: str = ""
    schema: str = ""
    index: str = ""
    condition: str = ""
    sorted_by: tuple[str, ...] = ()
    children: tuple["PlanNode", ...] = ()

    @property
    def own_cost(self) -> float:
        """What the step adds to its children."""
        return max(0.0, self.cost - sum(child.cost for child in self.children))

    def steps(self) -> Iterator["PlanNode"]:
        """The step and all below it, from the top."""
        yield self
        for child in self.children:
            yield from child.steps()


def plan_of(document: str | list[Any]) -> PlanNode:
    """The plan in EXPLAIN's JSON. Raises BadDataError when it is none."""
    try:
        return _node((json.loads(document) if isinstance(document, str) else document)[0]["Plan"])
    except (ValueError, LookupError, TypeError) as error:
        raise BadDataError("EXPLAIN gave no plan in JSON", where="plan") from error


def _node(raw: Mapping[str, Any]) -> PlanNode:
    conditions = ("Filter", "Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter")
    return PlanNode(
        kind=str(raw["Node Type"]),
        cost=float(raw["Total Cost"]),
        rows=float(raw["Plan Rows"]),
        table=str(raw.get("Relation Name", "")),
        schema=str(raw.get("Schema", "")),
        index=str(raw.get("Index Name", "")),
        condition=next((str(raw[name]) for name in conditions if name in raw), ""),
        sorted_by=tuple(str(key) for key in raw.get("Sort Key", ())),
        children=tuple(_node(child) for child in raw.get("Plans", ())),
    )
