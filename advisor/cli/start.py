"""What every command does first: set up the logs and read the settings."""

import os
import sys
from collections.abc import Mapping
from functools import partial

from advisor.cli.flags import GeneralFlags
from advisor.settings.load import load_settings
from advisor.settings.schema import Settings
from advisor.surfaces.choices import LogFormat, LogLevel
from advisor.surfaces.log_setup import configure_logging
from advisor.wiring.configuration import files_and_rules, options_without_cluster
from advisor.wiring.rules.packs import schema_with_packs


def start(
    general: GeneralFlags, flags: Mapping[str, object] | None = None, *, level: LogLevel = LogLevel.WARNING
) -> Settings:
    """The settings in force, with logging as asked for; `level` is the command's own, used when none was given.

    Raises ConfigurationError.
    """
    usual_format = LogFormat.CONSOLE if sys.stderr.isatty() else LogFormat.LOGFMT
    least = LogLevel.ERROR if general.quiet else general.log_level or level
    configure_logging(general.log_format or usual_format, least)
    return read_settings(general, flags or {})


def read_settings(general: GeneralFlags, flags: Mapping[str, object]) -> Settings:
    """The settings as they stand now. Raises ConfigurationError."""
    idle = partial(options_without_cluster, flags)
    return load_settings(general.config, flags, os.environ, schema_with_packs, (idle, files_and_rules))
