"""The rule book as Prometheus alerting rules: metric names of the presets, thresholds of the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from advisor.ports.rule import Rule
from advisor.ports.rule_alert import NotByMetrics, RuleAlert
from advisor.settings.guide import GuideSettings
from advisor.settings.schema import Settings
from advisor.sources.prometheus.alert_expressions import QueryFiller
from advisor.sources.prometheus.catalogue import load_templates
from advisor.surfaces.alerts.labels import RULE
from advisor.surfaces.alerts.matching import alert_name
from advisor.surfaces.views.alert_rules import AlertRule, AlertRulesView, WithoutAlert
from advisor.wiring.rules.book import rules_of
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
    told = [_of_guide(name, alert, filler, settings.guide, runbooks) for name, alert in GUIDE_ALERTS.items()]
    told += [_of_rule(rule, filler, settings.guide, runbooks) for rule in rules_of(settings)]
    return AlertRulesView(
        rules=tuple(one for one in told if isinstance(one, AlertRule)),
        without=tuple(one for one in told if isinstance(one, WithoutAlert)),
    )


def _of_guide(
    name: str, alert: RuleAlert, filler: QueryFiller, guide: GuideSettings, runbooks: str
) -> AlertRule | WithoutAlert:
    expression = _expression(alert, filler, guide)
    if isinstance(expression, WithoutAlert):
        return replace(expression, rule=name)
    return _rule(name, expression, alert, {}, f"{runbooks.rstrip('/')}/{_GUIDE_PAGE}.md")


def _of_rule(rule: Rule, filler: QueryFiller, guide: GuideSettings, runbooks: str) -> AlertRule | WithoutAlert:
    match rule.alert:
        case RuleAlert() as alert:
            expression = _expression(alert, filler, guide)
            if isinstance(expression, WithoutAlert):
                return replace(expression, rule=rule.id)
            return _rule(
                alert_name(rule.id), expression, alert, {RULE: rule.id}, f"{runbooks.rstrip('/')}/{rule.id}.md"
            )
        case NotByMetrics(why=why):
            return WithoutAlert(rule=rule.id, why=why)
        case None:
            return WithoutAlert(rule=rule.id, why="its pack does not say how metrics would tell it")
        case _:
            assert_never(rule.alert)


def _expression(alert: RuleAlert, filler: QueryFiller, guide: GuideSettings) -> str | WithoutAlert:
    """The first of which the presets deliver all signals, or what the last one lacks."""
    expressions = alert.expressions(guide)
    found = next((one for one in expressions if not filler.missing(one)), None)
    if found is not None:
        return filler.filled(found)
    lacking = ", ".join(filler.missing(expressions[-1])) if expressions else ""
    return WithoutAlert(rule="", why=f"no preset in use delivers {lacking}" if lacking else "no threshold is set")


def _rule(name: str, expression: str, alert: RuleAlert, labels: Mapping[str, str], runbook: str) -> AlertRule:
    return AlertRule(
        alert=name,
        expr=expression,
        for_seconds=alert.for_seconds,
        labels={"severity": alert.severity.value, **labels},
        annotations={"summary": alert.summary, "runbook_url": runbook},
    )
