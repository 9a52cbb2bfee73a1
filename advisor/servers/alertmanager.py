"""Alertmanager of our own: the one on PATH, else the distribution's package unpacked into the cache."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml

from advisor.servers.debian import unpacked
from advisor.servers.folders import RunFolder
from advisor.servers.listening import free_port, listening
from advisor.servers.process import ChildProcess, Program

_PACKAGE = "prometheus-alertmanager"
_INSTALLED, _BESIDE = b"/usr/share/prometheus/alertmanager", b"usr/share/prometheus//alertmanager"
"""Where Debian's looks for its templates, and the same in as many bytes, below the folder that it is started in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertmanagerServer:
    """A running server."""

    url: str
    process: ChildProcess


def program(folder: Path) -> Path:
    """One that is installed, else the package's, made to run from `folder`. Raises ServerUnavailableError."""
    on_path = next((found for name in (_PACKAGE, "alertmanager") if (found := shutil.which(name))), None)
    if on_path is not None:
        return Path(on_path)
    tree = unpacked("alertmanager", [[_PACKAGE]], unneeded=["lib", "usr/bin/amtool"])  # it needs libc alone
    (folder / "usr").symlink_to(tree / "usr")
    own = folder / _PACKAGE
    own.write_bytes((tree / "usr/bin" / _PACKAGE).read_bytes().replace(_INSTALLED, _BESIDE))
    own.chmod(0o700)
    return own


@contextmanager
def start(
    configuration: Mapping[str, object], choose_port: Callable[[], int] = free_port
) -> Iterator[AlertmanagerServer]:
    """A fresh server with this `alertmanager.yml`, ended and wiped on leaving. Raises ServerUnavailableError."""
    with RunFolder.open("alertmanager") as folder:
        server = program(folder.path)
        file = folder.path / "alertmanager.yml"
        file.write_text(yaml.safe_dump(dict(configuration), sort_keys=False))
        command = [str(server), f"--config.file={file}", f"--storage.path={folder.path / 'data'}"]
        command += ["--cluster.listen-address=", "--log.level=warn"]

        def program_on(port: int) -> Program:
            address = f"--web.listen-address=127.0.0.1:{port}"
            return Program(name="alertmanager", command=[*command, address], folder=folder.path)

        with listening(program_on, _answers, choose_port) as running:
            yield AlertmanagerServer(url=f"http://127.0.0.1:{running.port}", process=running.process)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=1).status_code == 200
    except requests.RequestException:
        return False
