"""A document as plain text, for a pipe or a file: aligned columns, no escape codes, nothing cut off."""

import textwrap

from advisor.surfaces.documents.document import Card, Document, Fact, Section, Table
from advisor.surfaces.documents.plot_words import plot_fact

_GAP = "  "


def printable(text: str) -> str:
    """`text` without control characters: a label or a query from outside must not move the cursor."""
    return "".join(sign if sign in "\n\t" or sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def to_text(document: Document, *, wide: bool) -> str:
    """Plain text without escape codes; lines as long as their content."""
    blocks = [printable(document.title)]
    blocks.extend(_section(section, wide=wide) for section in document.sections)
    return "\n\n".join(blocks) + "\n"


def _section(section: Section, *, wide: bool) -> str:
    lines = [printable(section.heading).upper() if not section.facts else printable(section.heading)]
    label_width = max((len(fact.label) for fact in section.facts), default=0)
    lines.extend(_fact(fact, label_width) for fact in section.facts)
    for card in section.cards:
        lines.extend(_card(card))
    if section.table is not None:
        table = section.table if wide else section.table.narrow()
        lines.extend(_aligned(table) if table.rows else [_GAP + section.if_empty])
    return "\n".join(lines)


def _card(card: Card) -> list[str]:
    marks = f" [{', '.join(one_line(mark) for mark in card.marks)}]" if card.marks else ""
    facts = (*card.facts, *map(plot_fact, card.plots))
    label_width = max((len(fact.label) for fact in facts), default=0)
    told = "\n".join(_fact(fact, label_width) for fact in facts)
    return ["", f"{_GAP}{one_line(card.title)}{marks}", textwrap.indent(told, _GAP)]


def _fact(fact: Fact, label_width: int) -> str:
    if fact.is_code:
        return f"{_GAP}{fact.label}:\n" + textwrap.indent(printable(fact.text), _GAP * 3)
    return f"{_GAP}{fact.label + ':':<{label_width + 1}} {one_line(fact.text)}"


def one_line(text: str) -> str:
    return " ".join(printable(text).split())


def _aligned(table: Table) -> list[str]:
    rows = [tuple(column.upper() for column in table.columns)]
    rows.extend(tuple(one_line(cell) or "-" for cell in row) for row in table.rows)
    widths = [max(len(row[index]) for row in rows) for index in range(len(table.columns))]
    return [
        (_GAP + _GAP.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows
    ]
