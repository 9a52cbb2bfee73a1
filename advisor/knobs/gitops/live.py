"""What the cluster shows of an order, whoever brought it there: read only, and with no mark of ours in it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from advisor.knobs.gitops.fields import FieldChange, ObjectChange
from advisor.knobs.kubernetes.edit import FieldEdit, ObjectEdit, shown
from advisor.knobs.kubernetes.managers import writer_of
from advisor.knobs.kubernetes.place import Path as LivePath
from advisor.knobs.kubernetes.place import find, same
from advisor.knobs.kubernetes.rollout import no_moment, rollout_of
from advisor.knobs.kubernetes.writing import ObjectWriter, Seen
from advisor.manifests.path import Chosen, Path
from advisor.model.knob import KnobState, KnobStatus, Order


class LiveCluster:
    """Implements Cluster on an API server."""

    def __init__(self, writer: ObjectWriter, edits_of: Callable[[Order], Sequence[ObjectEdit]]) -> None:
        """writer: only asked to look. edits_of: the objects that an order moves; raises KnobError."""
        self._writer = writer
        self._edits_of = edits_of

    def changes(self, order: Order) -> Sequence[ObjectChange]:
        return [_change(seen.edit) for seen in self._look(order)]

    def status(self, order: Order) -> KnobStatus:
        seen = self._look(order)
        gone = [str(one.edit) for one in seen if one.document is None]
        if gone:
            return KnobStatus(kind=KnobState.FOREIGN, detail=f"{', '.join(gone)} is deleted")
        status = _status(seen)
        if status.kind is KnobState.OLD:
            waits = (no_moment(one, self._writer) for one in seen)
            return replace(status, not_now=next(filter(None, waits), ""))
        if status.kind is KnobState.NEW:
            for one in seen:
                if one.edit.is_template and one.document is not None:
                    status = rollout_of(one.edit.kind.name, one.document, status)
        return status

    def _look(self, order: Order) -> list[Seen]:
        return [self._writer.look(edit, order) for edit in self._edits_of(order)]


def _status(seen: Sequence[Seen]) -> KnobStatus:
    """PARTIAL while some values are the old ones and some the new ones."""
    fields = list(_fields(seen))
    live = shown((field, value) for _, field, value in fields)
    others = [
        f"{field.label} by {writer_of(one.document or {}, field.path)}"
        for one, field, value in fields
        if not same(value, field.old) and not same(value, field.new)
    ]
    if others:
        return KnobStatus(kind=KnobState.FOREIGN, live=live, detail=f"somebody else set {'; '.join(others)}")
    if all(same(value, field.new) for _, field, value in fields):
        return KnobStatus(kind=KnobState.NEW, live=live, detail="the cluster shows the new value")
    if all(same(value, field.old) for _, field, value in fields):
        return KnobStatus(kind=KnobState.OLD, live=live, detail="the cluster shows the old value")
    return KnobStatus(kind=KnobState.PARTIAL, live=live, detail="the cluster shows a part of the new values")


def _fields(seen: Sequence[Seen]) -> Iterator[tuple[Seen, FieldEdit, Any]]:
    for one in seen:
        for field in one.edit.fields:
            yield one, field, find(one.document, field.path)


def _change(edit: ObjectEdit) -> ObjectChange:
    fields = (FieldChange(path=_path(field.path), old=field.old, new=field.new) for field in edit.fields)
    return ObjectChange(kind=edit.kind.name, namespace=edit.namespace, name=edit.name, fields=tuple(fields))


def _path(path: LivePath) -> Path:
    return tuple(step if isinstance(step, str) else Chosen(by=step.keys, value=step.value) for step in path)
