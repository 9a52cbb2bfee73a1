"""A cluster in memory whose pods run: a kubelet gives them the sizes that are asked for, or says why not."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import NotAllowedError
from advisor.knobs.kubernetes.place import Operation
from tests.fakes.cluster import FakeCluster

_RESIZE = "/resize"
_PODS = "/api/v1/namespaces/{}/pods/"


class FakeKubelet(FakeCluster):
    """refuses: by pod, the reason and since when its node has no room for it. says: by pod, conditions word for word,
    with which its containers keep what they have. forbidden, unreadable: what the account may not do and not list.
    """

    def __init__(self) -> None:
        super().__init__()
        self.serves_resize = True
        self.forbidden: set[str] = set()
        self.unreadable: set[str] = set()
        self.refuses: dict[str, tuple[str, str]] = {}
        self.says: dict[str, list[dict[str, Any]]] = {}
        self.minor = "36"

    def run(self, workload: str, *names: str) -> None:
        """Pods of the template that the Deployment at `workload` has now, owned by a ReplicaSet of its."""
        owner, namespace = self.objects[workload], workload.split("/")[-3]
        template = owner["spec"]["template"]
        place = f"/apis/apps/v1/namespaces/{namespace}/replicasets/{owner['metadata']['name']}-1"
        if place not in self.objects:
            self.make(
                place, _owned(f"{owner['metadata']['name']}-1", namespace, "Deployment", owner, template["metadata"])
            )
        for name in names:
            pod = _owned(name, namespace, "ReplicaSet", self.objects[place], template["metadata"])
            self.make(
                _PODS.format(namespace) + name, {**pod, "spec": deepcopy(template["spec"])}, "kube-controller-manager"
            )
            self._settle(_PODS.format(namespace) + name)

    def pod(self, name: str, namespace: str = "shop") -> dict[str, Any]:
        return self.objects[_PODS.format(namespace) + name]

    def resources(self, name: str) -> Any:
        return self.pod(name)["spec"]["containers"][0]["resources"]

    def get(self, path: str, deadline: Deadline, **query: object) -> Mapping[str, Any]:
        if path.rpartition("/")[2] in self.unreadable:
            raise NotAllowedError("not allowed", where=path)
        if path == "/api/v1":
            return {"kind": "APIResourceList", "resources": [{"name": "pods/resize"}] if self.serves_resize else []}
        if path == "/version":
            return {"major": "1", "minor": self.minor}
        return super().get(path, deadline, **query)

    def may(self, verb: str, resource: str, deadline: Deadline, **where: str) -> bool:
        return f"{verb} {resource}/{where['subresource']}" not in self.forbidden

    def patch(
        self, path: str, operations: Sequence[Operation], deadline: Deadline, *, manager: str, is_trial: bool
    ) -> Mapping[str, Any]:
        try:
            return super().patch(path.removesuffix(_RESIZE), operations, deadline, manager=manager, is_trial=is_trial)
        finally:
            if path.endswith(_RESIZE) and not is_trial:
                self._settle(path.removesuffix(_RESIZE))

    def resize_by_hand(self, name: str, resources: Mapping[str, Any], manager: str = "kubectl-resize") -> None:
        path = _PODS.format("shop") + name
        self.edit(path, manager, {"op": "add", "path": "/spec/containers/0/resources", "value": dict(resources)})
        for entry in self.objects[path]["metadata"]["managedFields"]:
            if entry["manager"] == manager:
                entry["subresource"] = "resize"
        self._settle(path)

    def _settle(self, path: str) -> None:
        """What the kubelet makes of a pod's spec."""
        if (pod := self.objects.get(path)) is None:
            return
        status = {"phase": "Running", "podIP": "10.0.0.1", **pod.get("status", {}), "conditions": []}
        if (held := self.refuses.get(pod["metadata"]["name"])) is not None:
            reason, since = held
            pending = {"type": "PodResizePending", "status": "True", "reason": reason, "lastTransitionTime": since}
            status["conditions"] = [pending]
        elif (said := self.says.get(pod["metadata"]["name"])) is not None:
            status["conditions"] = deepcopy(said)
        else:
            status["containerStatuses"] = [
                {"name": one["name"], "resources": deepcopy(one.get("resources", {}))}
                for one in pod["spec"]["containers"]
            ]
        pod["status"] = status


def _owned(name: str, namespace: str, kind: str, owner: Mapping[str, Any], labels: Mapping[str, Any]) -> dict[str, Any]:
    reference = {"kind": kind, "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"], "controller": True}
    return {"metadata": {"name": name, "namespace": namespace, **labels, "ownerReferences": [reference]}}
