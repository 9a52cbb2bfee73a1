"""What would serve a statement that reads a table whole, where nothing here can price it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from advisor.model.database.index_advice import UnpricedIndex
from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.access import Condition, ConditionKind
from advisor.sql.index_ddl import build_statements, drop_statements
from advisor.sql.relations import TableName
from advisor.whatif.index.catalogue.tables import TableFacts
from advisor.whatif.index.search.existing import is_there
from advisor.whatif.index.search.workload import ReadStatement, why_left_alone

_GIN_TYPES = frozenset({"jsonb", "tsvector", "hstore"})
_METHODS = {"A": "gin", "R": "gist"}
"""By category of the type: arrays and ranges."""


def unpriced_for(
    read: ReadStatement, tables: Mapping[TableName, TableFacts], refused: Mapping[IndexDesign, str], cost: float
) -> Iterator[UnpricedIndex]:
    """refused: what the planner would not try, and why. cost: of the statement with all that is advised; one that costs
    less than a table has pages does not read it whole."""
    for access in read.shape.accesses:
        facts = tables.get(access.table)
        if facts is None or why_left_alone(facts) or cost < facts.pages:
            continue
        for condition in access.conditions:
            yield from _for_condition(read.statement.id, condition, facts, refused)


def _for_condition(
    statement: str, condition: Condition, facts: TableFacts, refused: Mapping[IndexDesign, str]
) -> Iterator[UnpricedIndex]:
    key = condition.key
    if key is None:
        return
    what = "an index on {} ({}), which is advised but not priced"
    match condition.kind:
        case ConditionKind.OPEN_KEY:
            unknown = "the language of the text" if condition.operator == "@@" else "a key of the document"
            reason = f"it needs {what.format(facts.name, f'({key.text})')}: each $n stands for {unknown}"
            schema, name = facts.name
            yield UnpricedIndex(statement=statement, schema=schema, table=name, reason=reason, needs_code=True)
        case ConditionKind.MEMBER:
            design = _special(key, facts)
            if design is not None:
                rewritten = f"{key.text} @> ARRAY[value]"
                told = "" if is_there(design, facts) else f", and {what.format(facts.name, key.text)}"
                reason = f"no index serves = ANY ({key.text}): it needs to be written as {rewritten}{told}"
                yield replace(_unpriced(statement, design, facts, reason), needs_code=True)
        case ConditionKind.CONTAINS | ConditionKind.SEARCH:
            design = _special(key, facts)
            if design is not None and not is_there(design, facts) and (why := _why_not(design, condition, refused)):
                reason = f"it needs a {design.access_method.upper()} index on {facts.name} ({key.text}), which is"
                yield _unpriced(statement, design, facts, f"{reason} advised but not priced: {why}")
        case _:
            pass


def _special(key: IndexKey, facts: TableFacts) -> IndexDesign | None:
    """What finds rows by what the key contains; None for a type of which nobody knows."""
    column = facts.columns.get(key.text)
    is_known = column is None or column.type in _GIN_TYPES
    method = "gin" if is_known else _METHODS.get(column.type_category, "") if column is not None else ""
    if not method or (column is not None and column.expression):
        return None
    return IndexDesign(schema=facts.name.schema, table=facts.name.name, keys=(key,), access_method=method)


def _why_not(design: IndexDesign, condition: Condition, refused: Mapping[IndexDesign, str]) -> str:
    """Why no price is known; "" where one is, and it was too high."""
    guessed = "how many rows contain $n is anybody's guess" if any(condition.values) else ""
    return refused.get(design, guessed)


def _unpriced(statement: str, design: IndexDesign, facts: TableFacts, reason: str) -> UnpricedIndex:
    there = is_there(design, facts)
    return UnpricedIndex(
        statement=statement,
        schema=design.schema,
        table=design.table,
        reason=reason,
        ddl="" if there else ";\n".join(build_statements(design, facts.partitions)),
        undo_ddl="" if there else ";\n".join(drop_statements(design, facts.partitions)),
    )
