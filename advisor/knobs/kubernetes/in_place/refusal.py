"""Which pods cannot be given other sizes while they run, and why. Pure.

What the server would refuse is told before anything is tried; what a kubelet would do badly is not tried at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.knobs.kubernetes.edit import FieldEdit
from advisor.knobs.kubernetes.in_place.pods import Pod
from advisor.knobs.kubernetes.place import Path, find, put
from advisor.model.kubernetes.container import QosClass, qos_class
from advisor.model.kubernetes.quantity import parse_bytes, parse_cores, parse_quantity
from advisor.model.kubernetes.resources import Amounts, Resources

_CRASHES = "CrashLoopBackOff"
_IN_TEMPLATE = 2
"""Steps of a path from a template down to what is its pod's own: spec, template."""


def pod_path(field: FieldEdit) -> Path:
    """Where the field of a template stands in a pod."""
    return field.path[_IN_TEMPLATE:]


def refusal(pod: Pod, fields: Sequence[FieldEdit]) -> str:
    """Why these fields of this pod are not changed in place; "" where they may be."""
    return next(_refusals(pod, fields), "")


def raises_memory_limit(field: FieldEdit) -> bool:
    """Undone, it is a limit that falls."""
    if field.path[-2:] != ("limits", "memory") or None in (field.old, field.new):
        return False
    return parse_quantity(field.new) > parse_quantity(field.old)


def _refusals(pod: Pod, fields: Sequence[FieldEdit]) -> Iterator[str]:
    spec = pod.get("spec") or {}
    statuses = find(pod, ("status", "containerStatuses")) or ()
    if any(find(one, ("state", "running")) is not None and one.get("resources") is None for one in statuses):
        yield "the kubelet of its node does not resize pods"
    if any(find(one, ("state", "waiting", "reason")) == _CRASHES for one in statuses):
        yield "a container of it crashes again and again, and a kubelet may keep such a pod at its old memory limit"
    if find(pod, ("spec", "os", "name")) == "windows":
        yield "pods of Windows are not resized in place"
    if spec.get("resources"):
        yield "its resources stand at the pod as a whole"
    devices = sorted({name for half in _halves(spec) for name in half if "/" in name})
    if devices:
        yield f"it has {', '.join(devices)}, which is tied to where it started"
    for field in fields:
        yield from _of_field(pod, field)
    before, after = _qos(spec), _qos(_resized(spec, fields))
    if before != after:
        yield f"its QoS class would change from {before} to {after}"
    if before is QosClass.GUARANTEED and any(field.path[-1] == "cpu" for field in fields) and _has_whole_cores(spec):
        yield "Guaranteed with whole cores: a kubelet with static CPU policy has pinned it"


def _of_field(pod: Pod, field: FieldEdit) -> Iterator[str]:
    path = pod_path(field)
    container = find(pod, path[:-3])
    if container is None:
        yield f"it has no such container: {field.label}"
        return
    if "initContainers" in path and container.get("restartPolicy") != "Always":
        yield f"{field.label}: it has run already"
    live = find(pod, path)
    if live is None or field.new is None:
        yield f"{field.label} comes or goes, which needs a new pod"
        return
    half, name = path[-2:]
    if (half, name) == ("limits", "memory") and parse_quantity(field.new) < parse_quantity(live):
        yield f"{field.label} falls, which may end it"
    for policy in container.get("resizePolicy") or ():
        if policy.get("resourceName") == name and policy.get("restartPolicy") == "RestartContainer":
            yield f"its resizePolicy restarts the container when {name} changes"


def _containers(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]


def _halves(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for container in _containers(spec):
        for half in ("requests", "limits"):
            yield find(container, ("resources", half)) or {}


def _resized(spec: Mapping[str, Any], fields: Sequence[FieldEdit]) -> dict[str, Any]:
    """The spec with the new values."""
    after: dict[str, Any] = _copy(dict(spec))
    for field in fields:
        path = pod_path(field)[1:]
        if find(after, path[:-3]) is not None:
            put(after, path, field.new)
    return after


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(each) for name, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def _qos(spec: Mapping[str, Any]) -> QosClass:
    return qos_class([_resources(one) for one in _containers(spec)])


def _resources(container: Mapping[str, Any]) -> Resources:
    return Resources(requests=_amounts(container, "requests"), limits=_amounts(container, "limits"))


def _amounts(container: Mapping[str, Any], half: str) -> Amounts:
    found = find(container, ("resources", half)) or {}
    cpu, memory = found.get("cpu"), found.get("memory")
    return Amounts(
        cpu_cores=None if cpu is None else parse_cores(cpu),
        memory_bytes=None if memory is None else parse_bytes(memory),
    )


def _has_whole_cores(spec: Mapping[str, Any]) -> bool:
    limits = (_amounts(one, "limits").cpu_cores for one in _containers(spec))
    return any(cores and cores.denominator == 1 for cores in limits)
