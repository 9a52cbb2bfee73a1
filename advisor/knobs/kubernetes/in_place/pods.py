"""The pods of a workload, by their owners and never by their names: read, and resized one by one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import NotThereError
from advisor.knobs.kubernetes.edit import ObjectEdit
from advisor.knobs.kubernetes.managers import MANAGER
from advisor.knobs.kubernetes.place import Operation, Path, find, operations
from advisor.knobs.kubernetes.writing import ClusterApi
from advisor.model.kubernetes.kinds import BETWEEN, PODS

Pod = Mapping[str, Any]
"""As the server shows it."""

_REPLICA_SET = BETWEEN[0]
_SUBRESOURCE = "pods/resize"
_LOWERS_MEMORY_LIMITS = (1, 34)


class AskingApi(ClusterApi, Protocol):
    """And what the account may, as `KubernetesApi` answers it."""

    def may(self, verb: str, resource: str, deadline: Deadline, **where: str) -> bool: ...


class PodWriter:
    """Every call asks the server anew, and none takes longer than `seconds`."""

    def __init__(self, api: AskingApi, seconds: float) -> None:
        self._api = api
        self._seconds = seconds

    def cannot(self, namespace: str) -> str:
        """Why no pod can be resized in place here; "" where they can. Raises BadDataError, TransientError."""
        served = self._api.get("/api/v1", Deadline.after(self._seconds)).get("resources") or ()
        if not any(isinstance(one, Mapping) and one.get("name") == _SUBRESOURCE for one in served):
            return "this server cannot resize pods in place (pods/resize, as of 1.33)"
        where = {"namespace": namespace, "subresource": "resize"}
        if not self._api.may("patch", PODS.plural, Deadline.after(self._seconds), **where):
            return f"the acting account may not patch {_SUBRESOURCE} in {namespace}; see `advisor check`"
        return ""

    def keeps_memory_limits(self) -> bool:
        """Whether a memory limit, once raised, cannot be lowered again while the pod runs: before 1.34.

        Raises BadDataError, TransientError.
        """
        served = self._api.get("/version", Deadline.after(self._seconds))
        numbers = [re.match(r"\d+", str(served.get(part) or "")) for part in ("major", "minor")]
        return tuple(int(one[0]) if one else 0 for one in numbers) < _LOWERS_MEMORY_LIMITS

    def of(self, edit: ObjectEdit, workload: Mapping[str, Any] | None) -> list[Pod]:
        """Those that run and are not on their way out, by name. Raises BadDataError, TransientError."""
        if workload is None:
            return []
        owners = {find(workload, ("metadata", "uid"))}
        selector = selector_text(find(workload, ("spec", "selector")) or {})
        if edit.kind.name == "Deployment":
            owners = {
                one["metadata"]["uid"] for one in self._listed(_REPLICA_SET.path(edit.namespace), selector, owners)
            }
        found = self._listed(PODS.path(edit.namespace), selector, owners)
        running = [pod for pod in found if find(pod, ("status", "phase")) == "Running"]
        return sorted((pod for pod in running if not pod["metadata"].get("deletionTimestamp")), key=name_of)

    def resize(self, pod: Pod, values: Sequence[tuple[Path, Any]], *, is_trial: bool = False) -> Pod:
        """From what was read. Raises MovedError where the pod moved meanwhile; NotThereError, NotAllowedError,
        BadDataError with what the server says of a size that it refuses, TransientError.
        """
        metadata = pod["metadata"]
        tests: list[Operation] = [
            {"op": "test", "path": f"/metadata/{name}", "value": metadata.get(name)}
            for name in ("uid", "resourceVersion")
        ]
        path = f"{PODS.path(quote(metadata['namespace'], safe=''))}/{quote(name_of(pod), safe='')}/resize"
        moves = [*tests, *operations(pod, values)]
        return self._api.patch(path, moves, Deadline.after(self._seconds), manager=MANAGER, is_trial=is_trial)

    def again(self, pod: Pod) -> Pod:
        """As it is now. Raises NotThereError where another one has its name, and as `resize`."""
        path = f"{PODS.path(quote(pod['metadata']['namespace'], safe=''))}/{quote(name_of(pod), safe='')}"
        found = self._api.get(path, Deadline.after(self._seconds))
        if find(found, ("metadata", "uid")) != pod["metadata"]["uid"]:
            raise NotThereError("another pod has its name", where=name_of(pod))
        return found

    def _listed(self, path: str, selector: str, owners: set[str]) -> Iterator[Mapping[str, Any]]:
        """What one of `owners` controls."""
        found = self._api.get(path, Deadline.after(self._seconds), label_selector=selector)
        for one in found.get("items") or ():
            references = find(one, ("metadata", "ownerReferences")) or ()
            if any(each.get("controller") and each.get("uid") in owners for each in references):
                yield one


def name_of(pod: Pod) -> str:
    return str(pod["metadata"]["name"])


def selector_text(selector: Mapping[str, Any]) -> str:
    """As a query takes it, of a selector as workloads have it."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or ():
        key, values = each.get("key"), ",".join(each.get("values") or ())
        written = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": str(key),
            "DoesNotExist": f"!{key}",
        }
        parts.append(written[each.get("operator")])
    return ",".join(parts)
