"""What the planner does not see in its own plan. Pure.

Two things, both of look-ups that are repeated. Their reads the planner shares among as many of them as the outer table
has rows, filtered or not: one that gathers thirty scattered rows may then be priced below two pages, and thirteen
thousand of them like a tenth of what they take. A page is not free where it lies in memory: on TPC-H one in the
server's buffers took 0.7 times as long as a unit of the planner's costs in a sequential scan, and one that came from
the operating system's cache 2.2 times. So a look-up costs at least that for each of its pages; of a table larger than
the buffers, the part beyond them is taken to be outside. And where a key has several columns, the planner takes them
for independent: TPC-H's query 9 expected 50 rows where 32,000 came, and looked each of them up in one more table. If
one other table has all these columns, they are taken for a foreign key, in either direction.

What drives a loop is doubted in every plan, with tried indexes and without: where a join is a guess (join_doubt.py),
the loop is priced for the rows that may come, and what it does for each of them is dear where it reads a table whole.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from advisor.model.database.index_design import IndexDesign
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import Catalogue, TableFacts
from advisor.whatif.index.pricing.join_doubt import excess_of_join
from advisor.whatif.index.pricing.plan_runs import Plan, planned_rows, runs_of_nodes

_COST_OF_A_PAGE = 0.7
_COST_OF_A_READ = 1.5
_COST_OF_A_KEPT_ROW = 0.005  # two operators: to fetch it and to compare it
_TO_THE_TABLE = ("Index Scan", "Bitmap Heap Scan")
_SCANS = (*_TO_THE_TABLE, "Index Only Scan")
_FEWER = ("Aggregate", "Group", "Limit", "Unique")
_COLUMN = re.compile(r"""\(*"?([A-Za-z_][^".]*)"?\.""")  # of another table, by its alias

DesignOf = Callable[[str], IndexDesign | None]


def risk(
    plan: Plan, design_of: DesignOf, catalogue: Catalogue, left_out: Callable[[Plan], float] = lambda _node: 0.0
) -> float:
    """What to add to the plan's cost, in the planner's units.

    design_of: by the name of an index in the plan; None for one that is there already, whose look-ups cost the same
    with the advice and without. left_out: what the cost of one run of a node does not hold and the plan's was given
    already.
    """
    return _Doubt(design_of, catalogue, left_out, lambda alias: _rows_of(alias, plan, catalogue)).of(plan)


def index_names(plan: Plan) -> Iterator[str]:
    """Of every index that the plan uses."""
    if "Index Name" in plan:
        yield str(plan["Index Name"])
    for child in plan.get("Plans", ()):
        yield from index_names(child)


