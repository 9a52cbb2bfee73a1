"""Advice on a whole workload: reads the catalogue, prices, searches, and says what each index is for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from advisor.model.database.index_advice import (
    HelpedStatement,
    IndexAdvice,
    IndexSuggestion,
    SkippedStatement,
    WorkloadStatement,
)
from advisor.model.database.index_design import IndexDesign
from advisor.model.database.writes import WriteRates
from advisor.model.errors import BadDataError
from advisor.sql.index_ddl import build_statements, drop_statements
from advisor.sql.relations import TableName
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.combinations import with_combinations
from advisor.whatif.index.catalogue.file_writes import FileWrites
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.catalogue.tables import PAGE_BYTES, Catalogue
from advisor.whatif.index.catalogue.writes import Writes, of_tables
from advisor.whatif.index.close_calls import CloseCall
from advisor.whatif.index.connection import widen_search_path
from advisor.whatif.index.drawn_constants import OtherOutcome, with_drawn
from advisor.whatif.index.left_out import as_skipped, constants_untold, notes, unpriced_of
from advisor.whatif.index.outdone import outdone_by
from advisor.whatif.index.pricing.planner_port import Pricing
from advisor.whatif.index.search.candidate_pool import NOTHING, CandidatePool
from advisor.whatif.index.search.costs import WhatIfCosts, WorkloadQuery
from advisor.whatif.index.search.existing import outdone
from advisor.whatif.index.search.search import Outcome
from advisor.whatif.index.search.ways import Ways, fitted, ways_of
from advisor.whatif.index.search.wide import why_too_wide
from advisor.whatif.index.search.workload import (
    ReadStatement,
    read_all,
    shapes_of_writers,
    why_left_alone,
)
from advisor.whatif.index.search_task import SearchTask

_CALLS_A_STATEMENT = 60
_SMALLEST_STORAGE_BYTES = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the advice may take.

    storage_bytes: of all new indexes together, None for half the size of the tables of the workload, and
    for 100 MB at least. seconds: of
    search; what-if calls have a limit of their own, which is reached first on all but slow servers, so that the same
    question gets the same answer. tries_other_constants: searches again, seven times at most, with other constants in
    place of those that were drawn, to tell which indexes rest on them.
    """

    storage_bytes: int | None = None
    seconds: float = 60.0
    calls_a_statement: int = _CALLS_A_STATEMENT
    tries_other_constants: bool = True


@dataclass(slots=True)
class IndexAdviser:
    """Advises on one database. monotonic: seconds that never jump."""

    connection: psycopg.Connection[Any]
    monotonic: Callable[[], float]
    make_pricing: Callable[[Catalogue, Mapping[str, StatementShape]], Pricing]
    limits: Limits = field(default_factory=Limits)

    def advise(
        self,
        statements: Sequence[WorkloadStatement],
        write_rates: Mapping[tuple[str, str], WriteRates] | None = None,
    ) -> IndexAdvice:
        """write_rates: by schema and table, None where nobody knows; then writes are charged nothing, and that is told.

        Raises SourceUnavailableError, BadDataError.
        """
        began = self.monotonic()
        names = read_relations(self.connection)
        read, skipped = read_all(statements, names.relations)
        tables = with_combinations(
            read_tables(self.connection, {name for one in read for name in one.shape.tables}),
            [one.shape for one in read],
        )
        catalogue = replace(names, tables=tables)
        ways = {one.statement.id: ways_of(one, tables) for one in read}
        shapes = {query.text: one.read.shape for one in ways.values() for query in one.every}
        pricing = self.make_pricing(catalogue, shapes)
        widen_search_path(self.connection)  # only now: the catalogue was read as the session sees it
        costs = self._costs(pricing, catalogue, began + self.limits.seconds, len(read))
        ways = {one: fitted(way, costs.expected_rows) for one, way in ways.items()}
        queries, refused = _plannable(ways, costs)
        generic = [query.id for query in queries.values() if query == ways[query.id].whatever]
        read = [one for one in read if one.statement.id in queries]
        drawn = sum(bool(one.shape.parameters) for one in read) - len(generic)
        writes = Writes(
            rates=of_tables(write_rates or {}, tables),
            changed={place for one in read for place in one.shape.sets_columns},
            indexes={name: len(facts.indexes) for name, facts in tables.items()},
        )
        by_time = _is_by_time(read)
        writers = {} if by_time else dict(shapes_of_writers(statements, names.relations))
        price = _price_of_writes(writes, None if by_time else writers, queries, costs)
        task = SearchTask(catalogue, costs, self._storage(catalogue), by_time, price)
        outcome = task.searched(read, queries)
        ended_by = self._ended_by(costs)
        knows_writes = write_rates is not None or not (outcome.chosen and by_time)
        told = notes(drawn, generic, costs.pool, tuple(writers), knows_writes=knows_writes)
        lacking = {one: ways[one] for one in queries if one not in generic}
        others, close, untold = self._others(task, read, queries, lacking, outcome)
        advice = _advice(outcome, read, catalogue, pricing, writes)
        advice = with_drawn(advice, outcome, others, close, {one: way.drawn(tables) for one, way in lacking.items()})
        unpriced = unpriced_of(read, tables, costs.pool, outcome.after)
        return replace(
            advice,
            skipped=(*skipped, *refused, *as_skipped(read, unpriced)),
            unpriced=unpriced,
            planner_notes=(*told, *untold),
            left_alone=tuple(sorted({why for facts in tables.values() if (why := why_left_alone(facts))})),
            what_if_calls=costs.calls,
            elapsed_seconds=self.monotonic() - began,
            ended_by=ended_by,
        )

    def _others(
        self,
        task: SearchTask,
        read: Sequence[ReadStatement],
        queries: Mapping[str, WorkloadQuery],
        lacking: Mapping[str, Ways],
        advised: Outcome,
    ) -> tuple[Sequence[OtherOutcome], Sequence[CloseCall], tuple[str, ...]]:
        """What the search finds with other constants than those that were drawn, what hangs on single ones, and what is
        to be told of that."""
        if not self.limits.tries_other_constants:
            return [], [], ()
        calls = self.limits.calls_a_statement * len(read)
        found = task.with_other_constants(read, queries, lacking, calls)
        if found == []:
            return [], [], ()
        close = task.close_calls(read, queries, advised, found, calls) if found else None
        if found is None or close is None:
            return [], [], (constants_untold(sorted(lacking)),)
        return found, close, ()

    def _ended_by(self, costs: WhatIfCosts) -> str:
        return "time" if costs.out_of_time() else "nothing better" if costs.may_ask(costs.calls) else "calls"

    def _costs(self, pricing: Pricing, catalogue: Catalogue, deadline: float, statements: int) -> WhatIfCosts:
        most = self.limits.calls_a_statement * max(1, statements)
        pricing.bound(lambda: deadline - self.monotonic())
        partitions = {name: len(facts.partitions) for name, facts in catalogue.tables.items() if facts.partitions}

        def out_of_time() -> bool:
            return self.monotonic() >= deadline

        def why_not(design: IndexDesign) -> str:
            return why_too_wide(design, catalogue.tables[TableName(design.schema, design.table)])

        pool = CandidatePool(pricing, partitions, out_of_time, why_not)
        return WhatIfCosts(pool, lambda calls: calls < most, out_of_time)

    def _storage(self, catalogue: Catalogue) -> int:
        if self.limits.storage_bytes is not None:
            return self.limits.storage_bytes
        tables = sum(facts.pages for facts in catalogue.tables.values()) * PAGE_BYTES
        return max(_SMALLEST_STORAGE_BYTES, round(tables / 2))


