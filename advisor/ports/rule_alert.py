"""What a rule says of itself to an alerting system: an expression over signals, or why metrics cannot tell it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from advisor.model.finding import Severity
from advisor.settings.guide import GuideSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAlert:
    """A Prometheus alert that fires when the rule would, as far as metrics can tell.

    expressions: PromQL with %name% where the query of a signal goes, such as %pool.size%; the first of which presets
    deliver all signals is taken. summary: for people; {{ $labels.app }} and the like are filled in by Prometheus.
    """

    expressions: Callable[[GuideSettings], Sequence[str]]
    summary: str
    for_seconds: float = 300.0
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class NotByMetrics:
    """No series tells what the rule sees; why."""

    why: str
