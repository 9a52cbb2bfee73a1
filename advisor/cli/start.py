"""What every command does first: set up the logs and read the settings."""

import difflib
import os
import sys
from collections.abc import Mapping, Sequence

from advisor.cli.flags import GeneralFlags
from advisor.model.errors import ConfigurationError
from advisor.rules import ALL_RULES
from advisor.settings.load import load_settings
from advisor.settings.schema import Settings
from advisor.surfaces.choices import LogFormat, LogLevel
from advisor.surfaces.log_setup import configure_logging


def start(
    general: GeneralFlags, flags: Mapping[str, object] | None = None, *, level: LogLevel = LogLevel.WARNING
) -> Settings:
    """The settings in force, with logging as asked for; `level` is the command's own, used when none was given.

    Raises ConfigurationError.
    """
    usual_format = LogFormat.CONSOLE if sys.stderr.isatty() else LogFormat.LOGFMT
    least = LogLevel.ERROR if general.quiet else general.log_level or level
    configure_logging(general.log_format or usual_format, least)
    settings = load_settings(general.config, flags or {}, os.environ)
    known_rules(settings.disabled_rules, where="disabled_rules")
    return settings


def known_rules(ids: Sequence[str], *, where: str) -> tuple[str, ...]:
    """`ids` as they are. Raises ConfigurationError for one that no rule has, naming the nearest."""
    known = [rule.id for rule in ALL_RULES]
    for one in ids:
        if one not in known:
            close = difflib.get_close_matches(one, known, n=1)
            fix = f"did you mean {close[0]!r}?" if close else "`advisor rules list` names them all"
            raise ConfigurationError(f"there is no rule {one!r}", where=where, fix=fix)
    return tuple(ids)
