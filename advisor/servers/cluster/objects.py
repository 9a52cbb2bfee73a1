"""The objects of a cluster of our own: made, read, changed and awaited by plain requests of its administrator."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests

from advisor.servers.cluster.certificates import Papers
from advisor.servers.errors import ServerUnavailableError

NODE = "node-1"
"""There is no scheduler: a pod says itself that it runs there."""
WAIT_SECONDS = 90.0
_SECONDS = 10
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Objects:
    """url: of the API server. Every call raises ServerUnavailableError with what the server says."""

    url: str
    papers: Papers

    def create(self, document: Mapping[str, Any]) -> None:
        """Its namespace is what it says itself."""
        namespace = document["metadata"].get("namespace")
        self._sent("POST", _path(document["apiVersion"], document["kind"], namespace), json=document)

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
        return self._sent("GET", f"{_path(api_version, kind, namespace)}/{name}")

    def listed(self, api_version: str, kind: str, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        found = self._sent("GET", _path(api_version, kind, namespace), params={"labelSelector": selector})
        return list(found["items"])

    def _sent(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        account = (str(self.papers.admin.certificate), str(self.papers.admin.key))
        trusted = str(self.papers.authority.certificate)
        try:
            answer = requests.request(method, self.url + path, cert=account, verify=trusted, timeout=_SECONDS, **what)
        except requests.RequestException as error:
            raise ServerUnavailableError(f"the API server does not answer {method} {path}: {error}") from error
        if not answer.ok:
            raise ServerUnavailableError(f"{method} {path}: the API server says {answer.status_code}: {answer.text}")
        return dict(answer.json())


def _path(api_version: str, kind: str, namespace: str | None) -> str:
    """All kinds that are used here are regular."""
    group = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
    return f"{group}{f'/namespaces/{namespace}' if namespace else ''}/{kind.lower()}s"


def until(look: Callable[[], _T], holds: Callable[[_T], bool], what: str, seconds: float = WAIT_SECONDS) -> _T:
    """What was seen when it held. Raises ServerUnavailableError with what was seen last."""
    end = time.monotonic() + seconds
    while not holds(seen := look()):
        if time.monotonic() > end:
            raise ServerUnavailableError(f"{what}: not within {seconds:g} s; last seen: {seen}")
        time.sleep(0.1)
    return seen


def node() -> dict[str, Any]:
    """One with room for everything."""
    room = {"cpu": "64", "memory": "256Gi", "pods": "5000"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE},
        "status": {"allocatable": room, "capacity": room},
    }


def has(found: Mapping[str, Any], condition: str) -> bool:
    """Whether the status of an object says that `condition` is met."""
    conditions = found.get("status", {}).get("conditions") or []
    return any(one["type"] == condition and one["status"] == "True" for one in conditions)
