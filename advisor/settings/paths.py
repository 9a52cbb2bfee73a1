"""Paths that stand in a settings file are relative to that file, wherever the advisor is started."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from advisor.model.errors import ConfigurationError
from advisor.settings.schema import Settings
from advisor.settings.strict_yaml import SettingPath, Value, YamlFile

_SQLITE = ("sqlite:///", "sqlite+pysqlite:///")
_ITEM = "*"


def anchored(file: YamlFile, folder: Path) -> YamlFile:
    """`file` with its relative paths continued from `folder`, in which it lies; what is no path stays."""
    return replace(file, value=_anchored(file.value, (), folder))


def refuse_moved_journal(settings: Settings, folder: Path, where: str) -> None:
    """A journal beside the settings file that is not there, while one lies where the advisor was started, is a trap.

    Before paths were relative to the file, that was the journal; a new one would know of no change that is open.
    """
    url = settings.journal.url.get_secret_value()
    prefix = next((known for known in _SQLITE if url.startswith(known)), None)
    if prefix is None:
        return
    path = Path(url.removeprefix(prefix).partition("?")[0])
    if path.is_absolute() or folder not in path.parents or path.exists():
        return
    former = path.relative_to(folder)
    if former != path and former.is_file():
        raise ConfigurationError(
            f"journal.url: {path} is not there, but {former} is, in the working directory",
            where=where,
            fix=f"a path in a file is relative to that file: write sqlite:///{former.absolute()}, or move the journal",
        )


def _anchored(value: Value, path: SettingPath, folder: Path) -> Value:
    match value:
        case dict():
            return {key: _anchored(inner, (*path, key), folder) for key, inner in value.items()}
        case list():
            return [_anchored(inner, (*path, _ITEM), folder) for inner in value]
        case str() if path in _PLACES:
            return _PLACES[path](value, folder)
        case _:
            return value


def _plain(text: str, folder: Path) -> str:
    return str(folder / text) if text else text


def _after_file(text: str, folder: Path) -> str:
    place = text.removeprefix("file:")
    return f"file:{folder / place}" if place and place != text else text


def _preset(text: str, folder: Path) -> str:
    return str(folder / text) if text.endswith(".yaml") else text


def _sqlite(text: str, folder: Path) -> str:
    for prefix in _SQLITE:
        place = text.removeprefix(prefix)
        if place != text and place and not place.startswith((":memory:", "?")):
            return f"{prefix}{folder / place}"
    return text


_PLACES: Mapping[SettingPath, Callable[[str, Path], str]] = {
    ("prometheus", "ca_file"): _plain,
    ("prometheus", "cert_file"): _plain,
    ("prometheus", "key_file"): _plain,
    ("prometheus", "presets", _ITEM): _preset,
    ("postgres", "slow_log"): _after_file,
    ("kubernetes", "kubeconfig"): _plain,
    ("kubernetes", "writing", "kubeconfig"): _plain,
    ("kubernetes", "manifests"): _plain,
    ("kubernetes", "gitops", "repository"): _plain,
    ("applications", _ITEM, "board"): _after_file,
    ("journal", "url"): _sqlite,
    ("web", "token_files", _ITEM): _plain,
    ("slack", "bot_token_file"): _plain,
    ("slack", "signing_secret_file"): _plain,
    ("slack", "app_token_file"): _plain,
    ("notify", "webhook_secret_file"): _plain,
}
