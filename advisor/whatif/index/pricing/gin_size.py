"""How large a GIN index on an array is once it is built. Pure.

An entry for each different element, with a list of the rows that have it: row pointers are packed to three to four
bytes each, and an entry takes about fifty bytes with what is left free, a hundred where its list is in it. Over 100,000
rows of two elements of a thousand, three of 4,000, four of 20,000, and two that no other row has, that was at most a
fifth from what was built.
"""

from dataclasses import dataclass

from advisor.whatif.index.catalogue.tables import Column

_ENTRY_BYTES, _LIST_BYTES, _LARGEST_LIST = 50.0, 6.0, 50.0
_PACKED_POINTER_BYTES = 3.5
_SHARE_OF_THE_REST = 0.75
"""Of the least of the most common elements: what is less common is a little less common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """a_row: how many of them a row has in the mean. different: how many there are; None where every one is another."""

    a_row: float
    different: float | None

    @classmethod
    def of(cls, column: Column) -> "Elements | None":
        """None where the statistics tell nothing of its elements."""
        if column.elements <= 0:
            return None
        a_row = column.elements * (1 - column.null_ratio)
        if not column.element_shares:
            return cls(a_row=a_row, different=None)
        rest = max(0.0, a_row - sum(column.element_shares))
        least = min(column.element_shares) * _SHARE_OF_THE_REST
        return cls(a_row=a_row, different=len(column.element_shares) + rest / least)

    def size_bytes(self, rows: float) -> float:
        pointers = rows * self.a_row
        different = pointers if self.different is None else max(1.0, min(pointers, self.different))
        listed = min(_LARGEST_LIST, _LIST_BYTES * (pointers / different - 1)) if pointers > different else 0.0
        return different * (_ENTRY_BYTES + listed) + pointers * _PACKED_POINTER_BYTES
