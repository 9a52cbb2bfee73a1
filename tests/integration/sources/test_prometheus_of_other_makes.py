"""What servers that speak Prometheus' language, and gateways before them, answer otherwise than Prometheus does."""

import json
from datetime import timedelta
from typing import Any

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError
from advisor.model.signal import Measured, NotANumber, Partial, signal
from advisor.model.snapshot import SourceStatus
from tests.integration.sources.scripted import Reply, Scripted, settings_for, success, vector
from tests.integration.sources.test_prometheus_answers import AT, NOON, SHOP, SIZE, read, refusal


def test_victoriametrics_says_in_a_field_of_its_own_that_a_storage_node_is_missing(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT, isPartial=True, stats={"seriesFetched": "1"}))
    seen = read(server)
    assert seen.signals[SIZE] == Partial(warnings=("the server says that it is partial",))
    assert seen.status is SourceStatus.DEGRADED
    server.answer(vector("5", labels=SHOP, at=AT, isPartial=False, stats={"seriesFetched": "1"}))
    assert read(server).signals[SIZE] == Measured(value=5, at=NOON)


# Cortex wrote the first, an old Prometheus and Thanos the second.
@pytest.mark.parametrize("data", [{"resultType": "", "result": None}, {"resultType": "vector", "result": None}])
def test_an_empty_answer_may_be_written_as_null(server: Scripted, data: dict[str, Any]) -> None:
    server.answer(Reply(body=json.dumps({"status": "success", "data": data}).encode()))
    seen = read(server)
    assert (dict(seen.signals), seen.status) == ({}, SourceStatus.OK)
    with PrometheusApi(settings_for(server)) as api:
        assert api.range("up", NOON, NOON + timedelta(minutes=1), 10).result == []


def test_a_native_histogram_is_no_number_and_hides_no_other_series(server: Scripted) -> None:
    histogram = {"metric": {"app": "till"}, "histogram": [AT, {"count": "3", "sum": "2", "buckets": []}]}
    server.answer(success("vector", [histogram, {"metric": SHOP, "value": [AT, "5"]}]))
    seen = read(server).signals
    assert seen[signal("pool.size", app="till")] == NotANumber(raw="a native histogram")
    assert seen[SIZE] == Measured(value=5, at=NOON)


@pytest.mark.parametrize(
    ("reply", "said", "fix"),
    [
        (Reply(status=401, body=b"no org id\n"), "access denied (401): the server says: no org id", "X-Scope-OrgID"),
        (
            Reply(status=403, body=b'{"message": "Missing Authentication Token"}'),
            "Missing Authentication Token",
            "bearer",
        ),
        (
            Reply(status=400, body=b'{"Message": "not a valid key=value pair"}'),
            "a valid key=value pair (status 400)",
            "",
        ),
        (
            Reply(status=404, body=b"404 page not found"),
            "the server says: 404 page not found",
            "address of a Prometheus",
        ),
    ],
)
def test_what_a_gateway_says_in_a_form_of_its_own_is_repeated(
    server: Scripted, reply: Reply, said: str, fix: str
) -> None:
    error = refusal(server, reply)
    assert said in error.what
    assert fix in error.fix


def test_a_source_that_refuses_everything_names_the_first_signal_and_the_remedy(server: Scripted) -> None:
    server.answer(Reply(status=401, body=b"no org id\n"))
    with pytest.raises(BadDataError) as caught:
        read(server)
    assert caught.value.what.startswith("pool.size: access denied (401)")
    assert "X-Scope-OrgID" in caught.value.fix
    assert str(caught.value).count("prometheus http") == 1
