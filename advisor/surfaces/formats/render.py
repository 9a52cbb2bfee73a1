"""A document as JSON, YAML, CSV, Markdown or one HTML page. Every text in it is taken for hostile and escaped."""

import csv
import html
import io
import json
import re

import yaml

from advisor.surfaces.documents.document import Document, Fact, Section, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; border-bottom: 1px solid #d5dbe3; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem;
border-bottom: 1px solid #e6eaf0; overflow-wrap: anywhere; } th { color: #566275; font-weight: 600; }
dt { font-weight: 600; color: #566275; } dd { margin: 0 0 .6rem; } pre { background: #f3f5f8; padding: .6rem;
overflow-x: auto; white-space: pre-wrap; }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #dfe5ee; } pre { background: #1e242e; }
td, th, h2 { border-color: #303947; } th, dt { color: #98a5b8; } }
"""


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


def to_html(document: Document) -> str:
    """One page that loads nothing and runs nothing."""
    title = html.escape(document.title)
    body = "\n".join(_html_section(section) for section in document.sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def _html_section(section: Section) -> str:
    parts = [f"<h2>{html.escape(section.heading)}</h2>"]
    if section.facts:
        parts.append("<dl>" + "".join(_html_fact(fact) for fact in section.facts) + "</dl>")
    if section.table is not None:
        empty = f"<p>{html.escape(section.if_empty)}</p>"
        parts.append(_html_table(section.table) if section.table.rows else empty)
    return "\n".join(parts)


def _html_fact(fact: Fact) -> str:
    text = html.escape(fact.text)
    return f"<dt>{html.escape(fact.label)}</dt><dd>{f'<pre>{text}</pre>' if fact.is_code else text}</dd>"


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n" for row in table.rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
