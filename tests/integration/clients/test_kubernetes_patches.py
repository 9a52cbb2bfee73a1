"""What patches and questions of rights look like on the wire, before a loopback server over a cluster in memory."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi, MovedError, NotThereError
from advisor.knobs.kubernetes.check import check_writing
from advisor.knobs.kubernetes.edit import autoscaler_edits
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.writing import ObjectWriter
from advisor.model.check import CheckStatus
from advisor.model.knob import KnobState, Order, knob_target
from advisor.settings.kubernetes.reading import KubernetesSettings
from tests.fakes.cluster import FakeCluster
from tests.fakes.manifests import autoscaler

PATH = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
TARGET = knob_target("k8s.hpa", cluster="kubernetes", namespace="shop", name="web", part="maxReplicas")
ORDER = Order(change_id="chg_a", target=TARGET, old=10, new=14, epoch=3)


class Server:
    """refused: "VERB PLURAL" or "VERB PLURAL/PART" that the account may not do. sent: of each patch, query and type.

    rules: what Roles let the account do all the same.
    """

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.refused: set[str] = set()
        self.rules: list[dict[str, list[str]]] = []
        self.sent: list[tuple[dict[str, list[str]], str]] = []

    def answer(self, method: str, url: str, kind: str, body: Any) -> tuple[int, Any]:
        path, query = urlsplit(url).path, parse_qs(urlsplit(url).query)
        deadline = Deadline.after(5)
        try:
            if (method, path) == ("POST", REVIEWS):
                asked = body["spec"]["resourceAttributes"]
                part = f"/{asked['subresource']}" if "subresource" in asked else ""
                allowed = f"{asked['verb']} {asked['resource']}{part}" not in self.refused
                return 201, {"status": {"allowed": allowed}}
            if (method, path) == ("POST", RULES):
                assert body["spec"] == {"namespace": "shop"}
                return 201, {"status": {"resourceRules": self.rules}}
            if method == "PATCH":
                self.sent.append((query, kind))
                manager, is_trial = query["fieldManager"][0], query.get("dryRun") == ["All"]
                return 200, self.cluster.patch(path, body, deadline, manager=manager, is_trial=is_trial)
            return 200, self.cluster.get(path, deadline)
        except NotThereError:
            return 404, {"kind": "Status", "message": "not found"}
        except MovedError:  # word for word
            message = "the server rejected our request due to an error in our request"
            return 422, {"kind": "Status", "reason": "Invalid", "message": message}


@contextmanager
def serving(server: Server, folder: Path) -> Iterator[KubernetesSettings]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, answer = server.answer(self.command, self.path, self.headers.get("Content-Type", ""), body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PATCH = do_POST = _serve  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{http.server_port}"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [{"name": "here", "cluster": {"server": url}}],
            "users": [{"name": "here", "user": {"token": "t"}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "here", "namespace": "shop"}}],
        }
        file = folder / "kubeconfig"
        file.write_text(yaml.safe_dump(config))
        writing = {"enabled": True, "kubeconfig": str(file)}
        yield KubernetesSettings.model_validate({"enabled": True, "writing": writing})
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def server() -> Server:
    made = Server()
    made.cluster.make(PATH, autoscaler("web", "web"))
    return made


def test_a_change_and_its_undoing_over_the_wire(server: Server, tmp_path: Path) -> None:
    before = server.cluster.objects[PATH]["spec"]
    with serving(server, tmp_path) as settings, closing(KubernetesApi(settings.acting)) as api:
        knob = KubernetesKnob(ObjectWriter(api, 5.0), autoscaler_edits)
        knob.apply(ORDER)
        assert knob.inspect(ORDER).kind is KnobState.NEW
        knob.restore(ORDER)
    assert server.cluster.objects[PATH]["spec"] == before
    # Two trials: of all before anything is written, and again of what is then written; to undo it, value and record.
    assert [query.get("dryRun") for query, _ in server.sent] == [["All"], ["All"], None, None, None]
    for query, kind in server.sent:
        assert kind == "application/json-patch+json"
        assert query["fieldManager"] == ["tuning-advisor"]
        assert "force" not in query


def test_a_test_that_fails_is_told_from_a_value_that_is_refused(server: Server, tmp_path: Path) -> None:
    with serving(server, tmp_path) as settings, closing(KubernetesApi(settings.acting)) as api:
        wrong = [{"op": "test", "path": "/spec/maxReplicas", "value": 99}]
        with pytest.raises(MovedError, match="has moved meanwhile"):
            api.patch(PATH, wrong, Deadline.after(5), manager="tuning-advisor", is_trial=False)


def test_the_doctor_names_the_rights_that_the_acting_account_lacks(server: Server, tmp_path: Path) -> None:
    server.refused = {"patch deployments", "list resourcequotas", "get secrets", "create pods/exec"}
    with serving(server, tmp_path) as settings:
        line, canary = check_writing(settings)
    assert canary.status is CheckStatus.OK
    assert (line.status, line.name) == (CheckStatus.WARNING, "kubernetes writing in shop")
    assert line.detail == "may not patch deployments.apps, list resourcequotas"
    assert '- {apiGroups: ["apps"], resources: [deployments], verbs: [patch]}' in line.fix


def test_objects_that_a_role_names_are_told_and_kinds_of_which_it_names_none_are_not_missed(
    server: Server, tmp_path: Path
) -> None:
    """A right to objects by their names is no right to the kind, which is what was asked for first."""
    plurals = ("horizontalpodautoscalers", "deployments", "statefulsets", "daemonsets")
    server.refused = {*(f"patch {plural}" for plural in plurals), "get secrets", "create pods/exec"}
    rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "patch"]}
    reads = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"]}
    server.rules = [reads, {**rule, "resourceNames": ["web", "api"]}]
    with serving(server, tmp_path) as settings:
        line, _ = check_writing(settings)
        assert (line.status, line.detail) == (CheckStatus.OK, "may patch deployments.apps api, web; and nothing else")
        server.refused |= {"list resourcequotas"}
        line, _ = check_writing(settings)
        assert line.detail == (
            "may not patch horizontalpodautoscalers.autoscaling, patch statefulsets.apps, patch daemonsets.apps, "
            "list resourcequotas"
        )


def test_the_doctor_names_what_the_acting_account_may_and_need_not(server: Server, tmp_path: Path) -> None:
    with serving(server, tmp_path) as settings:
        fine, _, more = check_writing(settings)
    assert (fine.status, fine.detail) == (CheckStatus.OK, "may patch autoscalers and workloads")
    assert (more.status, more.detail) == (
        CheckStatus.WARNING,
        "may more than it needs: get secrets, create pods/exec",
    )


def test_without_the_right_to_resize_pods_sizes_have_no_canary_and_the_doctor_says_so(
    server: Server, tmp_path: Path
) -> None:
    server.refused = {"patch pods/resize", "list replicasets", "get secrets", "create pods/exec"}
    with serving(server, tmp_path) as settings:
        fine, canary = check_writing(settings)
    assert fine.status is CheckStatus.OK
    assert (canary.status, canary.detail) == (
        CheckStatus.WARNING,
        "sizes are given to all pods at once: may not list replicasets, patch pods/resize",
    )
