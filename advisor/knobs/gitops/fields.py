"""The fields of one object that a change moves, and the single values of them that manifests hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.manifests.path import Chosen, Path, shown
from advisor.model.errors import KnobError
from advisor.model.kubernetes.quantity import parse_quantity

_NAMES = (("name",), ("resource", "name"), ("containerResource", "name"), ("type",))
"""What tells the items of a list apart: containers, the metrics of an autoscaler, its policies."""

Leaf = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A value, or a mapping or list of them, before and after; None where there is none."""

    path: Path
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """All that moves of one object."""

    kind: str
    namespace: str
    name: str
    fields: tuple[FieldChange, ...]

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"

    def values(self) -> dict[Path, Leaf]:
        """The new values that differ from the old ones. Raises KnobError for what no edit to the byte can do."""
        return {
            path: value for field in self.fields for path, value in self._differing(field.old, field.new, field.path)
        }

    def _differing(self, old: Any, new: Any, way: Path) -> Iterator[tuple[Path, Leaf]]:
        if isinstance(new, Mapping):
            before = old if isinstance(old, Mapping) else {}
            for key in dict.fromkeys([*before, *new]):
                yield from self._differing(before.get(key), new.get(key), (*way, str(key)))
        elif isinstance(new, Sequence) and not isinstance(new, str):
            yield from self._items(old if isinstance(old, Sequence) else (), new, way)
        elif not same_value(old, new):
            if new is None or isinstance(new, bool | float):
                what = f"{shown(way)} would be removed" if new is None else f"{shown(way)} would become {new}"
                raise KnobError(f"{what}, which is no edit of a value", where=str(self), fix="edit it by hand")
            yield way, new

    def _items(self, old: Sequence[Any], new: Sequence[Any], way: Path) -> Iterator[tuple[Path, Leaf]]:
        steps = [_step_to(one, old, new) for one in new]
        if len(old) != len(new) or None in steps:
            what = f"items of {shown(way)} would be added, removed or mixed up"
            raise KnobError(what, where=str(self), fix="edit it by hand")
        for step, one in zip(steps, new, strict=True):
            if step is not None:
                former = next(item for item in old if _at(item, step.by) == step.value)
                yield from self._differing(former, one, (*way, step))


def same_value(one: Any, other: Any) -> bool:
    """Quantities by what they are worth: 1536Mi is 1.5Gi."""
    if one == other or one is None or other is None:
        return bool(one == other)
    try:
        return parse_quantity(str(one)) == parse_quantity(str(other))
    except ValueError:
        return str(one) == str(other)


def _step_to(item: Any, old: Sequence[Any], new: Sequence[Any]) -> Chosen | None:
    """By the first name that no other item has; None where it has none, or is not there before and after."""
    for by in _NAMES:
        name = _at(item, by)
        if name is not None and all([_at(one, by) for one in items].count(name) == 1 for items in (old, new)):
            return Chosen(by=by, value=name)
    return None


def _at(item: Any, by: tuple[str, ...]) -> str | None:
    for key in by:
        item = item.get(key) if isinstance(item, Mapping) else None
    return item if isinstance(item, str) else None
