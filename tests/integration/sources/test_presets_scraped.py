"""Each preset on a page that its exporter really showed, scraped by a real Prometheus.

Every scrape, one a second, shows the counters of the page once more: the rates are what the page says.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.clock import SystemClock
from advisor.model.check import CheckStatus
from advisor.model.signal import Measured, signal
from advisor.model.snapshot import SourceStatus
from advisor.servers import prometheus
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.schema import Settings
from advisor.sources.prometheus.source import PrometheusSource
from advisor.wiring.check_signals import check_signals
from tests.integration.sources.test_prometheus import wait_until

_PAGES = Path(__file__).parent / "pages"
_COUNTER = re.compile(r"^(\w+_(?:total|count|sum|bucket)(?:\{.*\})?) (\S+)$", re.MULTILINE)
_GAUGES = ("db_client_connection_count",)

SHOWN = {
    # Four answers of 200, one of 503, one of 404.
    "fastapi": {"http.requests_per_second": 6, "http.error_ratio": 1 / 6, "http.mean_seconds": 0.0032},
    # Four of 200, 503, a crash (500), 404.
    "django": {"http.requests_per_second": 7, "http.error_ratio": 2 / 7},
    # Two of 200, 503, 404.
    "prom_client": {"http.requests_per_second": 4, "http.error_ratio": 1 / 4, "http.mean_seconds": 0.0082},
    # A pool of two, both out; seven got one and one gave up after 0.3 s, which is counted among the eight.
    "micrometer": {
        "pool.size": 2,
        "pool.max_overflow": 0,
        "pool.instances": 1,
        "pool.in_use": 2,
        "pool.checked_out": 2,
        "pool.waiting": 0,
        "pool.checkouts_per_second": 7,
        "pool.timeouts_per_second": 1,
        "http.requests_per_second": 1,
        "http.error_ratio": 0,
        "http.mean_seconds": 0.03,
    },
    "otel": {
        "pool.size": 10,
        "pool.in_use": 3,
        "pool.waiting": 1,
        "pool.timeouts_per_second": 1,
        "pool.checkouts_per_second": 1,
        "pool.wait_mean_seconds": 0.02,
        "pool.hold_mean_seconds": 0.2,
    },
    # The same, in milliseconds.
    "otel_1_24": {
        "pool.size": 10,
        "pool.in_use": 3,
        "pool.waiting": 1,
        "pool.timeouts_per_second": 1,
        "pool.wait_mean_seconds": 0.02,
        "pool.hold_mean_seconds": 0.2,
    },
    # Five wanted one of two: three waited, 0.4 s together.
    "go_sql": {"pool.size": 2, "pool.instances": 1, "pool.in_use": 1, "pool.waiting": 0.4},
    # Five clients and two sessions: three wait. This PgBouncer, 1.18, counts no assignments.
    "pgbouncer_exporter": {
        "pool.size": 2,
        "pool.max_overflow": 0,
        "pool.instances": 1,
        "pool.in_use": 2,
        "pool.checked_out": 2,
        "pool.waiting": 3,
    },
}

# Half of all requests fail; the label is that of Go's promhttp.
CODED = """# TYPE http_requests_total counter
http_requests_total{code="200",method="get"} 5
http_requests_total{code="500",method="get"} 5
"""
# Two pools of HikariCP in one application: one is starved, the other idles.
TWO_POOLS = """# TYPE hikaricp_connections_max gauge
hikaricp_connections_max{pool="MAIN"} 2
hikaricp_connections_max{pool="PERSONAL"} 20
# TYPE hikaricp_connections_active gauge
hikaricp_connections_active{pool="MAIN"} 2
hikaricp_connections_active{pool="PERSONAL"} 0
# TYPE hikaricp_connections_pending gauge
hikaricp_connections_pending{pool="MAIN"} 7
hikaricp_connections_pending{pool="PERSONAL"} 0
"""
OTHERS = {"coded": CODED, "two_pools": TWO_POOLS}


@contextmanager
def exporter(page: str) -> Iterator[str]:
    """The address of an endpoint that shows `page`, its counters growing with each scrape."""
    scrapes = 0

    def counted(found: re.Match[str]) -> str:
        is_gauge = found[1].startswith(_GAUGES)
        return found[0] if is_gauge else f"{found[1]} {float(found[2]) * scrapes}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal scrapes
            scrapes += 1
            body = _COUNTER.sub(counted, page).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A Prometheus in which each preset's exporter is a job of the preset's name; ready when rates have data."""
    with ExitStack() as stack:
        pages = {name: (_PAGES / f"{name}.txt").read_text() for name in SHOWN} | OTHERS
        jobs = {name: [stack.enter_context(exporter(page))] for name, page in pages.items()}
        server = stack.enter_context(prometheus.start(jobs))
        with PrometheusApi(PrometheusSettings.model_validate({"url": server.url})) as api:
            query = "count(count_over_time(up[1m]) >= 6)"
            wait_until(
                lambda: [row["value"][1] for row in api.instant(query, datetime.now(UTC)).result] == [str(len(jobs))]
            )
        yield server.url


