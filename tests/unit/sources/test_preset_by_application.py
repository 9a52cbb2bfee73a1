"""Applications with exporters of their own: for each, the first preset that knows it tells a signal."""

from datetime import UTC, datetime, timedelta
from typing import Any

from advisor.clients.prometheus import Answer
from advisor.model.signal import signal
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.source import PrometheusSamples, PrometheusSource
from advisor.testing.clock import FakeClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SIZES = {
    "hikaricp_connections_max": {"java": 10, "both": 11},
    "go_sql_max_open_connections": {"go": 20, "both": 22},
}
SETTINGS = PrometheusSettings(url="http://127.0.0.1:9", presets=("micrometer", "go_sql"))


class TwoExporters:
    """A PrometheusApi of which each exporter's metric has its own applications."""

    def instant(self, query: str, at: datetime) -> Answer:
        rows = [{"metric": labels, "value": [at.timestamp(), str(value)]} for labels, value in self._found(query)]
        return Answer(kind="vector", result=rows)

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float) -> Answer:
        times = [start.timestamp() + n * step_seconds for n in range(int((end - start).total_seconds() / step_seconds))]
        rows = [
            {"metric": labels, "values": [[at, str(value)] for at in times]} for labels, value in self._found(query)
        ]
        return Answer(kind="matrix", result=rows)

    def _found(self, query: str) -> list[tuple[dict[str, str], int]]:
        is_size = "max by" in query and "0 *" not in query
        sizes = next((sizes for metric, sizes in SIZES.items() if is_size and metric in query), {})
        return [({"app": app}, value) for app, value in sizes.items()]


def test_neither_of_two_applications_with_different_exporters_is_lost() -> None:
    api: Any = TwoExporters()
    seen = PrometheusSource(api, SETTINGS, FakeClock(NOON)).read(300)
    sizes = {key.label("app"): seen.signals[key].value for key in seen.signals if key.name == "pool.size"}
    assert sizes == {"java": 10, "both": 11, "go": 20}
    assert {key.label("app"): preset for key, preset in seen.presets.items() if key.name == "pool.size"} == {
        "java": "micrometer",
        "both": "micrometer",
        "go": "go_sql",
    }


def test_a_trial_reads_its_application_from_the_preset_that_knows_it() -> None:
    api: Any = TwoExporters()
    keys = [signal("pool.size", app=app) for app in ("go", "java", "both")]
    found = PrometheusSamples(api, SETTINGS).series(keys, NOON - timedelta(hours=1), NOON)
    assert [found[key].samples[0].value for key in keys] == [20, 10, 11]
