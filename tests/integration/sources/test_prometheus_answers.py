"""What a Prometheus, or whatever stands in front of it, can answer: nothing of it is ever taken for a number."""

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from advisor.clients.prometheus import MOST_BYTES, PrometheusApi
from advisor.model.errors import (
    AdvisorError,
    BadDataError,
    CircuitOpenError,
    SourceUnavailableError,
)
from advisor.model.signal import Measured, MultiValued, NotANumber, Partial, Stale, signal
from advisor.model.snapshot import SourceStatus
from advisor.resilience.breaker import Breaker
from advisor.servers.listening import free_port
from advisor.settings.breaker import BreakerSettings
from advisor.sources.prometheus.source import PrometheusSamples, PrometheusSource
from advisor.testing.clock import FakeClock
from tests.integration.sources.scripted import Reply, Scripted, scripted, settings_for, success, vector

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = NOON.timestamp()
SIZE = signal("pool.size", app="shop")
SHOP = {"app": "shop"}


def ask(server: Scripted, **changes: Any) -> Any:
    with PrometheusApi(settings_for(server, **changes)) as api:
        return api.instant("up", NOON)


def read(server: Scripted, **changes: Any) -> Any:
    """One observation in which every query of the preset gets the same answer."""
    wanted = settings_for(server, **changes)
    with PrometheusApi(wanted) as api:
        return PrometheusSource(api, wanted, FakeClock(NOON)).read(300)


def refusal(server: Scripted, reply: Reply, **changes: Any) -> AdvisorError:
    server.answer(reply)
    with pytest.raises(AdvisorError) as caught:
        ask(server, **changes)
    error = caught.value
    assert server.url.removeprefix("http://") in error.where
    return error


# What may come instead of one finite number


def test_a_number_is_measured_at_its_own_time(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT))
    seen = read(server)
    assert seen.signals[SIZE] == Measured(value=5, at=NOON)
    assert seen.status is SourceStatus.OK


@pytest.mark.parametrize("raw", ["NaN", "+Inf", "-Inf"])
def test_what_is_not_finite_is_no_number(server: Scripted, raw: str) -> None:
    server.answer(vector(raw, labels=SHOP, at=AT))
    assert isinstance(read(server).signals[SIZE], NotANumber)


def test_an_empty_vector_delivers_nothing(server: Scripted) -> None:
    server.answer(vector())
    seen = read(server)
    assert (dict(seen.signals), seen.status) == ({}, SourceStatus.OK)


def test_several_series_for_one_thing_are_told_apart_from_one(server: Scripted) -> None:
    server.answer(vector("5", "9", labels=SHOP, at=AT))
    assert read(server).signals[SIZE] == MultiValued(count=2)


def test_an_old_sample_is_stale(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT - 61))
    assert read(server).signals[SIZE] == Stale(value=5, at=NOON - timedelta(seconds=61), age_seconds=61)
    server.answer(vector("5", labels=SHOP, at=AT - 60))
    assert isinstance(read(server).signals[SIZE], Measured)


def test_a_partial_answer_is_no_evidence_and_the_source_says_so(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT, warnings=["one store did not answer"]))
    seen = read(server)
    assert seen.signals[SIZE] == Partial(warnings=("one store did not answer",))
    assert seen.status is SourceStatus.DEGRADED
    assert "pool.size: partial answer: one store did not answer" in seen.detail


@pytest.mark.parametrize(
    "reply",
    [
        success("matrix", [{"metric": SHOP, "values": [[AT, "5"]]}]),
        success("string", [AT, "5"]),
        success("scalar", [AT, "5"]),
    ],
)
def test_another_kind_than_a_vector_is_refused(server: Scripted, reply: Reply) -> None:
    server.answer(reply)
    with pytest.raises(BadDataError, match=r"pool\.size: .*a (matrix|string|scalar) where a vector is expected"):
        read(server)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"metric": SHOP},
        {"metric": SHOP, "value": [AT]},
        {"metric": SHOP, "value": [AT, "five"]},
        {"metric": SHOP, "value": ["then", "5"]},
        {"metric": SHOP, "value": [1e300, "5"]},
        {"metric": "shop", "value": [AT, "5"]},
        "row",
        None,
    ],
)
def test_a_series_of_another_shape_is_refused(server: Scripted, row: object) -> None:
    server.answer(success("vector", [row]))
    with pytest.raises(BadDataError, match="a series of an unknown shape"):
        read(server)


