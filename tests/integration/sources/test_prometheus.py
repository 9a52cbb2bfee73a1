"""The Prometheus source against a real Prometheus that scrapes real agents and an exporter with the guide's names."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError
from advisor.model.signal import Measured, NotANumber, SignalKey, signal
from advisor.model.snapshot import Observation, SourceStatus
from advisor.servers import prometheus
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import Template, escaped
from advisor.sources.prometheus.instances import AgentInstances
from advisor.sources.prometheus.source import PrometheusSamples, PrometheusSource
from advisor_agents import Agent

HOSTILE = 'x"} or vector(1) or up{a="\\" \n %matchers% %window% {{ }} €'


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class OneEntry:
    """An agents' board that says: the pool's size is 7, by chg_a."""

    def read(self, app: str) -> dict[str, str | bytes]:
        entry = {"v": 1, "value": 7, "previous": 4, "change": "chg_a", "epoch": 1}
        return {"db.pool_size": json.dumps(entry)}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A Prometheus, and the two processes it scrapes as the job `web`; the second one can be ended."""

    url: str
    instances: list[str]
    end_the_second: Callable[[], None]

    def settings(self, **changes: Any) -> PrometheusSettings:
        return PrometheusSettings.model_validate({"url": self.url, "stale_after_seconds": "20s", **changes})

    def read(self, **changes: Any) -> Observation:
        settings = self.settings(**changes)
        with PrometheusApi(settings) as api:
            return PrometheusSource(api, settings, SystemClock()).read(20)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Up once both processes were scraped three times, so that rates have data."""
    exporters = [start_http_server(0, "127.0.0.1", registry=process()) for _ in range(2)]
    instances = [f"127.0.0.1:{server.server_port}" for server, _ in exporters]

    def end_the_second() -> None:
        exporters[1][0].shutdown()
        exporters[1][0].server_close()

    with prometheus.start({"web": instances}) as server:
        running = World(url=server.url, instances=instances, end_the_second=end_the_second)
        wait_until(lambda: len(counted(running)) == 2)
        yield running
    exporters[0][0].shutdown()
    exporters[0][0].server_close()


def process() -> CollectorRegistry:
    """One process of the application, after some traffic."""
    registry = CollectorRegistry()
    agent = Agent("shop", OneEntry(), registry=registry)
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=4, max_overflow=0)
    agent.watch_pool(engine)
    with engine.connect():
        agent.poll()
    engine.dispose()
    requests = Counter("http_requests_total", "Requests.", ["status"], registry=registry)
    requests.labels("200").inc(99)
    requests.labels("500").inc()
    seconds = Histogram("http_request_duration_seconds", "Latency.", registry=registry)
    seconds.observe(0.2)
    Gauge("hostile", "Odd.", ["text"], registry=registry).labels(HOSTILE).set(42)
    Gauge("nothing_over_nothing", "Odd.", registry=registry).set(float("nan"))
    return registry


def counted(world: World) -> list[Any]:
    with PrometheusApi(world.settings()) as api:
        return api.instant("count_over_time(http_requests_total{status='200'}[1m]) >= 3", datetime.now(UTC)).result


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.2)


def value(seen: Observation, key: SignalKey) -> float:
    reading = seen.signals[key]
    assert isinstance(reading, Measured), reading
    return reading.value


def test_agents_and_the_guides_names_are_read_in_one_go(world: World) -> None:
    seen = world.read()
    assert seen.status is SourceStatus.OK, seen.detail
    assert value(seen, signal("pool.size", app="shop")) == 7
    assert value(seen, signal("pool.max_overflow", app="shop")) == 0
    assert value(seen, signal("pool.instances", app="shop")) == 2
    for instance in world.instances:
        assert value(seen, signal("knob.value", app="shop", instance=instance, knob="db.pool_size")) == 7
        assert (
            value(seen, signal("knob.change", app="shop", change="chg_a", instance=instance, knob="db.pool_size")) == 1
        )
    assert signal("http.requests_per_second", app="web") in seen.signals, (
        "the guide's names carry no app: the job is it"
    )


def test_no_traffic_in_the_window_is_no_number_rather_than_zero_latency(world: World) -> None:
    seen = world.read()
    assert value(seen, signal("http.requests_per_second", app="web")) == 0
    for name in ("http.error_ratio", "http.mean_seconds", "http.p95_seconds"):
        assert isinstance(seen.signals[signal(name, app="web")], NotANumber), name


def test_matchers_leave_everything_else_out(world: World) -> None:
    seen = world.read(matchers={"instance": world.instances[0]})
    assert value(seen, signal("pool.instances", app="shop")) == 1
    assert not world.read(matchers={"instance": HOSTILE}).signals


def test_an_attackers_label_stays_a_label(world: World) -> None:
    """It is found by its very text, and brings nothing else along."""
    with PrometheusApi(world.settings()) as api:
        answer = api.instant(f"hostile{{text={escaped(HOSTILE)}}}", datetime.now(UTC))
        assert [row["metric"]["text"] for row in answer.result] == [HOSTILE] * 2
        template = Template(signal="pool.size", labels=(), preset="test", text="sum(hostile{%matchers%})")
        query = template.query(window_seconds=60, fresh_seconds=60, matchers={"text": HOSTILE})
        assert api.instant(query, datetime.now(UTC)).result[0]["value"][1] == "84"


def test_the_instances_show_value_change_and_the_age_of_the_sample(world: World) -> None:
    settings = world.settings()
    with PrometheusApi(settings) as api:
        shown = AgentInstances(api, settings, SystemClock()).shown("shop", "db.pool_size")
        assert AgentInstances(api, settings, SystemClock()).shown("shop", HOSTILE) == []
    assert sorted(one.instance for one in shown) == sorted(world.instances)
    assert {(one.value, one.change) for one in shown} == {(7.0, "chg_a")}
    assert all(0 <= one.age_seconds < 5 for one in shown), "scraped every second"


def test_the_points_of_a_window_come_with_their_gaps(world: World) -> None:
    settings = world.settings(step_seconds="1s", rate_window_seconds="2s")
    key = signal("pool.size", app="shop")
    end = datetime.now(UTC)
    with PrometheusApi(settings) as api:
        reader = PrometheusSamples(api, settings)
        [recent] = reader.series([key], end - timedelta(seconds=4), end).values()
        [long_ago] = reader.series([key], end - timedelta(hours=1), end).values()
    assert (recent.problem, recent.values) == ("", [7, 7, 7])
    assert "points are missing" in long_ago.problem, "the server has not run for an hour"


def test_the_servers_own_words_say_what_is_wrong_with_a_query(world: World) -> None:
    with PrometheusApi(world.settings()) as api:
        assert api.version().split(".")[0].isdecimal()
        with pytest.raises(BadDataError, match="parse error"):
            api.instant("sum(", datetime.now(UTC))
        assert api.instant("nothing_over_nothing", datetime.now(UTC)).result[0]["value"][1] == "NaN"
        assert api.instant("'text'", datetime.now(UTC)).kind == "string"


def test_a_warning_of_a_real_server_reaches_the_answer(world: World) -> None:
    with PrometheusApi(world.settings()) as api:
        query = "histogram_quantile(7, http_request_duration_seconds_bucket)"
        answer = api.instant(query, datetime.now(UTC))
    assert answer.kind == "vector"
    assert answer.warnings == () or "quantile" in answer.warnings[0], "versions before 2.48 do not warn"


def test_a_process_that_is_gone_is_no_longer_counted(world: World) -> None:
    """Runs last: its samples grow old, and are then neither a value nor an instance."""
    world.end_the_second()
    fresh = {"stale_after_seconds": "3s"}
    wait_until(lambda: value(world.read(**fresh), signal("pool.instances", app="shop")) == 1)
    settings = world.settings(**fresh)
    with PrometheusApi(settings) as api:
        shown = AgentInstances(api, settings, SystemClock()).shown("shop", "db.pool_size")
    assert [one.instance for one in shown] == [world.instances[0]]
