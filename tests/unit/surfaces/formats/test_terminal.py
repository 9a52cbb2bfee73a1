"""Tables and colour, for eyes only."""

import io

import pytest

from advisor.surfaces.documents.change import changes_document
from advisor.surfaces.documents.document import Document, Section, Table
from advisor.surfaces.documents.report import report_document
from advisor.surfaces.documents.report_page import report_page
from advisor.surfaces.formats.terminal import print_on_terminal
from advisor.surfaces.views.change import changes_view
from advisor.surfaces.views.report import report_view
from advisor.testing.words import a_change
from tests.fakes.diagnoses import a_diagnosis, a_large_diagnosis


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, *, whole: bool = False, **environment: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "120", **environment}.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    layout = report_page if whole else report_document
    print_on_terminal(layout(report_view(a_diagnosis(), mode="propose")), out, wide=whole)
    return out.getvalue()


def test_a_severity_has_its_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31mcritical" in shown(monkeypatch, whole=True)


def test_no_color_takes_the_colours_away_and_leaves_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, NO_COLOR="1")
    assert "critical: " in text
    assert "\x1b[1;31m" not in text


def test_hostile_text_brings_no_escape_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31mred" not in shown(monkeypatch)


def test_lines_fit_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, NO_COLOR="1", TERM="dumb", COLUMNS="80")
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_wide_table_that_does_not_fit_is_told_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    out, prose = Terminal(), "a sentence of some length"
    table = Table(columns=tuple(f"Column {number}" for number in range(9)), rows=((prose,) * 9,))
    print_on_terminal(
        Document(title="t", data={}, sections=(Section(heading="h", table=table),), rows=table), out, wide=True
    )
    assert f"    Column 8: {prose}" in out.getvalue()


def test_the_id_of_a_rule_is_never_broken_in_two(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "low-cache-hit-rate" in shown(monkeypatch, NO_COLOR="1", TERM="dumb", COLUMNS="80")


def test_a_table_too_narrow_to_be_read_is_told_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    print_on_terminal(changes_document(changes_view("default", [a_change()], None)), out, wide=False)
    # Seven columns need 16 + 8 + 11 + 12 + 12 + 20 + 4 characters and 3 between each: 104, more than 80.
    assert "  Change: chg_0123456789ab" in out.getvalue()
    assert "    New: 12 connections" in out.getvalue()


def test_a_large_application_is_told_in_about_a_hundred_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    out, view = Terminal(), report_view(a_large_diagnosis(), mode="propose")
    assert len(view.findings) == 240
    print_on_terminal(report_document(view), out, wide=False)
    text = out.getvalue()
    assert len(text.splitlines()) <= 110
    assert "-000" not in text  # no statement is told by its number
    assert "IN (…)" in text
    table = report_document(view).sections[1].table
    assert table is not None
    assert table.rows[0][2] == "none: no index that was tried lowers the cost"
    assert "60 findings of duplicate-index" in table.rows[-1][1]
