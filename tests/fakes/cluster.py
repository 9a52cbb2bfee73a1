"""An API server in memory that keeps objects, versions and the record of field managers, and breaks on command."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import MovedError, NotThereError
from advisor.knobs.kubernetes.managers import Entry, Field, fields_of, tree_of
from advisor.knobs.kubernetes.place import Operation
from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.kinds import KINDS

_LISTED_BY_NAME = ("containers", "initContainers")
"""All other lists count as one value, as those of an autoscaler's metrics do."""
_PLURALS = frozenset(kind.plural for kind in KINDS)
_SERVERS_OWN = ("managedFields", "resourceVersion", "generation")


class FakeCluster:
    """Implements what the knobs ask of a cluster. Objects stand under their path on the server.

    patches: every patch that was sent, as (path, operations, is_trial).
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.patches: list[tuple[str, Sequence[Operation], bool]] = []
        self.refusal: AdvisorError | None = None
        """Set: what every patch is answered with, trials included."""
        self._versions = itertools.count(1)
        self._faults: dict[int, tuple[BaseException, bool]] = {}

    def make(self, path: str, document: Mapping[str, Any], manager: str = "kubectl-create") -> None:
        made = deepcopy(dict(document))
        metadata = made.setdefault("metadata", {})
        metadata["uid"] = f"uid-{next(self._versions)}"
        self.objects[path] = made
        self._stamp(made)
        metadata["managedFields"] = [self._entry(manager, {field for field, _ in _leaves(made, ())})]

    def edit(self, path: str, manager: str, *moves: Operation) -> None:
        """Somebody else's JSON patch."""
        self.objects[path] = self._patched(self.objects[path], moves, manager)

    def fail_next(self, error: BaseException, *, after_effect: bool = False) -> None:
        """The next patch that is no trial ends so, before or after its effect."""
        self.fail_at(0, error, after_effect=after_effect)

    def fail_at(self, place: int, error: BaseException, *, after_effect: bool = False) -> None:
        """As `fail_next`, of the patch after `place` others."""
        self._faults[len([one for one in self.patches if not one[2]]) + place] = (error, after_effect)

    def get(self, path: str, deadline: Deadline, **query: object) -> Mapping[str, Any]:
        if path in self.objects:
            return deepcopy(self.objects[path])
        inside = [deepcopy(one) for name, one in self.objects.items() if name.rpartition("/")[0] == path]
        if path.rpartition("/")[2] in _PLURALS:
            return {"kind": "List", "items": inside}
        raise NotThereError("not there", where=path)

    def patch(
        self, path: str, operations: Sequence[Operation], deadline: Deadline, *, manager: str, is_trial: bool
    ) -> Mapping[str, Any]:
        place = len([one for one in self.patches if not one[2]])
        self.patches.append((path, operations, is_trial))
        if self.refusal is not None:
            raise self.refusal
        if path not in self.objects:
            raise NotThereError("not there", where=path)
        error, after_effect = (None, False) if is_trial else self._faults.pop(place, (None, False))
        if error is not None and not after_effect:
            raise error
        after = self._patched(self.objects[path], operations, manager)
        if not is_trial:
            self.objects[path] = after
        if error is not None:
            raise error
        return deepcopy(after)

    def _patched(self, before: Mapping[str, Any], moves: Sequence[Operation], manager: str) -> dict[str, Any]:
        after = deepcopy(dict(before))
        for move in moves:
            _move(after, move)
        _drop_empty(after)
        self._own(before, after, manager)
        self._stamp(after)
        return after

    def _own(self, before: Mapping[str, Any], after: dict[str, Any], manager: str) -> None:
        """What was set is the manager's, and no other's any more; what is gone is nobody's."""
        old, new = (dict(_leaves(one, ())) for one in (before, after))
        set_now = {field for field, value in new.items() if field not in old or old[field] != value}
        gone = set(old) - set(new)
        listed = list[Entry]()
        for entry in after["metadata"].get("managedFields", ()):
            left = fields_of(entry) - gone
            left = left | set_now if entry["manager"] == manager else left - set_now
            set_now = set_now - left if entry["manager"] == manager else set_now
            if left:
                listed.append({**entry, "fieldsV1": tree_of(left)})
        if set_now:
            listed.append(self._entry(manager, set_now))
        after["metadata"]["managedFields"] = listed

    def _entry(self, manager: str, fields: set[Field]) -> Entry:
        time = f"2026-01-01T00:00:{next(self._versions) % 60:02d}Z"
        who = {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": time}
        return {**who, "fieldsType": "FieldsV1", "fieldsV1": tree_of(fields)}

    def _stamp(self, document: dict[str, Any]) -> None:
        document["metadata"]["resourceVersion"] = str(next(self._versions))


def _leaves(value: Any, at: Field) -> Iterator[tuple[Field, Any]]:
    for name, inner in value.items():
        field = (*at, f"f:{name}")
        if name in _SERVERS_OWN or name == "status":
            continue
        if name in _LISTED_BY_NAME and isinstance(inner, list):
            for one in inner:
                yield from _leaves(one, (*field, f'k:{{"name":"{one["name"]}"}}'))
        elif isinstance(inner, Mapping) and inner:
            yield from _leaves(inner, field)
        else:
            yield field, inner


def _drop_empty(value: Any) -> None:
    """As a server keeps no empty annotations, requests or limits."""
    if isinstance(value, list):
        for one in value:
            _drop_empty(one)
    elif isinstance(value, dict):
        for name in list(value):
            _drop_empty(value[name])
            if name in ("annotations", "requests", "limits") and not value[name]:
                del value[name]


def _move(document: dict[str, Any], move: Operation) -> None:
    """Of RFC 6902, what the knobs use."""
    *way, last = (part.replace("~1", "/").replace("~0", "~") for part in str(move["path"]).split("/")[1:])
    at: Any = document
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at.get(part)
        if at is None:
            raise MovedError(f"there is no {move['path']}")
    there = at[int(last)] if isinstance(at, list) else at.get(last)
    match move["op"]:
        case "test":
            if there != move["value"]:
                raise MovedError(f"{move['path']} is {there!r}")
        case "remove":
            if there is None:
                raise MovedError(f"there is no {move['path']}")
            del at[last]
        case _:
            at[last] = deepcopy(move["value"])
