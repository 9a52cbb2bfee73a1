"""Prices indexes on a planner clone: a PostgreSQL of our own with the source's schema and statistics, and no rows.

An index that is tried is a real one there. It is made while its table's file is empty, so it costs nothing to build,
and its own file is then made as long as it would be. `indisvalid` in the clone's own catalogue hides it from the
planner. The source's server plans nothing and is written nothing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import psycopg
from psycopg import sql

from advisor.clients.postgres import message
from advisor.model.database.index_design import IndexDesign
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.sql.index_ddl import create_statement
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import PAGE_BYTES, Catalogue, TableFacts
from advisor.whatif.index.clone.database import TRIED, Clone, Leaves
from advisor.whatif.index.pricing.index_size import IndexShape, index_pages, shape_of, tree_height
from advisor.whatif.index.pricing.matching_rows import matching_rows_query
from advisor.whatif.index.pricing.plan_risk import index_names, risk
from advisor.whatif.index.pricing.plan_runs import planned_rows, rows_of_a_call
from advisor.whatif.index.pricing.planner_port import PlannedCost

_NEAR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Made:
    """A design in the clone: its indexes, one for each leaf of a partitioned table."""

    oids: tuple[int, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class _Tried:
    """An index to be made on one leaf."""

    name: str
    design: IndexDesign
    leaf: TableName
    shape: IndexShape

    @property
    def pages(self) -> int:
        return index_pages(self.shape)

    @property
    def statement(self) -> str:
        part = replace(self.design, schema=self.leaf.schema, table=self.leaf.name)
        return create_statement(part, concurrently=False, name=self.name)


class ClonePricing:
    """Implements Pricing."""

    def __init__(self, clone: Clone, catalogue: Catalogue) -> None:
        self._clone = clone
        self._catalogue = catalogue
        self._made: dict[IndexDesign, _Made] = {}
        self._by_name: dict[str, IndexDesign] = {}
        self._visible: set[IndexDesign] = set()
        self._numbers = count()

    @property
    def method(self) -> str:
        return "clone"

    def bound(self, seconds_left: Callable[[], float]) -> None:
        self._clone.seconds_left = seconds_left

    def offer(self, designs: Sequence[IndexDesign]) -> dict[IndexDesign, str]:
        refused: dict[IndexDesign, str] = {}
        for table in dict.fromkeys(TableName(design.schema, design.table) for design in designs):
            facts = self._catalogue.tables[table]
            wanted = [d for d in designs if (d.schema, d.table) == table and d not in self._made]
            shapes = {design: self._shape(design, facts) for design in wanted}
            names = facts.partitions or (table,)
            leaves = Leaves(self._clone, names)
            leaves.empty()
            refused |= self._made_on(names, leaves, shapes)
            leaves.fill()
        return refused

    def _made_on(
        self, names: Sequence[TableName], leaves: Leaves, shapes: Mapping[IndexDesign, IndexShape]
    ) -> dict[IndexDesign, str]:
        """All in few trips; one by one where the server refuses some of them."""
        refused: dict[IndexDesign, str] = {}
        try:
            self._make(shapes, names, leaves)
        except SourceUnavailableError as error:
            return {design: error.what for design in shapes if design not in self._made}
        except psycopg.Error:
            for design, shape in shapes.items():
                try:
                    self._make({design: shape}, names, leaves)
                except SourceUnavailableError as error:
                    refused[design] = error.what
                except psycopg.Error as error:
                    refused[design] = message(error)
        return refused

    def size_bytes(self, design: IndexDesign) -> int:
        return self._made[design].pages * PAGE_BYTES

    def plan(self, text: str, visible: frozenset[IndexDesign], tables: Collection[TableName]) -> PlannedCost:
        hide = [d for d in self._visible if d not in visible and (d.schema, d.table) in tables]
        show = [d for d in visible if d not in self._visible]
        steps = [*_toggled(self._oids(hide), False), *_toggled(self._oids(show), True), text]
        try:
            plan = self._explained("; ".join(steps))
        except psycopg.Error as error:
            raise BadDataError(message(error), where="EXPLAIN") from error
        self._visible.difference_update(hide)
        self._visible.update(show)
        used = {self._by_name[name] for name in index_names(plan) if name in self._by_name}
        surcharge = risk(plan, self._by_name.get, self._catalogue)
        rows = rows_of_a_call(plan)
        return PlannedCost(cost=float(plan["Total Cost"]), used=frozenset(used), risk=surcharge, rows=rows)

    def _explained(self, batch: str) -> Mapping[str, Any]:
        """The last one's plan, in the time that is left."""
        left = self._clone.seconds_left()
        if left < _NEAR_SECONDS:
            batch = f"SELECT set_config('statement_timeout', '{max(1, round(left * 1000))}', true); {batch}"
        cursor = self._clone.connection.execute(batch.encode())
        found: Any = cursor.fetchall() if cursor.description else None
        while cursor.nextset():
            found = cursor.fetchall() if cursor.description else found
        plan: Mapping[str, Any] = found[0][0][0]["Plan"]
        return plan

    def _oids(self, designs: Sequence[IndexDesign]) -> list[int]:
        return [oid for design in designs for oid in self._made[design].oids]

    def _make(self, shapes: Mapping[IndexDesign, IndexShape], names: Sequence[TableName], leaves: Leaves) -> None:
        """Real indexes on empty tables, then as long as they would be, and hidden. A design is known when all of its
        indexes are there."""
        whole = max(1.0, sum(leaves.rows.values()))
        wanted = [
            _Tried(f"{TRIED}{next(self._numbers)}", design, leaf, replace(shape, rows=shape.rows * rows / whole))
            for design, shape in shapes.items()
            for leaf in names
            for rows in [leaves.rows.get(leaf, 0.0)]
        ]
        made = {design: _Made((), 0) for design in shapes}
        for batch in self._clone.batches(wanted):
            self._clone.connection.execute("; ".join(one.statement for one in batch).encode())
            oids = self._clone.hide([(one.leaf.schema, one.name, one.shape.rows, one.pages) for one in batch])
            for one, oid in zip(batch, oids, strict=True):
                file = self._clone.file_of(oid)
                if one.shape.access_method == "btree":
                    file.become_btree(one.pages, tree_height(one.shape))
                else:
                    file.lengthen(one.pages)
                self._by_name[one.name] = one.design
                known = made[one.design]
                made[one.design] = _Made((*known.oids, oid), known.pages + one.pages)
        self._made |= made

    def _shape(self, design: IndexDesign, facts: TableFacts) -> IndexShape:
        rows = self._matching(design) if design.predicate else facts.rows
        return shape_of(design, facts, rows)

    def _matching(self, design: IndexDesign) -> float:
        """Rows that the predicate of a partial index leaves, as the planner guesses it."""
        try:
            return planned_rows(self._explained(matching_rows_query(design)))
        except psycopg.Error:
            return 0.0


def _toggled(oids: Sequence[int], valid: bool) -> Iterator[str]:
    if oids:
        numbers = sql.SQL(", ").join(sql.Literal(oid) for oid in oids)
        change = sql.SQL("UPDATE pg_catalog.pg_index SET indisvalid = {} WHERE indexrelid IN ({})")
        yield change.format(sql.Literal(valid), numbers).as_string()
