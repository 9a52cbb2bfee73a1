"""A document as JSON, YAML, CSV or Markdown. Every text in it is taken for hostile and escaped."""

import csv
import io
import json
import re

import yaml

from advisor.surfaces.documents.document import Document, Fact, Table
from advisor.surfaces.documents.plot_words import plot_fact

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")


def to_json(document: Document) -> str:
    return json.dumps(document.data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_yaml(document: Document) -> str:
    return yaml.safe_dump(dict(document.data), sort_keys=False, allow_unicode=True, width=120)


def to_csv(document: Document) -> str:
    """RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(document.rows.columns)
    writer.writerows([_inert(cell) for cell in row] for row in document.rows.rows)
    return out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def to_markdown(document: Document) -> str:
    parts = [f"# {_markdown(document.title)}"]
    for section in document.sections:
        parts.append(f"## {_markdown(section.heading)}")
        parts.extend(_markdown_fact(fact) for fact in section.facts)
        for card in section.cards:
            parts.append(f"### {_markdown(' · '.join([card.title, *card.marks]))}")
            parts.extend(_markdown_fact(fact) for fact in (*card.facts, *map(plot_fact, card.plots)))
        if section.table is not None:
            parts.append(_markdown_table(section.table) if section.table.rows else section.if_empty)
    return "\n\n".join(parts) + "\n"


def _markdown(text: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(text.split()))


def _markdown_fact(fact: Fact) -> str:
    if not fact.is_code:
        return f"**{_markdown(fact.label)}:** {_markdown(fact.text)}"
    longest = max((len(run) for run in re.findall("`+", fact.text)), default=0)
    fence = "`" * max(3, longest + 1)  # longer than any run inside, so that the text cannot end it
    return f"**{_markdown(fact.label)}:**\n\n{fence}\n{fact.text}\n{fence}"


def _markdown_table(table: Table) -> str:
    lines = [table.columns, tuple("---" for _ in table.columns)]
    lines.extend(tuple(_markdown(cell) for cell in row) for row in table.rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
