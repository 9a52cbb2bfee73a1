"""Designs made of designs: less of one, or two in one. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from advisor.model.database.index_design import IndexDesign

MOST_INCLUDED = 8


def lesser(design: IndexDesign) -> Iterator[IndexDesign]:
    """Smaller ones that do part of its work, and the whole one of a partial one, which serves more."""
    if design.include:
        yield replace(design, include=())
    if design.predicate:
        yield replace(design, predicate="")
    if len(design.keys) > 1 and design.access_method == "btree":
        yield replace(design, keys=design.keys[:-1])


def merged(designs: Iterable[IndexDesign]) -> Iterator[IndexDesign]:
    """Of every two that begin with the same key, one that does the work of both."""
    for one, other in combinations(designs, 2):
        same_place = (one.schema, one.table, one.predicate, one.access_method) == (
            other.schema,
            other.table,
            other.predicate,
            other.access_method,
        )
        if not same_place or one.keys[0] != other.keys[0] or one.access_method != "btree":
            continue
        for first, second in ((one, other), (other, one)):
            if all(not key.is_expression for key in second.keys):
                rest = {*first.include, *second.include, *second.columns} - set(first.columns)
                if len(rest) <= MOST_INCLUDED:
                    yield replace(first, include=tuple(sorted(rest)))


def first_key(design: IndexDesign) -> tuple[str, str, str, str]:
    """What an index is entered by: of two with the same one, either may do the other's work."""
    return design.schema, design.table, design.access_method, design.keys[0].text
