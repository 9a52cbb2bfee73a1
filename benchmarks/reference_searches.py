"""Two published searches, written down plainly, as a measure for ours: they see the same planner and the same budget.

Extend: R. Schlosser, J. Kossmann, M. Boissier, "Efficient Scalable Multi-Attribute Index Selection Using Recursive
Strategies", ICDE 2019. DB2Advis: G. Valentin et al., "DB2 Advisor: An Optimizer Smart Enough to Recommend Its Own
Indexes", ICDE 2000.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.sql.access import Access
from advisor.sql.relations import TableName
from advisor.whatif.index.pricing.planner_port import PlannedCost, Pricing
from advisor.whatif.index.search.costs import WorkloadQuery

_WIDEST = 2
_FEWEST_ROWS = 1000

Designs = frozenset[IndexDesign]


@dataclass(slots=True)
class CachedCosts:
    """Costs by statement and the indexes on its tables, as the published implementations keep them."""

    pricing: Pricing
    calls: int = 0
    _known: dict[tuple[str, Designs], PlannedCost] = field(default_factory=dict)

    def planned(self, query: WorkloadQuery, designs: Designs) -> PlannedCost:
        relevant = frozenset(design for design in designs if (design.schema, design.table) in query.tables)
        found = self._known.get((query.id, relevant))
        if found is None:
            self.calls += 1
            found = self._known[query.id, relevant] = self.pricing.plan(query.text, relevant, query.tables)
        return found

    def total(self, queries: Sequence[WorkloadQuery], designs: Designs) -> float:
        return sum(self.planned(query, designs).cost for query in queries)

    def size(self, designs: Designs) -> int:
        return sum(self.pricing.size_bytes(design) for design in designs)


def attributes(access: Access) -> list[str]:
    """Columns that a B-tree could serve."""
    keys = [c.key for c in access.conditions if c.key is not None and not c.key.is_expression]
    return list(dict.fromkeys([*(key.text for key in keys), *(key.text for key in access.order), *access.group]))


def candidates(accesses: Sequence[Access], rows: Mapping[TableName, float]) -> list[IndexDesign]:
    """Every order of one and two of them."""
    found: dict[IndexDesign, None] = {}
    for access in accesses:
        if rows[access.table] >= _FEWEST_ROWS:
            for width in range(1, _WIDEST + 1):
                for columns in permutations(attributes(access), width):
                    keys = plain_keys(*columns)
                    found[IndexDesign(schema=access.table.schema, table=access.table.name, keys=keys)] = None
    return list(found)


def extend(
    queries: Sequence[WorkloadQuery], wanted: Sequence[IndexDesign], costs: CachedCosts, storage_bytes: int
) -> Designs:
    """Step by step the new index, or the wider form of one that is in, that saves most for a byte."""
    costs.pricing.offer(wanted)
    narrow = [design for design in wanted if len(design.keys) == 1]
    chosen: Designs = frozenset()
    while True:
        now, best = costs.total(queries, chosen), None
        options = [chosen | {design} for design in narrow if not any(_begins(known, design) for known in chosen)]
        for known in chosen:
            options += [chosen - {known} | {wide} for wide in wanted if wide != known and _begins(wide, known)]
        for option in options:
            more = costs.size(option) - costs.size(chosen)
            if costs.size(option) <= storage_bytes and more > 0:
                ratio = (now - costs.total(queries, option)) / more
                if ratio > 0 and (best is None or ratio > best[0]):
                    best = (ratio, option)
        if best is None:
            return chosen
        chosen = best[1]


def _begins(wide: IndexDesign, narrow: IndexDesign) -> bool:
    same_table = (wide.schema, wide.table) == (narrow.schema, narrow.table)
    return same_table and wide.keys[: len(narrow.keys)] == narrow.keys


def db2advis(
    queries: Sequence[WorkloadQuery],
    wanted: dict[str, list[IndexDesign]],
    costs: CachedCosts,
    storage_bytes: int,
    seconds: float = 0.0,
) -> Designs:
    """What the planner picks when it is offered everything, by benefit for a byte; then random exchanges."""
    gains: dict[IndexDesign, float] = {}
    for query in queries:
        costs.pricing.offer(wanted[query.id])
        before = costs.planned(query, frozenset()).cost
        picked = costs.planned(query, frozenset(wanted[query.id]))
        for design in picked.used:
            gains[design] = gains.get(design, 0.0) + before - picked.cost
    ordered = sorted(gains, key=lambda design: (-gains[design] / costs.pricing.size_bytes(design), design))
    chosen = _filled(ordered, costs, storage_bytes)
    return _varied(chosen, ordered, queries, costs, (storage_bytes, seconds))


def _filled(ordered: Sequence[IndexDesign], costs: CachedCosts, storage_bytes: int) -> Designs:
    chosen: Designs = frozenset()
    for design in ordered:
        covered = any(_begins(known, design) for known in chosen)
        if not covered and costs.size(chosen | {design}) <= storage_bytes:
            chosen |= {design}
    return chosen


def _varied(
    chosen: Designs,
    ordered: Sequence[IndexDesign],
    queries: Sequence[WorkloadQuery],
    costs: CachedCosts,
    limits: tuple[int, float],
) -> Designs:
    storage_bytes, seconds = limits
    draw, deadline = random.Random(1), time.monotonic() + seconds
    best = costs.total(queries, chosen)
    while time.monotonic() < deadline and len(chosen) < len(ordered):
        count = draw.randint(1, min(3, len(chosen)))
        out = frozenset(draw.sample(sorted(chosen), count))
        option = chosen - out
        for design in draw.sample([d for d in ordered if d not in chosen], min(3, len(ordered) - len(chosen))):
            if costs.size(option | {design}) <= storage_bytes:
                option |= {design}
        total = costs.total(queries, option)
        if total < best:
            chosen, best = option, total
    return chosen


def without_unused(queries: Sequence[WorkloadQuery], chosen: Designs, costs: CachedCosts) -> Designs:
    used = frozenset().union(*(costs.planned(query, chosen).used for query in queries))
    return frozenset(replace(design) for design in used)
