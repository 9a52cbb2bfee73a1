"""Prometheus alerting rules of the rule book, and which rules have none. Its data is a rule file, and has no schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """One rule of a rule file."""

    alert: str
    expr: str
    for_seconds: float
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutAlert:
    """A rule that has none, and why: metrics cannot tell it, or these presets do not."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRulesView:
    """The rules of one group, and those that are not among them."""

    group: str = field(default="tuning-advisor", init=False)
    rules: tuple[AlertRule, ...]
    without: tuple[WithoutAlert, ...]

    def rule_file(self) -> dict[str, object]:
        """As Prometheus and the operator's PrometheusRule take it."""
        rules = [
            {
                "alert": rule.alert,
                "expr": rule.expr,
                "for": f"{rule.for_seconds:.0f}s",
                "labels": dict(rule.labels),
                "annotations": dict(rule.annotations),
            }
            for rule in self.rules
        ]
        return {"groups": [{"name": self.group, "rules": rules}]}
