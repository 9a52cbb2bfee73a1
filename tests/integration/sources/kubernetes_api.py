"""A Kubernetes API server in small: a loopback HTTP server that lists objects in pages, and misbehaves as told."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from advisor.model.kubernetes.kinds import KINDS, Kind
from advisor.settings.kubernetes.reading import KubernetesSettings

TOKEN = "a-token-that-nobody-may-see"


@dataclass(slots=True)
class Api:
    """forbidden, vanished, hanging: "PLURAL", or "NAMESPACE/PLURAL" for one namespace alone, "/PLURAL" for all at once.

    absent: kinds that are not served. expiring: lists whose second page is refused once. other: more paths.
    ahead_seconds: of its clock before ours. slow_seconds: how long every page takes. dripping: lists of which only the
    first bytes come.
    changes: what watches tell, after the version that each has. unwatchable, forgetful, breaking: kinds that may not be
    watched, whose watches are answered with 410, and whose watches end with it after their first event.
    garbled: what watches of a kind give instead. is_patient: watches end when their time is over.
    """

    url: str = ""
    objects: list[Mapping[str, Any]] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)
    vanished: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=lambda: {"rollouts", "verticalpodautoscalers", "scaledobjects"})
    expiring: set[str] = field(default_factory=set)
    dripping: set[str] = field(default_factory=set)
    ahead_seconds: float = 0.0
    slow_seconds: float = 0.0
    changes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    unwatchable: set[str] = field(default_factory=set)
    forgetful: set[str] = field(default_factory=set)
    breaking: set[str] = field(default_factory=set)
    garbled: dict[str, bytes] = field(default_factory=dict)
    is_patient: bool = False
    other: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, Any]:
        if path in self.other:
            return self.other[path]
        if path == "/version":
            return 200, {"gitVersion": "v1.36.3"}
        for kind in KINDS:
            if path == f"/apis/{kind.api_version}":
                there = kind.plural not in self.absent
                return (200, {"kind": "APIResourceList"}) if there else _status(404, "not found")
            if path == kind.path():
                return self._list(kind, "", query)
            namespace = path.removeprefix(kind.path("")[: -len(kind.plural)] + "namespaces/").partition("/")[0]
            if kind.has_namespace and path == kind.path(namespace):
                return self._list(kind, namespace, query)
        if path.startswith("/api/v1/namespaces/"):
            return self._namespace(path.rpartition("/")[2])
        return _status(404, "the server could not find the requested resource")

    def _namespace(self, name: str) -> tuple[int, Any]:
        if "namespaces" in self.forbidden:
            return _status(403, "namespaces is forbidden")
        found = [one for one in self.objects if one["kind"] == "Namespace" and one["metadata"]["name"] == name]
        return (200, found[0]) if found else _status(404, f'namespaces "{name}" not found')

    def _list(self, kind: Kind, namespace: str, query: Mapping[str, list[str]]) -> tuple[int, Any]:
        names = {kind.plural, f"{namespace}/{kind.plural}"}
        if names & self.hanging:
            self.ended.wait(60)
        self.ended.wait(self.slow_seconds)
        # As a real server does it: rights come first, also to what it does not have.
        if names & self.forbidden:
            return _status(403, f'{kind.resource} is forbidden: User "eve" cannot list resource "{kind.plural}"')
        if kind.plural in self.absent or names & self.vanished:
            return _status(404, "the server could not find the requested resource")
        if "watch" in query:
            self.ended.wait(int(query["timeoutSeconds"][0]) if self.is_patient else 0)
            return self._watch(kind, namespace, int(query["resourceVersion"][0]))
        found = [one for one in self.objects if _is_of(one, kind, namespace)]
        start, limit = int(query.get("continue", ["0"])[0]), int(query.get("limit", ["1000000"])[0])
        if start and kind.plural in self.expiring:
            self.expiring.remove(kind.plural)
            return _status(410, "The provided continue parameter is too old")
        rest = {"continue": str(start + limit)} if start + limit < len(found) else {}
        rest["resourceVersion"] = str(len(self.changes))
        items = [{name: part for name, part in one.items() if name not in ("kind", "apiVersion")} for one in found]
        page = items[start : start + limit]
        return 200, {"kind": f"{kind.name}List", "apiVersion": kind.api_version, "metadata": rest, "items": page}

    def happen(self, what: str, document: Mapping[str, Any]) -> None:
        """ADDED, MODIFIED or DELETED: watches tell it, and lists show it."""
        self.objects = [one for one in self.objects if not _is_same(one, document)]
        if what != "DELETED":
            self.objects.append(document)
        self.changes.append((what, document))

    def _watch(self, kind: Kind, namespace: str, version: int) -> tuple[int, Any]:
        if kind.plural in self.unwatchable:
            return _status(403, f'{kind.resource} is forbidden: User "eve" cannot watch resource "{kind.plural}"')
        if kind.plural in self.forgetful:
            return _status(410, "too old resource version")
        if kind.plural in self.garbled:
            return 200, self.garbled[kind.plural]
        told = list[Mapping[str, Any]]()
        for number, (what, document) in enumerate(self.changes[version:], version + 1):
            if _is_of(document, kind, namespace):
                metadata = {**document["metadata"], "resourceVersion": str(number)}
                told.append({"type": what, "object": {**document, "metadata": metadata}})
                if kind.plural in self.breaking:
                    told.append({"type": "ERROR", "object": _status(410, "too old resource version")[1]})
        marked = {"kind": kind.name, "metadata": {"resourceVersion": str(len(self.changes))}}
        told.append({"type": "BOOKMARK", "object": marked})
        return 200, b"".join(json.dumps(one).encode() + b"\n" for one in told)


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    def place(document: Mapping[str, Any]) -> tuple[str, ...]:
        metadata = document["metadata"]
        return (document["kind"], metadata.get("namespace", ""), metadata["name"])

    return place(one) == place(other)


def _is_of(document: Mapping[str, Any], kind: Kind, namespace: str) -> bool:
    is_kind = (document["apiVersion"], document["kind"]) == (kind.api_version, kind.name)
    return is_kind and namespace in ("", document["metadata"].get("namespace"))


def _status(code: int, message: str) -> tuple[int, Any]:
    return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}


@contextmanager
def serving() -> Iterator[Api]:
    """Runs it on a free port; at the end whatever hangs is let go."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            api.asked.append(self.path)
            api.methods.add(self.command)
            api.tokens.add(self.headers.get("Authorization", ""))
            code, document = api.answer(parts.path, parse_qs(parts.query))
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            try:
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                if code in (301, 302):
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                if parts.path.rpartition("/")[2] in api.dripping:
                    self.wfile.write(body[:1])
                    api.ended.wait(60)
                self.wfile.write(body)
            except OSError:
                return  # the client has had enough

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + api.ahead_seconds)

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        api.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def kubeconfig(api: Api, folder: Path) -> str:
    """A file with the contexts "here", whose namespace is "shop", and "there", where nobody listens."""
    path = folder / "kubeconfig"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [
            {"name": "here", "cluster": {"server": api.url}},
            {"name": "there", "cluster": {"server": "http://127.0.0.1:1"}},
        ],
        "users": [{"name": "eve", "user": {"token": TOKEN}}],
        "contexts": [
            {"name": "here", "context": {"cluster": "here", "user": "eve", "namespace": "shop"}},
            {"name": "there", "context": {"cluster": "there", "user": "eve"}},
        ],
    }
    path.write_text(yaml.safe_dump(document))
    return str(path)


def settings_for(api: Api, folder: Path, **changes: Any) -> KubernetesSettings:
    wanted = {"kubeconfig": kubeconfig(api, folder), "timeout_seconds": "2s", "deadline_seconds": "30s", **changes}
    return KubernetesSettings.model_validate(wanted)
