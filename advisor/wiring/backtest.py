"""The rules put before a recording."""

from collections.abc import Callable
from dataclasses import replace

from advisor.clock import SystemClock
from advisor.engine.quiet import usual_loads
from advisor.engine.replay.backtest import Span, backtest
from advisor.engine.replay.replay import Script
from advisor.model.errors import ConfigurationError
from advisor.model.replay import Backtest
from advisor.settings.schema import Settings
from advisor.sources.prometheus.history import PrometheusHistory
from advisor.sources.prometheus.source import PrometheusSamples
from advisor.wiring.rule_context import context_of
from advisor.wiring.rules.book import rules_of
from advisor.wiring.sources import Sources, connect, load_history_of


def run_backtest(settings: Settings, span: Span, tick: Callable[[], None] | None = None) -> Backtest:
    """The rules over what Prometheus recorded; writes nothing. Raises ConfigurationError, SourceUnavailableError."""
    with connect(settings, SystemClock()) as sources:
        return _over(settings, sources, span, tick)


def _over(settings: Settings, sources: Sources, span: Span, tick: Callable[[], None] | None) -> Backtest:
    if sources.prometheus is None:
        raise ConfigurationError("nothing was recorded", where="prometheus.url", fix="set it, or give -p URL")
    load = load_history_of(settings, sources)
    script = Script(
        rules=rules_of(settings),
        context=replace(context_of(settings, sources), index_planners={}, statement_planners={}),
        policy=settings.policy,
        trial=settings.trial,
        usual_loads=lambda proposals, now: usual_loads(proposals, settings.policy, load, now),
    )
    history = PrometheusHistory(sources.prometheus, settings.prometheus, database=settings.postgres.name)
    return backtest(span, script, history, PrometheusSamples(sources.prometheus, settings.prometheus), tick=tick)
