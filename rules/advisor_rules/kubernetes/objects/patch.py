"""A change of an object as text to commit or to run: a YAML patch, or the kubectl command that sends it."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Meta, ObjectRef

_STRATEGIC = ("apps", "batch")
"""Groups whose lists kubectl can merge by name; of others it replaces a list whole."""
_FIXED = ("Pod", "Job")
"""A server takes no other template for these: somebody makes them anew."""


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
    """Only the YAML where a live value would be put back or refused, or where kubectl cannot merge such lists."""
    is_scaler = target.group == "autoscaling"
    if meta.reconciler.puts_back or target.kind in _FIXED or not (is_scaler or target.group in _STRATEGIC):
        head = {
            "apiVersion": target.api_version,
            "kind": target.kind,
            "metadata": {"name": target.name, "namespace": meta.namespace},
        }
        return "# commit this change:\n" + yaml.safe_dump({**head, **change}, sort_keys=False, default_flow_style=False)
    how = "merge" if is_scaler else "strategic"
    options = [f"--namespace={meta.namespace}", "patch", f"{target.resource}/{target.name}", f"--type={how}"]
    return f"{cluster.kubectl} {shlex.join([*options, '--patch=' + json.dumps(change)])}"


def nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    """`value` at the end of `path`."""
    for name in reversed(path):
        value = {name: value}
    return dict(value)
