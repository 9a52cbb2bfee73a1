"""Weeks of a shop in a real Prometheus: what would have been found and done, and what the metrics then did.

The pool of 5 runs short at 02:00. Six minutes later somebody makes it 12, and the waiting ends. From 06:00 to 06:30
nothing is scraped. At 08:00 the load doubles, the pool of 12 runs short, and nobody does anything.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.servers import prometheus
from advisor.servers.prometheus import PrometheusServer
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.history import POINTS_PER_QUERY, PrometheusHistory, PrometheusLoadHistory
from tests.fakes.command import advisor
from tests.fakes.recording import Moment, record_shop

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3600.0
PRESETS = ("agents", "guide", "postgres_exporter")


def shop_at(second: float) -> Moment | None:
    if 6 * HOUR <= second < 6.5 * HOUR:
        return None
    if second >= 8 * HOUR:
        return Moment(pool_size=12, requests=180, wait_seconds=0.4)
    if second >= 2 * HOUR + 360:
        return Moment(pool_size=12, requests=90, wait_seconds=0.002)
    if second >= 2 * HOUR:
        return Moment(pool_size=5, requests=90, wait_seconds=0.5)
    return Moment(pool_size=5, requests=45)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    file = record_shop(MIDNIGHT, 12 * HOUR, shop_at).write(tmp_path_factory.mktemp("history") / "shop.om")
    with prometheus.start({}, history=file) as running:
        yield running


@pytest.fixture
def api(server: PrometheusServer) -> Iterator[PrometheusApi]:
    with PrometheusApi(PrometheusSettings(url=server.url)) as opened:
        yield opened


def settings(server: PrometheusServer) -> PrometheusSettings:
    return PrometheusSettings(url=server.url, presets=PRESETS)


def backtested(folder: Path, server: PrometheusServer, *arguments: str, **environ: str) -> Any:
    span = ("--from", "2026-03-02", "--to", "2026-03-02T12:00", "--step", "1m", "-p", server.url)
    usual = {
        "ADVISOR_PROMETHEUS__PRESETS": json.dumps(PRESETS),
        "ADVISOR_TRIAL__WARM_UP_SECONDS": "2m",
        "ADVISOR_TRIAL__BASELINE_SECONDS": "15m",
        "ADVISOR_TRIAL__TRIAL_SECONDS": "15m",
    }
    done = advisor(folder, "backtest", *span, "-o", "json", *arguments, **{**usual, **environ})
    assert done.returncode == 0, done.stderr
    assert [file.name for file in folder.iterdir()] == []
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, server: PrometheusServer) -> Any:
    """The whole day under the default policy."""
    return backtested(tmp_path_factory.mktemp("plain"), server)


def test_the_exhausted_pools_are_found_and_would_have_been_enlarged(plain: Any) -> None:
    first, second, *_ = plain["changes"]
    assert first["proposal"]["knob"] == second["proposal"]["knob"] == "db.pool_size"
    assert "2026-03-02T02:00:00Z" <= first["at"] < "2026-03-02T02:06:00Z"
    assert "2026-03-02T08:00:00Z" <= second["at"] < "2026-03-02T08:06:00Z"
    assert (first["proposal"]["current"], second["proposal"]["current"]) == (5, 12)
    assert first["needs_approval"] is True  # no policy names the knob


def test_what_followed_is_read_from_the_recording(plain: Any) -> None:
    first, second, *_ = plain["changes"]
    then = first["then"]
    assert (then["signal"], then["knob_before"], then["knob_after"]) == ("pool.wait_mean_seconds{app=shop}", 5, 12)
    assert then["samples_after"] > 50
    assert then["after"] < 0.5 * 0.5  # most of the window lies after somebody else's change
    unhelped = second["then"]
    assert (unhelped["knob_before"], unhelped["knob_after"], unhelped["came_true"]) == (12, 12, None)
    assert unhelped["after"] == pytest.approx(0.4, rel=0.01)


def test_the_gap_and_the_blind_rule_are_told(plain: Any) -> None:
    assert plain["snapshots"] == 721
    assert 20 <= plain["empty"] <= 30  # half an hour, less what 5 minutes of rates reach over
    rules = {rule["id"]: rule for rule in plain["rules"]}
    assert rules["pool-exhaustion"]["status"] == "fired"
    assert (rules["missing-index"]["status"], "database" in rules["missing-index"]["reason"]) == ("skipped", True)
    assert rules["low-cache-hit-rate"]["reason"].startswith("no source delivers cache.hit_ratio")


def test_policy_is_honoured_at_the_time_of_the_recording(tmp_path: Path, server: PrometheusServer) -> None:
    closed = backtested(tmp_path, server, ADVISOR_POLICY__CHANGE_WINDOWS='["Mon 07:00-17:00"]')  # a Monday
    assert [change["at"] > "2026-03-02T08:00" for change in closed["changes"]] == [True] * len(closed["changes"])
    assert any("outside the change windows" in one["reason"] for one in closed["waiting"])
    never = backtested(tmp_path, server, ADVISOR_POLICY__KNOBS='{"db.pool_size": {"permission": "never"}}')
    assert never["changes"] == []
    assert any("db.pool_size is never changed" in one["reason"] for one in never["waiting"])


def test_quiet_is_judged_by_the_usual_load_of_that_time(tmp_path: Path, server: PrometheusServer) -> None:
    quiet = {"ADVISOR_POLICY__QUIET_LOAD_RATIO": "1.05", "ADVISOR_POLICY__USUAL_LOAD_SECONDS": "12h"}
    done = backtested(tmp_path, server, **quiet)
    assert done["changes"] == []
    assert any("the usual load of shop is not known" in one["reason"] for one in done["waiting"])  # 2 of 12 hours
    assert any("105% of the usual 90 is the most allowed" in one["reason"] for one in done["waiting"])


def test_without_the_servers_limit_a_larger_pool_stays_advice(tmp_path: Path, server: PrometheusServer) -> None:
    done = backtested(tmp_path, server, ADVISOR_PROMETHEUS__PRESETS='["agents", "guide"]')
    assert done["changes"] == []
    assert any("how many connections the server has left is not known" in one["reason"] for one in done["waiting"])


def test_snapshots_are_the_same_in_one_chunk_and_in_many(server: PrometheusServer, api: PrometheusApi) -> None:
    history = PrometheusHistory(api, settings(server), database="main")
    start, end = MIDNIGHT + timedelta(hours=1), MIDNIGHT + timedelta(hours=11)
    by_minute = list(history.snapshots(start, end, 60, 300))  # 601 snapshots
    by_hour = list(history.snapshots(start, end, 3600, 300))
    assert len(by_minute) == 601 > POINTS_PER_QUERY
    assert by_hour == by_minute[::60]
    assert [one.taken_at for one in by_minute] == [start + timedelta(minutes=n) for n in range(601)]
    at_nine = by_hour[8]
    assert at_nine.value("pool.size", app="shop") == 12
    assert at_nine.value("pool.wait_mean_seconds", app="shop") == pytest.approx(0.4)
    assert at_nine.databases["main"].max_connections == 100


def test_the_usual_load_is_the_median_and_not_known_from_too_little(
    server: PrometheusServer, api: PrometheusApi
) -> None:
    day = PrometheusLoadHistory(api, settings(server), history_seconds=12 * HOUR)
    # 2 h at 45/s, 5.5 h at 90/s, 4 h at 180/s: the middle one of all quarters of an hour is at 90/s.
    assert day.usual("shop", MIDNIGHT + timedelta(hours=12)) == pytest.approx(90, rel=0.01)
    assert day.usual("shop", MIDNIGHT + timedelta(hours=2)) is None  # 2 of 12 hours are less than a quarter
    assert day.usual("other", MIDNIGHT + timedelta(hours=12)) is None
