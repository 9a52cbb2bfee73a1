"""What the database knows of the tables that a workload touches: read once, then asked often."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from advisor.sql.relations import Relations, TableName

PAGE_BYTES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column and its statistics, as pg_stats has them: distinct below 0 is a share of the rows.

    type: as format_type writes it. is_analysed: False when there are no statistics; the numbers are then guesses.
    expression: of a column that is computed when it is read (virtual), which no index may hold as it is; else "".
    common_values: the most common ones and their shares of the rows, as text. bounds: of the histogram, as text.
    elements: of an array, how many different ones a value has in the mean; 0 where that is not known. element_shares:
    which share of the rows has each of the most common elements.
    """

    name: str
    type: str
    type_category: str
    is_analysed: bool = False
    expression: str = ""
    distinct: float = -1.0
    null_ratio: float = 0.0
    width_bytes: float = 8.0
    correlation: float = 0.0
    common_values: tuple[str, ...] = ()
    common_shares: tuple[float, ...] = ()
    bounds: tuple[str, ...] = ()
    elements: float = 0.0
    element_shares: tuple[float, ...] = ()

    def distinct_values(self, rows: float) -> float:
        return max(1.0, -self.distinct * rows if self.distinct < 0 else self.distinct)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingIndex:
    """An index of the catalogue. keys: as pg_get_indexdef writes them, with their order. constraint: that it backs.
    is_part: of an index of a partitioned table."""

    name: str
    definition: str
    access_method: str
    keys: tuple[str, ...]
    include: tuple[str, ...]
    predicate: str
    is_unique: bool
    is_valid: bool
    constraint: str
    size_bytes: int
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """One table. rows: the planner's estimate, below 0 when never analysed. kind: of pg_class.relkind. combinations: of
    columns together, how many there are at most, where that is known (combinations.py)."""

    name: TableName
    kind: str
    rows: float
    pages: float
    columns: Mapping[str, Column]
    indexes: tuple[ExistingIndex, ...] = ()
    partitions: tuple[TableName, ...] = ()
    combinations: Mapping[frozenset[str], float] = field(default_factory=dict)

    @property
    def row_bytes(self) -> float:
        """Mean size of a row on its page, overhead included."""
        return self.pages * PAGE_BYTES / self.rows if self.rows > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """relations: names for reading statements. tables: facts of each one. extensions: by name, their schema.

    buffer_pages: of the server's shared buffers; without end where nobody knows.
    """

    relations: Relations
    tables: Mapping[TableName, TableFacts]
    extensions: Mapping[str, str] = field(default_factory=dict)
    server_version: int = 0
    buffer_pages: float = math.inf
