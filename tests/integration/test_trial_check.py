"""Days of a shop's latency in a real Prometheus: what trials would be worth there.

Three days were recorded, of which the second has a hole of six hours. Latency scatters from scrape to scrape, and no
release, no knob and no load moved it.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from advisor.servers import prometheus
from advisor.servers.prometheus import PrometheusServer
from tests.fakes.command import advisor
from tests.fakes.recording import SCRAPE_SECONDS, Recording

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3600.0
HOLE = (30 * HOUR, 36 * HOUR)
BUCKETS = (0.05, 0.1, 0.2, 0.4, 0.8)
OWN = 'job="shop"'
SETTINGS = {
    "ADVISOR_APPLICATIONS": '[{"name": "shop"}]',
    "ADVISOR_PROMETHEUS__PRESETS": '["guide"]',
    "ADVISOR_TRIAL__LONGEST_SECONDS": "4h",
}


def recorded() -> Recording:
    """A scrape every 30 s of 1,500 requests: nine in ten below 100 ms, and p95 around 0.2 s."""
    recording, source = Recording(), random.Random(7)
    below, total, failed = dict.fromkeys(BUCKETS, 0.0), 0.0, 0.0
    for number in range(int(72 * HOUR // SCRAPE_SECONDS)):
        second = number * SCRAPE_SECONDS
        at = (MIDNIGHT + timedelta(seconds=second)).timestamp()
        requests = 1500 * source.gauss(1, 0.05)
        slow = source.uniform(0.04, 0.06)  # the share that takes longer than 200 ms
        total, failed = total + requests, failed + requests * 0.001
        for bound, share in zip(BUCKETS, (0.5, 0.9, 1 - slow, 1 - slow / 5, 1), strict=True):
            below[bound] += requests * share
        if HOLE[0] <= second < HOLE[1]:
            continue
        for bound, count in below.items():
            recording.add("http_request_duration_seconds_bucket", f'{OWN},le="{bound:g}"', at, count)
        recording.add("http_request_duration_seconds_bucket", f'{OWN},le="+Inf"', at, total)
        recording.add("http_requests_total", f'{OWN},status="200"', at, total - failed)
        recording.add("http_requests_total", f'{OWN},status="500"', at, failed)
    return recording


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    file = recorded().write(tmp_path_factory.mktemp("history") / "shop.om")
    with prometheus.start({}, history=file) as running:
        yield running


def checked(folder: Path, server: PrometheusServer, *arguments: str, **environ: str) -> CompletedProcess[str]:
    done = advisor(folder, "trial-check", "-p", server.url, *arguments, **{**SETTINGS, **environ})
    assert [file.name for file in folder.iterdir()] == []  # it writes nothing anywhere
    return done


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory, server: PrometheusServer) -> Any:
    """Asked for four days, two of them before the first scrape."""
    span = ("--from", "2026-02-28", "--to", "2026-03-05", "--trials", "12", "-o", "json")
    done = checked(tmp_path_factory.mktemp("whole"), server, *span)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["checks"][0]


def test_only_what_was_recorded_is_played(document: Any) -> None:
    assert document["problem"] == ""
    assert "2026-03-02T00:00:00Z" <= document["start"] <= "2026-03-02T00:15:00Z"
    assert "2026-03-04T23:45:00Z" <= document["end"] <= "2026-03-05T00:00:00Z"


def test_nothing_is_found_where_nothing_was_changed_and_a_gain_is(document: Any) -> None:
    configured = document["configured"]
    assert configured["longest_seconds"] == 4 * HOUR
    assert (configured["false_keep_ratio"], configured["false_alarm_ratio"]) == (0, 0)
    powers = {power["gain_ratio"]: power for power in configured["powers"]}
    assert powers[0.05]["kept_ratio"] == 0  # a tenth is asked for
    assert powers[0.5]["kept_ratio"] == 1.0


def test_trials_over_the_hole_are_not_played_and_doubt_is_told(document: Any) -> None:
    """They begin before hour 26 or after hour 37: 12 over 56 hours, 5 hours from one to the next, and each takes 4."""
    configured = document["configured"]
    assert (configured["trials"], configured["apart"]) == (12, 12)
    assert configured["false_keep_most"] == pytest.approx(1 - 0.05 ** (1 / 12))


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        (("--from", "2026-02-01", "--to", "2026-02-02"), "nothing was recorded of http.p95_seconds{app=shop}"),
        (("--from", "2026-03-02", "--to", "2026-03-02T01:30"), "no trial of the configured windows finds room"),
    ],
)
def test_no_data_is_no_success(tmp_path: Path, server: PrometheusServer, span: tuple[str, ...], problem: str) -> None:
    done = checked(tmp_path, server, *span)
    assert done.returncode == 3
    assert problem in " ".join(done.stdout.split())


def test_a_person_reads_what_the_numbers_are_worth(tmp_path: Path, server: PrometheusServer) -> None:
    done = checked(tmp_path, server, "--from", "2026-03-02", "--to", "2026-03-05", "--trials", "3", "-o", "wide")
    assert done.returncode == 0, done.stderr
    assert "0% (<=63.2%)" in done.stdout  # 1 - 0.05^(1/3)
