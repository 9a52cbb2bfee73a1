"""What each place says about the settings: one layer for the file, the environment and the command line.

A layer keeps where every value came from, so that an error can say which line, variable or flag to change.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

from advisor.model.errors import ConfigurationError
from advisor.settings.schema import Settings
from advisor.settings.strict_yaml import SettingPath, Value, YamlFile, parse_yaml

PREFIX = "ADVISOR_"
# Kubernetes hands every pod variables for the services of its namespace; one called "advisor" looks like ours.
_SERVICE_LINK = re.compile(r"ADVISOR_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT\w*|PORT(?:_\d+_(?:TCP|UDP)\w*)?)")
_NOT_SETTINGS = {"ADVISOR_CONFIG"}
_NUMBERS = (bool, int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value. `locate` tells where it, or the part of it at a longer path, was given."""

    path: SettingPath
    value: Value
    locate: Callable[[SettingPath], str]


def file_entries(file: YamlFile, schema: type[Settings]) -> Iterator[Entry]:
    """The leaves of a file, lists being one leaf. Raises ConfigurationError when it does not hold a map."""
    if file.value is None:
        return
    if not isinstance(file.value, dict):
        raise ConfigurationError(
            "must hold keys and values", where=file.where(()), fix='such as "mode: propose"; see config/advisor.yaml'
        )
    yield from _leaves(file.value, (), file, schema)


def _leaves(mapping: Mapping[str, Value], path: SettingPath, file: YamlFile, schema: type[Settings]) -> Iterator[Entry]:
    for key, value in mapping.items():
        here = (*path, key)
        if isinstance(value, dict) and value:
            yield from _leaves(value, here, file, schema)
        elif value is not None or group_at(here, schema) is None:  # a group may stand empty, its settings commented out
            yield Entry(path=here, value=value, locate=file.where)


def environment_entries(environ: Mapping[str, str], schema: type[Settings]) -> Iterator[Entry]:
    """ADVISOR_POSTGRES__DSN sets postgres.dsn; lists and maps are written as JSON. Raises ConfigurationError."""
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in _NOT_SETTINGS or _SERVICE_LINK.fullmatch(name):
            continue
        path = tuple(name.removeprefix(PREFIX).lower().split("__"))
        where = f"environment variable {name}"
        if not environ[name]:
            raise ConfigurationError("is empty", where=where, fix="give it a value or unset it")
        yield Entry(path=path, value=_from_text(environ[name], kind_at(path, schema), where), locate=_always(where))


def flag_entries(flags: Mapping[str, object]) -> Iterator[Entry]:
    """Flags by dotted name of the setting; None means not given."""
    for dotted, value in flags.items():
        if value is not None:
            yield Entry(path=tuple(dotted.split(".")), value=_plain(value), locate=_always("command line"))


def _always(where: str) -> Callable[[SettingPath], str]:
    return lambda _: where


def _plain(value: object) -> Value:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case Sequence():
            return [_plain(item) for item in value]
        case _:
            raise TypeError(f"no setting can be a {type(value).__name__}")


def _from_text(text: str, kind: object, where: str) -> Value:
    """A number, list or map is read as such; everything else (addresses, durations, names) is text as it stands."""
    structured = _is_group(kind) or get_origin(kind) in (tuple, dict) or kind in _NUMBERS
    return parse_yaml(text, name=where).value if structured else text


def kind_at(path: SettingPath, schema: type[Settings]) -> object:
    """The type of the setting at `path`, optional and annotation taken off; None when there is no such setting."""
    kind: object = schema
    for step in path:
        if _is_group(kind):
            field = kind.model_fields.get(str(step))
            kind = _bare(field.annotation) if field is not None else None
        elif get_origin(kind) is dict:
            kind = _bare(get_args(kind)[1])
        elif get_origin(kind) is tuple:
            kind = _bare(get_args(kind)[0])
        else:
            return None
    return kind


def group_at(path: SettingPath, schema: type[Settings]) -> type[BaseModel] | None:
    """The group of settings at `path`; None when a single setting, or nothing, is there."""
    kind = kind_at(path, schema)
    return kind if _is_group(kind) else None


def _is_group(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _bare(annotation: object) -> object:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        given = [argument for argument in get_args(annotation) if argument is not NoneType]
        return _bare(given[0]) if len(given) == 1 else annotation
    return annotation
