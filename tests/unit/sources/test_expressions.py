"""What an expression reads."""

import pytest

from advisor.sources.prometheus.catalogue import load_templates
from advisor.sources.prometheus.expressions import metric_names, signals_by_metric


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("up == 0", {"up"}),
        ('histogram_quantile(0.95, sum by (le) (rate(wait_seconds_bucket{a=~"b"}[5m]))) > 1', {"wait_seconds_bucket"}),
        ("max_over_time((a / b)[1h:5m]) unless on (job) -c offset 5m", {"a", "b", "c"}),
        ('{__name__="by_name", a="b"} or {__name__=~"by_pattern", a="b"}', {"by_name"}),
        ("vector(1)", set()),
        ("no promql at all", set()),
        ("", set()),
        ("(" * 101 + "up" + ")" * 101, set()),
        (" + ".join(["up"] * 500), set()),
    ],
)
def test_the_metrics_that_an_expression_selects(expression: str, names: set[str]) -> None:
    assert metric_names(expression) == names


def test_a_metric_of_a_preset_stands_for_its_signals() -> None:
    signals = signals_by_metric(load_templates(("agents", "guide")))
    assert signals["voiceassist_db_pool_size"] == {"pool.size"}
    assert signals["advisor_agent_cache_hits_total"] == {"cache.hit_ratio", "cache.requests_per_second"}
