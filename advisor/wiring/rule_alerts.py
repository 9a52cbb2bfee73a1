"""The rule book as Prometheus alerting rules: metric names of the presets, thresholds of the settings."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from advisor.ports.rule import Rule
from advisor.ports.rule_alert import NotByMetrics, RuleAlert
from advisor.settings.schema import Settings
from advisor.sources.prometheus.alert_expressions import QueryFiller
from advisor.sources.prometheus.catalogue import load_templates
from advisor.surfaces.alerts.labels import RULE
from advisor.surfaces.alerts.matching import alert_name
from advisor.surfaces.views.alert_rules import AlertRule, AlertRulesView, WithoutAlert
from advisor.wiring.rule_book import rules_of
from advisor_rules.guide_alerts import GUIDE_ALERTS

_GUIDE_PAGE = "index"


def alert_rules(settings: Settings, *, presets: Sequence[str] = (), runbooks: str = "docs/rules") -> AlertRulesView:
    """presets: those of the settings, if none are given. runbooks: what the address of a rule's page begins with.

    Raises ConfigurationError for a preset that is not there.
    """
    filler = QueryFiller(
        templates=load_templates(presets or settings.prometheus.presets),
        window_seconds=settings.daemon.window_seconds,
        fresh_seconds=settings.prometheus.stale_after_seconds,
        matchers=settings.prometheus.matchers,
    )
    found: list[AlertRule] = []
    without: list[WithoutAlert] = []

    def add(alert: RuleAlert, name: str, rule_id: str, labels: Mapping[str, str]) -> None:
        expressions = alert.expressions(settings.guide)
        expression = next((one for one in expressions if not filler.missing(one)), None)
        if expression is None:
            lacking = filler.missing(expressions[-1]) if expressions else ()
            why = f"no preset in use delivers {', '.join(lacking)}" if lacking else "its thresholds are not set"
            without.append(WithoutAlert(rule=rule_id or name, why=why))
            return
        found.append(
            AlertRule(
                alert=name,
                expr=filler.filled(expression),
                for_seconds=alert.for_seconds,
                labels={"severity": alert.severity.value, **labels},
                annotations={
                    "summary": alert.summary,
                    "runbook_url": f"{runbooks.rstrip('/')}/{rule_id or _GUIDE_PAGE}.md",
                },
            )
        )

    for name, alert in GUIDE_ALERTS.items():
        add(alert, name, "", {})
    for rule in rules_of(settings):
        match rule.alert:
            case RuleAlert() as alert:
                add(alert, alert_name(rule.id), rule.id, {RULE: rule.id})
            case NotByMetrics(why=why):
                without.append(WithoutAlert(rule=rule.id, why=why))
            case None:
                without.append(_unsaid(rule))
            case _:
                assert_never(rule.alert)
    return AlertRulesView(rules=tuple(found), without=tuple(without))


def _unsaid(rule: Rule) -> WithoutAlert:
    return WithoutAlert(rule=rule.id, why="its pack does not say how metrics would tell it")
