"""Which rules and which application an alert is about."""

from urllib.parse import quote

import pytest

from advisor.surfaces.alerts.body import read_group
from advisor.surfaces.alerts.matching import Kind, Task
from advisor_rules import ALL_RULES
from tests.fakes.alerts import MATCHER, a_body, an_alert

ALL = frozenset(rule.id for rule in ALL_RULES)


def task(name: str = "Whatever", expression: str = "", **labels: str) -> Task:
    url = f"http://prometheus.example/graph?g0.expr={quote(expression)}&g0.tab=1" if expression else ""
    (alert,) = read_group(a_body(an_alert({"alertname": name, **labels}, generatorURL=url))).alerts
    return MATCHER.task(alert)


def test_the_label_says_which_rule_whatever_the_name() -> None:
    assert task("PoolExhaustion", advisor_rule="missing-index").focus.rules == {"missing-index"}


def test_a_label_that_names_no_rule_leaves_it_to_the_name() -> None:
    assert task("PoolExhaustion", advisor_rule="pool-wait").focus.rules == {"pool-exhaustion"}


@pytest.mark.parametrize("rule_id", sorted(ALL))
def test_an_exported_alert_is_known_by_its_name(rule_id: str) -> None:
    name = "".join(part.capitalize() for part in rule_id.split("-"))
    assert task(name).focus.rules == {rule_id}


@pytest.mark.parametrize("name", ["HighResponseTime", "HighErrorRate"])
def test_what_callers_feel_may_be_any_bottleneck(name: str) -> None:
    assert task(name).focus.rules == ALL


def test_the_guides_third_alert_is_a_rules_own() -> None:
    assert task("LowCacheHitRate").focus.rules == {"low-cache-hit-rate"}


@pytest.mark.parametrize(
    ("name", "rule_id"),
    [
        ("PoolWaitHigh", "pool-exhaustion"),
        ("HikariPoolTimeouts", "pool-exhaustion"),
        ("cache_hit_ratio_low", "low-cache-hit-rate"),
    ],
)
def test_two_words_in_common_are_enough_for_a_name(name: str, rule_id: str) -> None:
    assert task(name).focus.rules == {rule_id}


@pytest.mark.parametrize(
    ("expression", "rules"),
    [
        ("max by (app) (advisor_agent_pool_size) > 9", {"pool-exhaustion", "connections-budget"}),
        ("histogram_quantile(0.9, rate(advisor_agent_pool_wait_seconds_bucket[5m])) > 1", {"pool-exhaustion"}),
        ('{__name__="advisor_agent_cache_ttl_seconds"} < 5', {"low-cache-hit-rate"}),
        ("rate(http_request_duration_seconds_bucket[5m]) > 1", ALL),
        ("node_filesystem_avail_bytes < 5", set()),
        ("this is no PromQL(", set()),
    ],
)
def test_else_the_signals_that_its_expression_reads_say_it(expression: str, rules: set[str]) -> None:
    found = task(expression=expression)
    assert found.focus.rules == rules
    assert found.kind is (Kind.LOOK if rules else Kind.UNMATCHED)


def test_the_application_is_asked_of_several_labels_in_order() -> None:
    found = task("PoolExhaustion", namespace="prod", job="shop-http", datname="orders")
    assert found.focus.applications == ("shop", "shop-http", "prod")
    assert found.focus.databases == ("orders",)


@pytest.mark.parametrize(
    ("expression", "labels"),
    [("advisor_paused == 1", {}), ("rate(advisor_cycles_total[5m]) == 0", {}), ("", {"job": "tuning-advisor"})],
)
def test_alerts_about_the_advisor_are_its_own(expression: str, labels: dict[str, str]) -> None:
    assert task("PoolExhaustion", expression, **labels).kind is Kind.OWN


def test_what_the_agents_export_is_not_about_the_advisor() -> None:
    assert task("PoolExhaustion", "advisor_agent_pool_size > 9").kind is Kind.LOOK
