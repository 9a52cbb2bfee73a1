"""Canonical signal names, and the presets that map them to PromQL. Everything is checked when it is loaded."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import yaml

from advisor.model.errors import ConfigurationError
from advisor.settings.location import config_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a canonical signal is: the labels of its keys, its unit and a sentence."""

    labels: tuple[str, ...]
    unit: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The PromQL of one signal in one preset, with %window%, %fresh% and %matchers% to fill in."""

    signal: str
    labels: tuple[str, ...]
    preset: str
    text: str

    def query(self, *, window_seconds: float, fresh_seconds: float, matchers: Mapping[str, str]) -> str:
        """The query. window: of rates and means. fresh: how old a last sample may be. matchers: in every selector."""
        pairs = ",".join(f"{name}={escaped(value)}" for name, value in sorted(matchers.items()))
        filled = self.text.replace("%window%", _seconds(window_seconds)).replace("%fresh%", _seconds(fresh_seconds))
        return filled.replace("%matchers%", pairs)


def load_templates(presets: Sequence[str]) -> dict[str, tuple[Template, ...]]:
    """The templates of each signal, in the order of `presets`. Raises ConfigurationError for a fault in any of them."""
    found: dict[str, list[Template]] = {}
    for preset in presets:
        for template in load_preset(preset):
            found.setdefault(template.signal, []).append(template)
    return {name: tuple(templates) for name, templates in found.items()}


@cache
def catalogue() -> Mapping[str, Meaning]:
    """Every canonical signal that presets may deliver."""
    document = _read(config_folder() / "signals.yaml")
    return {
        name: Meaning(labels=tuple(entry["labels"]), unit=entry["unit"], text=entry["meaning"])
        for name, entry in document.items()
    }


@cache
def load_preset(name: str) -> tuple[Template, ...]:
    """One preset. Raises ConfigurationError naming the file, the signal and the fault."""
    folder = config_folder() / "presets"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        raise ConfigurationError(f"no preset {name!r}", where="prometheus.presets", fix=f"one of {', '.join(known)}")
    return tuple(_template(path, str(signal), text) for signal, text in _read(path).items())


def _template(path: Path, signal: str, text: Any) -> Template:
    meaning = catalogue().get(signal)
    if meaning is None:
        near = difflib.get_close_matches(signal, catalogue(), n=1)
        fix = f"did you mean {near[0]!r}?" if near else "see config/signals.yaml"
        raise ConfigurationError(f"no signal {signal!r}", where=str(path), fix=fix)
    if not isinstance(text, str):
        raise ConfigurationError(f"{signal} is not a text", where=str(path), fix="write PromQL")
    template = Template(signal=signal, labels=meaning.labels, preset=path.stem, text=" ".join(text.split()))
    try:
        promql_parser.parse(template.query(window_seconds=60, fresh_seconds=60, matchers={"a": "b"}))
        promql_parser.parse(template.query(window_seconds=60, fresh_seconds=60, matchers={}))
    except ValueError as error:
        raise ConfigurationError(f"{signal} is not PromQL: {error}", where=str(path)) from error
    return template


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"not YAML: {error}", where=str(path)) from error
    if not isinstance(document, dict):
        raise ConfigurationError("not a mapping of signals", where=str(path))
    return document


def escaped(value: str) -> str:
    """A label's value may be anybody's text: it goes in as a string and cannot leave it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _seconds(seconds: float) -> str:
    return f"{max(1, round(seconds * 1000))}ms"
