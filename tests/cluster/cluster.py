"""A cluster as a test uses it: objects made, read and awaited, namespaces and accounts of its own."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import yaml
from kubernetes.client import ApiClient, AuthenticationV1TokenRequest, CoreV1Api, V1TokenRequestSpec
from kubernetes.config import list_kube_config_contexts, new_client_from_config
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import NotFoundError

from advisor.servers.cluster.control_plane import write_kubeconfig

WAIT_SECONDS = 90.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """kubeconfig and context: of an account that may make and delete. folder: for what is derived of them."""

    kubeconfig: Path
    context: str
    folder: Path
    client: ApiClient
    dynamic: DynamicClient

    @classmethod
    @contextmanager
    def reached(cls, kubeconfig: Path, folder: Path) -> Iterator[Self]:
        """By the current context of a kubeconfig."""
        context = str(list_kube_config_contexts(str(kubeconfig))[1]["name"])
        with new_client_from_config(str(kubeconfig), persist_config=False) as client:
            dynamic = DynamicClient(client, cache_file=str(folder / "discovery.json"))
            yield cls(kubeconfig=kubeconfig, context=context, folder=folder, client=client, dynamic=dynamic)

    def create(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The object as the server keeps it; its namespace is what it says itself."""
        made = self._kind(document["apiVersion"], document["kind"]).create(
            body=dict(document), namespace=document["metadata"].get("namespace")
        )
        return dict(made.to_dict())

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        return dict(self._kind(api_version, kind).get(name=name, namespace=namespace).to_dict())

    def listed(self, api_version: str, kind: str, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        found = self._kind(api_version, kind).get(namespace=namespace, label_selector=selector)
        return list(found.to_dict()["items"])

    def patch(
        self, api_version: str, kind: str, name: str, namespace: str, change: Mapping[str, Any], part: str = ""
    ) -> None:
        """A strategic merge. part: such as "resize" or "status", else the object itself."""
        resource = self._kind(api_version, kind)
        target = resource.subresources[part] if part else resource
        target.patch(
            name=name,
            namespace=namespace,
            body=dict(change),
            content_type="application/strategic-merge-patch+json",
        )

    def delete(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> None:
        with suppress(NotFoundError):
            self._kind(api_version, kind).delete(name=name, namespace=namespace, body={})

    @contextmanager
    def namespace(self) -> Iterator[str]:
        """A fresh one, deleted on leaving. Pods may be made in it: its account is there."""
        name = f"advisor-test-{secrets.token_hex(4)}"
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        try:
            until(lambda: self.listed("v1", "ServiceAccount", name), bool)
            yield name
        finally:
            self.delete("v1", "Namespace", name)

    def account(self, namespace: str, name: str, rules: Sequence[Mapping[str, Any]]) -> Path:
        """The kubeconfig of a new account that may do in its namespace what a Role with these rules lets it do.

        Nodes, which are in no namespace, it may list in any case.
        """
        metadata = {"name": name, "namespace": namespace}
        rbac = "rbac.authorization.k8s.io"
        self.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        self.create({"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": metadata, "rules": list(rules)})
        self.create(
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
            }
        )
        self._let_list_nodes(metadata)
        return self.kubeconfig_of(namespace, name)

    def kubeconfig_of(self, namespace: str, name: str) -> Path:
        """Of an account that is there."""
        path = self.folder / f"{namespace}-{name}.kubeconfig"
        write_kubeconfig(path, self.address(), {"token": self.token_of(namespace, name)}, namespace)
        return path

    def token_of(self, namespace: str, name: str) -> str:
        """A new one for an hour, as a pod is given it."""
        asked = AuthenticationV1TokenRequest(spec=V1TokenRequestSpec(audiences=[], expiration_seconds=3600))
        given = CoreV1Api(self.client).create_namespaced_service_account_token(name, namespace, asked)
        return str(given.status.token)

    def _let_list_nodes(self, account: Mapping[str, str]) -> None:
        rbac, own = "rbac.authorization.k8s.io", {"name": f"{account['namespace']}-{account['name']}"}
        nodes = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]
        self.create({"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": own, "rules": nodes})
        self.create(
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": own,
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", **own},
                "subjects": [{"kind": "ServiceAccount", **account}],
            }
        )

    def address(self) -> dict[str, str]:
        """Of the kubeconfig's cluster, with what else is needed to trust it."""
        document = yaml.safe_load(self.kubeconfig.read_text())
        (name,) = (one["context"]["cluster"] for one in document["contexts"] if one["name"] == self.context)
        (address,) = (one["cluster"] for one in document["clusters"] if one["name"] == name)
        return dict(address)

    def _kind(self, api_version: str, kind: str) -> Any:
        return self.dynamic.resources.get(api_version=api_version, kind=kind)


def until(look: Callable[[], _T], holds: Callable[[_T], bool], seconds: float = WAIT_SECONDS) -> _T:
    """What was seen when it held. Fails with what was seen last."""
    end = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < end, f"not within {seconds:g} s; last seen: {seen}"
        time.sleep(0.1)
    return seen
