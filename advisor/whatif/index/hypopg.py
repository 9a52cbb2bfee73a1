"""Prices indexes by HypoPG: hypothetical ones of one session, which nobody else sees and nothing is written for."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import psycopg

from advisor.model.errors import BadDataError
from advisor.model.index_design import IndexDesign
from advisor.sql.identifier import quoted
from advisor.sql.index_ddl import create_statement
from advisor.sql.relations import TableName
from advisor.whatif.index.planner_port import PlannedCost

_HYPOTHETICAL = re.compile(r"<(\d+)>")


class HypopgPricing:
    """Implements Pricing on one connection. schema: where the extension lives."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self._connection = connection
        self._schema = quoted(schema)
        self._present: dict[IndexDesign, int] = {}
        self._sizes: dict[IndexDesign, int] = {}

    @property
    def method(self) -> str:
        return "hypothetical"

    def offer(self, designs: Sequence[IndexDesign]) -> dict[IndexDesign, str]:
        refused: dict[IndexDesign, str] = {}
        try:
            self._run("", [], designs)
        except psycopg.Error:
            for design in designs:
                try:
                    self._run("", [], [design])
                except psycopg.Error as error:
                    refused[design] = _first_line(error)
        self._run("", list(self._present), [])
        return refused

    def size_bytes(self, design: IndexDesign) -> int:
        return self._sizes[design]

    def plan(self, text: str, visible: frozenset[IndexDesign], tables: Collection[TableName]) -> PlannedCost:
        hidden = [d for d in self._present if d not in visible and (d.schema, d.table) in tables]
        missing = sorted(design for design in visible if design not in self._present)
        try:
            plan = self._run(text, hidden, missing)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            raise BadDataError(_first_line(error), where="EXPLAIN") from error
        by_id = {number: design for design, number in self._present.items()}
        used = {by_id[number] for number in _ids(plan) if number in by_id}
        return PlannedCost(cost=float(plan["Total Cost"]), used=frozenset(used))

    def _run(self, text: str, hidden: Sequence[IndexDesign], wanted: Sequence[IndexDesign]) -> Mapping[str, Any]:
        """Drop, create and plan in one trip to the server."""
        steps: list[str] = []
        if hidden:
            calls = ", ".join(f"{self._schema}.hypopg_drop_index({self._present[design]})" for design in hidden)
            steps.append(f"SELECT {calls}")
        if wanted:
            steps.append(" UNION ALL ".join(self._creation(design) for design in wanted))
        if text:
            steps.append(f"EXPLAIN (FORMAT JSON) {text}")
        if not steps:
            return {}
        # The whole batch is one transaction to the server: what HypoPG made before an error stays, so it is dropped.
        try:
            cursor = self._connection.execute("; ".join(steps).encode())
        except psycopg.Error:
            self._connection.execute(f"SELECT {self._schema}.hypopg_reset()".encode())
            self._present.clear()
            raise
        for design in hidden:
            del self._present[design]
        if hidden:
            cursor.nextset()
        if wanted:
            for design, (number, size) in zip(wanted, cursor.fetchall(), strict=True):
                self._present[design], self._sizes[design] = number, size
            cursor.nextset()
        return cursor.fetchone()[0][0]["Plan"] if text else {}  # type: ignore[index]

    def _creation(self, design: IndexDesign) -> str:
        text = create_statement(design, concurrently=False).replace("'", "''")
        size = f"{self._schema}.hypopg_relation_size(indexrelid)"
        return f"SELECT indexrelid, {size} FROM {self._schema}.hypopg_create_index('{text}')"


def _ids(plan: Mapping[str, Any]) -> Iterator[int]:
    """The numbers of the hypothetical indexes in a plan: HypoPG writes them into the index's name."""
    found = _HYPOTHETICAL.match(plan.get("Index Name", ""))
    if found:
        yield int(found[1])
    for child in plan.get("Plans", ()):
        yield from _ids(child)


def _first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
