"""Canonical signal names, and the presets that map them to PromQL. Everything is checked when it is loaded."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser

from advisor.model.errors import ConfigurationError
from advisor.settings.location import config_folder
from advisor.settings.strict_yaml import YamlFile, read_yaml
from advisor.sources.prometheus.preset_labels import may_have

_PIECE = "_"
"""How the name of a piece begins that is no signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a canonical signal is: the labels of its keys, its unit and a sentence.

    optional: labels that an answer may carry besides, such as `pool` where an application has several. on_trial: it is
    asked for during a trial alone, of what is on trial: over a whole cluster, in every cycle, it would cost too much.
    """

    labels: tuple[str, ...]
    unit: str
    text: str
    optional: tuple[str, ...] = ()
    on_trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The PromQL of one signal in one preset, with %window%, %fresh%, %matchers% and %inside% to fill in.

    on_trial: as `Meaning` has it.
    """

    signal: str
    labels: tuple[str, ...]
    preset: str
    text: str
    optional: tuple[str, ...] = ()
    on_trial: bool = False

    def query(
        self,
        *,
        window_seconds: float,
        fresh_seconds: float,
        matchers: Mapping[str, str],
        instances: Sequence[str] = (),
        namespace: str = "",
    ) -> str:
        """The query. window: of rates and means. fresh: how old a last sample may be. matchers: in every selector.

        instances: only of these, by the label `instance`; none given: of all. namespace: only of this one, in the
        selectors that say %inside% in place of %matchers%; "": of all.
        """
        pairs = ",".join(pairs_of(matchers))
        place = [f"namespace={escaped(namespace)}"] if namespace else []
        inside = ",".join(part for part in (pairs, *place) if part)
        if instances:
            names = "|".join(map(re.escape, instances))
            pairs = ",".join(part for part in (pairs, f"instance=~{escaped(names)}") if part)
        filled = self.text.replace("%window%", _seconds(window_seconds)).replace("%fresh%", _seconds(fresh_seconds))
        return filled.replace("%inside%", inside).replace("%matchers%", pairs)


def load_templates(presets: Sequence[str]) -> dict[str, tuple[Template, ...]]:
    """The templates of each signal, in the order of `presets`. Raises ConfigurationError for a fault in any of them."""
    found: dict[str, list[Template]] = {}
    for preset in presets:
        for template in load_preset(preset):
            found.setdefault(template.signal, []).append(template)
    return {name: tuple(templates) for name, templates in found.items()}


def asked_always(templates: Mapping[str, Sequence[Template]]) -> dict[str, tuple[Template, ...]]:
    """Those of every look, and not of a trial alone."""
    return {name: tuple(ways) for name, ways in templates.items() if not any(one.on_trial for one in ways)}


def catalogue() -> Mapping[str, Meaning]:
    """Every canonical signal that presets may deliver, those of this program first."""
    return {**shipped_signals(), **_declared_signals}


@cache
def shipped_signals() -> Mapping[str, Meaning]:
    return read_signals(config_folder() / "signals.yaml")


def read_signals(path: Path) -> dict[str, Meaning]:
    """The signals that a file defines. Raises ConfigurationError naming file, line, signal and fault."""
    file = read_yaml(path)
    return {name: _signal(file, name, entry) for name, entry in _entries(file).items()}


def shipped_presets() -> dict[str, Path]:
    return presets_in(config_folder() / "presets")


def presets_in(folder: Path) -> dict[str, Path]:
    """The files of a folder of presets, by preset. Raises ConfigurationError when it is no folder."""
    if not folder.is_dir():
        raise ConfigurationError("is no folder of presets", where=str(folder), fix="one with NAME.yaml files")
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def declare(signals: Mapping[str, Meaning], presets: Mapping[str, Path]) -> None:
    """Make signals and presets of others known to this process, once at its start.

    Raises ValueError for a name that is taken by something else.
    """
    for name, meaning in signals.items():
        if catalogue().get(name, meaning) != meaning:
            raise ValueError(f"the signal {name!r} is declared twice, and not alike")
        _declared_signals[name] = meaning
    for name, path in presets.items():
        if _presets().get(name, path) != path:
            raise ValueError(f"the preset {name!r} is declared twice")
        _declared_presets[name] = path


