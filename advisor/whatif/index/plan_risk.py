"""What the planner leaves out of the price of its own plan: look-ups inside nested loops. Pure.

The planner spreads the reads of an index scan inside a loop over as many look-ups as the *outer base table* has rows,
not over those that the plan will make; and it takes each page to be read once, as if all stayed in its buffers. Here
each such scan is priced anew for the look-ups that its own plan has, and the difference is what the plan may cost
more (`lookup_price.py` has the arithmetic). A scan outside a loop is left to the planner, and so is one that it
prices higher than we do.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from advisor.model.index_design import IndexDesign
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue import Catalogue, TableFacts
from advisor.whatif.index.index_size import index_pages, shape_of
from advisor.whatif.index.lookup_price import Lookup, price

_LOOKUPS = ("Index Scan", "Index Only Scan", "Bitmap Heap Scan")
_PAGE_BYTES = 8192
_ONCE = ("Materialize", "Hash")
_EQUAL = re.compile(r"""\((?:\((?P<cast>"[^"]+"|\w+)\)::\w+|(?P<plain>"[^"]+"|\w+)) = """)

Plan = Mapping[str, Any]
DesignOf = Callable[[str], IndexDesign | None]


def risk(plan: Plan, design_of: DesignOf, catalogue: Catalogue) -> float:
    """What to add to the plan's cost, in the planner's units. design_of: by the name of an index in the plan."""
    return _Repricing(design_of, catalogue, _relations(plan)).added(plan, loops=0.0, processes=1.0)


def index_names(plan: Plan) -> Iterator[str]:
    """Of every index that the plan uses."""
    if "Index Name" in plan:
        yield str(plan["Index Name"])
    for child in plan.get("Plans", ()):
        yield from index_names(child)


class _Repricing:
    """Of one plan. relations: its tables by their alias."""

    def __init__(self, design_of: DesignOf, catalogue: Catalogue, relations: Mapping[str, str]) -> None:
        self._design_of = design_of
        self._catalogue = catalogue
        self._relations = relations
        self._tables = {name.name: facts for name, facts in catalogue.tables.items()}

    def added(self, node: Plan, loops: float, processes: float) -> float:
        """loops: how often each process runs `node` inside nested loops, 0 outside of any. processes: that share it."""
        kind, children = node["Node Type"], node.get("Plans", ())
        if kind in _LOOKUPS:
            return self._scan(node, loops, processes) if loops else 0.0
        if kind == "Nested Loop" and len(children) == 2:
            outer, inner = children
            inside = max(1.0, float(outer["Plan Rows"])) * max(1.0, loops)
            return self.added(outer, loops, processes) + self.added(inner, inside, processes)
        if kind == "Memoize":
            loops = min(loops, self._keys(node) / processes)
        if kind in _ONCE:
            loops = 0.0
        if workers := int(node.get("Workers Planned", 0)):
            processes = workers + max(0.0, 1 - 0.3 * workers)
        return sum(self.added(child, loops, processes) for child in children)

    def _scan(self, node: Plan, loops: float, processes: float) -> float:
        index = self._index(node)
        if index is None:
            return 0.0
        times = max(1.0, loops * processes)
        return loops * max(0.0, price(self._lookup(node, index, times), self._catalogue.memory) - node["Total Cost"])

    def _index(self, node: Plan) -> "_Index | None":
        """The one it looks up in; None where there are several, or where nothing is known of it."""
        while "Index Name" not in node:
            children = node.get("Plans", ())
            if len(children) != 1:
                return None
            node = children[0]
        name, condition = node["Index Name"], node.get("Index Cond", "")
        design = self._design_of(name)
        if design is not None:
            facts = self._catalogue.tables[TableName(design.schema, design.table)]
            pages = float(index_pages(shape_of(design, facts, facts.rows)))
            return _Index(facts, design.columns, pages, bool(design.predicate), _equated(condition))
        for facts in self._catalogue.tables.values():
            for known in facts.indexes:
                if known.name == name:
                    pages, columns = known.size_bytes / _PAGE_BYTES, tuple(key.split(" ")[0] for key in known.keys)
                    return _Index(facts, columns, pages, bool(known.predicate), _equated(condition))
        return None

    def _lookup(self, node: Plan, index: "_Index", times: float) -> Lookup:
        facts, rows = index.facts, max(1.0, index.facts.rows)
        found = float(node["Plan Rows"])
        if "Filter" in node and not index.is_partial:
            found = max(found, index.rows_of_a_key())
        order = index.correlation() ** 2
        heap = order * max(1.0, found * facts.pages / rows) + (1 - order) * found
        return Lookup(
            times=times,
            rows=found,
            heap_visits=0.0 if node["Node Type"] == "Index Only Scan" else heap,
            leaf_visits=1 + found * index.pages / rows,
            table_pages=facts.pages,
            index_pages=index.pages,
        )

    def _keys(self, memoize: Plan) -> float:
        """How many different ones there may be, by all columns of the key together."""
        count = 1.0
        for part in memoize.get("Cache Key", "").split(", "):
            alias, _, column = part.rpartition(".")
            facts = self._tables.get(self._relations.get(alias.strip('"'), ""))
            known = facts.columns.get(column.strip('"')) if facts else None
            count *= known.distinct_values(facts.rows) if facts and known else math.inf
        return count


@dataclass(frozen=True, slots=True)
class _Index:
    """One that a scan uses. equated: the columns that its condition fixes to a value."""

    facts: TableFacts
    columns: tuple[str, ...]
    pages: float
    is_partial: bool
    equated: frozenset[str]

    def rows_of_a_key(self) -> float:
        """Rows that share a value of those first keys that are fixed, as if columns knew nothing of each other."""
        rows = self.facts.rows
        for name in self.columns:
            column = self.facts.columns.get(name)
            if name not in self.equated or column is None:
                break
            rows /= column.distinct_values(self.facts.rows)
        return max(1.0, rows)

    def correlation(self) -> float:
        """From 0, the rows of neighbouring keys lie anywhere, to 1, side by side; three quarters of the first column's
        where there are more, as Postgres has it (btcostestimate)."""
        column = self.facts.columns.get(self.columns[0])
        known = abs(column.correlation) if column else 0.0
        return known if len(self.columns) == 1 else 0.75 * known


def _equated(condition: str) -> frozenset[str]:
    return frozenset((found["cast"] or found["plain"]).strip('"') for found in _EQUAL.finditer(condition))


def _relations(plan: Plan) -> dict[str, str]:
    found = {plan["Alias"]: plan["Relation Name"]} if "Alias" in plan and "Relation Name" in plan else {}
    for child in plan.get("Plans", ()):
        found |= _relations(child)
    return found
