"""`advisor run` as in a pod, on a real API server: no kubeconfig, tokens that are replaced, a server that restarts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml
from kubernetes.client import (
    AuthenticationV1TokenRequest,
    CoreV1Api,
    V1BoundObjectReference,
    V1TokenRequestSpec,
)

from advisor.servers.cluster import control_plane
from advisor.servers.cluster.control_plane import ControlPlane
from advisor.servers.cluster.programs import Programs
from advisor.servers.errors import ServerUnavailableError
from advisor.servers.listening import free_port
from advisor.servers.process import ChildProcess, Program
from tests.cluster.cluster import Cluster, until
from tests.cluster.objects import placed
from tests.cluster.pod import AccountFolder, within
from tests.fakes.chart import rendered
from tests.fakes.manifests import container, deployment

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef" * 2
OWN, READER = "tuning-advisor", "tuning-advisor"


@pytest.fixture
def alone(servers_wanted: None) -> Iterator[ControlPlane]:
    """An API server of this test's own, to be ended and started again."""
    try:
        programs = Programs.found()
    except ServerUnavailableError as error:
        pytest.skip(str(error))
    with control_plane.start(programs, acts=False) as plane:
        yield plane


class Advisor:
    """The daemon in its pod, and what it shows."""

    def __init__(self, process: ChildProcess, url: str) -> None:
        self.process = process
        self._url = url

    def workloads(self) -> list[str]:
        """Of its last look; none while it has none."""
        try:
            answer = requests.get(f"{self._url}/api/v1/report", headers={"Authorization": f"Bearer {KEY}"}, timeout=5)
        except requests.RequestException:
            return []
        return [one["name"] for one in answer.json().get("workloads", [])] if answer.status_code == 200 else []


def token(cluster: Cluster, bound_to: str) -> str:
    """One that ends with the Secret that it is bound to."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": bound_to, "namespace": OWN}}
    made = cluster.create(secret)
    reference = V1BoundObjectReference(api_version="v1", kind="Secret", name=bound_to, uid=made["metadata"]["uid"])
    asked = AuthenticationV1TokenRequest(
        spec=V1TokenRequestSpec(audiences=[], expiration_seconds=600, bound_object_ref=reference)
    )
    given = CoreV1Api(cluster.client).create_namespaced_service_account_token(READER, OWN, asked)
    return str(given.status.token)


@contextmanager
def running(plane: ControlPlane, account: AccountFolder, folder: Path) -> Iterator[Advisor]:
    """By the settings and the manifests that are shipped, beside what a test needs to look in."""
    port, address = free_port(), urlsplit(plane.url)
    (folder / "token").touch(mode=0o600)
    (folder / "token").write_text(KEY)
    settings: dict[str, Any] = {
        "mode": "observe",
        "kubernetes": {"enabled": True},
        "daemon": {"interval_seconds": "1s"},
        "web": {"listen_address": f"127.0.0.1:{port}", "token_files": [str(folder / "token")]},
    }
    (folder / "advisor.yaml").write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "advisor.cli.main", "run", "--log-format", "json"]
    environment = {
        "KUBERNETES_SERVICE_HOST": str(address.hostname),
        "KUBERNETES_SERVICE_PORT": str(address.port),
        "ADVISOR_CONFIG": str(folder / "advisor.yaml"),
        "ADVISOR_JOURNAL__URL": f"sqlite:///{folder}/advisor.db",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    program = Program(name="advisor", command=within(account.folder, command), folder=folder, environment=environment)
    with ChildProcess(program) as process:
        yield Advisor(process, f"http://127.0.0.1:{port}")


def test_it_reads_its_own_namespace_and_survives_a_new_token_and_a_restart_of_the_server(
    alone: ControlPlane, tmp_path: Path
) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "advisor").mkdir()
    with Cluster.reached(alone.kubeconfig, tmp_path / "cluster") as cluster:
        for name in (OWN, "shop"):
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for document in rendered({}, OWN):
            if document["kind"] in ("ServiceAccount", "Role", "RoleBinding"):
                cluster.create(document)

        def deploy(name: str, namespace: str = OWN) -> None:
            cluster.create(placed(deployment(name, [container()], replicas=0), namespace))

        def becomes(*names: str) -> None:
            until(lambda: (advisor.workloads(), advisor.process.log_tail(5)), lambda seen: seen[0] == list(names))

        account = AccountFolder(tmp_path / "account", alone.papers.authority.certificate, OWN)
        account.write(token(cluster, "first"))
        deploy("api")
        deploy("web", "shop")
        with running(alone, account, tmp_path / "advisor") as advisor:
            becomes("api")
            account.write(token(cluster, "second"))
            cluster.delete("v1", "Secret", "first", OWN)
            deploy("beside")
            becomes("api", "beside")
            alone.restart_api()
            deploy("later")
            becomes("api", "beside", "later")
            assert advisor.process.is_alive()
