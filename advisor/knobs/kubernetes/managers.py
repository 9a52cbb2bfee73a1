"""The server's record of who wrote what (`metadata.managedFields`): who is behind a value, and giving fields back.

A set of fields is a tree: `{}` is a field that is owned, "." an inner one that is owned besides what is in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from advisor.knobs.kubernetes.place import Item, Path

MANAGER = "tuning-advisor"
"""Ours. A name that begins with kubectl would be wiped by Flux."""
_WHO = ("manager", "operation", "apiVersion", "subresource")
_PERSON = "kubectl"
_KNOWN = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux",
    "helm": "Helm",
    "keda": "KEDA",
    "keda-operator": "KEDA",
    "vpa-recommender": "the vertical pod autoscaler",
    "vpa-updater": "the vertical pod autoscaler",
    "vpa-admission-controller": "the vertical pod autoscaler",
}

Field = tuple[str, ...]
Entry = Mapping[str, Any]


def entries_of(document: Mapping[str, Any]) -> Sequence[Entry]:
    found = document.get("metadata", {}).get("managedFields") or ()
    return [one for one in found if isinstance(one, Mapping)]


def fields_of(entry: Entry) -> set[Field]:
    """All that it owns."""
    return set(_members(entry.get("fieldsV1") or {}, ()))


def _members(tree: Mapping[str, Any], at: Field) -> Iterator[Field]:
    for name, inner in tree.items():
        if name == ".":
            yield at
        elif not inner:
            yield (*at, name)
        else:
            yield from _members(inner, (*at, name))


def tree_of(fields: Iterable[Field]) -> dict[str, Any]:
    """As the server writes such a set."""
    tree = dict[str, Any]()
    for field in sorted(fields, key=len, reverse=True):
        inner = tree
        for name in field:
            inner = inner.setdefault(name, {})
        if inner:
            inner["."] = {}
    return tree


def lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What managers other than ours owned before a write of ours and do not after it, each as an entry of its own."""
    found = list[dict[str, Any]]()
    for entry in entries_of(before):
        if entry.get("manager") == MANAGER:
            continue
        left = next((one for one in entries_of(after) if _who(one) == _who(entry)), {})
        gone = fields_of(entry) - fields_of(left)
        if gone:
            kept = {name: entry[name] for name in (*_WHO, "time") if name in entry}
            found.append({**kept, "fieldsType": "FieldsV1", "fieldsV1": tree_of(gone)})
    return found


def given_back(document: Mapping[str, Any], lost_then: Sequence[Entry], kept: set[Field]) -> list[dict[str, Any]]:
    """The record with what was lost given back, unless somebody else has taken it since; ours keeps `kept` alone."""
    listed = [dict(entry) for entry in entries_of(document)]
    others = [entry for entry in listed if entry.get("manager") != MANAGER]
    taken = set[Field]().union(*(fields_of(entry) for entry in others))
    for former in lost_then:
        fields = fields_of(former) - taken
        owner = next((one for one in others if _who(one) == _who(former)), None)
        if owner is not None:
            owner["fieldsV1"] = tree_of(fields_of(owner) | fields)
        elif fields:
            others.append({**former, "fieldsV1": tree_of(fields)})
    ours = [one for one in listed if one.get("manager") == MANAGER]
    left = [{**one, "fieldsV1": tree_of(fields_of(one) & kept)} for one in ours]
    return [*others, *(one for one in left if one["fieldsV1"])]


def owns(entry: Entry, path: Path) -> bool:
    """Whether the value at `path` is its word: as a field, within an atomic one, or in part."""
    tree: Any = entry.get("fieldsV1") or {}
    for step in path:
        name = _name(step)
        if name not in tree:
            return False
        tree = tree[name]
        if not tree:
            return True
    return True


def covers(path: Path, field: Field) -> bool:
    """Whether an owned field is at `path`, within it, or an atomic one around it."""
    names = tuple(_name(step) for step in path)
    length = min(len(names), len(field))
    return names[:length] == field[:length]


def is_ours(document: Mapping[str, Any], path: Path) -> bool:
    return any(owns(entry, path) for entry in entries_of(document) if entry.get("manager") == MANAGER)


def writer_of(document: Mapping[str, Any], path: Path) -> str:
    """Who wrote it last beside us, in words; "somebody" where the record does not say."""
    found = [one for one in entries_of(document) if one.get("manager") != MANAGER and owns(one, path)]
    if not found:
        return "somebody"
    last = max(found, key=lambda entry: str(entry.get("time", "")))
    return f"{_named(last)}, at {last['time']}" if last.get("time") else _named(last)


def applier_of(document: Mapping[str, Any], path: Path) -> str:
    """The manager that applies the value again and again by server-side apply, in words; "" where none but a person."""
    for entry in entries_of(document):
        name = str(entry.get("manager", ""))
        is_person = name == MANAGER or name.startswith(_PERSON)
        if entry.get("operation") == "Apply" and not is_person and owns(entry, path):
            return _named(entry)
    return ""


def _named(entry: Entry) -> str:
    name = str(entry.get("manager", "unknown"))
    if entry.get("subresource") == "scale" and name == "kube-controller-manager":
        return "the horizontal pod autoscaler"
    if name.startswith(_PERSON):
        return f"a person ({name})"
    return f"{_KNOWN[name]} ({name})" if name in _KNOWN else f"field manager {name}"


def _name(step: str | Item) -> str:
    return f'k:{{"{step.keys[0]}":"{step.value}"}}' if isinstance(step, Item) else f"f:{step}"


def _who(entry: Entry) -> tuple[str, ...]:
    return tuple(str(entry.get(name, "")) for name in _WHO)
