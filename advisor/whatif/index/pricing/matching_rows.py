"""How to ask a planner for the rows that a partial index holds. Pure."""

from advisor.model.database.index_design import IndexDesign
from advisor.sql.identifier import quoted


def matching_rows_query(design: IndexDesign) -> str:
    """Its topmost node has as many rows, by the planner's guess, as the design's predicate leaves."""
    return f"EXPLAIN (FORMAT JSON) SELECT FROM {quoted(design.schema)}.{quoted(design.table)} WHERE {design.predicate}"
