"""Renders the project's Helm chart: by helm where it is there, and as far as its simple templates go."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parent.parent.parent / "k8s" / "chart"
_ACTION = re.compile(r"\{\{(-?)\s*(.*?)\s*(-?)\}\}", re.DOTALL)


def rendered(values: Mapping[str, Any], namespace: str = "tuning-advisor") -> list[dict[str, Any]]:
    """Every object that `helm template` makes with these values over the defaults."""
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    merged = {**defaults, **values}
    texts = [_render(path.read_text(), merged, namespace) for path in sorted((CHART / "templates").iterdir())]
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def by_helm(values: Mapping[str, Any], folder: Path, namespace: str = "tuning-advisor") -> list[dict[str, Any]] | None:
    """The same by the program itself; None where it is not there."""
    helm = shutil.which("helm")
    if helm is None:
        return None
    file = folder / "values.yaml"
    file.write_text(yaml.safe_dump(dict(values)))
    command = [helm, "template", "tuning-advisor", str(CHART), "--namespace", namespace, "--values", str(file)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [one for one in yaml.safe_load_all(text) if one]


@dataclass
class _Scope:
    """is_dead: what is not to be rendered; only its end is looked for."""

    dot: Any
    names: dict[str, Any] = field(default_factory=dict)
    is_dead: bool = False

    @property
    def dead(self) -> "_Scope":
        return _Scope(None, {}, is_dead=True)


def _render(text: str, values: Mapping[str, Any], namespace: str) -> str:
    parts, at = list[tuple[str, str]](), 0
    trim = False
    for found in _ACTION.finditer(text):
        plain = text[at : found.start()]
        plain = plain.lstrip() if trim else plain
        parts += [("text", plain.rstrip() if found[1] else plain), ("do", found[2])]
        at, trim = found.end(), bool(found[3])
    parts.append(("text", text[at:].lstrip() if trim else text[at:]))
    out, rest = _block(parts, _Scope({"Values": values, "Release": {"Namespace": namespace}}))
    assert not rest, "an end too many"
    return out


def _block(parts: list[tuple[str, str]], scope: _Scope) -> tuple[str, list[tuple[str, str]]]:
    """Up to the `else` or `end` that closes it, which stays in what is left."""
    out = ""
    while parts:
        (kind, content), parts = parts[0], parts[1:]
        if kind == "text":
            out += content
        elif content in ("else", "end"):
            return out, [(kind, content), *parts]
        elif content.startswith("if "):
            made, parts = _if(content[3:], parts, scope)
            out += made
        elif content.startswith("range "):
            each = [] if scope.is_dead else _value(content[6:], scope) or []
            out += "".join(_block(parts, _Scope(one, scope.names))[0] for one in each)
            parts = _block(parts, scope.dead)[1][1:]
        elif ":=" in content and not scope.is_dead:
            name, _, expression = content.partition(":=")
            scope.names[name.strip()] = _value(expression.strip(), scope)
        elif not scope.is_dead:
            out += str(_piped(content, scope))
    return out, parts


def _if(condition: str, parts: list[tuple[str, str]], scope: _Scope) -> tuple[str, list[tuple[str, str]]]:
    holds = not scope.is_dead and _holds(condition, scope)
    out, rest = _block(parts, scope if holds else scope.dead)
    out = out if holds else ""
    if rest[0][1] == "else":
        other, rest = _block(rest[1:], scope.dead if holds else scope)
        out = out if holds else other
    return out, rest[1:]


def _holds(condition: str, scope: _Scope) -> bool:
    word, _, rest = condition.partition(" ")
    if word == "not":
        return not _value(rest, scope)
    if word == "and":
        return all(_value(one, scope) for one in rest.split())
    if word == "or":
        return any(_value(one, scope) for one in rest.split())
    return bool(_value(condition, scope))


def _piped(content: str, scope: _Scope) -> Any:
    first, *filters = (part.strip() for part in content.split("|"))
    value = _value(first, scope)
    for one in filters:
        name, _, argument = one.partition(" ")
        if name == "quote":
            value = json.dumps(str(value))
        elif name == "nindent":
            lines = str(value).split("\n")
            value = "\n" + "\n".join(" " * int(argument) + line for line in lines)
        else:
            raise AssertionError(f"no filter {name}")
    return value


def _value(expression: str, scope: _Scope) -> Any:
    word, _, rest = expression.partition(" ")
    if word == "toYaml":
        return yaml.safe_dump(_value(rest, scope), sort_keys=False).rstrip("\n")
    if word == "toJson":
        return json.dumps(_value(rest, scope))
    if word == ".Files.Get":
        return (CHART / json.loads(rest)).read_text()
    name, *path = expression.split(".")
    found = scope.dot if name == "" else scope.names[name]
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
