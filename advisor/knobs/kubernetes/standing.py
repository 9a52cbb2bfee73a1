"""Where an object stands, seen from an order: each of its fields on its own, and all of them together. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from advisor.knobs.kubernetes.edit import FieldEdit, ObjectEdit, in_init_containers, shown
from advisor.knobs.kubernetes.managers import applier_of, is_ours, writer_of
from advisor.knobs.kubernetes.mark import read_mark
from advisor.knobs.kubernetes.place import find, pointer, same
from advisor.model.knob import KnobState, KnobStatus
from advisor.model.kubernetes.ownership import reconciler_of
from advisor.model.kubernetes.workload import Reconciler

GITOPS = "it becomes an edit of the manifests (kubernetes.gitops)"
_KEDA = "scaledobject.keda.sh/name"
_OURS = (KnobState.NEW, KnobState.REMAINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """new: the fields that have the ordered value, and ours. is_marked: whether the object bears the change's mark."""

    status: KnobStatus
    new: tuple[FieldEdit, ...] = ()
    is_marked: bool = False


def stand(document: Mapping[str, Any] | None, edit: ObjectEdit, change_id: str) -> Standing:
    """document: None where there is no such object any more.

    REMAINS where some of it is ours and some is not any more, and where a new release makes a trial of it worthless.
    """
    if document is None or document.get("metadata", {}).get("deletionTimestamp"):
        return Standing(status=KnobStatus(kind=KnobState.FOREIGN, detail=f"{edit} is deleted"))
    undo = read_mark(document).of(change_id)
    if undo is not None and undo.is_of_pods_alone:
        undo = None  # nothing of the object itself was moved yet
    live = [(field, find(document, field.path)) for field in edit.fields]
    new = tuple(field for field, value in live if undo is not None and same(value, field.new))
    old = [field for field, value in live if field not in new and same(value, field.old)]
    others = [field for field in edit.fields if field not in new and field not in old]
    told = "; ".join(f"{field.label} by {writer_of(document, field.path)}" for field in others or old)
    text = shown(iter(live))
    if others:
        kind = KnobState.REMAINS if new else KnobState.FOREIGN
        detail = f"{edit}: somebody else set {told}"
    elif undo is None and (owner := hands_off(document, edit)):
        kind, detail = KnobState.FOREIGN, f"{owner}; {GITOPS}"
    elif undo is None:
        kind, detail = KnobState.OLD, f"{edit} as it was"
    elif not old:
        is_other = bool(undo.release) and undo.release != release_of(document)
        kind = KnobState.REMAINS if is_other else KnobState.NEW
        detail = f"a new release of {edit} went out meanwhile" if is_other else f"{edit} bears the change"
    elif new:
        kind, detail = KnobState.REMAINS, f"{edit}: somebody put back {told}"
    elif any(is_ours(document, field.path) for field in old):
        kind, detail = KnobState.REMAINS, f"{edit} has its old value, and still our mark"
    else:
        kind, detail = KnobState.OLD, f"{edit}: put back {told}"
    is_fought = kind is KnobState.REMAINS and bool(new) and bool(others or old)
    status = KnobStatus(kind=kind, live=text, detail=detail, is_fought=is_fought)
    return Standing(status=status, new=new, is_marked=undo is not None)


def together(standings: Sequence[Standing]) -> KnobStatus:
    """Of all objects of one order. While one is ours, what others did to the next makes it no longer whole."""
    kinds = {one.status.kind for one in standings}
    detail = "; ".join(one.status.detail for one in standings)
    live = standings[0].status.live if len(standings) == 1 else "; ".join(str(one.status.live) for one in standings)
    status = KnobStatus(kind=KnobState.PARTIAL, live=live, detail=detail)
    if len(kinds) == 1:
        return replace(status, kind=next(iter(kinds)), is_fought=any(one.status.is_fought for one in standings))
    is_put_back = any(one.is_marked and one.status.kind is KnobState.OLD for one in standings)
    is_fought = KnobState.FOREIGN in kinds or is_put_back or any(one.status.is_fought for one in standings)
    if KnobState.REMAINS in kinds or (kinds & {*_OURS} and is_fought):
        return replace(status, kind=KnobState.REMAINS, is_fought=is_fought)
    return replace(status, kind=KnobState.FOREIGN) if KnobState.FOREIGN in kinds else status


def located(edit: ObjectEdit, document: Mapping[str, Any] | None) -> ObjectEdit:
    """The edit with each container found where it stands, be it among the init containers."""
    if document is None or not edit.is_template:
        return edit
    fields = []
    for field in edit.fields:
        other = in_init_containers(field.path)
        is_init = pointer(document, field.path) is None and pointer(document, other) is not None
        fields.append(replace(field, path=other) if is_init else field)
    return replace(edit, fields=tuple(fields))


def hands_off(document: Mapping[str, Any], edit: ObjectEdit) -> str:
    """Who writes it again and again, so that it becomes an edit of manifests and no live one; "" where nobody does."""
    metadata = document.get("metadata", {})
    managers = [str(entry.get("manager", "")) for entry in metadata.get("managedFields") or ()]
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    reconciler, note = reconciler_of(labels, annotations, managers)
    if reconciler is not Reconciler.NOBODY:
        return f"{reconciler} owns {edit}: {note}"
    if labels.get(_KEDA):
        return f"KEDA owns {edit}: change its ScaledObject {labels[_KEDA]}"
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            return f"{owner.get('kind')} {owner.get('name')} owns {edit}, and its operator writes it: change that one"
    appliers = [applier_of(document, field.path) for field in edit.fields]
    found = next(filter(None, appliers), "")
    return f"{found} applies {edit} again and again: change it there" if found else ""


def release_of(document: Mapping[str, Any]) -> str:
    """A fingerprint of the pod template without the sizes of its containers."""
    template = json.loads(json.dumps(document.get("spec", {}).get("template", {})))
    spec = template.get("spec", {})
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        container.pop("resources", None)
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:16]
