"""What `advisor check` makes of a server that answers which metrics there are with rows of no known shape."""

from contextlib import closing

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.clock import SystemClock
from advisor.sources.prometheus.coverage import coverage
from tests.integration.sources.scripted import Scripted, settings_for, success


@pytest.mark.parametrize("odd", [None, {"value": [0, "1"]}, {"metric": None, "value": [0, "1"]}, "text"])
def test_an_odd_row_hides_no_other(server: Scripted, odd: object) -> None:
    good = {"metric": {"__name__": "hikaricp_connections_active"}, "value": [0, "1"]}
    server.answer(success("vector", []))
    server.other["__name__"] = success("vector", [odd, good])
    settings = settings_for(server)
    with closing(PrometheusApi(settings)) as api:
        alike = coverage(api, settings, SystemClock(), 60)
    server.other["__name__"] = success("vector", [good])
    with closing(PrometheusApi(settings)) as api:
        assert coverage(api, settings, SystemClock(), 60) == alike
