"""What a table has already, and what no index of it may hold. Pure."""

from dataclasses import replace

from advisor.model.database.index_design import IndexDesign, IndexKey
from advisor.sql.access import Access, ConditionKind
from advisor.sql.expression import canonical
from advisor.sql.identifier import quoted
from advisor.sql.parse import deparsed, nodes, tree
from advisor.whatif.index.catalogue.tables import ExistingIndex, TableFacts

_DESCENDING = " DESC"


def is_there(design: IndexDesign, facts: TableFacts) -> bool:
    """Whether a valid index of the table begins with these keys already, in the same order, for all rows or for the
    same ones."""
    ascending = not any(key.descending or key.nulls_first for key in design.keys)
    return ascending and any(_holds(index, design) for index in facts.indexes)


def _holds(index: ExistingIndex, design: IndexDesign) -> bool:
    if not index.is_valid or index.access_method != design.access_method:
        return False
    if index.predicate and not (design.predicate and canonical(index.predicate) == canonical(design.predicate)):
        return False
    wanted = [_of_key(key) for key in design.keys]
    return _keys(index, len(wanted)) == wanted and _included(design) <= _stored(index)


def is_found_by_key(design: IndexDesign, access: Access, facts: TableFacts) -> bool:
    """Whether a unique key finds the one row that is meant, and the design holds that key, too: what else it holds
    saves no more than the visit of one page, which is mostly in memory. Such indexes, built and measured, saved 1 to
    11% of a statement, where planners had promised 32 and 50%.

    Not where the rows come in the order of the key.
    """
    if design.access_method != "btree":
        return False
    keys = {_of_key(key) for key in design.keys}
    ordered = {_of_key(key) for key in access.order}
    given = {_of_key(key) for key in access.keys(ConditionKind.EQUAL, ConditionKind.JOIN)} - ordered
    return any(
        index.is_unique and index.is_valid and not index.predicate and {*_keys(index, len(index.keys))} <= keys & given
        for index in facts.indexes
    )


def is_hashed(design: IndexDesign, access: Access, facts: TableFacts) -> bool:
    """Whether a hash index finds what the design would find: it serves look-ups by equal values alone."""
    if len(design.keys) > 1 or design.include or design.predicate or design.access_method != "btree":
        return False
    (key,) = design.keys
    others = [c for c in access.conditions if c.key is not None and c.key.text == key.text]
    if access.order or any(c.kind not in (ConditionKind.EQUAL, ConditionKind.JOIN) for c in others):
        return False
    hashes = [i for i in facts.indexes if i.is_valid and i.access_method == "hash" and not i.predicate]
    return any(_keys(index, 1) == [_of_key(key)] for index in hashes)


def outdone(design: IndexDesign, facts: TableFacts) -> list[ExistingIndex]:
    """Indexes of the table that nobody needs beside the design: it begins like them, and holds what they hold."""
    if design.access_method != "btree" or design.predicate or facts.partitions:
        return []
    wanted = [_of_key(key) for key in design.keys]
    held = {*wanted, *_included(design)}
    plain = not any(key.descending or key.nulls_first or key.operator_class for key in design.keys)
    return [
        index
        for index in facts.indexes
        if plain
        and index.access_method == "btree"
        and not (index.predicate or index.is_unique or index.constraint or index.is_part)
        and [canonical(key) for key in index.keys] == wanted[: len(index.keys)]
        and _stored(index) <= held
    ]


def without_virtual(design: IndexDesign, facts: TableFacts) -> IndexDesign | None:
    """The design with the expressions of virtual columns as its keys; None where it would hold one otherwise."""
    virtual = {name: column.expression for name, column in facts.columns.items() if column.expression}
    if not virtual:
        return design
    named = {*design.include}
    for text in (*(key.text for key in design.keys if key.is_expression), *filter(None, [design.predicate])):
        named |= {str(reference.fields[-1].string.sval) for reference in nodes(tree(f"SELECT {text}"), "ColumnRef")}
    if named & virtual.keys():
        return None
    return replace(design, keys=tuple(_computed(key, virtual.get(key.text, "")) for key in design.keys))


def _computed(key: IndexKey, expression: str) -> IndexKey:
    if not expression or key.is_expression:
        return key
    return replace(key, text=deparsed(tree(f"SELECT {expression}")).removeprefix("SELECT "), is_expression=True)


def _of_key(key: IndexKey) -> str:
    return canonical(key.text if key.is_expression else quoted(key.text))


def _included(design: IndexDesign) -> set[str]:
    return {canonical(quoted(column)) for column in design.include}


def _keys(index: ExistingIndex, count: int) -> list[str]:
    """Its first keys as ascending ones, where reading it backwards makes them so."""
    first = index.keys[:count]
    if all(key.endswith(_DESCENDING) for key in first):
        first = tuple(key.removesuffix(_DESCENDING) for key in first)
    return [canonical(key) for key in first]


def _stored(index: ExistingIndex) -> set[str]:
    return {canonical(key.removesuffix(_DESCENDING)) for key in (*index.keys, *index.include)}
