"""What every output renders: a title, sections of facts and tables, and the same content as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.model.plot import Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One labelled statement; code (SQL, a command) keeps its lines and is set apart."""

    label: str
    text: str
    is_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text, one cell a column. `wide_columns` are left out of the narrow table on a terminal."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wide_columns: frozenset[str] = frozenset()

    def narrow(self) -> "Table":
        kept = [index for index, column in enumerate(self.columns) if column not in self.wide_columns]
        return Table(
            columns=tuple(self.columns[index] for index in kept),
            rows=tuple(tuple(row[index] for index in kept) for row in self.rows),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing told whole: its name, a few words that mark it, such as "next" and "low risk", its facts, its plots."""

    title: str
    marks: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with facts, cards, then a table. `if_empty` stands in for a table without rows."""

    heading: str
    facts: tuple[Fact, ...] = ()
    cards: tuple[Card, ...] = ()
    table: Table | None = None
    if_empty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One thing to show.

    data: JSON's types only, NaN and infinities as None; what JSON and YAML print.
    rows: the one table that CSV prints.
    """

    title: str
    data: Mapping[str, object]
    sections: tuple[Section, ...]
    rows: Table
