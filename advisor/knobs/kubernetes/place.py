"""Places within an object of a cluster, by names and not by numbers: finding, comparing and patching what is there."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from advisor.model.kubernetes.quantity import parse_quantity

Operation = Mapping[str, Any]
"""Of a JSON patch, RFC 6902."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The element of a list that has `value` under `keys`, such as a container by its name."""

    keys: tuple[str, ...]
    value: str

    def position(self, listed: Sequence[Any]) -> int | None:
        """None where none has it, and where more than one has: then it is not known which is meant."""
        found = [place for place, one in enumerate(listed) if find(one, self.keys) == self.value]
        return found[0] if len(found) == 1 else None

    def __str__(self) -> str:
        return f"[{'.'.join(self.keys)}={self.value}]"


Path = tuple[str | Item, ...]


def path_text(path: Path) -> str:
    """As a mark keeps it: "/spec/template/spec/containers/[name=app]/resources/limits/cpu"."""
    return "".join(f"/{step}" for step in path)


def find(document: Any, path: Path) -> Any:
    """What stands there; None where nothing does, which for a server is the same as null."""
    for step in path:
        if isinstance(step, Item):
            place = step.position(document) if isinstance(document, list) else None
            document = None if place is None else document[place]
        else:
            document = document.get(step) if isinstance(document, Mapping) else None
        if document is None:
            return None
    return document


def pointer(document: Any, path: Path) -> str | None:
    """A JSON pointer to `path`; None where a list on the way has no such element, or more than one."""
    parts = list[str]()
    for step in path:
        if isinstance(step, Item):
            place = step.position(document) if isinstance(document, list) else None
            if place is None:
                return None
            parts.append(str(place))
            document = document[place]
        else:
            parts.append(step.replace("~", "~0").replace("/", "~1"))
            document = document.get(step) if isinstance(document, Mapping) else None
    return "".join(f"/{part}" for part in parts)


def missing(document: Any, path: Path) -> Path | None:
    """The outermost mapping on the way to `path` that is not there and has to be made; None where all are."""
    for length in range(1, len(path)):
        if find(document, path[:length]) is None:
            return path[:length]
    return None


def setting(document: Any, path: Path, value: Any) -> Iterator[Operation]:
    """Operations after which `value` stands there; None: nothing does.

    What stood there is tested first. JSON patches cannot test that nothing is there: the object's version does.
    Raises ValueError where a list on the way has no such element, or more than one.
    """
    place = pointer(document, path)
    if place is None:
        raise ValueError(f"there is not exactly one {path_text(path)}")
    now = find(document, path)
    if now is not None:
        yield {"op": "test", "path": place, "value": now}
    if value is None:
        if now is not None:
            yield {"op": "remove", "path": place}
        return
    made = missing(document, path)
    if made is None:
        yield {"op": "add", "path": place, "value": value}  # also in the place of what is there
        return
    for step in reversed(path[len(made) :]):
        value = {str(step): value}
    yield {"op": "add", "path": pointer(document, made) or "", "value": value}


def operations(document: Mapping[str, Any], values: Sequence[tuple[Path, Any]]) -> list[Operation]:
    """Those of `setting` for one value after the other, each on what the ones before have left."""
    found, later = list[Operation](), deepcopy(dict(document))
    for path, value in values:
        found.extend(setting(later, path, value))
        put(later, path, value)
    return found


def put(document: dict[str, Any], path: Path, value: Any) -> None:
    """What `setting` does, on `document` itself."""
    at: Any = document
    for step in path[:-1]:
        if isinstance(step, Item):
            at = at[step.position(at) or 0]
        else:
            if value is None and at.get(step) is None:
                return
            at[step] = at.get(step) or {}
            at = at[step]
    if value is None:
        at.pop(path[-1], None)
    else:
        at[path[-1]] = value


def same(one: Any, other: Any) -> bool:
    """Whether a server means the same by both: quantities by their value, 1.5Gi and 1536Mi, 1 and "1"."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if any(isinstance(each, bool) or each is None for each in (one, other)):
        return one is other
    if one == other:
        return True
    try:
        return parse_quantity(one) == parse_quantity(other)
    except ValueError:
        return False
