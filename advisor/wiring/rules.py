"""Which rules are run, and what they may lean on."""

from collections.abc import Sequence

from advisor.model.errors import ConfigurationError
from advisor.ports.rule import Rule, RuleContext
from advisor.settings.schema import Settings
from advisor.whatif.cache import ReuseCache
from advisor.whatif.pool import ErlangPool
from advisor.wiring.sources import Sources
from advisor_rules import ALL_RULES


def rules_of(settings: Settings, only: Sequence[str] = ()) -> tuple[Rule, ...]:
    known = {rule.id for rule in ALL_RULES}
    for name in (*only, *settings.disabled_rules):
        if name not in known:
            raise ConfigurationError(f"no rule {name!r}", where="rules", fix=f"one of {', '.join(sorted(known))}")
    return tuple(rule for rule in ALL_RULES if rule.id not in settings.disabled_rules and (not only or rule.id in only))


def context_of(settings: Settings, sources: Sources) -> RuleContext:
    name, postgres = settings.postgres.name, sources.postgres
    return RuleContext(
        guide=settings.guide,
        pool_model=ErlangPool(),
        cache_model=ReuseCache(),
        index_planners={name: postgres.index_planner} if postgres else {},
        statement_planners={name: postgres.statement_planner} if postgres else {},
        applications={app.name: app for app in settings.applications},
    )