@pytest.mark.parametrize("preset", SHOWN)
def test_a_preset_reads_what_its_exporter_showed(url: str, preset: str) -> None:
    settings = PrometheusSettings.model_validate({"url": url, "presets": [preset], "matchers": {"job": preset}})
    with PrometheusApi(settings) as api:
        seen = PrometheusSource(api, settings, SystemClock()).read(4)
    assert seen.status is SourceStatus.OK, seen.detail
    app = "pgbouncer/postgres" if preset == "pgbouncer_exporter" else preset
    for name, value in SHOWN[preset].items():
        reading = seen.signals[signal(name, app=app)]
        assert isinstance(reading, Measured), (name, reading)
        # A rate is extrapolated to the ends of its window.
        is_rate = name.endswith("per_second") or preset == "go_sql"
        assert reading.value == pytest.approx(value, rel=0.3 if is_rate else 0.02), name


@pytest.mark.parametrize("preset", ["guide", "fastapi"])
def test_statuses_under_a_label_of_another_name_are_not_taken_for_no_errors(url: str, preset: str) -> None:
    settings = PrometheusSettings.model_validate({"url": url, "presets": [preset], "matchers": {"job": "coded"}})
    with PrometheusApi(settings) as api:
        seen = PrometheusSource(api, settings, SystemClock()).read(4)
    assert isinstance(seen.signals[signal("http.requests_per_second", app="coded")], Measured)
    assert signal("http.error_ratio", app="coded") not in seen.signals


def test_two_pools_of_one_job_are_two_pools(url: str) -> None:
    given = {"url": url, "presets": ["micrometer"], "matchers": {"job": "two_pools"}}
    settings = PrometheusSettings.model_validate(given)
    with PrometheusApi(settings) as api:
        seen = PrometheusSource(api, settings, SystemClock()).read(4).signals
    waiting = {pool: seen[signal("pool.waiting", app="two_pools", pool=pool)] for pool in ("MAIN", "PERSONAL")}
    assert [reading.value for reading in waiting.values() if isinstance(reading, Measured)] == [7, 0]


def test_check_says_what_an_application_has_data_for_and_which_preset_would_add_some(url: str) -> None:
    prometheus = {"url": url, "presets": ["fastapi"], "matchers": {"job": "fastapi|micrometer"}}
    settings = Settings.model_validate({"prometheus": prometheus, "daemon": {"window_seconds": "4s"}})
    lines = {line.name: line for line in check_signals(settings, SystemClock())}
    assert set(lines) == {"signals"}, "a matcher is a value, not a pattern"
    prometheus["matchers"] = {}
    settings = Settings.model_validate({"prometheus": prometheus, "daemon": {"window_seconds": "4s"}})
    lines = {line.name: line for line in check_signals(settings, SystemClock())}
    assert lines["signals:fastapi"].detail == (
        "app.median_age_seconds, http.error_ratio, http.mean_seconds, http.p95_seconds, http.requests_per_second, "
        "http.within_ratio from fastapi"
    )
    assert "pool-exhaustion is skipped, as it lacks pool.size, pool.checked_out" in lines["rules:fastapi"].detail
    assert "no trial" not in lines["rules:fastapi"].detail
    assert lines["presets"].status is CheckStatus.WARNING
    assert "micrometer has data for pool.size" in lines["presets"].detail
    assert "http.p95_seconds" not in lines["presets"].detail, "fastapi has it"
    assert "micrometer" in lines["presets"].fix
