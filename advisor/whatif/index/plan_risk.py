"""What a plan may cost beyond the planner's price. Pure.

The planner spreads the reads of an index scan inside a nested loop over as many look-ups as the *outer base table* has
rows, not over those that the plan will make; it takes a page to be read once, as if all stayed in its own buffers; and
it multiplies the shares of columns that belong together, so that it expects few rows of a join by two columns and
loops over what are many. Here each look-up inside a loop is priced anew, for the rows that may come (`plan_joins.py`)
and for what a look-up takes that is repeated (`lookup_price.py`). A look-up that the planner prices higher keeps its
price, and one outside of a loop as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.whatif.index.catalogue import Catalogue
from advisor.whatif.index.lookup_price import Lookup, price
from advisor.whatif.index.plan_index import DesignOf, UsedIndex, used_index
from advisor.whatif.index.plan_joins import (
    Equality,
    Place,
    Plan,
    PlannedTables,
    aliases,
    equalities,
    planned_tables,
)

_LOOKUPS = ("Index Scan", "Index Only Scan", "Bitmap Heap Scan")
_JOINS = ("Nested Loop", "Hash Join", "Merge Join")
_ONCE = ("Materialize", "Hash")
_FEWER_ROWS = ("Aggregate", "Group", "Unique", "Limit", "SetOp", "WindowAgg")
_ONE_SIDED = ("Semi", "Anti")


def risk(plan: Plan, design_of: DesignOf, catalogue: Catalogue) -> float:
    """What to add to the plan's cost, in the planner's units. design_of: by the name of an index in the plan."""
    tables = planned_tables(plan, catalogue)
    return _Repricing(design_of, catalogue, tables).seen(plan, _Loops()).added


def index_names(plan: Plan) -> Iterator[str]:
    """Of every index that the plan uses."""
    if "Index Name" in plan:
        yield str(plan["Index Name"])
    for child in plan.get("Plans", ()):
        yield from index_names(child)


@dataclass(frozen=True, slots=True)
class _Loops:
    """How often each process runs a node inside of nested loops, 0 outside of any: as planned, and as it may come.
    processes: that share the work."""

    planned: float = 0.0
    feared: float = 0.0
    processes: float = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """added: to the cost of a node and all below. factor: how many times its rows may be what is planned."""

    added: float = 0.0
    factor: float = 1.0


@dataclass(slots=True)
class _Repricing:
    """Of one plan."""

    design_of: DesignOf
    catalogue: Catalogue
    tables: PlannedTables

    def seen(self, node: Plan, loops: _Loops) -> _Seen:
        kind = node["Node Type"]
        if kind in _LOOKUPS:
            return _Seen(self._lookups(node, loops) if loops.planned else 0.0)
        if kind in _JOINS:
            return self._join(node, loops)
        if workers := int(node.get("Workers Planned", 0)):
            # The leader helps less the more workers there are (costsize.c, get_parallel_divisor).
            loops = _Loops(loops.planned, loops.feared, workers + max(0.0, 1 - 0.3 * workers))
        if kind in _ONCE:
            loops = _Loops(processes=loops.processes)
        if kind == "Memoize":
            most = self._different_keys(node) / loops.processes
            loops = _Loops(min(loops.planned, most), min(loops.feared, most), loops.processes)
        found = [self.seen(child, loops) for child in node.get("Plans", ())]
        factor = 1.0 if kind in _FEWER_ROWS else max((one.factor for one in found), default=1.0)
        return _Seen(sum(one.added for one in found), factor)

    def _join(self, node: Plan, loops: _Loops) -> _Seen:
        outer, inner = (child for child in node["Plans"] if child["Parent Relationship"] in ("Outer", "Inner"))
        before = self.seen(outer, loops)
        within, conditions = loops, equalities(node)
        if node["Node Type"] == "Nested Loop":
            rows = max(1.0, float(outer["Plan Rows"]))
            within = _Loops(
                rows * max(1.0, loops.planned), rows * before.factor * max(1.0, loops.feared), loops.processes
            )
            conditions |= _conditions_below(inner)
        after = self.seen(inner, within)
        factor = before.factor * after.factor
        if node.get("Join Type") not in _ONE_SIDED:
            factor *= self.tables.joined_keys(aliases(outer), aliases(inner), conditions).factor
        rest = [child for child in node["Plans"] if child is not outer and child is not inner]
        return _Seen(before.added + after.added + sum(self.seen(one, _Loops()).added for one in rest), factor)

    def _lookups(self, node: Plan, loops: _Loops) -> float:
        index = used_index(node, self.design_of, self.catalogue)
        if index is None:
            return 0.0
        lookup = self._lookup(node, index, max(1.0, loops.feared * loops.processes))
        dearest = max(float(node["Total Cost"]), price(lookup, self.catalogue.memory))
        return loops.feared * dearest - loops.planned * float(node["Total Cost"])

    def _lookup(self, node: Plan, index: UsedIndex, times: float) -> Lookup:
        facts, rows, found = index.facts, max(1.0, index.facts.rows), float(node["Plan Rows"])
        if not index.is_partial:
            found = max(found, rows / max(1.0, self._different(node, index)))
        apart = 1 - index.correlation() ** 2
        heap = (1 - apart) * max(1.0, found * facts.pages / rows) + apart * found
        return Lookup(
            times=times,
            rows=found,
            heap_visits=0.0 if node["Node Type"] == "Index Only Scan" else heap,
            leaf_visits=1 + found * index.pages / rows,
            table_pages=facts.pages,
            index_pages=index.pages,
        )

    def _different(self, node: Plan, index: UsedIndex) -> float:
        """Values that the fixed first columns of an index have together."""
        alias = str(node["Alias"])
        fixed = index.fixed()
        places = {Place(alias, column) for column in fixed}
        pairs = frozenset(one for one in equalities({**index.scan, "Alias": alias}) if one & places)
        if len(fixed) > 1 and len(pairs) == len(fixed):
            others = frozenset(place.alias for one in pairs for place in one - places)
            if len(others) == 1:
                return self.tables.joined_keys(others, frozenset({alias}), pairs).contained
        count = 1.0
        for column in fixed:
            count *= self.tables.distinct(Place(alias, column))
        return count

    def _different_keys(self, memoize: Plan) -> float:
        count = 1.0
        for part in memoize.get("Cache Key", "").split(", "):
            alias, _, column = part.rpartition(".")
            place = Place(alias.strip('"'), column.strip('"'))
            count *= self.tables.distinct(place) if place.alias in self.tables.by_alias else float("inf")
        return count


def _conditions_below(inner: Plan) -> frozenset[Equality]:
    """Of the scans that a nested loop repeats."""
    found = equalities(inner)
    for child in inner.get("Plans", ()):
        if "Alias" not in child and "Alias" in inner:
            child = {**child, "Alias": inner["Alias"]}
        found |= _conditions_below(child)
    return found
