"""`advisor run`: the daemon, or one cycle of it."""

from typing import Annotated

import typer

from advisor.cli.exit_code import ExitCode
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
    from advisor.cli.start import start
    from advisor.daemon import run as run_daemon
    from advisor.wiring.rule_book import chosen_rules, with_only

    settings = start(general, connections.settings(), level=LogLevel.INFO)
    has_reached = run_daemon(with_only(chosen_rules(rules.rule, settings), settings), once=once)
    return ExitCode.DONE if has_reached else ExitCode.NO_SOURCE
