"""Which rules an alert is about, and which application: by its label, else by its name, else by what it reads. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

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
_PROGRAM = ("app", "application", "service", "job")
_REMEMBERED = 1_024


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


class Matcher:
    """Answers the same of the same name, label and expression, and remembers the latest: in a burst they are few."""

    def __init__(
        self,
        *,
        rules: Sequence[Rule],
        signals: Mapping[str, frozenset[str]],
        metrics_of: Callable[[str], frozenset[str]],
    ) -> None:
        """signals: by a metric's name, the canonical signals that come of it. metrics_of: that an expression reads."""
        self._rules = rules
        self._all = frozenset(rule.id for rule in rules)
        self._by_alert = {alert_name(rule.id): frozenset({rule.id}) for rule in rules}
        self._words = {rule.id: _words_of(rule) for rule in rules}
        self._signals = signals
        self._metrics_of = metrics_of
        self._rules_of = lru_cache(maxsize=_REMEMBERED)(self._find_rules)

    def task(self, alert: Alert) -> Task:
        """What to do about `alert`."""
        labels = dict(alert.labels)
        rules = self._rules_of(labels.get(RULE, ""), alert.name, alert.expression)
        focus = Focus(rules=rules, applications=_values(labels, APPLICATION), databases=_values(labels, DATABASE))
        if self._is_own(labels, alert.expression):
            return Task(kind=Kind.OWN, focus=focus, name=alert.name)
        without_data = alert.name if alert.kind is not AlertKind.THRESHOLD else ""
        if alert.status is AlertStatus.RESOLVED:
            return Task(kind=Kind.RESOLVED, focus=focus, name=without_data)
        if without_data:
            return Task(kind=Kind.NO_DATA, focus=focus, name=without_data)
        return Task(kind=Kind.LOOK if rules else Kind.UNMATCHED, focus=focus)

    def _find_rules(self, label: str, name: str, expression: str) -> frozenset[str]:
        if label in self._all:
            return frozenset({label})
        if name in GUIDES_OWN:
            return self._all
        return self._by_alert.get(name) or self._alike(name) or self._reading(expression)

    def _alike(self, name: str) -> frozenset[str]:
        """Those that have most words in common with the name, and two at least."""
        words = _words(name)
        shared = {rule_id: len(words & own) for rule_id, own in self._words.items()}
        most = max(shared.values(), default=0)
        return frozenset(rule_id for rule_id, count in shared.items() if count == most >= _ENOUGH_WORDS)

    def _reading(self, expression: str) -> frozenset[str]:
        """Those that need a signal that the expression reads; where none needs one, those that use one."""
        read = {signal for metric in self._metrics_of(expression) for signal in self._signals.get(metric, ())}
        if read & _CALLERS_FEEL:
            return self._all
        needing = frozenset(rule.id for rule in self._rules if read & {need.name for need in rule.needs})
        return needing or frozenset(rule.id for rule in self._rules if read & set(rule.uses))

    def _is_own(self, labels: Mapping[str, str], expression: str) -> bool:
        """Whether it is about the advisor itself: a look because of it would be its next cause."""
        if any(labels.get(name) in OWN for name in _PROGRAM):
            return True
        metrics = self._metrics_of(expression)
        return bool(metrics) and all(
            name.startswith(_OWN_METRIC) and not name.startswith(_AGENTS_METRIC) for name in metrics
        )


def alert_name(rule_id: str) -> str:
    """What the exported alert of a rule is called: pool-exhaustion is PoolExhaustion."""
    return "".join(word.capitalize() for word in rule_id.split("-"))


def _values(labels: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name in names if (value := labels.get(name))))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text)) - _IDLE_WORDS


def _words_of(rule: Rule) -> frozenset[str]:
    """Of its id and of the signals that it judges by."""
    return frozenset().union(*map(_words, (rule.id, *(need.name for need in rule.needs), *rule.uses)))
