"""Where pods that are resized in place stand, seen from an order: each on its own, and all of them together. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from advisor.knobs.kubernetes.edit import FieldEdit
from advisor.knobs.kubernetes.in_place.pods import Pod, name_of
from advisor.knobs.kubernetes.in_place.refusal import pod_path
from advisor.knobs.kubernetes.managers import MANAGER, entries_of, owns, writer_of
from advisor.knobs.kubernetes.place import Path, find, path_text, same
from advisor.model.cohort import in_cohort
from advisor.model.knob import KnobState, KnobStatus, Order

DEFERRED_FOR = timedelta(minutes=5)
"""So long a kubelet may wait for room on its node."""
_STATUSES = {"containers": "containerStatuses", "initContainers": "initContainerStatuses"}
_RESIZE = "resize"
Record = Mapping[str, Mapping[str, Any]]
"""By pod, what stood at each path before, and its uid under `UID`."""
UID = "uid"


class PodState(StrEnum):
    OLD = "old"
    NEW = "new"
    """As ordered, and the kubelet says that its containers have it."""
    ON_ITS_WAY = "on its way"
    FAILED = "failed"
    PUT_BACK = "put back"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodStanding:
    pod: Pod
    state: PodState
    detail: str = ""


def record_of(pods: Sequence[Pod], fields: Sequence[FieldEdit]) -> dict[str, dict[str, Any]]:
    """What undoing a resize of these takes."""
    return {
        name_of(pod): {UID: pod["metadata"]["uid"], **{path_text(path): find(pod, path) for path in _paths(fields)}}
        for pod in pods
    }


def values_back(pod: Pod, fields: Sequence[FieldEdit], record: Record) -> list[tuple[Path, Any]]:
    """What is to stand there again where it has our values; nothing of a pod that is no longer the one on record."""
    noted = record.get(name_of(pod), {})
    if noted.get(UID) != pod["metadata"]["uid"]:
        return []
    ours = ((pod_path(field), field.new) for field in fields)
    return [
        (path, noted[path_text(path)]) for path, new in ours if path_text(path) in noted and same(find(pod, path), new)
    ]


def stand(pod: Pod, fields: Sequence[FieldEdit], record: Record, now: datetime) -> PodStanding:
    """One pod. record: empty where nothing was resized yet."""
    noted = record.get(name_of(pod), {})
    noted = noted if noted.get(UID) == pod["metadata"]["uid"] else {}
    live = [(field, pod_path(field), find(pod, pod_path(field))) for field in fields]
    name = name_of(pod)
    if all(same(value, field.new) for field, _, value in live):
        return _resized(pod, fields, now)
    if all(same(value, noted.get(path_text(path), field.old)) for field, path, value in live):
        if noted and (who := _put_back_by(pod, fields)):
            return PodStanding(pod=pod, state=PodState.PUT_BACK, detail=f"{name} was put back by {who}")
        return PodStanding(pod=pod, state=PodState.OLD)
    told = ", ".join(f"{field.label} by {writer_of(pod, path)}" for field, path, _ in live)
    return PodStanding(pod=pod, state=PodState.OTHER, detail=f"{name}: somebody else set {told}")


def together(pods: Sequence[PodStanding], order: Order) -> KnobStatus:
    """All of a workload that bears the change's mark: whether those of the order's cohort have the value."""
    inside = [one for one in pods if in_cohort(name_of(one.pod), order.cohort)]
    states = {one.state for one in inside}
    new = sum(one.state is PodState.NEW for one in inside)
    detail = f"{new} of {len(pods)} pods are resized in place"
    wrong = [one.detail for one in inside if one.state in (PodState.FAILED, PodState.PUT_BACK, PodState.OTHER)]
    waiting = [one.detail for one in inside if one.state is PodState.ON_ITS_WAY]
    if wrong:
        return KnobStatus(kind=KnobState.REMAINS, live=detail, detail="; ".join(wrong))
    if states == {PodState.NEW}:
        return KnobStatus(kind=KnobState.NEW, live=detail, detail=detail)
    kind = KnobState.PENDING if states <= {PodState.NEW, PodState.ON_ITS_WAY} and states else KnobState.PARTIAL
    return KnobStatus(kind=kind, live=detail, detail="; ".join([detail, *waiting]))


def underway(pod: Pod) -> str:
    """What the kubelet says of a resize that is not done, whoever asked for it; "" where none is under way."""
    return str(_held(pod) or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What a kubelet says of a resize. is_begun: it found room for it. since: None where it does not say."""

    reason: str
    message: str = ""
    since: datetime | None = None
    is_begun: bool = False

    def __str__(self) -> str:
        return f"{self.reason} {self.message}".rstrip()


def _held(pod: Pod) -> _Held | None:
    """By the conditions, or by `status.resize` of a kubelet before 1.33. The pending one is the newer request's."""
    conditions = {one.get("type"): one for one in find(pod, ("status", "conditions")) or () if _is_of_now(pod, one)}
    pending, running = conditions.get("PodResizePending"), conditions.get("PodResizeInProgress")
    if found := pending or running:
        since = _moment(found.get("lastTransitionTime"))
        is_begun = pending is None
        reason = str(found.get("reason") or ("InProgress" if is_begun else "Pending"))
        return _Held(reason=reason, message=str(found.get("message") or ""), since=since, is_begun=is_begun)
    earlier = find(pod, ("status", "resize"))
    return _Held(reason=str(earlier), is_begun=earlier == "InProgress") if earlier else None


def _is_of_now(pod: Pod, condition: Mapping[str, Any]) -> bool:
    """One that the kubelet gave to sizes that were asked for earlier says nothing of those asked for now."""
    seen, latest = condition.get("observedGeneration"), find(pod, ("metadata", "generation"))
    return condition.get("status") == "True" and not (isinstance(seen, int) and latest is not None and seen < latest)


def _resized(pod: Pod, fields: Sequence[FieldEdit], now: datetime) -> PodStanding:
    """One whose spec has the new values: whether its containers have them, too.

    A kubelet tries again what a runtime refuses, and goes on with what it begun; not for ever.
    """
    name, held = name_of(pod), _held(pod)
    is_pending = held is not None and not held.is_begun
    if not is_pending and all(same(find(pod, _status_path(path)), find(pod, path)) for path in _paths(fields)):
        return PodStanding(pod=pod, state=PodState.NEW)
    if held is None:
        return PodStanding(pod=pod, state=PodState.ON_ITS_WAY, detail=f"{name}: its containers do not have it yet")
    told = f"{name}: the kubelet says {held}"
    if held.reason == "Infeasible":
        return PodStanding(pod=pod, state=PodState.FAILED, detail=told)
    if held.since is not None and now - held.since > DEFERRED_FOR:
        return PodStanding(pod=pod, state=PodState.FAILED, detail=f"{told}, for more than five minutes")
    return PodStanding(pod=pod, state=PodState.ON_ITS_WAY, detail=told)


def _status_path(path: Path) -> Path:
    """Where the kubelet says what a container really has."""
    return ("status", _STATUSES[str(path[1])], *path[2:])


def _put_back_by(pod: Pod, fields: Sequence[FieldEdit]) -> str:
    """Who resized it after us; "" where nobody did, so that ours never reached it."""
    for entry in entries_of(pod):
        if entry.get("subresource") == _RESIZE and entry.get("manager") != MANAGER:
            touched = [path for path in _paths(fields) if owns(entry, path)]
            if touched:
                return writer_of(pod, touched[0])
    return ""


def _paths(fields: Sequence[FieldEdit]) -> list[Path]:
    return [pod_path(field) for field in fields]


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
