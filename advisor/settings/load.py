"""Reads the settings: flag > environment > file > default."""

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from advisor.model.errors import ConfigurationError, SeveralFaultsError
from advisor.settings.contradictions import Fault, contradictions
from advisor.settings.layers import Entry, environment_entries, file_entries, flag_entries, group_at
from advisor.settings.paths import anchored, refuse_moved_journal
from advisor.settings.rule_packs import RuleSettings
from advisor.settings.schema import Settings
from advisor.settings.strict_yaml import SettingPath, Value, read_yaml

_USUAL_FILE = Path("config/advisor.yaml")
_MOST_FAULTS = 20

Extend: TypeAlias = Callable[[Mapping[str, str]], type[Settings]]
"""Gives the schema with what rule packs add to it, by their names and where each is named.

Whatever names the packs bring (knobs, signals) is known when it returns. Raises ConfigurationError.
"""


Check: TypeAlias = Callable[[Settings], Iterable[Fault]]
"""Looks at settings which are well formed, for what the settings alone cannot tell."""


def _as_shipped(_: Mapping[str, str]) -> type[Settings]:
    return Settings


def load_settings(
    config: Path | None,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    extend: Extend = _as_shipped,
    checks: Sequence[Check] = (),
) -> Settings:
    """The settings in force.

    config: the file given with `--config`; else $ADVISOR_CONFIG, else ./config/advisor.yaml if there is one.
    flags: settings given on the command line by dotted name ("postgres.dsn"); None means not given.
    extend: asked for the schema once `rule_packs` is read, before anything is validated.
    checks: asked once the settings are well formed, and do not contradict one another.
    Paths in the file are relative to the file, all others to the working directory.
    Raises ConfigurationError naming file and line (or variable, or command line), key and fix; values are not shown.
    When several things are wrong, it is a SeveralFaultsError with up to 20 of them.
    """
    file = settings_file(config, environ)
    read = anchored(read_yaml(file), file.parent) if file is not None else None

    def merged(schema: type[Settings]) -> tuple[dict[str, Value], dict[SettingPath, Entry]]:
        from_file = file_entries(read, schema) if read is not None else ()
        return _merge([*from_file, *environment_entries(environ, schema), *flag_entries(flags)])

    schema = extend(_packs_named(*merged(Settings)))
    tree, origins = merged(schema)
    try:
        # Strict, and from JSON: "5" is no number, true is no 1, and a list is what JSON calls a list.
        settings = schema.model_validate_json(json.dumps(tree), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        # pydantic's own text would show the values, secrets among them
        raise _all_of([_explain(detail, origins, schema) for detail in details]) from None
    for check in (contradictions, *checks):
        if faults := list(check(settings)):
            raise _all_of([_told(fault, origins) for fault in faults])
    if file is not None:
        refuse_moved_journal(settings, file.parent, _where(("journal", "url"), origins))
    return settings


def _all_of(faults: Sequence[ConfigurationError]) -> ConfigurationError:
    """One error for all, each told once, in the order of their lines."""
    told = sorted({str(fault): fault for fault in faults}.values(), key=_line)
    if len(told) == 1:
        return told[0]
    return SeveralFaultsError(told[:_MOST_FAULTS], left_out=max(0, len(told) - _MOST_FAULTS))


def _line(fault: ConfigurationError) -> int:
    """Of its file; what was given elsewhere comes first."""
    line = fault.where.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def _told(fault: Fault, origins: Mapping[SettingPath, Entry]) -> ConfigurationError:
    path = fault.rival if fault.path not in origins and fault.rival in origins else fault.path
    return ConfigurationError(fault.what, where=fault.where or _where(path, origins), fix=fault.fix)


def _packs_named(tree: Mapping[str, Value], origins: Mapping[SettingPath, Entry]) -> dict[str, str]:
    """The names in `rule_packs`, and where each stands. What is no list of names is left to the validation."""
    given = tree.get("rule_packs", list(Settings().rule_packs))
    names = given if isinstance(given, list) else []
    return {name: _where(("rule_packs", index), origins) for index, name in enumerate(names) if isinstance(name, str)}


def settings_file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file that is read: that given with `--config`, else $ADVISOR_CONFIG, else the usual one if it is there."""
    if config is not None:
        return config
    if environ.get("ADVISOR_CONFIG"):
        return Path(environ["ADVISOR_CONFIG"])
    return _USUAL_FILE if _USUAL_FILE.is_file() else None


def _merge(entries: Iterable[Entry]) -> tuple[dict[str, Value], dict[SettingPath, Entry]]:
    """One tree of all entries, the later over the earlier, and which entry each part of it came from."""
    tree: dict[str, Value] = {}
    origins: dict[SettingPath, Entry] = {}
    for entry in entries:
        branch = tree
        for step in entry.path[:-1]:
            below = branch.get(str(step))
            if not isinstance(below, dict):
                below = branch[str(step)] = {}
            branch = below
        branch[str(entry.path[-1])] = entry.value
        for length in range(1, len(entry.path) + 1):
            origins[entry.path[:length]] = entry
    return tree, origins


def _explain(detail: ErrorDetails, origins: Mapping[SettingPath, Entry], schema: type[Settings]) -> ConfigurationError:
    path: SettingPath = tuple(detail["loc"])
    name = ".".join(str(step) for step in path if step != "[key]")
    if detail["type"] == "extra_forbidden":
        what, fix = f"unknown setting {name!r}", _nearest(path, schema)
    else:
        what, fix = f"{name}: {detail['msg'].removeprefix('Value error, ')}", f"meaning: {_meaning(path, schema)}"
    return ConfigurationError(what, where=_where(path, origins), fix=fix)


def _where(path: SettingPath, origins: Mapping[SettingPath, Entry]) -> str:
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]].locate(path)
    return "settings"


def _nearest(path: SettingPath, schema: type[Settings]) -> str:
    group = group_at(path[:-1], schema)
    if group is None:
        return "remove it"
    close = difflib.get_close_matches(str(path[-1]), group.model_fields, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    if issubclass(group, RuleSettings):
        return (
            "only a pack that is named in rule_packs, and that has settings, can be set; name it there or remove this"
        )
    return "known here: " + ", ".join(group.model_fields)


def _meaning(path: SettingPath, schema: type[Settings]) -> str:
    """What the setting means, from the schema; of a list item or a map entry, what the whole means."""
    for length in range(len(path), 0, -1):
        group = group_at(path[: length - 1], schema)
        field = group.model_fields.get(str(path[length - 1])) if group is not None else None
        if field is not None:
            return field.description or "a group of settings, see config/advisor.yaml"
    return "see config/advisor.yaml"
