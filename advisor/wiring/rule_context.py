"""What the rules may lean on."""

from advisor.ports.rule import RuleContext
from advisor.settings.rule_packs import PackSettings
from advisor.settings.schema import Settings
from advisor.whatif.cache import ReuseCache
from advisor.whatif.demand import PlayedDemand
from advisor.whatif.pool import ErlangPool
from advisor.wiring.sources import Sources

REPLAY_SHARE = 1 / 15
"""Of the daemon's time, for replays: a second in each of its usual cycles."""


def context_of(settings: Settings, sources: Sources, *, replay_share: float | None = None) -> RuleContext:
    """Thresholds, what-if models, and the settings of the packs that are on. replay_share: see PlayedDemand."""
    from advisor_rules.pool.relief import wait_saved

    name, postgres, demand = settings.postgres.name, sources.postgres, PlayedDemand(replay_share)
    return RuleContext(
        guide=settings.guide,
        pool_model=ErlangPool(),
        cache_model=ReuseCache(),
        autoscaler_model=demand,
        load_classifier=demand,
        index_planners={name: postgres.index_planner} if postgres else {},
        statement_planners={name: postgres.statement_planner} if postgres else {},
        applications={app.name: app for app in settings.applications},
        pack_settings=pack_settings_of(settings),
        relief=wait_saved,
        changes_clusters=settings.kubernetes.writes or settings.kubernetes.commits,
    )


def pack_settings_of(settings: Settings) -> tuple[PackSettings, ...]:
    """Those of the packs that are on."""
    return tuple(group for _, group in settings.rule_settings if isinstance(group, PackSettings))