# What may come instead of an answer


def test_a_log_in_page_with_status_200_is_not_an_answer(server: Scripted) -> None:
    error = refusal(server, Reply(body=b"\n<!doctype html><title>Log in</title>"))
    assert isinstance(error, BadDataError)
    assert "an HTML page instead of JSON (status 200)" in str(error)
    assert "log-in page" in error.fix


@pytest.mark.parametrize("body", [b"", b"OK", b"{", b"[]", b"7", b"[" * 100_000, b"\xff\xfe", b'{"status": "success"}'])
def test_a_body_that_is_not_prometheus_is_refused_with_a_hint(server: Scripted, body: bytes) -> None:
    error = refusal(server, Reply(body=body))
    assert isinstance(error, BadDataError)
    assert error.fix


def test_a_body_that_is_cut_short_is_no_answer(server: Scripted) -> None:
    whole = vector("5", labels=SHOP, at=AT).body
    error = refusal(server, Reply(body=whole[:-20], announced=len(whole)))
    assert "cut short" in str(error)


def test_a_compressed_body_that_is_garbled_is_no_answer(server: Scripted) -> None:
    packed = gzip.compress(vector("5", labels=SHOP, at=AT).body)
    server.answer(Reply(body=packed, headers={"Content-Encoding": "gzip"}))
    assert ask(server).kind == "vector"
    error = refusal(server, Reply(body=b"\x00" + packed, headers={"Content-Encoding": "gzip"}))
    assert "garbled" in str(error)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_over_16_mib_is_refused_even_when_it_came_packed_small(server: Scripted, encoding: str) -> None:
    body = b'{"status": "' + b" " * MOST_BYTES
    packed = gzip.compress(body, compresslevel=1) if encoding == "gzip" else body
    reply = Reply(body=packed, headers={"Content-Encoding": encoding} if encoding == "gzip" else {})
    error = refusal(server, reply, timeout_seconds="20s")
    assert "larger than 16 MiB" in str(error)
    assert error.fix == "narrow prometheus.matchers"


@pytest.mark.parametrize("status", [401, 403])
def test_being_turned_away_names_the_setting(server: Scripted, status: int) -> None:
    error = refusal(server, Reply(status=status, body=b"<html>no</html>"))
    assert (error.what, error.fix) == (
        f"access denied ({status})",
        "set prometheus.bearer_token, basic_auth, sigv4 or headers",
    )


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(server: Scripted, status: int) -> None:
    with scripted() as elsewhere:
        elsewhere.answer(vector("5", labels=SHOP, at=AT))
        error = refusal(server, Reply(status=status, headers={"Location": f"{elsewhere.url}/api/v1/query"}))
        assert elsewhere.forms == []
    assert "is not followed" in str(error)


def test_a_query_that_is_refused_is_told_in_prometheus_own_words_and_not_sent_again(server: Scripted) -> None:
    body = {"status": "error", "errorType": "bad_data", "error": "invalid parameter " + "x" * 10_000}
    error = refusal(server, Reply(status=400, body=json.dumps(body).encode()))
    assert isinstance(error, BadDataError)
    assert "invalid parameter" in str(error)
    assert len(str(error)) < 500
    assert len(server.forms) == 1


# Patience


def test_a_503_is_tried_again_after_a_growing_and_jittered_pause(server: Scripted) -> None:
    busy = Reply(status=503, body=b"starting up")
    server.answer(busy, busy, vector("5", labels=SHOP, at=AT))
    assert ask(server).kind == "vector"
    assert len(server.forms) == 3
    # The first repetition comes at once, the second after 0.2 s x 2 and up to 0.2 s of jitter.
    assert 0.4 <= server.times[2] - server.times[1] <= 2


