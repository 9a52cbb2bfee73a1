"""The designs of one search, numbered: a set of them is an integer whose bits are their numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from advisor.model.database.index_design import IndexDesign
from advisor.sql.relations import TableName
from advisor.whatif.index.pricing.planner_port import Pricing

Mask = int
NOTHING: Mask = 0
_MOST_AT_ONCE = 500
"""Indexes, a partition's each: a planner that tries as many on 400 partitions at a time takes seconds for one plan."""


@dataclass(slots=True)
class CandidatePool:
    """Designs in the order in which they were added. refused: those that the planner will not have, and why;
    untried: of these, those for which no time was left.

    partitions: of the tables that have some, how many: an index of such a table is one for each. out_of_time: asked
    before each batch that the planner is offered. why_not: of a design that is never to be built, "" for any other.
    """

    pricing: Pricing
    partitions: Mapping[TableName, int] = field(default_factory=dict)
    out_of_time: Callable[[], bool] = lambda: False
    why_not: Callable[[IndexDesign], str] = lambda _design: ""
    designs: list[IndexDesign] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    refused: dict[IndexDesign, str] = field(default_factory=dict)
    untried: set[IndexDesign] = field(default_factory=set)
    _numbers: dict[IndexDesign, int] = field(default_factory=dict)
    _by_table: dict[TableName, Mask] = field(default_factory=dict)
    _on_tables: dict[frozenset[TableName], tuple[int, Mask]] = field(default_factory=dict)

    def add(self, designs: Iterable[IndexDesign]) -> Mask:
        """The set of those of `designs` that the planner accepts; each is offered to it once."""
        wanted = list(dict.fromkeys(design for design in designs if design not in self.refused))
        new = [design for design in wanted if design not in self._numbers]
        self.refused.update({design: why for design in new if (why := self.why_not(design))})
        new = [design for design in new if design not in self.refused]
        for batch in self.batches(new):
            if self.out_of_time():
                refused = dict.fromkeys(batch, "no time was left to try it")
            else:
                refused = self.pricing.offer(batch)
            self.refused.update(refused)
            if self.out_of_time():
                self.untried.update(refused)
        found = NOTHING
        for design in wanted:
            if design not in self.refused:
                found |= 1 << self._number(design)
        return found

    def batches(self, designs: Iterable[IndexDesign]) -> Iterator[list[IndexDesign]]:
        """In order, each of as many as make no more than so many indexes, or of one."""
        batch: list[IndexDesign] = []
        room = _MOST_AT_ONCE
        for design in designs:
            size = self.partitions.get(TableName(design.schema, design.table), 1)
            if batch and size > room:
                yield batch
                batch, room = [], _MOST_AT_ONCE
            batch.append(design)
            room -= size
        if batch:
            yield batch

    def _number(self, design: IndexDesign) -> int:
        number = self._numbers.get(design)
        if number is None:
            number = self._numbers[design] = len(self.designs)
            self.designs.append(design)
            self.sizes.append(self.pricing.size_bytes(design))
            table = TableName(design.schema, design.table)
            self._by_table[table] = self._by_table.get(table, NOTHING) | 1 << number
        return number

    def on_tables(self, tables: frozenset[TableName]) -> Mask:
        """All designs on these tables."""
        count, found = self._on_tables.get(tables, (-1, NOTHING))
        if count == len(self.designs):
            return found
        found = NOTHING
        for table in tables:
            found |= self._by_table.get(table, NOTHING)
        self._on_tables[tables] = (len(self.designs), found)
        return found

    def of(self, mask: Mask) -> list[IndexDesign]:
        return [self.designs[number] for number in bits(mask)]

    def mask_of(self, designs: Iterable[IndexDesign]) -> Mask:
        """The set of designs that were added before."""
        found = NOTHING
        for design in designs:
            found |= 1 << self._numbers[design]
        return found

    def size_bytes(self, mask: Mask) -> int:
        return sum(self.sizes[number] for number in bits(mask))


def bits(mask: Mask) -> Iterator[int]:
    """The numbers in a set, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def singles(mask: Mask) -> Iterator[Mask]:
    """Each member as a set of its own, ascending."""
    for number in bits(mask):
        yield 1 << number
