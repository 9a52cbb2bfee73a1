"""Prices indexes by HypoPG: hypothetical ones of one session, which nobody else sees and nothing is written for.

HypoPG does not charge for the way down a B-tree; that is added to the cost of the plan it chose.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from advisor.clients.planning_block import PlanningBlock
from advisor.clients.postgres import first_line
from advisor.model.database.index_design import IndexDesign
from advisor.model.errors import BadDataError
from advisor.sql.identifier import quoted
from advisor.sql.index_ddl import create_statement
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import PAGE_BYTES, Catalogue
from advisor.whatif.index.pricing.descents import Descents
from advisor.whatif.index.pricing.index_size import IndexShape, index_pages, shape_of, tree_height
from advisor.whatif.index.pricing.matching_rows import matching_rows_query
from advisor.whatif.index.pricing.plan_risk import index_names, risk
from advisor.whatif.index.pricing.plan_runs import planned_rows, rows_of_a_call
from advisor.whatif.index.pricing.planner_port import PlannedCost

_HYPOTHETICAL = re.compile(r"<(\d+)>")


class HypopgPricing:
    """Implements Pricing on one connection. charges_descents: False for the cost as HypoPG itself has it."""

    def __init__(
        self, connection: psycopg.Connection[Any], catalogue: Catalogue, charges_descents: bool = True
    ) -> None:
        self._connection = connection
        self._block = PlanningBlock(connection, quoted(catalogue.extensions["hypopg"]))
        self._catalogue = catalogue
        self._present: dict[IndexDesign, tuple[int, ...]] = {}
        self._sizes: dict[IndexDesign, int] = {}
        self._heights: dict[int, int] = {}
        self._matched: dict[str, float] = {}
        self._operator_cost = self._setting("cpu_operator_cost") if charges_descents else 0.0

    @property
    def method(self) -> str:
        return "hypothetical"

    def close(self) -> None:
        """Leaves no index to whom a pooler hands the server's session next."""
        if self._present and self._connection.info.transaction_status is TransactionStatus.INTRANS:
            self._block.reset()

    def bound(self, seconds_left: Callable[[], float]) -> None:
        self._block = replace(self._block, seconds_left=seconds_left)

    def offer(self, designs: Sequence[IndexDesign]) -> dict[IndexDesign, str]:
        refused: dict[IndexDesign, str] = {}
        try:
            self._run("", [], designs)
        except psycopg.errors.QueryCanceled:
            return dict.fromkeys(designs, "it could not be tried in the time that is left")
        except psycopg.Error:
            for design in designs:
                try:
                    self._run("", [], [design])
                except psycopg.Error as error:
                    refused[design] = first_line(error)
        with suppress(psycopg.errors.QueryCanceled):  # they are hidden all the same: what fails takes all of them away
            self._run("", list(self._present), [])
        return refused

    def size_bytes(self, design: IndexDesign) -> int:
        return self._sizes[design]

    def plan(self, text: str, visible: frozenset[IndexDesign], tables: Collection[TableName]) -> PlannedCost:
        hidden = [d for d in self._present if d not in visible and (d.schema, d.table) in tables]
        missing = sorted(design for design in visible if design not in self._present)
        try:
            plan = self._run(text, hidden, missing)
        except psycopg.errors.QueryCanceled as error:
            raise BadDataError(first_line(error), where="EXPLAIN") from error
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            raise BadDataError(first_line(error), where="EXPLAIN") from error
        by_id = {number: design for design, numbers in self._present.items() for number in numbers}

        def design_of(name: str) -> IndexDesign | None:
            # HypoPG writes its number into the name.
            found = _HYPOTHETICAL.match(name)
            return by_id.get(int(found[1])) if found else None

        def height_of(name: str) -> int | None:
            found = _HYPOTHETICAL.match(name)
            return self._heights.get(int(found[1])) if found else None

        descents = Descents(height_of, self._operator_cost)
        cost = float(plan["Total Cost"]) + descents.of_plan(plan)
        used = {design for name in index_names(plan) if (design := design_of(name)) is not None}
        surcharge = risk(plan, design_of, self._catalogue, descents.of_node)
        return PlannedCost(cost=cost, used=frozenset(used), risk=surcharge, rows=rows_of_a_call(plan))

    def _run(self, text: str, hidden: Sequence[IndexDesign], wanted: Sequence[IndexDesign]) -> Mapping[str, Any]:
        """Drop, create and plan in one trip to the server."""
        if not (text or hidden or wanted):
            return {}
        dropped = [number for design in hidden for number in self._present[design]]
        created = [statement for design in wanted for statement in self._creations(design)]
        try:
            answer = self._block.run(text, drop=dropped, create=created)
        except psycopg.Error:
            self._block.reset()
            self._present.clear()
            raise
        self._note(wanted, answer.made)
        for design in hidden:
            del self._present[design]
        plan: Mapping[str, Any] = answer.plan[0]["Plan"] if text else {}
        return plan

    def _note(self, wanted: Sequence[IndexDesign], rows: Sequence[tuple[int, int]]) -> None:
        left = iter(rows)
        for design in wanted:
            made = [next(left) for _ in self._tables_of(design)]
            self._present[design] = tuple(number for number, _ in made)
            shapes = dict(self._shapes(design, made))
            self._sizes[design] = sum(index_pages(shape) for shape in shapes.values()) * PAGE_BYTES
            if design.access_method == "btree":
                self._heights.update({number: tree_height(shape) for number, shape in shapes.items()})

    def _shapes(self, design: IndexDesign, made: Sequence[tuple[int, int]]) -> Iterator[tuple[int, IndexShape]]:
        """By HypoPG's number. Each part has its share of the rows, as HypoPG's sizes tell it."""
        facts = self._catalogue.tables[TableName(design.schema, design.table)]
        shape = shape_of(design, facts, self._matching(design, facts.rows))
        whole = max(1, sum(size for _, size in made))
        for number, size in made:
            share = size / whole
            yield number, replace(shape, rows=shape.rows * share, table_pages=shape.table_pages * share)

    def _matching(self, design: IndexDesign, rows: float) -> float:
        """How many of the rows the index holds, as the planner guesses it; all where it does not say."""
        if not design.predicate:
            return rows
        text = matching_rows_query(design)
        if text not in self._matched:
            try:
                self._matched[text] = planned_rows(self._block.run(text).plan[0]["Plan"])
            except psycopg.Error:
                return rows
        return self._matched[text]

    def _setting(self, name: str) -> float:
        row = self._connection.execute("SELECT current_setting(%s)::float8 /* advisor */", (name,)).fetchone()
        return float(row[0]) if row else 0.0

    def _tables_of(self, design: IndexDesign) -> Sequence[TableName]:
        whole = TableName(design.schema, design.table)
        return self._catalogue.tables[whole].partitions or (whole,)

    def _creations(self, design: IndexDesign) -> Iterator[str]:
        for table in self._tables_of(design):
            part = replace(design, schema=table.schema, table=table.name)
            yield create_statement(part, concurrently=False)
