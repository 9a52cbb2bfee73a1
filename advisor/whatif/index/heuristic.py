"""Prices an index from the table's statistics, where no planner can be asked. Marked as such. Pure.

The constants are Postgres' own defaults (seq_page_cost 1, random_page_cost 4, cpu_tuple_cost 0.01,
cpu_index_tuple_cost 0.005, cpu_operator_cost 0.0025) and its default selectivity of a range, 1/3.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from advisor.model.forecast import IndexCandidate
from advisor.sql.shape import TableUse

_RANGE_SELECTIVITY = 1 / 3
_PAGE_BYTES = 8192
_ENTRY_BYTES = 16
_FILL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnStatistics:
    """As pg_stats has them: n_distinct below 0 is a share of the rows."""

    n_distinct: float
    null_ratio: float
    width_bytes: float
    correlation: float

    def equal_selectivity(self, rows: float) -> float:
        distinct = -self.n_distinct * rows if self.n_distinct < 0 else self.n_distinct
        return (1 - self.null_ratio) / max(1.0, distinct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Planner's cost units and bytes."""

    cost_before: float
    cost_after: float
    size_bytes: int


def estimate(
    candidate: IndexCandidate, use: TableUse, columns: Mapping[str, ColumnStatistics], rows: float, pages: float
) -> Estimate:
    """A whole scan against a descent and one visit for each row found."""
    selectivity = 1.0
    for name in candidate.columns:
        if name in use.equal:
            selectivity *= columns[name].equal_selectivity(rows)
        elif name in use.ranges:
            selectivity *= _RANGE_SELECTIVITY
    matched = max(1.0, rows * selectivity)
    leading = columns[candidate.columns[0]].correlation
    # Pages visited, between all apart (one each) and all together, by the square of the correlation as Postgres does.
    together, apart = max(1.0, matched / max(1.0, rows / max(1.0, pages))), min(matched, pages)
    visits = leading**2 * together + (1 - leading**2) * apart
    before = pages + rows * (0.01 + 0.0025)
    after = math.log2(max(2.0, rows)) * 0.0025 + matched * (0.005 + 0.01) + visits * 4
    entry = sum(columns[name].width_bytes for name in candidate.columns) + _ENTRY_BYTES
    size = math.ceil(rows * entry / _FILL / _PAGE_BYTES) * _PAGE_BYTES
    return Estimate(cost_before=before, cost_after=min(before, after), size_bytes=size)
