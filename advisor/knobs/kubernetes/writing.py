"""Writes one object: tested against what was read, tried out first, marked in the same patch, undone with its owners.

Nothing is ever forced. A patch that does not meet what was read is made anew from what is there, a few times.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import MovedError, NotAllowedError, NotThereError
from advisor.knobs.kubernetes.edit import FieldEdit, ObjectEdit
from advisor.knobs.kubernetes.managers import (
    MANAGER,
    covers,
    entries_of,
    fields_of,
    given_back,
    lost,
)
from advisor.knobs.kubernetes.mark import Mark, Undo, marking, our_annotations, read_mark
from advisor.knobs.kubernetes.place import Operation, Path, find, missing, operations, path_text, same
from advisor.knobs.kubernetes.standing import Standing, located, release_of, stand
from advisor.model.errors import BadDataError, KnobBusyError, KnobError
from advisor.model.knob import KnobState, Order
from advisor.resilience.retries import Retries, tried

_STEPS = 4
"""Values back, then the marks; more only where somebody brings our values again in between."""
_WHILE_IT_MOVES = Retries(attempts=12, first_pause_seconds=0.05, longest_pause_seconds=1.0, within_seconds=15.0)
"""In the midst of a rollout the status, and with it the version that a write tests, moves many times a second."""
"""An autoscaler's status alone moves its object every 15 s."""


