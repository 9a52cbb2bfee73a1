"""What a real text tells of a normalised one: the constants of its expressions, and no value of anybody's. Pure."""

from collections.abc import Iterator
from typing import Any

from advisor.sql.normalised import compared_sides
from advisor.sql.parse import deparsed, nodes, numbers_in, parsed, tree


def lacks_constants(text: str) -> bool:
    """Whether an expression of a column holds a `$n`, such as `payload ->> $1`: without it no index can be made for it.

    Raises UnreadableStatementError.
    """
    return bool(_inner_numbers(parsed(text)))


def with_seen_constants(text: str, seen: str) -> str:
    """`text` with the constants of `seen`, the same statement as one call sent it, where they stand in an expression of
    a column. What such expressions are compared with stays `$n`. Raises UnreadableStatementError.
    """
    statement = tree(text)
    wanted = _inner_numbers(statement)
    for holder, real in list(_pairs(statement, tree(seen))):
        if holder.param_ref.number in wanted and not nodes(real, "ParamRef"):
            holder.CopyFrom(real)
    return deparsed(statement)


def _inner_numbers(statement: Any) -> frozenset[int]:
    """Of the parameters that stand in an expression of a column which is compared, sorted or grouped by."""
    places = list(compared_sides(statement))
    for select in nodes(statement, "SelectStmt"):
        places += [*(item.sort_by.node for item in select.sort_clause), *select.group_clause]
    held = [one for one in places if nodes(one, "ColumnRef") and not nodes(one, "SubLink")]
    return frozenset(number for one in held for number in numbers_in(one))


def _pairs(kept: Any, real: Any) -> Iterator[tuple[Any, Any]]:
    """Every parameter of `kept`, and what stands in its place in `real`; where the two differ in more, nothing."""
    if kept.DESCRIPTOR.name == "Node":
        if kept.WhichOneof("node") == "param_ref":
            yield kept, real
            return
        if kept.WhichOneof("node") != real.WhichOneof("node"):
            return
    for descriptor, value in kept.ListFields():
        if descriptor.message_type is None:
            continue
        other = getattr(real, descriptor.name)
        here, there = (value, other) if descriptor.is_repeated else ((value,), (other,))
        if len(here) == len(there):
            for one, its_like in zip(here, there, strict=True):
                yield from _pairs(one, its_like)
