"""The presets for what applications export already: they load, and ask for nothing but what these really show."""

import re

import pytest

from advisor.sources.prometheus.catalogue import load_preset

SHOWN = {
    "go_sql": """
        go_sql_in_use_connections{db_name="shop"} 1
        go_sql_max_open_connections{db_name="shop"} 90
        go_sql_wait_count_total{db_name="shop"} 0
        go_sql_wait_duration_seconds_total{db_name="shop"} 0
    """,
    "micrometer": """
        hikaricp_connections_max{pool="HikariPool-1"} 10.0
        hikaricp_connections_active{pool="HikariPool-1"} 3.0
        hikaricp_connections_pending{pool="HikariPool-1"} 0.0
        hikaricp_connections_timeout_total{pool="HikariPool-1"} 0.0
        hikaricp_connections_acquire_seconds_count{pool="HikariPool-1"} 12
        hikaricp_connections_acquire_seconds_sum{pool="HikariPool-1"} 0.4
        hikaricp_connections_usage_seconds_count{pool="HikariPool-1"} 12
        hikaricp_connections_usage_seconds_sum{pool="HikariPool-1"} 1.4
        http_server_requests_seconds_bucket{method="GET",status="200",uri="/",le="0.1"} 9
        http_server_requests_seconds_count{method="GET",status="200",uri="/"} 9
        http_server_requests_seconds_sum{method="GET",status="200",uri="/"} 0.3
    """,
}


@pytest.mark.parametrize("preset", SHOWN)
def test_a_preset_asks_for_what_its_exporter_shows_and_names_the_application(preset: str) -> None:
    shown = set(re.findall(r"^\s*(\w+){", SHOWN[preset], re.MULTILINE))
    for template in load_preset(preset):
        asked = set(re.findall(r"\b(\w+){", template.text))
        assert asked
        assert asked <= shown, template.signal
        assert '"app"' in template.text
