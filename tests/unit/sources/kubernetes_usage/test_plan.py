"""How a span of time is parted, within a budget of queries and samples."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from advisor.settings.kubernetes.usage import UsageSettings
from advisor.sources.kubernetes_usage.answers.asking import Span
from advisor.sources.kubernetes_usage.plan import plan
from advisor.sources.kubernetes_usage.probe import Probe

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEP = 300.0


def a_span(hours: float) -> Span:
    first = NOON - timedelta(hours=hours) + timedelta(seconds=STEP)
    return Span(first=first, last=NOON, step_seconds=STEP)


def probe(series: int) -> Probe:
    return Probe(series=series, interval_seconds=30.0, is_raw=True)


def test_a_small_cluster_is_read_in_one_part() -> None:
    made = plan(a_span(168), probe(100), UsageSettings(), 12)
    assert (len(made.parts), made.span, made.notes) == (1, a_span(168), ())


@pytest.mark.parametrize("series", [900, 3_000, 9_000])
def test_parts_have_neither_gaps_nor_overlaps_and_keep_to_the_bounds(series: int) -> None:
    settings = UsageSettings()
    made = plan(a_span(12), probe(series), settings, 12)
    assert sum(part.steps for part in made.parts) == 144
    assert all((after.first - before.last).total_seconds() == STEP for before, after in pairwise(made.parts))
    assert all(part.steps * series <= settings.most_points for part in made.parts)
    assert 2 * len(made.parts) + len(made.hourly) + len(made.holes) <= 12


def test_what_the_queries_do_not_suffice_for_is_left_out_at_the_old_end_and_said() -> None:
    """9,000 series: 44 steps a part; 5 parts of CPU, 5 of memory, 1 of each of 2 others: 220 of 2,016."""
    made = plan(a_span(168), probe(9_000), UsageSettings(), 12)
    assert made.span.last == NOON
    assert made.span.steps == 220
    assert made.notes == ("0.8 of 7.0 days are read in this look: 9000 series, and 12 queries are left",)


def test_a_query_reads_no_more_samples_than_it_may() -> None:
    """1,000 series every 30 s twice: 20,000 samples a step; of 1,000,000 that is 50 steps."""
    settings = UsageSettings(most_samples=1_000_000)
    made = plan(a_span(12), probe(1_000), settings, 20)
    assert max(part.steps for part in made.parts) <= 50


def test_nothing_new_is_no_query() -> None:
    later = Span(first=NOON + timedelta(seconds=STEP), last=NOON, step_seconds=STEP)
    made = plan(later, probe(100), UsageSettings(), 12)
    assert (made.parts, made.hourly, made.holes) == ((), (), ())


def test_holes_are_told_of_targets_where_those_are_known() -> None:
    """100 series of 3 targets; of each series where no target is known."""
    known = replace(probe(100), targets=3)
    assert [plan(a_span(12), one, UsageSettings(), 12).holes_query for one in (known, probe(100))] == [
        "target_holes",
        "cpu_holes",
    ]
