"""What a command opens it closes: after each of them this process holds not one socket more than before."""

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.engine.replay.backtest import Span
from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.errors import ConfigurationError
from advisor.model.proposal import Better, Goal
from advisor.model.signal import signal
from advisor.servers import prometheus
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.agents import open_boards
from advisor.wiring.backtest import run_backtest
from advisor.wiring.check import check
from advisor.wiring.daemon import assemble
from advisor.wiring.indexes import advise_on_indexes
from advisor.wiring.report import build_report
from advisor.wiring.trial_check import check_of, run_trial_check

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def prometheus_url() -> Iterator[str]:
    with prometheus.start({}) as server:
        yield server.url


@pytest.fixture
def settings(prometheus_url: str, valkey_url: str, database: str, tmp_path: Path) -> Settings:
    """Everything there is to be connected to."""
    shape = {
        "prometheus": {"url": prometheus_url},
        "postgres": {"dsn": database, "builder_dsn": database},
        "redis": {"url": valkey_url},
        "applications": [{"name": "shop"}],
        "journal": {"url": f"sqlite:///{tmp_path}/journal.db"},
    }
    return Settings.model_validate_json(json.dumps(shape))


def sockets() -> set[str]:
    """Of this process, by their number in the kernel."""
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except FileNotFoundError:  # the one that this loop reads with
            continue
    return {link for link in links if link.startswith("socket:")}


@contextmanager
def nothing_stays_open() -> Iterator[None]:
    """Garbage is not collected meanwhile: that it would be closed some day is not enough."""
    gc.collect()
    gc.disable()
    before = sockets()
    try:
        yield
        assert sockets() - before == set()
    finally:
        gc.enable()


def backtest_of(settings: Settings, tick: Callable[[], None] | None = None) -> None:
    run_backtest(settings, Span(start=NOW - timedelta(hours=1), end=NOW, step_seconds=600, window_seconds=300), tick)


def test_a_report_closes_what_it_opened(settings: Settings) -> None:
    with nothing_stays_open():
        report = build_report(settings)
    assert [source.status for source in report.snapshot.sources] == ["ok"] * 3, "all were asked"


def test_the_doctor_closes_what_it_opened(settings: Settings) -> None:
    with nothing_stays_open():
        lines = check(settings)
    assert "board:shop" in {line.name for line in lines}


def test_a_backtest_closes_what_it_opened(settings: Settings) -> None:
    with nothing_stays_open():
        backtest_of(settings)


def test_a_trial_check_closes_what_it_opened(settings: Settings) -> None:
    goal = Goal(signal=signal("http.p95_seconds", app="shop"), better=Better.LOWER, minimum_gain_ratio=0.1)
    with nothing_stays_open():
        run_trial_check(settings, check_of(goal, settings.trial, NOW - timedelta(hours=1), NOW, trials=1))


@pytest.mark.parametrize("planner", ["clone", "heuristic"])
def test_index_advice_closes_what_it_opened(settings: Settings, planner: str) -> None:
    with nothing_stays_open():
        advise_on_indexes(settings, [WorkloadStatement(id="1", text="SELECT 1")], Limits(seconds=5), planner)


class HadEnoughError(Exception):
    """Of the user."""


def test_a_command_that_is_broken_off_closes_what_it_opened(settings: Settings) -> None:
    """The caught exception keeps every frame alive, so that nothing is closed by being forgotten."""

    def interrupt() -> None:
        raise HadEnoughError

    with nothing_stays_open():
        with pytest.raises(HadEnoughError) as caught:
            backtest_of(settings, interrupt)
        assert caught.tb is not None


def test_a_daemon_that_stops_closes_what_it_opened(settings: Settings) -> None:
    with nothing_stays_open():
        with assemble(settings) as parts:
            term = parts.election.campaign()
            assert term is not None
            diagnosis = parts.cycle.run(term.epoch)
        assert parts.election.term is None
    assert [source.status for source in diagnosis.snapshot.sources] == ["ok"] * 3, "all were asked"


def test_a_daemon_that_cannot_begin_closes_what_it_opened(settings: Settings) -> None:
    faulty = settings.model_copy(update={"disabled_rules": ("no-such-rule",)})
    with nothing_stays_open(), pytest.raises(ConfigurationError, match="no-such-rule"), assemble(faulty):
        pass


def test_boards_that_were_asked_are_closed_and_errors_call_them_by_the_configured_name(settings: Settings) -> None:
    named = settings.model_copy(update={"redis": settings.redis.model_copy(update={"name": "sessions"})})
    with nothing_stays_open(), open_boards(named) as boards:
        assert boards["shop"].read("shop", "db.pool_size") is None
        assert boards["shop"].name == "redis:sessions"