def test_a_server_that_stays_busy_is_given_up_and_its_wish_for_an_hours_pause_is_not_granted(server: Scripted) -> None:
    started = time.monotonic()
    error = refusal(server, Reply(status=503, body=b"busy", headers={"Retry-After": "3600"}))
    assert isinstance(error, SourceUnavailableError)
    assert "503" in str(error)
    assert len(server.forms) == 3
    assert time.monotonic() - started < 5


def test_a_server_that_does_not_answer_is_left_after_the_time_out_and_not_asked_again(server: Scripted) -> None:
    started = time.monotonic()
    error = refusal(server, Reply(wait_seconds=4.0), timeout_seconds="200ms")
    assert isinstance(error, SourceUnavailableError)
    assert "no whole answer within 0.2 s" in str(error)
    assert time.monotonic() - started < 3.9
    assert len(server.forms) == 1


def test_a_server_that_drips_is_left_after_the_time_out(server: Scripted) -> None:
    """Every piece arrives in time; the whole would take 0.1 s x 50."""
    started = time.monotonic()
    error = refusal(server, Reply(body=b"x" * 50_000, drip_seconds=0.1), timeout_seconds="500ms")
    assert isinstance(error, SourceUnavailableError)
    assert time.monotonic() - started < 2


def test_nobody_at_that_port_is_unavailable() -> None:
    nobody = Scripted(url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(SourceUnavailableError, match="check that it runs"):
        ask(nobody)


def test_a_source_silent_from_the_start_is_unavailable_after_one_query(server: Scripted) -> None:
    server.answer(Reply(wait_seconds=0.6))
    with pytest.raises(SourceUnavailableError):
        read(server, timeout_seconds="200ms")
    assert len(server.forms) == 1


def test_one_query_that_is_too_heavy_does_not_hide_the_others(server: Scripted) -> None:
    good, slow = vector("5", labels=SHOP, at=AT), Reply(wait_seconds=3)
    server.answer(good)
    all_of_them = len(read(server, timeout_seconds="1s").signals)
    server.answer(good, slow, good)
    seen = read(server, timeout_seconds="1s")
    assert seen.status is SourceStatus.DEGRADED
    assert "pool.max_overflow: " in seen.detail
    assert isinstance(seen.signals[SIZE], Measured)
    assert len(seen.signals) == all_of_them - 1


def test_a_source_that_falls_silent_is_left_after_two_queries_and_what_was_read_still_counts(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT), Reply(wait_seconds=3))
    seen = read(server, timeout_seconds="1s")
    assert seen.status is SourceStatus.DEGRADED
    assert list(seen.signals) == [SIZE]
    assert len(server.forms) == 3


def test_a_slow_source_stops_before_its_deadline(server: Scripted) -> None:
    server.answer(Reply(body=vector("5", labels=SHOP, at=AT).body, wait_seconds=0.2))
    wanted = settings_for(server, deadline_seconds="2s")
    with PrometheusApi(wanted) as api:
        started = time.monotonic()
        seen = PrometheusSource(api, wanted, RunningClock()).read(300)
    assert time.monotonic() - started < 2
    assert seen.status is SourceStatus.DEGRADED
    assert "as the deadline of 2 s is near" in seen.detail
    assert seen.signals


class RunningClock(FakeClock):
    """Noon for ever, with real seconds."""

    def monotonic(self) -> float:
        return time.monotonic()


# What is sent


def test_queries_are_posted_as_forms_with_a_time_out_and_the_token(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT))
    ask(server, bearer_token=SecretStr("s3cret"), timeout_seconds="1500ms")
    assert server.forms == [{"query": "up", "time": f"{AT:.3f}", "timeout": "1.5s"}]
    assert server.headers[0]["Authorization"] == "Bearer s3cret"
    assert server.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"


