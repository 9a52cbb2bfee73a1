"""What the planner does not see in its own plan. Pure.

Inside a nested loop the planner prices look-ups by an index as if their reads were shared among as many of them as the
outer table has rows, filtered or not, and as if all that was once read stayed in memory. Where the rows of one key are
scattered over the table that is too little: on TPC-H such loops took two to four times their price. The same where a
loop looks rows up by half of a join's condition and throws away those that the other half refuses. The surcharge
makes a search prefer an index that answers the whole condition or holds all that is asked for, and doubt a small gain.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from advisor.model.index_design import IndexDesign
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue import Catalogue

_SCATTERED, _WASTEFUL = 2.0, 3.0
_LOOKUPS = ("Index Scan", "Bitmap Heap Scan")
_PASSING_ON = ("Memoize", "Materialize")
_QUALIFIER = re.compile(r"""(?:'(?:[^']|'')*')|([A-Za-z_][\w$]*|"(?:[^"]|"")+")\.(?=[\w"])""")

Plan = Mapping[str, Any]
DesignOf = Callable[[str], IndexDesign | None]


def risk(plan: Plan, design_of: DesignOf, catalogue: Catalogue) -> float:
    """What to add to the plan's cost, in the planner's units. design_of: by the name of an index in the plan."""
    children = plan.get("Plans", ())
    total = sum(risk(child, design_of, catalogue) for child in children)
    if plan["Node Type"] == "Nested Loop" and len(children) == 2:
        outer, inner = children
        while inner["Node Type"] in _PASSING_ON:
            inner = inner["Plans"][0]
        if inner["Node Type"] in _LOOKUPS:
            lookups = float(outer["Plan Rows"]) * float(inner["Total Cost"])
            total += lookups * max(_WASTEFUL * _is_wasteful(inner), _SCATTERED * _scatter(inner, design_of, catalogue))
    return total


def index_names(plan: Plan) -> Iterator[str]:
    """Of every index that the plan uses."""
    if "Index Name" in plan:
        yield str(plan["Index Name"])
    for child in plan.get("Plans", ()):
        yield from index_names(child)


def _is_wasteful(node: Plan) -> bool:
    """Whether it filters by the outer row what it found: then another table is named in its filter."""
    names = {name.strip('"') for name in _QUALIFIER.findall(node.get("Filter", "")) if name}
    return bool(names - {node.get("Alias")})


def _scatter(node: Plan, design_of: DesignOf, catalogue: Catalogue) -> float:
    """From 0, the table lies in the order of the index, to 1, anyhow. 0 for an index that is there already."""
    if "Index Name" not in node:
        return max((_scatter(child, design_of, catalogue) for child in node.get("Plans", ())), default=0.0)
    design = design_of(node["Index Name"])
    if design is None:
        return 0.0
    column = catalogue.tables[TableName(design.schema, design.table)].columns.get(design.columns[0])
    return 1.0 if column is None else 1 - float(column.correlation) ** 2
