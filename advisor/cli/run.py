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
    import os

    from advisor.cli.start import read_settings, start
    from advisor.daemon import run as run_daemon
    from advisor.reload import SettingsFile
    from advisor.settings.load import settings_file
    from advisor.settings.schema import Settings
    from advisor.wiring.rules.book import chosen_rules, with_only

    def narrowed(settings: Settings) -> Settings:
        return with_only(chosen_rules(rules.rule, settings), settings)

    flags = connections.settings()
    settings = narrowed(start(general, flags, level=LogLevel.INFO))
    file = SettingsFile(settings_file(general.config, os.environ), lambda: narrowed(read_settings(general, flags)))
    has_reached = run_daemon(settings, file, once=once)
    return ExitCode.DONE if has_reached else ExitCode.NO_SOURCE