def _rows_of(alias: str, plan: Plan, catalogue: Catalogue) -> float:
    """Of the table that the plan reads under this alias; 0 where unknown, as of a name that two schemas have."""
    if plan.get("Alias") == alias:
        found = [facts for name, facts in catalogue.tables.items() if name.name == plan.get("Relation Name")]
        return max(1.0, found[0].rows) if len(found) == 1 else 0.0
    return max((_rows_of(alias, child, catalogue) for child in plan.get("Plans", ())), default=0.0)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """rows_of: of a table that the plan reads, by its alias; 0 where unknown."""

    design_of: DesignOf
    catalogue: Catalogue
    left_out: Callable[[Plan], float]
    rows_of: Callable[[str], float]

    def of(self, plan: Plan) -> float:
        total = 0.0
        for (node, runs), (_, most) in zip(runs_of_nodes(plan), runs_of_nodes(plan, self._rows), strict=True):
            if most > 1 and node["Node Type"] in _SCANS:
                price = float(node["Total Cost"]) + self.left_out(node)
                total += most * max(price, self._least(node)) - runs * price
            elif most > runs and node["Node Type"] == "Seq Scan":
                total += (most - runs) * float(node["Total Cost"])
            elif node["Node Type"] == "Nested Loop":
                total += most * self._read_again(node)
        return total

    def _read_again(self, loop: Plan) -> float:
        """Of a loop over rows that are kept: what it costs to go over them for each row more than planned."""
        outer, inner = (next(c for c in loop["Plans"] if c.get("Parent Relationship") == r) for r in ("Outer", "Inner"))
        if inner["Node Type"] != "Materialize":
            return 0.0
        return (self._rows(outer) - planned_rows(outer)) * planned_rows(inner) * _COST_OF_A_KEPT_ROW

    def _rows(self, node: Plan) -> float:
        """How many it may give where the planner multiplied what the columns of a key say."""
        return planned_rows(node) * self._excess(node)

    def _excess(self, node: Plan) -> float:
        """By how many times it may give more; what is grouped or cut off comes out as planned."""
        if node["Node Type"] in _FEWER:
            return 1.0
        key = self._key(node)
        inside = max((self._excess(child) for child in node.get("Plans", ())), default=1.0)
        return max(inside, key.rows / key.planned if key else excess_of_join(node))

    def _least(self, node: Plan) -> float:
        """What the pages of one look-up cost: a leaf, and those of the table on which the rows of its key lie."""
        key = self._key(node)
        if key is None:
            return 0.0
        if node["Node Type"] not in _TO_THE_TABLE:
            return _COST_OF_A_PAGE
        rows = max(1.0, planned_rows(node), key.rows)
        fetched = min(1 + (rows - 1) * key.scatter, key.table.pages)
        outside = max(0.0, 1 - self.catalogue.buffer_pages / max(1.0, key.table.pages))
        return _COST_OF_A_PAGE * (1 + fetched) + _COST_OF_A_READ * fetched * outside * key.scatter

    def _key(self, node: Plan) -> "_Key | None":
        """Of a scan by one tried index."""
        scan = node
        while node["Node Type"] in _SCANS and "Index Name" not in scan and "Plans" in scan:
            scan = scan["Plans"][0]
        design = self.design_of(str(scan.get("Index Name", "")))
        if design is None:
            return None
        table = self.catalogue.tables[TableName(design.schema, design.table)]
        return _Key.of(design, str(scan.get("Index Cond", "")), table, self.rows_of)


@dataclass(frozen=True, slots=True)
class _Key:
    """What a look-up asks for. planned: rows as the planner expects them, before any filter; rows: in doubt.

    scatter: from 0, the table lies in the order of the index, to 1, anyhow.
    """

    table: TableFacts
    planned: float
    rows: float
    scatter: float

    @classmethod
    def of(cls, design: IndexDesign, condition: str, table: TableFacts, rows_of: Callable[[str], float]) -> "_Key":
        leading = table.columns.get(design.columns[0])
        scatter = 1.0 if leading is None else 1 - float(leading.correlation) ** 2
        distinct: list[float] = []
        joined: list[str] = []
        for name in design.columns if not design.predicate else ():
            column, value = table.columns.get(name), _value_asked_for(name, condition)
            if column is None or not value:
                break
            distinct.append(column.distinct_values(table.rows))
            if other := _COLUMN.match(value):
                joined.append(other[1])
        if not distinct:
            return cls(table, 1.0, 1.0, scatter)
        table_rows = max(1.0, table.rows)  # an empty table, and one that was never analysed, tell nothing
        planned, most = table_rows / math.prod(distinct), table_rows / max(distinct)
        rows = planned
        if len(joined) > 1 and len(set(joined)) == 1 and (partners := rows_of(joined[0])):
            # A key of several columns that one other table has: every row has its partner there, as by a foreign key.
            rows = max(planned, min(most, max(1.0, table_rows / partners)))
        elif len(joined) > 1:
            # Between no connection of the columns and the closest one: the middle of their logarithms.
            rows = math.sqrt(max(1.0, planned) * max(1.0, most))
        return cls(table, planned, rows, scatter)


def _value_asked_for(column: str, condition: str) -> str:
    """What an index condition, as a plan writes it, compares the column with; "" where not by equality."""
    found = re.search(rf"""(?<![\w."])"?{re.escape(column)}"?(?:\)::[a-z ]+)? = (.+)""", condition)
    return found[1] if found else ""
