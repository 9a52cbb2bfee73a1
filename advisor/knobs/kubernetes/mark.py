"""What is written on an object beside its values: whose change it bears, in which term, and what undoing it takes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from advisor.knobs.kubernetes.managers import Entry, Field
from advisor.knobs.kubernetes.place import Operation, setting
from advisor.model.errors import StaleEpochError
from advisor.model.knob import Order

CHANGE, EPOCH, UNDO = "tuning-advisor/change", "tuning-advisor/epoch", "tuning-advisor/undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Of one change of one object.

    old: what stood there, letter by letter, by path; null for nothing. made: the outermost mapping that was made for
    it, by path. owners: what others owned of it before. release: a fingerprint of what else the pods are made of.
    pods: those that were resized in place, each with what stood there, by path; without `old`, they alone were changed.
    """

    old: Mapping[str, Any]
    made: Sequence[str] = ()
    owners: Sequence[Entry] = ()
    release: str = ""
    pods: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def is_of_pods_alone(self) -> bool:
        return bool(self.pods) and not self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """changes: those whose values the object bears, the last one at the end."""

    epoch: int = 0
    changes: Mapping[str, Undo] = field(default_factory=dict)

    def of(self, change_id: str) -> Undo | None:
        return self.changes.get(change_id)

    def with_change(self, order: Order, undo: Undo) -> "Mark":
        others = {name: one for name, one in self.changes.items() if name != order.change_id}
        return replace(self, epoch=order.epoch, changes={**others, order.change_id: undo})

    def without(self, change_id: str) -> "Mark":
        return replace(self, changes={name: one for name, one in self.changes.items() if name != change_id})

    def fence(self, order: Order) -> None:
        """Raises StaleEpochError where a newer term has written."""
        if self.epoch > order.epoch:
            what = f"term {self.epoch} has written since; this process holds term {order.epoch}"
            raise StaleEpochError(what, where=str(order.target), fix="stop writing; the newer leader goes on")


def read_mark(document: Mapping[str, Any]) -> Mark:
    """An empty one where there is none, or none that can be read: then nothing is ours."""
    annotations = document.get("metadata", {}).get("annotations") or {}
    try:
        written = json.loads(annotations.get(UNDO, "{}"))
        changes = {name: Undo(**one) for name, one in written.items()}
        return Mark(epoch=int(annotations.get(EPOCH, 0)), changes=changes)
    except (ValueError, TypeError, AttributeError):
        return Mark()


def marking(document: Mapping[str, Any], mark: Mark) -> Iterator[Operation]:
    """Operations that write it; one without changes is taken away."""
    texts: dict[str, str | None] = dict.fromkeys((CHANGE, EPOCH, UNDO))
    if mark.changes:
        undo = {name: _written(one) for name, one in mark.changes.items()}
        texts = {CHANGE: list(mark.changes)[-1], EPOCH: str(mark.epoch), UNDO: json.dumps(undo, separators=(",", ":"))}
    metadata = document.get("metadata", {})
    if metadata.get("annotations") is None and mark.changes:
        yield {"op": "add", "path": "/metadata/annotations", "value": texts}
        return
    for name, text in texts.items():
        yield from setting(document, ("metadata", "annotations", name), text)


def our_annotations(mark: Mark) -> set[Field]:
    """The fields of the server's record that the mark itself takes."""
    at = ("f:metadata", "f:annotations")
    return {(*at, f"f:{name}") for name in (CHANGE, EPOCH, UNDO)} if mark.changes else set()


def _written(undo: Undo) -> dict[str, Any]:
    whole = {
        "old": undo.old,
        "made": list(undo.made),
        "owners": list(undo.owners),
        "release": undo.release,
        "pods": undo.pods,
    }
    return {name: value for name, value in whole.items() if value or name == "old"}
