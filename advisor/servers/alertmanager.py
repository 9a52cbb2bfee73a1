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

_NAMES = ("prometheus-alertmanager", "alertmanager")
"""Debian's and the project's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertmanagerServer:
    """A running server."""

    url: str
    process: ChildProcess


def program() -> Path:
    """Raises ServerUnavailableError, which says what to install."""
    on_path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if on_path is not None:
        return Path(on_path)
    tree = unpacked("alertmanager", [[_NAMES[0]]], unneeded=["lib"])  # it needs libc alone
    return tree / "usr/bin" / _NAMES[0]


@contextmanager
def start(
    configuration: Mapping[str, object], choose_port: Callable[[], int] = free_port
) -> Iterator[AlertmanagerServer]:
    """A fresh server with this `alertmanager.yml`, ended and wiped on leaving. Raises ServerUnavailableError."""
    server = program()
    with RunFolder.open("alertmanager") as folder:
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
