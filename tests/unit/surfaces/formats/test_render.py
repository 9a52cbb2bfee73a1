"""One report in every form; hostile text in it stays text."""

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import yaml

from advisor.model.report import Answer
from advisor.surfaces.documents.document import Document, Fact, Section
from advisor.surfaces.documents.report import report_document
from advisor.surfaces.documents.report_page import report_page
from advisor.surfaces.formats.page import to_html
from advisor.surfaces.formats.render import to_csv, to_json, to_markdown, to_yaml
from advisor.surfaces.formats.text import to_text
from advisor.surfaces.views.report import report_view
from tests.fakes.diagnoses import HOSTILE, a_diagnosis, a_quiet_diagnosis


def report(mode: str = "propose") -> Document:
    return report_document(report_view(a_diagnosis(), mode=mode))


def page() -> Document:
    return report_page(report_view(a_diagnosis(), mode="propose"))


def test_yaml_says_the_same_as_json() -> None:
    assert yaml.safe_load(to_yaml(report())) == json.loads(to_json(report()))


def test_csv_has_a_row_for_each_proposal_and_runs_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(report()), newline="")))
    assert [(row["knob"], row["decision"]) for row in rows] == [("db.pool_size", "next"), ("cache.l2.ttl", "waiting")]
    assert [(row["current"], row["proposed"]) for row in rows] == [("5", "12"), ("2.0", "60.0")]
    assert rows[1]["subject"] == "'" + HOSTILE


def test_csv_of_a_finding_without_a_proposal_says_so() -> None:
    view = report_view(replace(a_diagnosis(), proposals=()), mode="propose")
    rows = list(csv.DictReader(io.StringIO(to_csv(report_document(view)), newline="")))
    assert [(row["rule"], row["knob"], row["decision"], row["undo"]) for row in rows] == [
        ("pool-exhaustion", "", "none", ""),
        ("low-cache-hit-rate", "", "none", ""),
    ]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses.extend(value or "" for name, value in attrs if name in ("src", "href"))


def test_html_loads_nothing_runs_nothing_and_escapes_everything() -> None:
    read = _Tags()
    read.feed(to_html(page()))
    assert "script" not in read.tags
    assert read.addresses == []
    assert read.tags.count("table") == 1  # sources
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in to_html(page())


def test_html_has_a_card_for_each_proposal_and_each_thing_found() -> None:
    read = _Tags()
    read.feed(to_html(page()))
    assert read.tags.count("article") == 2 + 2 + 1  # the last is how far to trust it
    assert "create_engine(..., pool_size=12)</pre>" in to_html(page())


def test_a_hostile_cell_stays_one_cell_in_markdown() -> None:
    lines = to_markdown(report()).splitlines()
    row = next(line for line in lines if "critical" in line and line.startswith("|"))
    assert row.replace("\\|", "").count("|") == 4  # three columns have four borders
    assert "<script>" not in to_markdown(page()).replace("\\<", "")


def test_code_cannot_end_the_fence_it_stands_in() -> None:
    code = Fact(label="Apply", text="a ``` b", is_code=True)
    hostile = replace(report(), sections=(Section(heading="x", facts=(code,)),))
    assert "````\na ``` b\n````" in to_markdown(hostile)


def test_text_begins_with_the_one_next_change_how_to_make_it_and_how_to_undo_it() -> None:
    text = to_text(report(), wide=False)
    head = text.split("FOUND")[0]
    assert "Next change: db.pool_size (app shop)" in head
    assert "5 connections -> 12 connections" in head
    assert "becomes 4ms (between 1ms and 20ms; erlang-c)" in head
    assert "create_engine(..., pool_size=12)" in head
    assert "create_engine(..., pool_size=5)" in head


def test_text_names_what_was_found_with_its_answer_then_the_dead_source_and_the_skipped_rule() -> None:
    text = to_text(report(), wide=False)
    assert text.index("Next change") < text.index("FOUND: 2") < text.index("How far to trust it")
    assert "later, one at a time" in text
    assert "connection refused" in text
    assert "no Postgres was read" in text


def test_the_whole_report_has_the_evidence_and_the_short_one_leaves_it_out() -> None:
    assert "pool.wait_p95_seconds = 400ms (limit 100ms)" in to_text(page(), wide=True)
    assert "(limit 100ms)" not in to_text(report(), wide=False)


def test_a_finding_without_a_proposal_says_why() -> None:
    answers = {one.id: Answer(reason="the leak comes first") for one in a_diagnosis().findings}
    view = report_view(replace(a_diagnosis(), proposals=(), answers=answers), mode="propose")
    assert "none: the leak comes first" in to_text(report_document(view), wide=False)
    assert "none: the leak comes first" in to_html(report_page(view))


def test_text_moves_no_cursor_and_breaks_no_line() -> None:
    text = to_text(page(), wide=True)
    assert "\x1b" not in text
    assert "\N{REPLACEMENT CHARACTER}[31mred" in text


def test_the_approval_line_tells_what_the_mode_means() -> None:
    assert "nothing is changed in mode propose" in to_text(report("propose"), wide=False)
    assert "waits for a person's approval" in to_text(report("apply"), wide=False)


def test_a_quiet_report_says_why_there_is_nothing_to_do() -> None:
    text = to_text(report_document(report_view(a_quiet_diagnosis(), mode="propose")), wide=False)
    assert "Next change: none" in text
    assert "nothing was proposed" in text
    assert "no database was read" in text
