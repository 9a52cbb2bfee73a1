"""What the search asks of whoever prices indexes that do not exist."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from advisor.model.database.index_design import IndexDesign
from advisor.sql.relations import TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCost:
    """The planner's total cost of a statement, what to add for what it does not see, and which of the offered indexes
    its plan uses. rows: that a call is expected to return or change, None where nobody says."""

    cost: float
    used: frozenset[IndexDesign]
    risk: float = 0.0
    rows: float | None = None


class Pricing(Protocol):
    """Plans statements as if some indexes existed."""

    @property
    def method(self) -> str:
        """hypothetical, clone or heuristic."""

    def bound(self, seconds_left: Callable[[], float]) -> None:
        """No call may take longer than what is left when it begins, as far as that can be helped."""

    def offer(self, designs: Sequence[IndexDesign]) -> dict[IndexDesign, str]:
        """Make these known, hidden at first. Returns those that are refused, each with the reason."""

    def size_bytes(self, design: IndexDesign) -> int:
        """Estimated size of an index that was offered and not refused."""

    def plan(self, text: str, visible: frozenset[IndexDesign], tables: Collection[TableName]) -> PlannedCost:
        """The plan of `text`, which touches `tables`, with these indexes and no other offered one.

        Raises BadDataError when the statement cannot be planned, SourceUnavailableError when the server cannot.
        """
