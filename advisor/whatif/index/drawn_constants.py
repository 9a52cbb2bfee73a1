"""What of an advice rests on constants that are not on record: the search again, with other ones. Pure.

Which constants an application sends nobody knows who reads pg_stat_statements alone. Whether they matter shows where
the same search, by the same planner, chooses something else with others: ones that fewer rows meet or more, values that
are always the same (a partial index may be built for them), patterns that begin with letters. What comes out each time
does not rest on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.model.database.index_advice import DrawnConstants, HelpedStatement, IndexAdvice, OtherIndex
from advisor.model.database.index_design import IndexDesign
from advisor.sql.index_ddl import create_statement
from advisor.sql.relations import TableName
from advisor.sql.statement_facts import without_constants
from advisor.whatif.index.catalogue.tables import TableFacts
from advisor.whatif.index.close_calls import CloseCall
from advisor.whatif.index.search.constants import LADDER, LASTING, PATTERNS, Draw, DrawnValue
from advisor.whatif.index.search.lasting import with_lasting_literals
from advisor.whatif.index.search.search import Outcome
from advisor.whatif.index.search.ways import OtherStatement, Ways
from advisor.whatif.index.search.workload import ReadStatement

OTHERS = (*LADDER, PATTERNS, LASTING)
"""What to search with, each time for all statements that it changes, and that it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherOutcome:
    """What the search finds with other constants. changed: the statements that have some, by their id."""

    outcome: Outcome
    changed: Mapping[str, OtherStatement]


def others_of(ways: Iterable[Ways], draw: Draw, tables: Mapping[TableName, TableFacts]) -> dict[str, OtherStatement]:
    """The statements that another draw changes, by their id."""
    found = [other for one in ways if (other := one.drawn_as(draw, tables)) is not None]
    if draw is LASTING:
        # A value that one statement alone asks for is nothing to build for.
        lasting = with_lasting_literals([one.read for one in found])
        found = [
            replace(one, read=read, values=tuple(value for value in one.values if _is_carried(value, read)))
            for one, read in zip(found, lasting, strict=True)
        ]
    return {one.read.statement.id: one for one in found if one.values}


def _is_carried(value: DrawnValue, read: ReadStatement) -> bool:
    return any(
        bool(condition.predicate)
        for access in read.shape.accesses
        for condition in access.conditions
        if access.table == value.table and condition.column == value.column and condition.values == (value.numbers,)
    )


def with_drawn(
    advice: IndexAdvice,
    advised: Outcome,
    others: Sequence[OtherOutcome],
    close: Sequence[CloseCall],
    drawn: Mapping[str, tuple[str, ...]],
) -> IndexAdvice:
    """The advice with what rests on constants that were drawn. drawn: their conditions, by the statement's id."""

    def told(statements: Sequence[HelpedStatement]) -> tuple[HelpedStatement, ...]:
        return tuple(replace(one, drawn=drawn.get(one.id, ())) for one in statements)

    return replace(
        advice,
        indexes=tuple(
            replace(one, queries=told(one.queries), rests_on=rests_on(one.design, advised, others, close))
            for one in advice.indexes
        ),
        statements=told(advice.statements),
        other=other_indexes(advised, others, close),
    )


def rests_on(
    design: IndexDesign, advised: Outcome, others: Sequence[OtherOutcome], close: Sequence[CloseCall] = ()
) -> tuple[DrawnConstants, ...]:
    """Empty where the design is chosen whatever the constants are."""
    blamed = [
        changed
        for other in others
        if design not in other.outcome.chosen
        for changed in _to_blame(design, advised, advised, other)
    ]
    blamed += [one for call in close if call.design == design for one in call.statements]
    return _told(TableName(design.schema, design.table), blamed)


def other_indexes(
    advised: Outcome, others: Sequence[OtherOutcome], close: Sequence[CloseCall] = ()
) -> tuple[OtherIndex, ...]:
    """What is chosen with other constants alone, or may be, in order."""
    found: dict[IndexDesign, list[OtherStatement]] = {}
    for call in close:
        if call.design not in advised.chosen:
            found.setdefault(call.design, []).extend(call.statements)
    for other in others:
        for design in other.outcome.chosen:
            if design not in advised.chosen and (blamed := _to_blame(design, other.outcome, advised, other)):
                found.setdefault(design, []).extend(blamed)
    return tuple(
        OtherIndex(
            schema=design.schema,
            table=design.table,
            index=_words(design),
            rests_on=_told(TableName(design.schema, design.table), blamed),
        )
        for design, blamed in sorted(found.items(), key=lambda one: one[0])
    )


def _to_blame(design: IndexDesign, holder: Outcome, advised: Outcome, other: OtherOutcome) -> list[OtherStatement]:
    """The statements that use it in the outcome that holds it; where their constants are all known, those that use
    another index of the table with one outcome or the other, and so left it no place, or made it one."""
    table = TableName(design.schema, design.table)
    users = [one for one, used in holder.used.items() if design in used and one in other.changed]
    if not users:
        used = {one: {*advised.used.get(one, ()), *other.outcome.used.get(one, ())} for one in other.changed}
        users = [one for one, designs in used.items() if any((d.schema, d.table) == table for d in designs)]
    return [other.changed[one] for one in users]


def _told(table: TableName, blamed: Sequence[OtherStatement]) -> tuple[DrawnConstants, ...]:
    """Each statement once."""
    by_id: dict[str, list[OtherStatement]] = {}
    for one in blamed:
        by_id.setdefault(one.read.statement.id, []).append(one)
    return tuple(
        DrawnConstants(
            statement=statement,
            conditions=_conditions([value for one in ones for value in one.values], table),
            otherwise=tuple(dict.fromkeys(one.otherwise for one in ones)),
        )
        for statement, ones in by_id.items()
    )


def _conditions(values: Sequence[DrawnValue], table: TableName) -> tuple[str, ...]:
    """Those on the table, and the limit; where there are none, those on the tables that it is joined with."""
    there = [one for one in values if one.table in (table, None)] or values
    return tuple(dict.fromkeys(one.condition for one in there))


def _words(design: IndexDesign) -> str:
    whole = create_statement(replace(design, predicate=""), concurrently=False).partition(" ON ")[2]
    if not design.predicate:
        return whole
    # A value that was drawn is some user's, and stands for whichever it may be.
    return f"{whole} WHERE {without_constants(f'SELECT {design.predicate}').removeprefix('SELECT ')}"
