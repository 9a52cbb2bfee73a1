"""A control plane of our own: etcd, API server, controllers, and kwok for the kubelet. Ended and wiped on leaving."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
import yaml

from advisor.servers.cluster.certificates import Papers, issue
from advisor.servers.cluster.objects import Objects
from advisor.servers.cluster.programs import Programs
from advisor.servers.folders import RunFolder
from advisor.servers.listening import Listening, listening
from advisor.servers.process import ChildProcess, Program

CONTEXT = "rig"
START_SECONDS = 120.0
"""For each server, on a machine that is busy."""
_STAGES = Path(__file__).with_name("stages")
_PODS_WITHOUT_ACCOUNT = {"disable-admission-plugins": "ServiceAccount"}
"""A controller would make the account of each namespace."""
_AUTOSCALING = {
    "sync-period": "1s",
    "cpu-initialization-period": "1s",
    "initial-readiness-delay": "1s",
    "downscale-stabilization": "10s",
}
"""Faster than the defaults of 15 s, 5 min, 30 s and 5 min, so that a test sees the autoscaler act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlane:
    """folder: of logs and keys, gone with it. kubeconfig: of an account that may do anything, as context "rig".

    url, api: of the API server; objects: what is in it. processes: all of them.
    restart_api: ends it with everything it holds in memory, and starts it again there.
    """

    etcd_url: str
    url: str
    api: ChildProcess
    objects: Objects
    processes: tuple[ChildProcess, ...]
    kubeconfig: Path
    papers: Papers
    folder: Path
    restart_api: Callable[[], None]


