"""What metrics-server is to a cluster: `metrics.k8s.io`, for pods whose load is played."""

import json
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from advisor.servers.cluster.certificates import Papers
from advisor.servers.cluster.objects import Objects, has, until

GROUP, VERSION = "metrics.k8s.io", "v1beta1"
_ROOT = f"/apis/{GROUP}/{VERSION}"
_NAMESPACE, _SERVICE = "kube-system", "played-metrics"
_NANOCORES = 1_000_000
_WINDOW = "1s"
Load = tuple[int, int]
"""Millicores and bytes of memory."""
Listener = Callable[[str, str, Load, int], None]
"""Is told of a namespace, an application, its load and its running pods, each time before these are answered with."""


@dataclass(slots=True)
class PlayedMetrics:
    """Divides the load of an application, the label `app` of its pods, by those of them that run."""

    objects: Objects
    listener: Listener | None = None
    _loads: dict[tuple[str, str], Load] = field(default_factory=dict)

    def play(self, namespace: str, app: str, *, millicores: int, memory_bytes: int = 0) -> None:
        """From now on all its pods together use so much."""
        self._loads[namespace, app] = (millicores, memory_bytes)

    def answer(self, target: str) -> tuple[int, Any]:
        """Status and document."""
        url = urlsplit(target)
        if url.path == _ROOT:
            return 200, _DISCOVERY
        rest = url.path.removeprefix(f"{_ROOT}/namespaces/").split("/")
        if rest[0] == url.path or len(rest) != 2 or rest[1] != "pods":
            return 404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        selector = parse_qs(url.query).get("labelSelector", [""])[0]
        items = list(self._usage(rest[0], selector))
        return 200, {"kind": "PodMetricsList", "apiVersion": f"{GROUP}/{VERSION}", "metadata": {}, "items": items}

    def _usage(self, namespace: str, selector: str) -> Iterator[dict[str, Any]]:
        # With nothing for those that do not run yet: one may have begun when the answer arrives, and misses no sample.
        pods = [one for one in self.objects.listed("v1", "Pod", namespace, selector) if not _ends(one)]
        running = Counter(_app(pod) for pod in pods if _runs(pod))
        loads = {app: self._loads[namespace, app] for app in running if (namespace, app) in self._loads}
        for app, load in loads.items():
            if self.listener is not None:
                self.listener(namespace, app, load, running[app])
        for pod in pods:
            if (app := _app(pod)) in loads:
                yield _metrics(pod, [amount / running[app] if _runs(pod) else 0.0 for amount in loads[app]])


def _app(pod: dict[str, Any]) -> str:
    return str(pod["metadata"].get("labels", {}).get("app", ""))


def _runs(pod: dict[str, Any]) -> bool:
    return bool(pod.get("status", {}).get("phase") == "Running")


def _ends(pod: dict[str, Any]) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def _metrics(pod: dict[str, Any], load: Sequence[float]) -> dict[str, Any]:
    """The first container has it all."""
    millicores, memory_bytes = load
    usage = {"cpu": f"{round(millicores * _NANOCORES)}n", "memory": str(round(memory_bytes))}
    first, *others = (one["name"] for one in pod["spec"]["containers"])
    return {
        "metadata": {name: pod["metadata"].get(name) for name in ("name", "namespace", "labels")},
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "window": _WINDOW,
        "containers": [
            {"name": first, "usage": usage},
            *({"name": name, "usage": {"cpu": "0", "memory": "0"}} for name in others),
        ],
    }


_DISCOVERY = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": f"{GROUP}/{VERSION}",
    "resources": [
        {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]}
    ],
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up, or is not let in, is no fault to tell of."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def serving(objects: Objects, papers: Papers) -> Iterator[PlayedMetrics]:
    """Registered with the API server, which alone may ask it: the certificate of its front proxy is demanded."""
    metrics = PlayedMetrics(objects)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self) -> None:
            status, document = metrics.answer(self.path)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.server.certificate, papers.server.key)
    context.load_verify_locations(papers.proxy_authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with _Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            _register(objects, server.server_address[1])
            yield metrics
        finally:
            server.shutdown()
            thread.join()


def _register(objects: Objects, port: int) -> None:
    metadata = {"name": _SERVICE, "namespace": _NAMESPACE}
    service = {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]}
    objects.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service})
    name = f"{VERSION}.{GROUP}"
    spec = {
        "group": GROUP,
        "version": VERSION,
        "service": {"name": _SERVICE, "namespace": _NAMESPACE, "port": port},
        "insecureSkipTLSVerify": True,
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
    }
    registration = "apiregistration.k8s.io/v1"
    objects.create({"apiVersion": registration, "kind": "APIService", "metadata": {"name": name}, "spec": spec})
    until(
        lambda: objects.get(registration, "APIService", name),
        lambda seen: has(seen, "Available"),
        f"{name} becomes available",
    )
