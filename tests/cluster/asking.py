"""Plain requests to the API server of a test, in anybody's name, and all that it answers to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubernetes.dynamic.exceptions import DynamicApiError

from tests.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """warning: what kubectl would show a person beside it, "" for nothing."""

    status: int
    body: str
    warning: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(frozen=True, slots=True)
class Asking:
    """account: the ServiceAccount to stand in for, as "namespace/name", with its own rights alone; "" for none."""

    cluster: Cluster
    account: str = ""

    def ask(
        self, method: str, path: str, body: object = None, *, content_type: str = "application/json", **query: str
    ) -> Answer:
        """Whatever the server says, refusals included."""
        try:
            response = self.cluster.dynamic.request(
                method,
                path,
                body=body,
                serialize=False,
                content_type=content_type,
                query_params=list(query.items()),
                header_params=self._stands_in(),
            )
        except DynamicApiError as error:
            body_text = error.body.decode() if isinstance(error.body, bytes) else str(error.body)
            return Answer(status=int(error.status), body=body_text, warning=str(error.headers.get("Warning", "")))
        warning = str(response.headers.get("Warning") or "")
        return Answer(status=int(response.status), body=response.data.decode(), warning=warning)

    def create(self, document: Mapping[str, Any], **query: str) -> Answer:
        """Nothing unknown or said twice in it, as kubectl wants it too."""
        namespace = document["metadata"].get("namespace")
        resource = self.cluster.dynamic.resources.get(api_version=document["apiVersion"], kind=document["kind"])
        return self.ask("post", resource.path(namespace=namespace), dict(document), fieldValidation="Strict", **query)

    def may(self, verb: str, resource: str, namespace: str, name: str = "") -> bool:
        """As `kubectl auth can-i` asks it. resource: such as "deployments.apps", "pods/exec" or "secrets"."""
        full, _, part = resource.partition("/")
        plural, _, group = full.partition(".")
        where = {"group": group, "resource": plural, "subresource": part, "namespace": namespace, "name": name}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"verb": verb, **where}},
        }
        answer = self.ask("post", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
        assert answer.status == 201, answer.body
        return bool(answer.document["status"]["allowed"])

    def _stands_in(self) -> dict[str, str]:
        """Without groups named, the server adds those of every ServiceAccount."""
        namespace, _, name = self.account.partition("/")
        return {"Impersonate-User": f"system:serviceaccount:{namespace}:{name}"} if name else {}
