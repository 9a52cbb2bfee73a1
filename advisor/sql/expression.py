"""Expressions compared by what they say, however they are written. Pure."""

from functools import lru_cache
from typing import Any

from advisor.sql.parse import UnreadableStatementError, deparsed, every_node, tree

_TEXT = frozenset({"text", "varchar", "bpchar"})


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The same for an expression as users write it and as the catalogue shows it: without brackets that are not needed,
    and without the types that Postgres adds to constants and to what is taken for text. As it is when it cannot be
    read."""
    try:
        statement = tree(f"SELECT {text}")
        for holder in reversed(list(every_node(statement))):  # inner ones first
            if holder.WhichOneof("node") == "type_cast" and _is_needless(holder.type_cast):
                inside = type(holder)()
                inside.CopyFrom(holder.type_cast.arg)
                holder.CopyFrom(inside)
        return deparsed(statement)
    except UnreadableStatementError:
        return text


def _is_needless(cast: Any) -> bool:
    return cast.arg.WhichOneof("node") == "a_const" or cast.type_name.names[-1].string.sval in _TEXT
