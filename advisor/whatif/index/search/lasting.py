"""Literals that a workload shows to be lasting: what a partial index may be made for. Pure.

A file of SQL shows each statement with some value in it. That a tenant's number or a state stands there once says
nothing of the next call; a value that several statements have in common belongs to the application's own words.
`deleted_at IS NULL` and `NOT archived` hold no value, and come as they are.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from advisor.sql.access import Access, Condition
from advisor.sql.expression import canonical
from advisor.sql.parse import nodes, tree
from advisor.whatif.index.search.workload import ReadStatement

_FEWEST_STATEMENTS = 2


def with_lasting_literals(read: Sequence[ReadStatement]) -> list[ReadStatement]:
    """The statements, of whose conditions those alone may be carried by an index that hold no value, or one that a
    second statement asks for, too."""
    seen = Counter(place for one in read for place in {p for access in one.shape.accesses for p in _places(access)})
    return [replace(one, shape=replace(one.shape, accesses=_lasting(one.shape.accesses, seen))) for one in read]


def _places(access: Access) -> Iterable[tuple[object, str]]:
    return {(access.table, canonical(condition.predicate)) for condition in access.conditions if condition.predicate}


def _lasting(accesses: Iterable[Access], seen: Counter[tuple[object, str]]) -> tuple[Access, ...]:
    def kept(access: Access, condition: Condition) -> Condition:
        if not condition.predicate or not _holds_a_value(condition.predicate):
            return condition
        many = seen[access.table, canonical(condition.predicate)]
        return condition if many >= _FEWEST_STATEMENTS else replace(condition, predicate="")

    return tuple(replace(one, conditions=[kept(one, condition) for condition in one.conditions]) for one in accesses)


def _holds_a_value(predicate: str) -> bool:
    constants = nodes(tree(f"SELECT {predicate}"), "A_Const")
    return any(not constant.isnull and constant.WhichOneof("val") != "boolval" for constant in constants)
