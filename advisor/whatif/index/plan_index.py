"""Which index a scan of a plan uses, tried or there already, and what is known of it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from advisor.model.index_design import IndexDesign
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue import Catalogue, TableFacts
from advisor.whatif.index.index_size import index_pages, shape_of
from advisor.whatif.index.plan_joins import Plan, fixed_columns

_PAGE_BYTES = 8192

DesignOf = Callable[[str], IndexDesign | None]


@dataclass(frozen=True, slots=True)
class UsedIndex:
    """scan: the node that looks it up. columns: its keys."""

    scan: Plan
    facts: TableFacts
    columns: tuple[str, ...]
    pages: float
    is_partial: bool

    def fixed(self) -> tuple[str, ...]:
        """The first keys, as far as the condition of the scan fixes them."""
        equal, found = fixed_columns(self.scan.get("Index Cond", "")), []
        for name in self.columns:
            if name not in equal or name not in self.facts.columns:
                break
            found.append(name)
        return tuple(found)

    def correlation(self) -> float:
        """From 0, the rows of neighbouring keys lie anywhere, to 1, side by side; three quarters of the first column's
        where there are more, as Postgres has it (selfuncs.c, btcostestimate)."""
        column = self.facts.columns.get(self.columns[0])
        known = abs(column.correlation) if column else 0.0
        return known if len(self.columns) == 1 else 0.75 * known


def used_index(node: Plan, design_of: DesignOf, catalogue: Catalogue) -> UsedIndex | None:
    """The one that a scan looks up; None where there are several, or where nothing is known of it. design_of: the one
    that is tried, by its name in the plan."""
    while "Index Name" not in node:
        children = node.get("Plans", ())
        if len(children) != 1:
            return None
        node = children[0]
    design = design_of(node["Index Name"])
    if design is not None:
        facts = catalogue.tables[TableName(design.schema, design.table)]
        pages = float(index_pages(shape_of(design, facts, facts.rows)))
        return UsedIndex(node, facts, design.columns, pages, bool(design.predicate))
    for facts in catalogue.tables.values():
        for known in facts.indexes:
            if known.name == node["Index Name"]:
                columns = tuple(key.split(" ")[0].strip('"') for key in known.keys)
                return UsedIndex(node, facts, columns, known.size_bytes / _PAGE_BYTES, bool(known.predicate))
    return None
