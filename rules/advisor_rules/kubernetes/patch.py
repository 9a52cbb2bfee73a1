"""A change of an object as text to commit or to run: a YAML patch, and the kubectl command that sends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Meta, ObjectRef

_STRATEGIC = ("apps", "batch", "")
"""Groups whose lists kubectl can merge by name; of others it replaces a list whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """apply and undo: the same object with the new and with the old value; null takes a field away."""

    apply: str
    undo: str


def patch(cluster: ClusterState, meta: Meta, target: ObjectRef, changes: Sequence[Mapping[str, Any]]) -> Patch:
    """changes: the new and the old value. target: the object that is edited, in the namespace of `meta`."""
    new, old = (_text(cluster, meta, target, change) for change in changes)
    return Patch(apply=new, undo=old)


def _text(cluster: ClusterState, meta: Meta, target: ObjectRef, change: Mapping[str, Any]) -> str:
    """Only the YAML where a live value would be put back, or where kubectl cannot merge lists of that kind."""
    is_scaler = target.group == "autoscaling"
    if meta.reconciler.puts_back or target.kind == "Pod" or not (is_scaler or target.group in _STRATEGIC):
        head = {
            "apiVersion": target.api_version,
            "kind": target.kind,
            "metadata": {"name": target.name, "namespace": meta.namespace},
        }
        return "# commit this change:\n" + _yaml({**head, **change})
    context = f" --context {cluster.context}" if cluster.context else ""
    name = f"{target.kind.lower()}{'.' + target.group if target.group else ''}/{target.name}"
    how = "merge" if is_scaler else "strategic"
    command = f"kubectl{context} -n {meta.namespace} patch {name} --type={how} --patch-file=/dev/stdin"
    return f"{command} <<'PATCH'\n{_yaml(change)}PATCH"


def _yaml(change: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(change), sort_keys=False, default_flow_style=False)


def nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    """`value` at the end of `path`."""
    for name in reversed(path):
        value = {name: value}
    return dict(value)
