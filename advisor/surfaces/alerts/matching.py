"""Which rules an alert is about, and which application: by its label, else by its name, else by what it reads. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from advisor.model.alert import Alert, AlertKind, AlertStatus, Focus
from advisor.ports.rule import Rule
from advisor.surfaces.alerts.labels import APPLICATION, DATABASE, OWN, RULE

GUIDES_OWN = frozenset({"HighResponseTime", "HighErrorRate"})
"""The guide's alerts on what callers feel: any bottleneck may be behind them. Its third one is a rule's own."""
_CALLERS_FEEL = frozenset({"http.p95_seconds", "http.mean_seconds", "http.error_ratio"})
_OWN_METRIC, _AGENTS_METRIC = "advisor_", "advisor_agent_"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_IDLE_WORDS = frozenset(
    {"high", "low", "too", "many", "few", "is", "the", "of", "in", "on", "alert", "mean", "seconds"}
)
_ENOUGH_WORDS = 2


class Kind(StrEnum):
    LOOK = "look"
    NO_DATA = "no_data"
    RESOLVED = "resolved"
    OWN = "own"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What there is to do about an alert; all alerts with the same task are one."""

    kind: Kind
    focus: Focus
    name: str = ""
    """Of the rule of theirs that has no data; no part of what a look is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """signals: by the name of a metric, the canonical signals that come of it. metrics_of: that an expression reads."""

    rules: Sequence[Rule]
    signals: Mapping[str, frozenset[str]]
    metrics_of: Callable[[str], frozenset[str]]

    def task(self, alert: Alert) -> Task:
        """What to do about `alert`."""
        rules = self._rules_of(alert)
        focus = Focus(rules=rules, applications=_values(alert, APPLICATION), databases=_values(alert, DATABASE))
        if self._is_own(alert):
            return Task(kind=Kind.OWN, focus=focus, name=alert.name)
        without_data = alert.name if alert.kind is not AlertKind.THRESHOLD else ""
        if alert.status is AlertStatus.RESOLVED:
            return Task(kind=Kind.RESOLVED, focus=focus, name=without_data)
        if without_data:
            return Task(kind=Kind.NO_DATA, focus=focus, name=without_data)
        return Task(kind=Kind.LOOK if rules else Kind.UNMATCHED, focus=focus)

    def _rules_of(self, alert: Alert) -> frozenset[str]:
        known = {rule.id for rule in self.rules}
        if (named := alert.label(RULE)) in known:
            return frozenset({named})
        if alert.name in GUIDES_OWN:
            return frozenset(known)
        return self._named(alert.name) or self._reading(alert.expression)

    def _named(self, name: str) -> frozenset[str]:
        """By our own alert's name, else those that have most words in common with it, and two at least."""
        exported = frozenset(rule.id for rule in self.rules if alert_name(rule.id) == name)
        if exported:
            return exported
        words = _words(name)
        shared = {rule.id: len(words & _words_of(rule)) for rule in self.rules}
        most = max(shared.values(), default=0)
        return frozenset(one for one, count in shared.items() if count == most >= _ENOUGH_WORDS)

    def _reading(self, expression: str) -> frozenset[str]:
        """Those that need a signal that the expression reads; where none needs one, those that use one."""
        read = {signal for metric in self.metrics_of(expression) for signal in self.signals.get(metric, ())}
        if read & _CALLERS_FEEL:
            return frozenset(rule.id for rule in self.rules)
        needing = frozenset(rule.id for rule in self.rules if read & {need.name for need in rule.needs})
        return needing or frozenset(rule.id for rule in self.rules if read & set(rule.uses))

    def _is_own(self, alert: Alert) -> bool:
        """Whether it is about the advisor itself: a look because of it would be its next cause."""
        if any(alert.label(name) in OWN for name in ("app", "application", "service", "job")):
            return True
        metrics = self.metrics_of(alert.expression)
        return bool(metrics) and all(
            name.startswith(_OWN_METRIC) and not name.startswith(_AGENTS_METRIC) for name in metrics
        )


def alert_name(rule_id: str) -> str:
    """What the exported alert of a rule is called: pool-exhaustion is PoolExhaustion."""
    return "".join(word.capitalize() for word in rule_id.split("-"))


def _values(alert: Alert, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name in names if (value := alert.label(name))))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text)) - _IDLE_WORDS


def _words_of(rule: Rule) -> frozenset[str]:
    """Of its id and of the signals that it judges by."""
    return frozenset().union(*map(_words, (rule.id, *(need.name for need in rule.needs), *rule.uses)))