@contextmanager
def start(programs: Programs, *, acts: bool = True) -> Iterator[ControlPlane]:
    """A cluster whose nodes the caller makes. Raises ServerUnavailableError with the end of a log for what fails.

    acts: False for an API server alone, which keeps objects as they are made.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder.open("cluster")).path
        papers = issue(programs.openssl, folder)
        servers = _Servers(programs, papers, folder, stack)
        etcd_url = f"http://127.0.0.1:{servers.etcd()}"
        more = {} if acts else _PODS_WITHOUT_ACCOUNT
        api = servers.api(etcd_url, more)
        url, kubeconfig = f"https://127.0.0.1:{api.port}", folder / "kubeconfig"
        _write_kubeconfig(kubeconfig, url, papers)
        if acts:
            servers.controllers(kubeconfig)
            servers.kwok(kubeconfig)
        yield ControlPlane(
            etcd_url=etcd_url,
            url=url,
            api=api.process,
            objects=Objects(url, papers),
            processes=tuple(servers.started),
            kubeconfig=kubeconfig,
            papers=papers,
            folder=folder,
            restart_api=lambda: servers.api_again(etcd_url, more, api),
        )


@dataclass(frozen=True, slots=True)
class _Servers:
    """Starts one after the other; each ends with `stack`, the last one first."""

    programs: Programs
    papers: Papers
    folder: Path
    stack: ExitStack
    started: list[ChildProcess] = field(default_factory=list)

    def etcd(self) -> int:
        """Its port, where only this machine reaches it."""

        def command(port: int) -> list[str]:
            url = f"http://127.0.0.1:{port}"
            data, peers = f"--data-dir={self.folder / 'etcd'}", "--listen-peer-urls=http://127.0.0.1:0"
            return [f"--listen-client-urls={url}", f"--advertise-client-urls={url}", data, peers, "--logger=zap"]

        return self._start(self.programs.etcd, command, "http://127.0.0.1:{port}/health").port

    def api(self, etcd_url: str, more: Mapping[str, object]) -> Listening:
        """more: options."""
        options = self._api_options(etcd_url, more)

        def command(port: int) -> list[str]:
            return [f"--secure-port={port}", *_flags(options)]

        return self._start(self.programs.api_server, command, "https://127.0.0.1:{port}/readyz")

    def api_again(self, etcd_url: str, more: Mapping[str, object], former: Listening) -> None:
        """On the port of the former one, which is ended."""
        former.process.stop()
        options = [f"--secure-port={former.port}", *_flags(self._api_options(etcd_url, more))]
        process = self.stack.enter_context(ChildProcess(self._program(self.programs.api_server, options)))
        process.wait_until(lambda: _is_well(f"https://127.0.0.1:{former.port}/readyz", self.papers), START_SECONDS)

    def _api_options(self, etcd_url: str, more: Mapping[str, object]) -> dict[str, object]:
        papers = self.papers
        return {
            **more,
            "etcd-servers": etcd_url,
            "bind-address": "127.0.0.1",
            # The etcd of distributions does not tell of its progress, which such lists need: who watches, as kwok does,
            # would begin anew all the time, after a longer pause each time, and see new pods half a minute late.
            "feature-gates": "WatchList=false",
            "endpoint-reconciler-type": "none",  # it takes no address of loopback
            "authorization-mode": "RBAC",
            "service-cluster-ip-range": "10.0.0.0/24",
            "cert-dir": self.folder,
            "client-ca-file": papers.authority.certificate,
            "tls-cert-file": papers.server.certificate,
            "tls-private-key-file": papers.server.key,
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": papers.accounts.certificate,
            "service-account-signing-key-file": papers.accounts.key,
            # How it stands before other servers, such as that of the metrics.
            "proxy-client-cert-file": papers.proxy.certificate,
            "proxy-client-key-file": papers.proxy.key,
            "requestheader-client-ca-file": papers.proxy_authority.certificate,
            "requestheader-allowed-names": "front-proxy",
            "requestheader-username-headers": "X-Remote-User",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        }

    def controllers(self, kubeconfig: Path) -> None:
        options = {
            "kubeconfig": kubeconfig,
            "bind-address": "127.0.0.1",
            "cert-dir": self.folder,
            "tls-cert-file": self.papers.server.certificate,
            "tls-private-key-file": self.papers.server.key,
            "leader-elect": "false",
            "root-ca-file": self.papers.authority.certificate,
            "service-account-private-key-file": self.papers.accounts.key,
            "vmodule": "horizontal=4",  # its log tells then when an autoscaler decided what
            **{f"horizontal-pod-autoscaler-{name}": value for name, value in _AUTOSCALING.items()},
        }

        def command(port: int) -> list[str]:
            return [f"--secure-port={port}", *_flags(options)]

        self._start(self.programs.controller_manager, command, "https://127.0.0.1:{port}/healthz")

    def kwok(self, kubeconfig: Path) -> None:
        """It listens nowhere: a node that becomes ready tells that it works."""
        stages = [*self.programs.stages, *sorted(_STAGES.glob("*.yaml"))]
        options = [f"--kubeconfig={kubeconfig}", "--manage-all-nodes", *(f"--config={path}" for path in stages)]
        self.started.append(self.stack.enter_context(ChildProcess(self._program(self.programs.kwok, options))))

    def _start(self, program: Path, command: Callable[[int], list[str]], health: str) -> Listening:
        def answers(port: int) -> bool:
            return _is_well(health.format(port=port), self.papers)

        starting = listening(lambda port: self._program(program, command(port)), answers, timeout_seconds=START_SECONDS)
        started = self.stack.enter_context(starting)
        self.started.append(started.process)
        return started

    def _program(self, path: Path, options: Sequence[str]) -> Program:
        return Program(
            name=path.name,
            command=[str(path), *options],
            folder=self.folder,
            environment={"HOME": str(self.folder)},  # kwok would read settings there
            stop_signal=signal.SIGKILL,  # its folder goes with it: there is nothing to end in order
        )


def _flags(options: dict[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items()]


def _is_well(url: str, papers: Papers) -> bool:
    account = (str(papers.admin.certificate), str(papers.admin.key))
    try:
        answer = requests.get(url, timeout=2, verify=str(papers.authority.certificate), cert=account)
    except requests.RequestException:
        return False
    return answer.status_code == 200


def _write_kubeconfig(path: Path, url: str, papers: Papers) -> None:
    certificates = {"client-certificate": str(papers.admin.certificate), "client-key": str(papers.admin.key)}
    write_kubeconfig(path, {"server": url, "certificate-authority": str(papers.authority.certificate)}, certificates)


def write_kubeconfig(path: Path, cluster: dict[str, str], user: dict[str, str], namespace: str = "default") -> None:
    """One cluster, one user, and a context of them, called "rig"."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": namespace}}],
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(document))