def _presets() -> dict[str, Path]:
    return {**shipped_presets(), **_declared_presets}


_declared_signals: dict[str, Meaning] = {}
_declared_presets: dict[str, Path] = {}


@cache
def load_preset(name: str) -> tuple[Template, ...]:
    """The preset of this name, or in this file when it ends in .yaml.

    Raises ConfigurationError naming file, line, signal and fault.
    """
    known = _presets()
    if not name.endswith(".yaml") and name not in known:
        raise ConfigurationError(
            f"no preset {name!r}",
            where="prometheus.presets",
            fix=_nearest(name, list(known)) or f"one of {', '.join(sorted(known))}, or a file that ends in .yaml",
        )
    path = Path(name) if name.endswith(".yaml") else known[name]
    file = read_yaml(path)
    entries = _entries(file)
    pieces = {name: text for name, text in entries.items() if name.startswith(_PIECE) and isinstance(text, str)}
    return tuple(
        _template(file, path.stem, signal, _put_together(text, pieces))
        for signal, text in entries.items()
        if signal not in pieces
    )


def _put_together(text: Any, pieces: Mapping[str, str]) -> Any:
    """`text` with the pieces that it names, as %_owners%: what several queries of a preset have in common.

    A piece may name those that stand before it.
    """
    if not isinstance(text, str):
        return text
    for name, piece in reversed(list(pieces.items())):
        text = text.replace(f"%{name}%", piece)
    return text


def _signal(file: YamlFile, name: str, entry: Any) -> Meaning:
    match entry:
        case {"labels": list(labels), "unit": str(unit), "meaning": str(text)} if _are_names(
            labels, optional := entry.get("optional", [])
        ):
            return Meaning(
                labels=tuple(sorted(labels)),
                unit=unit,
                text=text,
                optional=tuple(sorted(optional)),
                on_trial=entry.get("on_trial", False) is True,
            )
    fix = "write `{labels: [app], unit: s, meaning: a sentence}`"
    raise ConfigurationError(f"{name} does not define a signal", where=file.where((name,)), fix=fix)


def _are_names(*lists: Any) -> bool:
    return all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists)


def _template(file: YamlFile, preset: str, signal: str, text: Any) -> Template:
    where = file.where((signal,))
    meaning = catalogue().get(signal)
    if meaning is None:
        fix = _nearest(signal, list(catalogue())) or "see config/signals.yaml"
        raise ConfigurationError(f"no signal {signal!r}", where=where, fix=fix)
    if not isinstance(text, str):
        raise ConfigurationError(f"{signal} is not a text", where=where, fix="write PromQL")
    template = Template(
        signal=signal,
        labels=meaning.labels,
        preset=preset,
        text=" ".join(text.split()),
        optional=meaning.optional,
        on_trial=meaning.on_trial,
    )
    for matchers in ({"a": "b"}, {}):
        try:
            parsed = promql_parser.parse(template.query(window_seconds=60, fresh_seconds=60, matchers=matchers))
        except ValueError as error:
            fix = "PromQL with %window%, %fresh%, %matchers% and %inside% to fill in"
            raise ConfigurationError(f"{signal} is not PromQL: {error}", where=where, fix=fix) from error
    missing = [label for label in meaning.labels if not may_have(parsed, label)]
    if missing:
        names, wanted = ", ".join(missing), ", ".join(meaning.labels)
        fix = f"keep them in the outermost aggregation, as `sum by ({wanted})`, or set them with label_replace"
        raise ConfigurationError(f"{signal} lacks the labels that it needs: {names}", where=where, fix=fix)
    return template


def _entries(file: YamlFile) -> dict[str, Any]:
    if not isinstance(file.value, dict):
        raise ConfigurationError("not a mapping of signals", where=file.name, fix="write `signal: PromQL` lines")
    return file.value


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else ""


def escaped(value: str) -> str:
    """A label's value may be anybody's text: it goes in as a string and cannot leave it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def pairs_of(matchers: Mapping[str, str]) -> list[str]:
    """As a selector has them."""
    return [f"{name}={escaped(value)}" for name, value in sorted(matchers.items())]


def _seconds(seconds: float) -> str:
    return f"{max(1, round(seconds * 1000))}ms"
