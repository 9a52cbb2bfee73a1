"""Prometheus of our own: the one on PATH, else the distribution's package unpacked into the cache."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml

from advisor.demo.servers.debian import unpacked
from advisor.demo.servers.folders import RunFolder
from advisor.demo.servers.process import ChildProcess, Program, free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusServer:
    """A running server."""

    url: str
    port: int
    process: ChildProcess


def program(name: str = "prometheus") -> Path:
    """`prometheus` or `promtool`. Raises ServerUnavailableError, which says what to install."""
    on_path = shutil.which(name)
    return Path(on_path) if on_path else unpacked("prometheus", ["prometheus"]) / "usr/bin" / name


@contextmanager
def start(targets: Mapping[str, str], scrape_interval_seconds: int = 1) -> Iterator[PrometheusServer]:
    """A fresh server that scrapes `targets` (job name to host:port), ended and wiped on leaving.

    Raises ServerUnavailableError.
    """
    folder = RunFolder.open("prometheus")
    try:
        server = _launch(folder.path, targets, scrape_interval_seconds)
        try:
            yield server
        finally:
            server.process.stop()
    finally:
        folder.close()


def _launch(folder: Path, targets: Mapping[str, str], interval_seconds: int) -> PrometheusServer:
    interval = f"{interval_seconds}s"
    document = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [target]}]} for job, target in targets.items()
        ],
    }
    configuration = folder / "prometheus.yml"
    configuration.write_text(yaml.safe_dump(document, sort_keys=False))
    port = free_port()
    command = [str(program()), f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=6h", "--log.level=warn"]
    process = ChildProcess(Program(name="prometheus", command=command, folder=folder))
    url = f"http://127.0.0.1:{port}"
    process.wait_until(lambda: _answers(url))
    return PrometheusServer(url=url, port=port, process=process)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=1).status_code == 200
    except requests.RequestException:
        return False
