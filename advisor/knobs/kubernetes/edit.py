"""An order as edits of objects: which fields of which object move, from what to what."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from advisor.knobs.kubernetes.place import Item, Path
from advisor.model.errors import KnobError
from advisor.model.finding import KnobValue
from advisor.model.knob import Order
from advisor.model.kubernetes.kinds import HPA, Kind, workload_kind
from advisor.model.kubernetes.resources import Amount, ResourceName
from advisor.model.kubernetes.sizes import SizeField, Sizes, parse_sizes

_TEMPLATE: Path = ("spec", "template", "spec")
_ROLLED_OUT = ("Deployment", "StatefulSet", "DaemonSet")
_COUNTS = ("minReplicas", "maxReplicas")
_HALVES = ("scaleUp", "scaleDown")
_LISTS = ("metrics",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdit:
    """One value of an object. label: what it is called before people. None: nothing stands there."""

    label: str
    path: Path
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEdit:
    """All that an order moves of one object. is_template: whether its pods are made anew for it."""

    kind: Kind
    namespace: str
    name: str
    fields: tuple[FieldEdit, ...]
    is_template: bool = False

    @property
    def url(self) -> str:
        return f"{self.kind.path(quote(self.namespace, safe=''))}/{quote(self.name, safe='')}"

    def __str__(self) -> str:
        return f"{self.kind.name} {self.namespace}/{self.name}"


def autoscaler_edits(order: Order) -> tuple[ObjectEdit, ...]:
    """Of an order of `k8s.hpa`, whose target names the part. Raises KnobError."""
    part = order.target.get("part")
    if part in _COUNTS:
        path: Path = ("spec", part)
    elif part in _HALVES:
        path = ("spec", "behavior", part)
    elif part in _LISTS:
        path = ("spec", part)
    elif part in [name.value for name in ResourceName]:
        path = _target_path(part)
    else:
        parts = ", ".join([*_COUNTS, *ResourceName, *_HALVES, *_LISTS])
        raise KnobError(f"{part!r} is no part of an autoscaler", where=str(order.target), fix=f"one of {parts}")
    read = _json if part in (*_HALVES, *_LISTS) else _whole
    field = FieldEdit(label=part, path=path, old=read(order.old, order), new=read(order.new, order))
    namespace, name = order.target.get("namespace"), order.target.get("name")
    return (ObjectEdit(kind=HPA, namespace=namespace, name=name, fields=(_moving(field, order),)),)


def size_edits(order: Order) -> tuple[ObjectEdit, ...]:
    """Of an order of `k8s.resources`: the workload, and the autoscalers whose target goes with its request.

    In the order of writing: a target that falls comes before the request that rises, so that in between too many pods
    are asked for and never too few; what is undone goes the other way round. Raises KnobError.
    """
    old, new = _sizes(order.old, order), _sizes(order.new, order)
    if old.amounts.keys() != new.amounts.keys() or old.targets.keys() != new.targets.keys() or old == new:
        raise KnobError("the order's old and new values do not name the same fields", where=str(order.target))
    namespace, name = order.target.get("namespace"), order.target.get("name")
    kind = _kind(order)
    fields = tuple(_size_field(field, old.amounts[field], new.amounts[field]) for field in new.amounts)
    workload = ObjectEdit(kind=kind, namespace=namespace, name=name, fields=fields, is_template=True)
    falling, rising = list[ObjectEdit](), list[ObjectEdit]()
    for hpa, percent in new.targets.items():
        path = _target_path(ResourceName.CPU.value)
        field = FieldEdit(label=f"target of HPA {hpa}", path=path, old=old.targets[hpa], new=percent)
        edit = ObjectEdit(kind=HPA, namespace=namespace, name=hpa, fields=(field,))
        (falling if percent < old.targets[hpa] else rising).append(edit)
    return (*falling, workload, *rising)


def _size_field(field: SizeField, old: Amount | None, new: Amount | None) -> FieldEdit:
    """In the list of containers; the knob looks among the init containers where it is not there."""
    container, half, name = field
    at = Item(keys=("name",), value=container)
    return FieldEdit(
        label=f"{container} {half}.{name}",
        path=(*_TEMPLATE, "containers", at, "resources", half, name.value),
        old=None if old is None else name.show(old),
        new=None if new is None else name.show(new),
    )


def in_init_containers(path: Path) -> Path:
    """The same place among the init containers, where native sidecars stand."""
    return tuple("initContainers" if step == "containers" else step for step in path)


def _target_path(resource: str) -> Path:
    metric = Item(keys=("resource", "name"), value=resource)
    return ("spec", "metrics", metric, "resource", "target", "averageUtilization")


def _kind(order: Order) -> Kind:
    named = order.target.get("kind")
    kind = workload_kind(named)
    if kind is not None and kind.name in _ROLLED_OUT:
        return kind
    what = f"the sizes of a {named} are not changed live"
    raise KnobError(what, where=str(order.target), fix=f"only of {', '.join(_ROLLED_OUT)}; others by their manifest")


def _sizes(value: KnobValue, order: Order) -> Sizes:
    try:
        return parse_sizes(str(value))
    except ValueError as error:
        raise KnobError(
            str(error), where=str(order.target), fix="see docs/knobs.md for what a value looks like"
        ) from None


def _whole(value: KnobValue, order: Order) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 0:
        raise KnobError(f"{value!r} is no whole number", where=str(order.target), fix="0 or more")
    return int(value)


def _json(value: KnobValue, order: Order) -> Any:
    if value is None:
        return None
    try:
        found = json.loads(str(value))
    except ValueError:
        found = None
    if not isinstance(found, dict | list) or not found:
        raise KnobError("the value is no JSON object or list", where=str(order.target), fix="as spec has it")
    return found


def _moving(field: FieldEdit, order: Order) -> FieldEdit:
    if field.old == field.new:
        raise KnobError("the order's old and new values are the same", where=str(order.target))
    return field


def shown(values: Iterator[tuple[FieldEdit, Any]]) -> KnobValue:
    """Live values as people read them; one number as itself."""
    listed = list(values)
    if len(listed) == 1 and isinstance(listed[0][1], int | None):
        return listed[0][1]
    return "; ".join(f"{field.label} {_text(value)}" for field, value in listed)


def _text(value: Any) -> str:
    return "none" if value is None else json.dumps(value) if isinstance(value, dict | list) else str(value)
