"""What an index costs the statements of a file that write, which nobody counted. Pure.

Each statement of the file is taken to run as often as any other, and one that writes to write one row. An index entry
is taken for four of the planner's units, its price of a page that lies anywhere: look-ups by a primary key are priced
at eight and take 30 to 50 microseconds, an entry about 20 (writes.py). An INSERT writes an entry into every index; an
UPDATE into none as long as it changes no indexed column (HOT), and into every one as soon as it does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.model.database.index_design import IndexDesign
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.writes import holds

_ENTRY_COST = 4.0
_TOUCHING_FEW = ("brin",)  # an entry for many pages, which stands in no update's way


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWrites:
    """writers: of each statement that writes, what the planner thinks that it costs to find the rows, and its shape.
    indexes: how many each table has."""

    writers: Sequence[tuple[float, StatementShape]]
    indexes: Mapping[TableName, int]

    def score(self, design: IndexDesign) -> float:
        """By how much dearer the index makes each of them, in logarithms, summed."""
        return sum(math.log1p(self._share(design, cost, shape)) for cost, shape in self.writers)

    def _share(self, design: IndexDesign, cost: float, shape: StatementShape) -> float:
        table = TableName(design.schema, design.table)
        there = self.indexes.get(table, 0)
        if design.access_method in _TOUCHING_FEW:
            return 0.0
        if table in shape.inserts_into:
            return _ENTRY_COST / (cost + _ENTRY_COST * (1 + there))
        if any(holds(design, place, column) for place, column in shape.sets_columns):
            return _ENTRY_COST * (1 + there) / (cost + _ENTRY_COST)
        return 0.0
