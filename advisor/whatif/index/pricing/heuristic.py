"""Prices indexes from the tables' statistics, where no planner can be asked what it would do. Marked as such.

A statement's cost as things are still comes from the server's own planner, and so does what it spends on each table:
what an index would save is that, less a descent and one visit for each row found. The constants are Postgres' own
defaults (seq_page_cost 1, random_page_cost 4, cpu_tuple_cost 0.01, cpu_index_tuple_cost 0.005, cpu_operator_cost
0.0025) and its default selectivity of a range, 1/3. Joins are not priced: an index for one saves nothing here.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from advisor.clients.planning_block import PlanningBlock
from advisor.clients.postgres import message
from advisor.model.database.index_design import IndexDesign
from advisor.model.errors import BadDataError
from advisor.sql.access import Access, ConditionKind
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.tables import PAGE_BYTES, Catalogue, Column, TableFacts
from advisor.whatif.index.pricing.index_size import index_pages, shape_of
from advisor.whatif.index.pricing.plan_runs import Plan, rows_of_a_call, runs_of_nodes
from advisor.whatif.index.pricing.planner_port import PlannedCost

_RANGE_SELECTIVITY = 1 / 3
_GIN_SELECTIVITY = 0.01
_UNKNOWN_SHARE = 0.005
_LEAST_SHARE = 0.001
_BY_INDEX = 0.2
"""Of what visits by an index are priced, as the pages are mostly in memory: 0.4 microseconds a unit where reading a
whole table took 2 to 4 (benchmarks/applications/help_desk.py). A planner weighs such visits with such visits; here
they would be weighed with a guess."""
_CONDITIONS = ("Filter", "Index Cond", "Recheck Cond")


@dataclass(slots=True)
class HeuristicPricing:
    """Implements Pricing. shapes: of the statements, by the text they are planned as."""

    connection: psycopg.Connection[Any]
    catalogue: Catalogue
    shapes: Mapping[str, StatementShape]
    seconds_left: Callable[[], float] = lambda: math.inf
    _base: dict[str, Plan] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return "heuristic"

    def bound(self, seconds_left: Callable[[], float]) -> None:
        self.seconds_left = seconds_left

    def offer(self, designs: Sequence[IndexDesign]) -> dict[IndexDesign, str]:
        return {design: "its share of the rows cannot be guessed" for design in designs if design.predicate}

    def size_bytes(self, design: IndexDesign) -> int:
        facts = self._facts(design)
        return index_pages(shape_of(design, facts, facts.rows)) * PAGE_BYTES

    def plan(self, text: str, visible: frozenset[IndexDesign], tables: Collection[TableName]) -> PlannedCost:
        plan = self._base.get(text)
        if plan is None:
            plan = self._base[text] = self._planned(text)
        base = float(plan["Total Cost"])
        saved, used = 0.0, set()
        for access in self.shapes[text].accesses:
            facts = self.catalogue.tables.get(access.table)
            fitting = sorted(d for d in visible if (d.schema, d.table) == access.table)
            if facts is None or not fitting:
                continue
            gains = {d: present_cost(d, facts, plan) - lookup(d, access, facts) for d in fitting}
            best = max(fitting, key=lambda design: gains[design])
            if gains[best] > 0:
                saved += gains[best]
                used.add(best)
        left = max(base * _LEAST_SHARE, base - saved)
        return PlannedCost(cost=left, used=frozenset(used), rows=rows_of_a_call(plan))

    def _planned(self, text: str) -> Plan:
        try:
            plan = PlanningBlock(self.connection, seconds_left=self.seconds_left).run(text).plan
        except psycopg.Error as error:
            raise BadDataError(message(error), where="EXPLAIN") from error
        top: Plan = plan[0]["Plan"]
        return top

    def _facts(self, design: IndexDesign) -> TableFacts:
        return self.catalogue.tables[TableName(design.schema, design.table)]


def present_cost(design: IndexDesign, facts: TableFacts, plan: Plan) -> float:
    """What the plan spends on the table where it asks for the first key of the design; 0 where it does not ask."""
    places = {leaf.name for leaf in facts.partitions or (facts.name,)}
    key = "" if design.keys[0].is_expression else design.keys[0].text
    costs: dict[str, float] = {}
    for node, runs in runs_of_nodes(plan):
        conditions = " ".join(str(text) for name, text in node.items() if name in _CONDITIONS)
        if node.get("Relation Name") in places and node["Node Type"].endswith("Scan") and key in conditions:
            # Each partition is a node of its own, under an alias with a number to it.
            alias = str(node.get("Alias", "")) if not facts.partitions else facts.name.name
            weight = _BY_INDEX if _is_look_up(node, facts) else 1.0
            costs[alias] = costs.get(alias, 0.0) + float(node["Total Cost"]) * runs * weight
    return max(costs.values(), default=0.0)


def _is_look_up(node: Plan, facts: TableFacts) -> bool:
    """Whether an index is asked for its first key, and not read through for another one."""
    inner = [node, *node.get("Plans", ())]  # a bitmap's index stands below it
    names, asked = {one.get("Index Name") for one in inner}, " ".join(str(one.get("Index Cond", "")) for one in inner)
    return any(index.name in names and index.keys[0] in asked for index in facts.indexes)


def lookup(design: IndexDesign, access: Access, facts: TableFacts) -> float:
    """Cost of finding the rows by the index; infinite where its first key is not bounded by a value."""
    rows, pages = max(1.0, facts.rows), max(1.0, facts.pages)
    selectivity = _selectivity(design, access, facts)
    if selectivity is None:
        return math.inf
    matched = max(1.0, rows * selectivity)
    searches = _searches(design, access)
    first = facts.columns.get(design.columns[0])
    together, apart = max(1.0, matched / (rows / pages)), min(matched, pages)
    order = (first.correlation if first is not None else 0.0) ** 2
    # Pages visited, between all together and all apart, by the square of the correlation as Postgres does.
    visits = order * together + (1 - order) * apart
    descent = math.log2(max(2.0, rows)) * 0.0025 + 4
    return searches * descent + matched * (0.005 + 0.01) + visits * 4


def _searches(design: IndexDesign, access: Access) -> int:
    """One for each value of a list."""
    lists = [len(c.values) for c in access.conditions if c.key in design.keys and c.kind is ConditionKind.EQUAL]
    return math.prod(max(1, count) for count in lists)


def _selectivity(design: IndexDesign, access: Access, facts: TableFacts) -> float | None:
    """Share of the rows that the keys of the index leave, as far as they are bounded from the first one on."""
    bound = {c.key.text: c for c in access.conditions if c.key is not None and not c.optional}
    share, found = 1.0, False
    for text in design.columns:
        column = facts.columns.get(text)
        condition = bound.get(text)
        match condition.kind if condition else None:
            case ConditionKind.EQUAL:
                known = column is not None and column.is_analysed
                one = _equal_share(column, facts.rows) if known and column is not None else _UNKNOWN_SHARE
                share *= min(1.0, one * max(1, len(condition.values) if condition else 1))
                found = True
            case ConditionKind.RANGE | ConditionKind.PREFIX:
                return share * _RANGE_SELECTIVITY
            case ConditionKind.CONTAINS | ConditionKind.SEARCH | ConditionKind.INFIX if design.access_method == "gin":
                return share * _GIN_SELECTIVITY
            case _:
                break
    return share if found else None


def _equal_share(column: Column, rows: float) -> float:
    return (1 - column.null_ratio) / column.distinct_values(rows)
