"""A document on a terminal: tables and colour, fitted to its width. NO_COLOR is honoured."""

from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from advisor.surfaces.documents.document import Card, Document, Fact, Section, Table
from advisor.surfaces.documents.plot_words import plot_fact
from advisor.surfaces.formats.text import one_line, printable

_STYLES = {
    "critical": "bold red", "failed": "bold red", "unavailable": "bold red", "stuck": "bold red", "high": "red",
    "warning": "yellow", "degraded": "yellow", "fired": "yellow", "medium": "yellow", "rolled_back": "yellow",
    "ok": "green", "healthy": "green", "kept": "green", "low": "green", "skipped": "dim", "off": "dim", "info": "cyan",
}  # fmt: skip
_LONGEST_WORD = 20
_PROSE_WIDTH = 12
_GAP = 3


def print_on_terminal(document: Document, out: TextIO, *, wide: bool) -> None:
    """Print `document` on `out`, which is a terminal."""
    console = Console(file=out, highlight=False, markup=False, emoji=False)
    console.print(printable(document.title), style="bold")
    for section in document.sections:
        console.print()
        console.print(printable(section.heading), style="bold cyan")
        for fact in section.facts:
            _print_fact(console, fact)
        for card in section.cards:
            _print_card(console, card)
        if section.table is not None:
            _print_table(console, section, wide=wide)


def _print_card(console: Console, card: Card) -> None:
    console.print()
    title = Text.assemble("  ", (one_line(card.title), "bold"))
    for mark in card.marks:
        title.append("  ").append(one_line(mark), style=_STYLES.get(mark.partition(" ")[0], "dim"))
    console.print(title)
    for fact in (*card.facts, *map(plot_fact, card.plots)):
        _print_fact(console, fact)


def _print_fact(console: Console, fact: Fact) -> None:
    if fact.is_code:
        console.print(Text(f"  {fact.label}:", style="dim"))
        console.print(Padding(Text(printable(fact.text), style="green"), (0, 0, 0, 6)))
    else:
        console.print(Padding(Text.assemble((f"{fact.label}: ", "dim"), one_line(fact.text)), (0, 0, 0, 2)))


def _print_table(console: Console, section: Section, *, wide: bool) -> None:
    table = section.table if section.table is None or wide else section.table.narrow()
    if table is None or not table.rows:
        console.print(f"  {section.if_empty}", style="dim")
        return
    if sum(_least_width(table, number) + _GAP for number in range(len(table.columns))) > console.width:
        _print_rows_as_blocks(console, table)
        return
    grid = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=True)
    for number, column in enumerate(table.columns):
        grid.add_column(column, overflow="fold", no_wrap=_is_word(table, number))
    for row in table.rows:
        grid.add_row(*(_cell(cell) for cell in row))
    console.print(grid)


def _is_word(table: Table, number: int) -> bool:
    """Whether a column holds ids and the like, which are not broken to give prose more room."""
    cells = (table.columns[number], *(row[number] for row in table.rows))
    return all(" " not in cell and len(cell) <= _LONGEST_WORD for cell in cells)


def _least_width(table: Table, number: int) -> int:
    """What a column needs to be read with ease: its words whole, its prose folded at `_PROSE_WIDTH`."""
    longest = max(len(cell) for cell in (table.columns[number], *(row[number] for row in table.rows)))
    return longest if _is_word(table, number) else min(longest, _PROSE_WIDTH)


def _print_rows_as_blocks(console: Console, table: Table) -> None:
    for row in table.rows:
        for number, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            if not cell:
                continue
            indent = 2 if number == 0 else 4
            console.print(Padding(Text.assemble((f"{column}: ", "dim"), _cell(cell)), (0, 0, 0, indent)))


def _cell(text: str) -> Text:
    return Text(one_line(text), style=_STYLES.get(text, ""))
