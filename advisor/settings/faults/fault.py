"""One thing that is wrong with settings which are well formed each by itself."""

from dataclasses import dataclass

from advisor.settings.strict_yaml import SettingPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The setting at `path` does not do.

    rival: the setting that it does not go with; where only that one was given, that one is shown.
    where: file and line when it is another file than that of the settings.
    """

    path: SettingPath
    what: str
    fix: str
    rival: SettingPath = ()
    where: str = ""
