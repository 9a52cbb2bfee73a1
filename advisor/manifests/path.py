"""The way to a value of an object: `spec.template.spec.containers[name=app].resources.requests.memory`."""

import re
from dataclasses import dataclass
from typing import TypeAlias

_STEP = re.compile(r"([^.\[\]]+)(?:\[([^=\[\]]+)=([^\[\]]*)\])?(?:\.|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The item of a list whose value at `by` is `value`: by its name, as its place changes when others are added."""

    by: tuple[str, ...]
    value: str

    def __str__(self) -> str:
        return f"[{'.'.join(self.by)}={self.value}]"


Step: TypeAlias = str | Chosen
Path: TypeAlias = tuple[Step, ...]


def path_of(text: str) -> Path:
    """Raises ValueError where `text` is no path."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f"{text!r} is no path: {text[at:]!r} is not understood")
        key, by, value = found.groups()
        steps.append(key)
        if by is not None:
            steps.append(Chosen(by=tuple(by.split(".")), value=value))
        at = found.end()
    if not steps or text.endswith("."):
        raise ValueError(f"{text!r} is no path: a step is missing at its end")
    return tuple(steps)


def shown(path: Path) -> str:
    """As `path_of` reads it."""
    told = ""
    for step in path:
        told += str(step) if isinstance(step, Chosen) or not told else f".{step}"
    return told
