"""`advisor run`: the daemon, or one cycle of it."""

from typing import Annotated

import typer

from advisor.cli.flags import ConnectionFlags, GeneralFlags, RuleFlags, with_flags
from advisor.surfaces.choices import LogLevel


@with_flags
def run(
    general: GeneralFlags,
    connections: ConnectionFlags,
    rules: RuleFlags,
    once: Annotated[bool, typer.Option("--once", help="One cycle, then end.")] = False,
) -> int:
    """The daemon: walks the loop until it is stopped. Changes things in mode "apply" only."""
    from advisor.cli.start import known_rules, start
    from advisor.daemon import run as run_daemon
    from advisor.rules import ALL_RULES

    settings = start(general, connections.settings(), level=LogLevel.INFO)
    if rules.rule:
        wanted = known_rules(rules.rule, where="--rule")
        others = tuple(rule.id for rule in ALL_RULES if rule.id not in wanted)
        settings = settings.model_copy(update={"disabled_rules": (*settings.disabled_rules, *others)})
    return run_daemon(settings, once=once)
