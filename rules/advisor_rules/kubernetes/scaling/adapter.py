"""The rule by which prometheus-adapter serves requests per second of each pod: guide, "Custom Metrics"."""

from collections.abc import Mapping

import yaml

METRIC = "http_requests_per_second"
_COUNTERS: Mapping[str, str] = {
    "guide": "http_requests_total",
    "fastapi": "http_requests_total",
    "otel": "http_server_request_duration_seconds_count",
    "micrometer": "http_server_requests_seconds_count",
    "prom_client": "http_request_duration_seconds_count",
    "django": "django_http_requests_before_middlewares_total",
}
"""What each preset counts requests by. Presets are PromQL of whole applications, and an adapter wants the counter."""


def counter_of(preset: str) -> str | None:
    """The counter behind http.requests_per_second; None for a preset of one's own."""
    return _COUNTERS.get(preset)


def adapter_rule(counter: str) -> str:
    """An item of `rules` in its configuration, as YAML.

    Summed by what is asked for, as one value for each pod is expected: the guide's rate alone gives one for each path
    and status. Two minutes hold four scrapes of 30 s.
    """
    rule = {
        "seriesQuery": f'{counter}{{namespace!="",pod!=""}}',
        "resources": {"overrides": {"namespace": {"resource": "namespace"}, "pod": {"resource": "pod"}}},
        "name": {"matches": f"^{counter}$", "as": METRIC},
        "metricsQuery": "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)",
    }
    return yaml.safe_dump({"rules": [rule]}, sort_keys=False, default_flow_style=False, width=1000)
