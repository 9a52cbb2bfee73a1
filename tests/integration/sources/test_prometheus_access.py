"""How a Prometheus is reached that asks for more than an address, and its information, which is no warning."""

from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import ConfigurationError
from advisor.model.signal import Measured, Partial, signal
from advisor.model.snapshot import SourceStatus
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.schema import Settings
from advisor.sources.prometheus.source import PrometheusSource
from advisor.testing.clock import FakeClock
from advisor.wiring.check import check
from tests.integration.sources.scripted import Reply, Scripted, settings_for, vector

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = NOON.timestamp()
SIZE = signal("pool.size", app="shop")
SHOP = {"app": "shop"}


def ask(server: Scripted, **changes: Any) -> Any:
    with PrometheusApi(settings_for(server, **changes)) as api:
        return api.instant("up", NOON)


def read(server: Scripted) -> Any:
    wanted = settings_for(server)
    with PrometheusApi(wanted) as api:
        return PrometheusSource(api, wanted, FakeClock(NOON)).read(300)


INFO = "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (1:13)"


def test_information_is_no_warning_and_makes_nothing_partial(server: Scripted) -> None:
    """Prometheus 2.53 sends it among the warnings, 3 as `infos`."""
    server.answer(vector("5", labels=SHOP, at=AT, warnings=[INFO]))
    seen = read(server)
    assert (seen.signals[SIZE], seen.status, seen.detail) == (Measured(value=5, at=NOON), SourceStatus.OK, "")
    server.answer(vector("5", labels=SHOP, at=AT, warnings=[INFO, "one store did not answer"]))
    assert read(server).signals[SIZE] == Partial(warnings=("one store did not answer",))


def test_files_of_a_certificate_that_are_not_there_are_named_as_settings(server: Scripted) -> None:
    with pytest.raises(ConfigurationError, match="cert_file"):
        ask(server, url=server.url.replace("http:", "https:"), cert_file="/nowhere/cert.pem")


def test_a_header_that_would_break_the_line_is_refused_without_its_value() -> None:
    with pytest.raises(ValueError, match="line break") as caught:
        PrometheusSettings.model_validate({"headers": {"X-Scope-OrgID": "topsecret\r\nHost: x"}})
    assert "topsecret" not in str(caught.value.errors()[0]["msg"])


def test_headers_and_basic_auth_are_sent_with_every_query(server: Scripted) -> None:
    server.answer(vector("5", labels=SHOP, at=AT))
    ask(server, headers={"X-Scope-OrgID": "tenant-1"}, basic_auth={"user": "reader", "password": "pw"})
    sent = server.headers[-1]
    assert (sent["X-Scope-OrgID"], sent["Authorization"]) == ("tenant-1", "Basic cmVhZGVyOnB3")  # reader:pw


@pytest.mark.parametrize(("wanted", "sent"), [(None, None), ("0s", "0s"), ("5m", "300s")])
def test_the_coarsest_resolution_is_named_where_the_settings_have_one(
    server: Scripted, wanted: str | None, sent: str | None
) -> None:
    server.answer(vector("5", labels=SHOP, at=AT))
    ask(server, max_source_resolution_seconds=wanted)
    assert server.forms[-1].get("max_source_resolution") == sent


def test_a_server_without_buildinfo_is_of_an_unknown_version_where_queries_work(server: Scripted) -> None:
    server.answer(Reply(status=404, body=b"404 page not found"), vector("1", at=AT))
    with PrometheusApi(settings_for(server)) as api:
        assert api.version() == "unknown"


def test_the_doctor_asks_for_nothing_twice(server: Scripted) -> None:
    server.answer(Reply(status=404), vector("1", at=AT))
    applications = [{"name": name, "board": "file:/nowhere/board.json"} for name in ("shop", "till")]
    settings = Settings(prometheus=settings_for(server), applications=applications)
    check(settings)
    asked = [form["query"] for form in server.forms if form.get("query", "1") != "1"]
    assert len(asked) > 20
    assert len(asked) == len(set(asked))
