"""Plots: right coordinates, gaps that stay gaps, no script, and text that is told beside the drawing."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from advisor.model.plot import Level, Line, Plot
from advisor.surfaces.documents.document import Card, Document, Section, Table
from advisor.surfaces.documents.plot_words import plot_words
from advisor.surfaces.formats.page import to_html
from advisor.surfaces.formats.plot import STYLE, to_figure
from advisor.surfaces.formats.render import to_markdown
from advisor.surfaces.formats.text import to_text

GIB = 1024**3
USED = Plot(
    title="app cpu",
    unit="cores",
    step_seconds=3600,
    lines=(Line(name="mean of the hour", values=(0.0, 0.5, None, 1.0)),),
    levels=(Level(name="request", value=0.5), Level(name="limit", value=1.0)),
    begins=datetime(2026, 1, 1, tzinfo=UTC),
)


def paths(figure: str) -> dict[str, str]:
    """By class, of the drawing and not of its legend."""
    return dict(re.findall(r'<path class="([\w-]+)" d="([^"]*)"', figure.partition('class="legend"')[0]))


def test_values_are_where_they_belong() -> None:
    """1000 wide for 4 hours: middles at 125, 375, 875. 200 high for 1 core: 0 at 200, 0.5 at 100, 1 at 0."""
    drawn = paths(to_figure(USED))
    assert drawn["line-1"] == "M125 200h0L375 100M875 0h0"  # the hole ends the line
    assert (drawn["level-0"], drawn["level-1"]) == ("M0 100H1000", "M0 0H1000")


def test_a_stepped_line_holds_each_value_for_its_step() -> None:
    stepped = replace(USED, lines=(Line(name="pods", values=(1.0, 0.5, None, 0.0), is_stepped=True),))
    assert paths(to_figure(stepped))["line-1"] == "M0 0H250V100H500M750 200H1000"


@pytest.mark.parametrize(
    ("unit", "highest", "shown"),
    [
        ("cores", 0.9, "1 cores"),
        ("cores", 1.0, "1 cores"),
        ("cores", 1.01, "2 cores"),
        ("cores", 0.021, "0.025 cores"),
        ("bytes", 300 * 1024**2, "500Mi"),
        ("bytes", 1.5 * GIB, "2Gi"),
        ("bytes", 1000 * 1024**2, "1000Mi"),
        ("pods", 7.0, "8 pods"),
        ("pods", 1.0, "2 pods"),
        ("cores", 0.0, "1 cores"),
    ],
)
def test_the_scale_ends_at_a_round_number_above_all_values(unit: str, highest: float, shown: str) -> None:
    plot = replace(USED, unit=unit, lines=(Line(name="used", values=(highest,)),), levels=())
    assert f'<div class="axis up"><span>{shown}</span>' in to_figure(plot)


def test_midnights_are_drawn_and_the_ends_are_dated() -> None:
    """From 18:00 on for two days by the hour: midnights after 6 and 30 of 48 hours."""
    days = replace(USED, begins=datetime(2026, 1, 1, 18, tzinfo=UTC), lines=(Line(name="used", values=(1.0,) * 48),))
    figure = to_figure(days)
    assert paths(figure)["grid"] == "M0 100H1000M125 0V200M625 0V200"
    dated = "<span>01 Jan 18:00</span><span>02 Jan 18:00</span><span>03 Jan 18:00</span>"
    assert f'<div class="axis along">{dated}</div>' in figure


def test_a_plot_without_a_date_tells_how_long_it_is() -> None:
    figure = to_figure(replace(USED, begins=None))
    assert '<div class="axis along"><span>0</span><span>2h</span><span>4h</span></div>' in figure


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_numbers_that_are_none_break_no_drawing(value: float) -> None:
    odd = replace(USED, lines=(Line(name="used", values=(0.5, value)),), levels=(Level(name="limit", value=value),))
    assert not re.search(r"nan|inf|M[\d.]+ -", " ".join(paths(to_figure(odd)).values()))


def test_hostile_text_stays_text_and_the_markup_is_well_formed() -> None:
    evil = '"><script>alert(1)</script>&'
    plot = replace(
        USED, title=evil, lines=(Line(name=evil, values=(1.0,)),), levels=(Level(name=evil, value=1.0),), unit=evil
    )
    figure = to_figure(plot)
    tree = ElementTree.fromstring(figure)  # raises where it is not
    assert {one.tag for one in tree.iter()} == {"figure", "figcaption", "div", "span", "svg", "path", "ul", "li"}
    assert tree.findtext("figcaption") == evil


def document(*plots: Plot) -> Document:
    card = Card(title="deployment shop/web", plots=plots)
    return Document(
        title="t", data={}, sections=(Section(heading="Usage", cards=(card,)),), rows=Table(columns=(), rows=())
    )


def test_a_page_has_the_figure_and_loads_and_runs_nothing() -> None:
    page = to_html(document(USED))
    assert page.count("<figure>") == 1
    assert STYLE in page
    assert not re.search(r"<script|\bsrc=|href=|\bon\w+=|url\(", page)
    assert STYLE not in to_html(document())


def test_drawings_are_stretched_and_their_text_is_not() -> None:
    """A text within a drawing would be a third of its size on a telephone."""
    figure = to_figure(USED)
    assert 'preserveAspectRatio="none"' in figure
    assert "<text" not in figure
    assert "vector-effect: non-scaling-stroke" in STYLE


def test_who_reads_text_gets_bars_and_the_highest_values() -> None:
    said = "mean of the hour up to 1 cores; request 0.5 cores; limit 1 cores"
    assert plot_words(USED) == said
    assert f"app cpu: ▁▅█ {said}" in to_text(document(USED), wide=True)
    assert f"**app cpu:** ▁▅█ {said}" in to_markdown(document(USED))
    assert f'aria-label="app cpu: {said}"' in to_figure(USED)
