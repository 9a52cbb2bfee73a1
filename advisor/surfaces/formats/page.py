"""A document as one HTML page, to be read on a wide screen and on a telephone. Every text is taken for hostile."""

import html

from advisor.surfaces.documents.document import Card, Document, Fact, Section, Table
from advisor.surfaces.formats.plot import STYLE as PLOT_STYLE
from advisor.surfaces.formats.plot import to_figure

STYLE = """
:root { --ink: #1c2430; --soft: #566275; --line: #dde3ea; --paper: #fff; --ground: #f5f7fa; --code: #f3f5f8;
--blue: #1d5fbf; --green: #1b7f4d; --amber: #9a6200; --red: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe5ee; --soft: #98a5b8; --line: #303947; --paper: #1a1f28;
--ground: #12161c; --code: #222936; --blue: #7fb0ff; --green: #6fd3a0; --amber: #e6b35a; --red: #ff8f87; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 64rem;
margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .8rem; }
h3 { font-size: 1.05rem; margin: 0 0 .8rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .35rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
pre { font: 13px/1.45 ui-monospace, monospace; background: var(--code); border: 1px solid var(--line);
border-radius: 6px; padding: .6rem .7rem; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
article { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem;
margin: 0 0 1rem; }
.mark { display: inline-block; font-size: .78rem; font-weight: 600; border: 1px solid currentColor; color: var(--soft);
border-radius: 99px; padding: 0 .55rem; margin-left: .4rem; vertical-align: .1em; white-space: nowrap; }
.next { color: var(--blue); } .low, .ok, .healthy, .kept { color: var(--green); }
.medium, .warning, .fired, .degraded { color: var(--amber); }
.high, .critical, .failed, .unavailable { color: var(--red); }
table { border-collapse: collapse; width: 100%; background: var(--paper); border: 1px solid var(--line); }
td, th { text-align: left; vertical-align: top; padding: .5rem .7rem; border-bottom: 1px solid var(--line);
overflow-wrap: break-word; } th { color: var(--soft); font-weight: 600; font-size: .85rem; white-space: nowrap; }
@media (max-width: 640px) { dl { display: block; } dt { margin-top: .6rem; font-size: .85rem; }
article { padding: .9rem; } table, tbody, tr, td { display: block; } thead { display: none; }
tr { border-bottom: 2px solid var(--line); padding: .4rem 0; } td { border: 0; padding: .15rem .8rem;
overflow-wrap: anywhere; } td::before { content: attr(data-column); display: block; color: var(--soft);
font-size: .78rem; } td:empty { display: none; } }
@media print { body { background: none; } article { break-inside: avoid; } }
"""
_CLASSES = frozenset(
    [
        "next",
        "low",
        "medium",
        "high",
        "ok",
        "healthy",
        "kept",
        "warning",
        "fired",
        "degraded",
        "critical",
        "failed",
        "unavailable",
    ]
)


def to_html(document: Document) -> str:
    """One page that loads nothing and runs nothing; a click on code selects all of it, to be copied."""
    title = html.escape(document.title)
    body = "\n".join(_section(section) for section in document.sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}{_plot_style(document)}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def _plot_style(document: Document) -> str:
    has_plots = any(card.plots for section in document.sections for card in section.cards)
    return PLOT_STYLE if has_plots else ""


def _section(section: Section) -> str:
    parts = [f"<h2>{html.escape(section.heading)}</h2>"]
    if section.facts:
        parts.append(f"<article>{_facts(section.facts)}</article>")
    parts.extend(_card(card) for card in section.cards)
    if section.table is not None:
        empty = f"<p>{html.escape(section.if_empty)}</p>"
        parts.append(_table(section.table) if section.table.rows else empty)
    return "\n".join(parts)


def _card(card: Card) -> str:
    marks = "".join(_mark(mark) for mark in card.marks)
    plots = "".join(map(to_figure, card.plots))
    facts = _facts(card.facts) if card.facts else ""
    return f"<article>\n<h3>{html.escape(card.title)}{marks}</h3>\n{facts}\n{plots}</article>"


def _mark(text: str) -> str:
    word = text.partition(" ")[0]
    return f'<span class="mark{f" {word}" if word in _CLASSES else ""}">{html.escape(text)}</span>'


def _facts(facts: tuple[Fact, ...]) -> str:
    return "<dl>" + "".join(_fact(fact) for fact in facts) + "</dl>"


def _fact(fact: Fact) -> str:
    text = html.escape(fact.text)
    return f"<dt>{html.escape(fact.label)}</dt><dd>{f'<pre>{text}</pre>' if fact.is_code else text}</dd>\n"


def _table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in table.columns)
    rows = "".join(f"<tr>{_row(table, row)}</tr>\n" for row in table.rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"


def _row(table: Table, row: tuple[str, ...]) -> str:
    return "".join(
        f'<td data-column="{html.escape(column)}"{_class(cell)}>{html.escape(cell)}</td>'
        for column, cell in zip(table.columns, row, strict=True)
    )


def _class(cell: str) -> str:
    return f' class="{cell}"' if cell in _CLASSES else ""