class ClusterApi(Protocol):
    """What a knob asks of an API server, as `KubernetesApi` answers it."""

    def get(self, path: str, deadline: Deadline, **query: object) -> Mapping[str, Any]: ...

    def patch(
        self, path: str, operations: Sequence[Operation], deadline: Deadline, *, manager: str, is_trial: bool
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An object as it was read, and where it stands. document: None where it is gone."""

    edit: ObjectEdit
    document: Mapping[str, Any] | None
    standing: Standing


class ObjectWriter:
    """Every call asks the server anew, and none takes longer than `seconds`."""

    def __init__(self, api: ClusterApi, seconds: float) -> None:
        self._api = api
        self._seconds = seconds

    def look(self, edit: ObjectEdit, order: Order) -> Seen:
        """Raises NotAllowedError and other BadDataErrors, TransientError."""
        try:
            document = self._api.get(edit.url, self._deadline)
        except NotThereError:
            document = None
        edit = located(edit, document)
        return Seen(edit=edit, document=document, standing=stand(document, edit, order.change_id))

    def list(self, path: str) -> Sequence[Mapping[str, Any]]:
        """What a list holds. Raises as `look`."""
        items = self._api.get(path, self._deadline).get("items")
        return [one for one in items or () if isinstance(one, Mapping)]

    def put(self, edit: ObjectEdit, order: Order, *, is_trial: bool = False) -> None:
        """From the old values to the new ones, and nothing where they are there; a newer term signs them anew.

        is_trial: only as far as the server's own refusal of it. Raises KnobError, KnobBusyError, StaleEpochError.
        """

        def one_try(seen: Seen) -> bool:
            document = _there(seen, order)
            mark = read_mark(document)
            mark.fence(order)
            if seen.standing.status.kind is KnobState.NEW:
                undo = mark.of(order.change_id)
                if undo is not None and mark.epoch != order.epoch and not is_trial:
                    self._patch(seen, list(marking(document, mark.with_change(order, undo))))
                return True
            if seen.standing.status.kind is not KnobState.OLD or seen.standing.is_marked:
                raise KnobError(seen.standing.status.detail, where=str(order.target), fix="hands off; look who did")
            values = [(field.path, field.new) for field in seen.edit.fields]
            moves = operations(document, values)
            after = self._patch(seen, moves, is_trial=True)
            _check_taken(after, seen.edit.fields, order)
            if not is_trial:
                undo = _undo(document, after, seen.edit)
                if (resized := mark.of(order.change_id)) is not None:
                    undo = replace(undo, pods=resized.pods)
                self._patch(seen, [*moves, *marking(document, mark.with_change(order, undo))])
            return True

        self._until_met(edit, order, one_try)

    def note(self, edit: ObjectEdit, order: Order, pods: Mapping[str, Mapping[str, Any]]) -> None:
        """Mark the object as one whose pods alone are about to be resized, in this term. Raises as `put`."""

        def one_try(seen: Seen) -> bool:
            document = _there(seen, order)
            mark = read_mark(document)
            mark.fence(order)
            undo = mark.of(order.change_id) or Undo(old={})
            noted = replace(undo, pods={**pods, **undo.pods})  # what stood there first counts
            if noted != undo or mark.epoch != order.epoch:
                self._patch(seen, list(marking(document, mark.with_change(order, noted))))
            return True

        self._until_met(edit, order, one_try)

    def put_back(self, edit: ObjectEdit, order: Order) -> None:
        """The old values where the new ones are ours, letter by letter, then whose they were; and our mark is gone.

        What somebody else has set meanwhile stays. Raises as `put`.
        """

        def one_try(seen: Seen) -> bool:
            if seen.document is None:
                return True
            mark = read_mark(seen.document)
            mark.fence(order)
            undo = mark.of(order.change_id)
            if undo is None:
                return True
            back = [(path, old) for path, old in _values_back(seen, undo) if not same(find(seen.document, path), old)]
            if back:
                self._patch(seen, operations(seen.document, back))
                return False  # then the marks, on what is there by then
            if _is_beneath(mark, order.change_id):
                return True  # its turn comes when the later one is undone
            self._patch(seen, _traces_away(seen, order))
            return True

        self._until_met(edit, order, one_try)

    def _until_met(self, edit: ObjectEdit, order: Order, one_try: Callable[[Seen], bool]) -> None:
        try:
            for _ in range(_STEPS):
                if tried(lambda: one_try(self.look(edit, order)), _WHILE_IT_MOVES, on=MovedError):
                    return
        except MovedError as error:
            raise KnobBusyError(f"{edit} moves all the time", where=str(order.target)) from error
        except NotAllowedError as error:
            fix = f"`kubectl auth can-i patch {edit.kind.resource} --namespace={edit.namespace}`; see `advisor check`"
            raise KnobError(error.what, where=str(order.target), fix=fix) from error
        except (BadDataError, ValueError) as error:
            what = error.what if isinstance(error, BadDataError) else str(error)
            raise KnobError(what, where=str(order.target), fix="read what the server says of it") from error
        raise KnobBusyError(f"somebody gives {edit} other values all the time", where=str(order.target))

    def _patch(self, seen: Seen, moves: Sequence[Operation], *, is_trial: bool = False) -> Mapping[str, Any]:
        """On this very object, as it was read: a deleted one is not made anew, and nobody has written in between."""
        metadata = (seen.document or {}).get("metadata", {})
        tests = [
            {"op": "test", "path": f"/metadata/{name}", "value": metadata.get(name)}
            for name in ("uid", "resourceVersion")
        ]
        return self._api.patch(seen.edit.url, [*tests, *moves], self._deadline, manager=MANAGER, is_trial=is_trial)

    @property
    def _deadline(self) -> Deadline:
        return Deadline.after(self._seconds)


def _is_beneath(mark: Mark, change_id: str) -> bool:
    """Whether a later change of ours has the same fields."""
    names = list(mark.changes)
    later = names[names.index(change_id) + 1 :]
    return any(set(mark.changes[name].old) & set(mark.changes[change_id].old) for name in later)


def _there(seen: Seen, order: Order) -> Mapping[str, Any]:
    if seen.document is None:
        raise KnobError(seen.standing.status.detail, where=str(order.target), fix="hands off; it is not made anew")
    return seen.document


def _check_taken(after: Mapping[str, Any], fields: Sequence[FieldEdit], order: Order) -> None:
    """Admission may make something else of a value: then it is not what was ordered."""
    for field in fields:
        if not same(made := find(after, field.path), field.new):
            what = f"the server makes {made!r} of {field.label} {field.new!r}"
            raise KnobError(what, where=str(order.target), fix="look for a webhook that changes it")


def _undo(before: Mapping[str, Any], after: Mapping[str, Any], edit: ObjectEdit) -> Undo:
    made = {path_text(found) for field in edit.fields if (found := missing(before, field.path)) is not None}
    return Undo(
        old={path_text(field.path): find(before, field.path) for field in edit.fields},
        made=sorted(made),
        owners=lost(before, after),
        release=release_of(before) if edit.is_template else "",
    )


def _values_back(seen: Seen, undo: Undo) -> Sequence[tuple[Path, Any]]:
    """As they were written then; a mapping that was made for one goes whole, while nobody else has a part in it."""
    found = list[tuple[Path, Any]]()
    for field in seen.standing.new:
        written = undo.old.get(path_text(field.path))
        if field.old is not None or written is not None:
            found.append((field.path, written if same(written, field.old) else field.old))
            continue
        around = (field.path[:length] for length in range(1, len(field.path)))
        whole = next((path for path in around if path_text(path) in undo.made and not _is_shared(seen, path)), None)
        found.append((whole or field.path, None))
    return list(dict(found).items())


def _is_shared(seen: Seen, path: Path) -> bool:
    others = (one for one in entries_of(seen.document or {}) if one.get("manager") != MANAGER)
    inside = (field for one in others for field in fields_of(one) if covers(path, field))
    return any(len(field) >= len(path) for field in inside)


def _traces_away(seen: Seen, order: Order) -> list[Operation]:
    """No mark of this change, and the server's record as if it had never been."""
    document = seen.document or {}
    mark = read_mark(document)
    left = mark.without(order.change_id)
    left = replace(left, epoch=max(mark.epoch, order.epoch))
    undo = mark.of(order.change_id)
    of_others = {text for one in left.changes.values() for text in one.old}
    gone = [field.path for field in seen.edit.fields if path_text(field.path) not in of_others]
    kept = {
        owned
        for entry in entries_of(document)
        if entry.get("manager") == MANAGER and left.changes
        for owned in fields_of(entry)
        if not any(covers(path, owned) for path in gone)
    }
    record = given_back(document, undo.owners if undo is not None else (), kept | our_annotations(left))
    return [
        *marking(document, left),
        {"op": "add", "path": "/metadata/managedFields", "value": record},
    ]
