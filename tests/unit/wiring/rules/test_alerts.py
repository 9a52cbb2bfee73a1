"""The rule book as alerting rules."""

import pytest
import yaml

from advisor.model.errors import ConfigurationError
from advisor.ports.rule_alert import NotByMetrics, RuleAlert
from advisor.settings.guide import GuideSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.settings.schema import Settings
from advisor.surfaces.alerts.body import read_group
from advisor.surfaces.alerts.matching import GUIDES_OWN
from advisor.surfaces.documents.alert_rules import alert_rules_document
from advisor.surfaces.formats.render import to_yaml
from advisor.wiring.rules.alerts import alert_rules
from advisor_rules import ALL_RULES
from advisor_rules.guide_alerts import GUIDE_ALERTS
from tests.fakes.alerts import MATCHER, a_body, an_alert

ALL = ("agents", "guide", "postgres_exporter")


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_every_rule_has_an_alert_or_says_why_metrics_cannot_tell_it(rule: object) -> None:
    said = rule.alert  # type: ignore[attr-defined]
    assert isinstance(said, RuleAlert | NotByMetrics)
    assert isinstance(said, RuleAlert) or said.why


def test_every_rule_is_exported_or_named_with_its_reason() -> None:
    view = alert_rules(Settings(), presets=ALL)
    told = {rule.labels["advisor_rule"] for rule in view.rules if "advisor_rule" in rule.labels}
    assert told | {one.rule for one in view.without} == {rule.id for rule in ALL_RULES}
    assert {rule.alert for rule in view.rules} >= {"HighResponseTime", "HighErrorRate", "LowCacheHitRate"}
    assert set(GUIDE_ALERTS) == GUIDES_OWN


def test_the_thresholds_are_those_of_the_settings() -> None:
    guide = GuideSettings.model_validate(
        {"pool": {"wait_p95_seconds": "250ms"}, "alerts": {"response_p95_seconds": "3s"}}
    )
    rules = {rule.alert: rule.expr for rule in alert_rules(Settings(guide=guide)).rules}
    assert "> 0.25)" in rules["PoolExhaustion"]
    assert rules["HighResponseTime"].endswith("> 3")


def test_the_matchers_of_the_settings_are_in_every_selector() -> None:
    settings = Settings(prometheus=PrometheusSettings(matchers={"namespace": 'a"b'}))
    for rule in alert_rules(settings).rules:
        assert rule.expr.count("{") == rule.expr.count('namespace="a\\"b"'), rule.expr


def test_what_no_preset_in_use_delivers_is_said() -> None:
    view = alert_rules(Settings(), presets=["redis_exporter"])
    assert view.rules == ()
    reasons = {one.rule: one.why for one in view.without}
    assert reasons["pool-exhaustion"] == "no preset in use delivers pool.checked_out, pool.size"
    assert reasons["HighErrorRate"] == "no preset in use delivers http.error_ratio"


def test_a_preset_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no preset 'agent'"):
        alert_rules(Settings(), presets=["agent"])


def test_a_rule_that_is_disabled_has_no_alert() -> None:
    view = alert_rules(Settings(disabled_rules=("pool-exhaustion",)))
    assert "PoolExhaustion" not in {rule.alert for rule in view.rules}


def test_an_exported_alert_comes_back_to_its_rule() -> None:
    for rule in alert_rules(Settings(), presets=ALL).rules:
        (alert,) = read_group(a_body(an_alert({"alertname": rule.alert, **rule.labels}))).alerts
        named = rule.labels.get("advisor_rule")
        assert MATCHER.task(alert).focus.rules == ({named} if named else {one.id for one in ALL_RULES})


def test_the_yaml_is_a_rule_file_and_nothing_else() -> None:
    file = yaml.safe_load(to_yaml(alert_rules_document(alert_rules(Settings(), runbooks="https://wiki.example/r/"))))
    assert list(file) == ["groups"]
    first = file["groups"][0]["rules"][2]
    assert (first["alert"], first["for"], first["labels"]["advisor_rule"]) == (
        "PoolExhaustion",
        "300s",
        "pool-exhaustion",
    )
    assert first["annotations"]["runbook_url"] == "https://wiki.example/r/pool-exhaustion.md"