def _plannable(ways: Mapping[str, Ways], costs: WhatIfCosts) -> tuple[dict[str, WorkloadQuery], list[SkippedStatement]]:
    """How the server plans each, the first way that it takes; and what it takes in no way."""
    good: dict[str, WorkloadQuery] = {}
    refused: list[SkippedStatement] = []
    for one in ways.values():
        statement, reason = one.read.statement, ""
        for query in one.in_order:
            if costs.out_of_time():
                reason = reason or "no time was left to plan it: give a longer --time-budget"
                break
            try:
                costs.ask(query, NOTHING)
            except BadDataError as error:
                reason = reason or f"not planned: {error.what}"
            else:
                good[statement.id] = query
                break
        if statement.id not in good:
            refused.append(SkippedStatement(id=statement.id, text=statement.text, reason=reason))
    return good, refused


def _price_of_writes(
    writes: Writes,
    writers: Mapping[str, StatementShape] | None,
    queries: Mapping[str, WorkloadQuery],
    costs: WhatIfCosts,
) -> Callable[[IndexDesign], float]:
    """In the measure of the search. writers: the statements of a file that write; None where writes were counted."""
    if writers is None:
        return lambda design: writes.seconds_per_second(design) or 0.0
    known = [(costs.known_cost(queries.get(one)), shape) for one, shape in writers.items()]
    return FileWrites(writers=known, indexes=writes.indexes).score


def _is_by_time(read: Sequence[ReadStatement]) -> bool:
    """Whether seconds are known, which writes can be weighed against."""
    return any(one.statement.load > 0 for one in read)


def _advice(
    outcome: Outcome,
    read: Sequence[ReadStatement],
    catalogue: Catalogue,
    pricing: Pricing,
    writes: Writes,
) -> IndexAdvice:
    statements = {
        one.statement.id: HelpedStatement(
            id=one.statement.id,
            text=one.statement.text,
            cost_before=outcome.before[one.statement.id],
            cost_after=outcome.after[one.statement.id],
        )
        for one in read
    }
    calls = {one.statement.id: max(1, one.statement.calls) for one in read}
    suggestions = [_suggestion(design, outcome, statements, catalogue, pricing, writes) for design in outcome.chosen]
    return IndexAdvice(
        indexes=tuple(sorted(suggestions, key=_gain, reverse=True)),
        drop=tuple(outdone_by(outcome.chosen, catalogue)),
        statements=tuple(statements.values()),
        cost_before=sum(s.cost_before * calls[s.id] for s in statements.values()),
        cost_after=sum(s.cost_after * calls[s.id] for s in statements.values()),
    )


def _suggestion(
    design: IndexDesign,
    outcome: Outcome,
    statements: Mapping[str, HelpedStatement],
    catalogue: Catalogue,
    pricing: Pricing,
    writes: Writes,
) -> IndexSuggestion:
    facts = catalogue.tables[TableName(design.schema, design.table)]
    leaves = facts.partitions
    notes = [f"it does the work of {index.name} too, which can go" for index in outdone(design, facts)]
    notes += ["updates of the workload change what it holds: they lose HOT"] if writes.loses_hot(design) else []
    return IndexSuggestion(
        design=design,
        size_bytes=pricing.size_bytes(design),
        method=pricing.method,
        queries=tuple(statements[query] for query, used in outcome.used.items() if design in used),
        ddl=build_statements(design, leaves),
        undo_ddl=drop_statements(design, leaves),
        write_seconds_per_second=writes.seconds_per_second(design),
        notes=tuple(notes),
    )


def _gain(suggestion: IndexSuggestion) -> tuple[float, str]:
    """The share of cost that its statements lose, summed."""
    shares = (1 - helped.cost_after / max(helped.cost_before, 1e-9) for helped in suggestion.queries)
    return sum(shares), suggestion.design.name
