"""Prometheus of our own: the one on PATH, else the distribution's package unpacked into the cache."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml

from advisor.servers.debian import unpacked
from advisor.servers.errors import ServerUnavailableError
from advisor.servers.folders import RunFolder
from advisor.servers.listening import free_port, listening
from advisor.servers.process import ChildProcess, Program

_IMPORT_SECONDS = 300
_BLOCK = "24h"
"""Longest span of a block: promtool reads the whole file once for each, and has all of one in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusServer:
    """A running server."""

    url: str
    port: int
    process: ChildProcess


def program(name: str = "prometheus") -> Path:
    """`prometheus` or `promtool`. Raises ServerUnavailableError, which says what to install."""
    on_path = shutil.which(name)
    if on_path is not None:
        return Path(on_path)
    tree = unpacked("prometheus", [["prometheus"]], unneeded=["lib"])  # it needs libc alone; the rest is its web page
    return tree / "usr/bin" / name


@contextmanager
def start(
    targets: Mapping[str, list[str]],
    scrape_interval_seconds: int = 1,
    choose_port: Callable[[], int] = free_port,
    history: Path | None = None,
) -> Iterator[PrometheusServer]:
    """A fresh server that scrapes `targets` (job name to host:port of each instance), ended and wiped on leaving.

    history: an OpenMetrics file with times, or a folder that `make_blocks` made of one; the server starts as if it had
    recorded it.
    Raises ServerUnavailableError.
    """
    server = program()
    with RunFolder.open("prometheus") as folder:
        configuration = _write_configuration(folder.path, targets, scrape_interval_seconds)
        command = [str(server), f"--config.file={configuration}", f"--storage.tsdb.path={folder.path / 'data'}"]
        command += [f"--storage.tsdb.retention.time={'6h' if history is None else '10y'}", "--log.level=warn"]
        if history is not None and history.is_dir():
            shutil.copytree(history, folder.path / "data")
        elif history is not None:
            make_blocks(history, folder.path / "data")

        def program_on(port: int) -> Program:
            address = f"--web.listen-address=127.0.0.1:{port}"
            return Program(name="prometheus", command=[*command, address], folder=folder.path)

        with listening(program_on, _answers, choose_port) as running:
            yield PrometheusServer(url=f"http://127.0.0.1:{running.port}", port=running.port, process=running.process)


def make_blocks(history: Path, data: Path, seconds: float = _IMPORT_SECONDS, longest: str = _BLOCK) -> None:
    """Of an OpenMetrics file. seconds: at most. longest: span of a block. Raises ServerUnavailableError."""
    command = [str(program("promtool")), "tsdb", "create-blocks-from", f"--max-block-duration={longest}"]
    command += ["openmetrics", str(history), str(data)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise ServerUnavailableError(
            f"promtool did not import {history.name} within {seconds:g} s", fix="record less"
        ) from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ServerUnavailableError(f"promtool could not import {history.name}: {last}")


def _write_configuration(folder: Path, targets: Mapping[str, list[str]], interval_seconds: int) -> Path:
    interval = f"{interval_seconds}s"
    document = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": instances}]} for job, instances in targets.items()
        ],
    }
    configuration = folder / "prometheus.yml"
    configuration.write_text(yaml.safe_dump(document, sort_keys=False))
    return configuration


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=1).status_code == 200
    except requests.RequestException:
        return False
