"""The points of a trial and the view of the instances, when Prometheus does not tell everything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.model.signal import SignalKey, signal
from advisor.sources.prometheus.instances import AgentInstances
from advisor.sources.prometheus.source import PrometheusSamples
from advisor.testing.clock import FakeClock
from tests.integration.sources.scripted import Reply, Scripted, settings_for, success

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = NOON.timestamp()
SIZE = signal("pool.size", app="shop")
SHOP = {"app": "shop"}


def samples(server: Scripted, *keys: SignalKey, **changes: Any) -> Any:
    wanted = settings_for(server, step_seconds="10s", rate_window_seconds="60s", **changes)
    with PrometheusApi(wanted) as api:
        return PrometheusSamples(api, wanted).series(keys, NOON, NOON + timedelta(seconds=160))


def matrix(*values: str, labels: Any = SHOP, **more: Any) -> Reply:
    points = [[AT + 60 + 10 * n, value] for n, value in enumerate(values)]
    return success("matrix", [{"metric": labels, "values": points}], **more)


def test_the_points_of_a_trial_begin_one_rate_window_after_its_start(server: Scripted) -> None:
    server.answer(matrix(*"12345678901"))
    found = samples(server, SIZE)[SIZE]
    assert found.problem == ""
    assert found.values[:3] == [1, 2, 3]
    assert float(server.forms[0]["start"]) == AT + 60


def test_points_that_are_missing_or_no_numbers_are_gaps(server: Scripted) -> None:
    """From 60 s to 160 s in steps of 10 s there are 11 points; over a fifth of them missing is a problem."""
    server.answer(matrix("1", "NaN", "3", "+Inf", "5", "NaN", "7", "8", "9", "10", "11"))
    found = samples(server, SIZE)[SIZE]
    assert found.problem == "3 of 11 points are missing"
    assert found.values == [1, 3, 5, 7, 8, 9, 10, 11]
    server.answer(matrix("1", "NaN", "3", "+Inf", "5", "6", "7", "8", "9", "10", "11"))
    assert samples(server, SIZE)[SIZE].problem == ""


def test_points_of_a_partial_answer_have_a_problem(server: Scripted) -> None:
    server.answer(matrix(*"12345678901", warnings=["one store did not answer"]))
    assert samples(server, SIZE)[SIZE].problem == "partial answer: one store did not answer"


def test_several_series_for_one_goal_are_a_problem(server: Scripted) -> None:
    rows = [{"metric": {**SHOP, "n": n}, "values": [[AT + 60, "1"]]} for n in "ab"]
    server.answer(success("matrix", rows))
    assert samples(server, SIZE)[SIZE].problem == "several series where one was expected"


def test_a_series_that_is_not_there_has_a_problem(server: Scripted) -> None:
    server.answer(success("matrix", []))
    assert samples(server, SIZE)[SIZE].problem == "no such series in Prometheus"


def test_one_signal_that_is_refused_leaves_the_others(server: Scripted) -> None:
    other = signal("pool.waiting", app="shop")
    server.answer(Reply(status=422, body=b'{"status": "error", "error": "too many samples"}'), matrix(*"12345678901"))
    found = samples(server, SIZE, other)
    assert "too many samples" in found[SIZE].problem
    assert found[other].problem == ""


def test_silence_during_a_trial_is_an_error_and_not_an_empty_series(server: Scripted) -> None:
    server.answer(Reply(status=503, body=b"busy"))
    with pytest.raises(SourceUnavailableError):
        samples(server, SIZE)


def test_a_partial_view_of_the_instances_is_no_view(server: Scripted) -> None:
    server.answer(success("matrix", [], warnings=["one store did not answer"]))
    wanted = settings_for(server)
    with PrometheusApi(wanted) as api, pytest.raises(SourceUnavailableError, match="partial answer"):
        AgentInstances(api, wanted, FakeClock(NOON)).shown("shop", "db.pool_size")


@pytest.mark.parametrize("row", [{}, {"metric": SHOP, "values": []}, {"metric": [], "values": [[1, "x"]]}, 7])
def test_an_instance_of_another_shape_is_refused(server: Scripted, row: object) -> None:
    server.answer(success("matrix", [row]))
    wanted = settings_for(server)
    with PrometheusApi(wanted) as api, pytest.raises(BadDataError, match="unknown shape"):
        AgentInstances(api, wanted, FakeClock(NOON)).shown("shop", "db.pool_size")