def test_over_11000_points_are_refused_before_they_are_asked_for(server: Scripted) -> None:
    server.answer(success("matrix", []))
    with PrometheusApi(settings_for(server)) as api:
        # 11,000 points at steps of 15 s span 10,999 x 15 s = 164,985 s.
        api.range("up", NOON, NOON + timedelta(seconds=164_985), 15)
        with pytest.raises(BadDataError, match="is more than 11000 points") as caught:
            api.range("up", NOON, NOON + timedelta(seconds=165_000), 15)
        assert caught.value.fix == "use steps of at least 16 s"  # 165,000 / 10,999 = 15.001
        api.range("up", NOON, NOON + timedelta(seconds=165_000), 16)
    assert len(server.forms) == 2


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan")])
def test_a_step_that_is_none_is_refused(server: Scripted, step: float) -> None:
    with PrometheusApi(settings_for(server)) as api, pytest.raises(BadDataError, match="step"):
        api.range("up", NOON, NOON + timedelta(hours=1), step)
    assert server.forms == []


def test_user_and_password_of_the_address_are_sent_and_never_shown(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT))
    url = server.url.replace("http://", "http://me:topsecret@")
    ask(server, url=url)
    assert server.headers[0]["Authorization"].startswith("Basic ")
    for reply in (Reply(status=400, body=b"{}"), Reply(status=302), Reply(body=b"<html>"), Reply(status=401)):
        assert "topsecret" not in str(refusal(server, reply, url=url))
    with pytest.raises(SourceUnavailableError) as caught:
        ask(server, url=f"http://me:topsecret@127.0.0.1:{free_port()}")
    assert "topsecret" not in str(caught.value)


# A server that goes on failing


def test_a_query_that_prometheus_itself_found_too_slow_is_not_sent_again(server: Scripted) -> None:
    """It says 503 of that, too."""
    body = b'{"status": "error", "errorType": "timeout", "error": "query timed out"}'
    assert isinstance(refusal(server, Reply(status=503, body=body)), SourceUnavailableError)
    assert len(server.forms) == 1


def test_a_proxys_page_about_a_server_that_is_away_is_no_log_in_page(server: Scripted) -> None:
    assert isinstance(refusal(server, Reply(status=502, body=b"<html>Bad Gateway</html>")), SourceUnavailableError)
    assert len(server.forms) == 3


def test_after_three_silent_queries_nobody_waits_for_the_server_any_more(server: Scripted) -> None:
    """F11. Each silent query costs its time-out of 300 ms; the refused ones cost nothing. Then one probe, and all."""
    wanted, clock = settings_for(server, timeout_seconds="300ms"), FakeClock(NOON)
    breaker = Breaker(name="prometheus", settings=BreakerSettings(failures=3), clock=clock)
    server.answer(Reply(wait_seconds=1))
    with PrometheusApi(wanted, breaker) as api:
        for _ in range(3):
            with pytest.raises(SourceUnavailableError, match="no whole answer"):
                api.instant("up", NOON)
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(CircuitOpenError, match="not asked, as it failed 3 times in a row"):
                PrometheusSource(api, wanted, clock).read(300)
        assert time.monotonic() - began < 5  # asked, they would have cost 20 x 0.3 s = 6 s
        assert len(server.forms) == 3
        clock.advance(60)
        server.answer(vector("5", labels=SHOP, at=AT))
        assert SIZE in PrometheusSource(api, wanted, FakeClock(NOON)).read(300).signals


def test_a_window_that_has_not_begun_is_too_short_and_nothing_is_asked() -> None:
    """No time, and less than none: as right after a change, when its warm-up is not over."""
    with scripted() as server, PrometheusApi(settings_for(server)) as api:
        samples = PrometheusSamples(api, settings_for(server))
        for end in (NOON, NOON - timedelta(seconds=40)):
            assert samples.series([SIZE], NOON, end)[SIZE].problem == "the window is shorter than the rate window"
