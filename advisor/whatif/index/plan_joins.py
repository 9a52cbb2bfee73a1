"""Which tables a plan reads, and by which columns it joins them: read from the words of EXPLAIN. Pure."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from advisor.whatif.index.catalogue import Catalogue, TableFacts

_NAME = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_COLUMN = rf"(?:{_NAME}\.)?{_NAME}"
_CAST = re.compile(rf"\(({_COLUMN})\)::[a-z]\w*(?: [a-z]+)*")
_EQUALITY = re.compile(rf"\(({_COLUMN}) = ({_COLUMN})\)")
_FIXED = re.compile(rf"\(({_COLUMN}) = ")
_CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "Join Filter", "Hash Cond", "Merge Cond")

Plan = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A column of a table, which a plan names by its alias."""

    alias: str
    column: str


Equality = frozenset[Place]


@dataclass(slots=True)
class PlannedTables:
    """The tables of one plan by their alias; one that the catalogue does not know is not there."""

    by_alias: Mapping[str, TableFacts]

    @property
    def pages(self) -> float:
        return sum(facts.pages for facts in self.by_alias.values())

    def joined_keys(
        self, outer: frozenset[str], inner: frozenset[str], equalities: frozenset[Equality]
    ) -> "JoinedKeys":
        """Of a join of these aliases: those columns that are compared with one and the same other table; the pair of
        tables that is compared by most columns counts."""
        by_pair: dict[tuple[str, str], set[tuple[Place, Place]]] = {}
        for equality in equalities:
            places = sorted(equality)
            if len(places) == 2:
                for one, other in (places, places[::-1]):
                    if one.alias in outer and other.alias in inner:
                        by_pair.setdefault((one.alias, other.alias), set()).add((one, other))
        known = [pair for pair in sorted(by_pair) if all(alias in self.by_alias for alias in pair)]
        if not known:
            return JoinedKeys(1.0, 1.0)
        pair = max(known, key=lambda pair: len(by_pair[pair]))
        return self._keys(pair, by_pair[pair])

    def _keys(self, pair: tuple[str, str], compared: set[tuple[Place, Place]]) -> "JoinedKeys":
        independent = math.prod(max(self.distinct(one), self.distinct(other)) for one, other in compared)
        fewest = min(max(1.0, self.by_alias[alias].rows) for alias in pair)
        return JoinedKeys(independent, min(independent, fewest) if len(compared) > 1 else independent)

    def distinct(self, place: Place) -> float:
        """Different values of a column; 1 where nothing is known of it."""
        facts = self.by_alias.get(place.alias)
        column = facts.columns.get(place.column) if facts else None
        return column.distinct_values(facts.rows) if facts and column else 1.0


@dataclass(frozen=True, slots=True)
class JoinedKeys:
    """How many different keys two tables are joined by.

    independent: as the planner has it, as if columns knew nothing of each other. contained: no more than the smaller of
    the two tables has rows, as where the larger refers to it by a key of two columns.
    """

    independent: float
    contained: float

    @property
    def factor(self) -> float:
        """How many times as many rows the join may give as the planner thinks, 1 at least."""
        return self.independent / self.contained


def planned_tables(plan: Plan, catalogue: Catalogue) -> PlannedTables:
    known = {name.name: facts for name, facts in sorted(catalogue.tables.items())}
    return PlannedTables({alias: known[table] for alias, table in _aliases(plan) if table in known})


def aliases(plan: Plan) -> frozenset[str]:
    """Of all tables that the plan reads."""
    return frozenset(alias for alias, _ in _aliases(plan))


def equalities(node: Plan) -> frozenset[Equality]:
    """Between columns, in the conditions of this node alone."""
    own = str(node.get("Alias", ""))
    found = set()
    for name in _CONDITIONS:
        for left, right in _EQUALITY.findall(_CAST.sub(r"\1", node.get(name, ""))):
            found.add(frozenset({_place(left, own), _place(right, own)}))
    return frozenset(found)


def fixed_columns(condition: str) -> frozenset[str]:
    """Columns of the scanned table that an index condition sets equal to something."""
    return frozenset(_place(text, "").column for text in _FIXED.findall(_CAST.sub(r"\1", condition)))


def _place(text: str, own_alias: str) -> Place:
    parts = [part[1:-1].replace('""', '"') if part[0] == '"' else part for part in re.findall(_NAME, text)]
    return Place(parts[0] if len(parts) > 1 else own_alias, parts[-1])


def _aliases(plan: Plan) -> Iterator[tuple[str, str]]:
    if "Relation Name" in plan:
        yield str(plan["Alias"]), str(plan["Relation Name"])
    for child in plan.get("Plans", ()):
        yield from _aliases(child)
