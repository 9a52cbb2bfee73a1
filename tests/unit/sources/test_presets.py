"""The presets for what applications export already: they load, and ask for nothing but what these really show."""

import re
from pathlib import Path

import pytest

from advisor.sources.prometheus.catalogue import load_preset
from advisor.sources.prometheus.coverage import metrics_of

PAGES = Path(__file__).parents[2] / "integration/sources/pages"
NOT_ON_THE_PAGE = {
    # PgBouncer 1.23 and later; the page is of 1.18.
    "pgbouncer_exporter": {"pgbouncer_stats_totals_server_assignments_total"},
    # The page is of a client of a database, not of a server of HTTP.
    "otel": {
        "http_server_request_duration_seconds_count",
        "http_server_request_duration_seconds_sum",
        "http_server_request_duration_seconds_bucket",
    },
}


@pytest.mark.parametrize("preset", sorted(page.stem for page in PAGES.glob("*.txt")))
def test_a_preset_asks_for_what_its_exporter_shows_and_names_the_application(preset: str) -> None:
    shown = set(re.findall(r"^(\w+)[{ ]", (PAGES / f"{preset}.txt").read_text(), re.MULTILINE))
    for template in load_preset(preset):
        assert metrics_of(template) <= shown | NOT_ON_THE_PAGE.get(preset, set()), template.signal
        assert '"app"' in template.text
