"""Everything the demo runs on: three servers, the application, its load, and the advisor as a daemon."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests
from pydantic import SecretStr

from advisor.demo import configuration
from advisor.demo.scenarios import badly_set
from advisor.demo.voiceassist import database
from advisor.servers import postgres, prometheus, valkey
from advisor.servers.folders import RunFolder
from advisor.servers.listening import free_port
from advisor.servers.process import ChildProcess, Program

_SERVER_SETTINGS = {
    "max_connections": "60",
    "shared_buffers": "256MB",
    "max_parallel_workers_per_gather": "0",  # two processors are shared by everything
}

_SETTLE_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is running. The addresses hold no password; the journal's URL is a file."""

    application_url: str
    prometheus_url: str
    journal_url: SecretStr
    results: Path
    started_at: datetime
    processes: tuple[ChildProcess, ...]

    def fallen(self) -> ChildProcess | None:
        """The first process that ended though it should run; None when all are well."""
        return next((process for process in self.processes if not process.is_alive()), None)


@contextmanager
def environment(say: Callable[[str], None], permission: str = "automatic") -> Iterator[World]:
    """Start it all; end it all on leaving, however that happens. Raises ServerUnavailableError."""
    with ExitStack() as stack:
        folder = _folder(stack)
        say("starting PostgreSQL 18, Valkey and Prometheus on free ports of loopback")
        server = stack.enter_context(postgres.start(settings=_SERVER_SETTINGS))
        cache = stack.enter_context(valkey.start())
        say("filling the example's database: 400,000 messages, and no index on their conversation")
        database.create(server.dsn, database.Size(), with_index=False)
        port = free_port()
        metrics = stack.enter_context(prometheus.start({configuration.APP: [f"127.0.0.1:{port}"]}))
        application = _start_application(stack, folder, port, server.dsn, cache.url)
        url = f"http://127.0.0.1:{port}"
        say(f"the application answers at {url}: a pool of 4, entries that live for a second")
        results = folder / "load.jsonl"
        results.touch()
        load = _start(stack, folder, "load", ["advisor.demo.load", "--url", url, "--out", str(results)], {})
        say(f"load: 73 requests a second, sent when due; {_SETTLE_SECONDS} s for its queues to fill")
        time.sleep(_SETTLE_SECONDS)  # what a start looks like must not be taken for the usual state
        journal = folder / "journal.db"
        secrets = configuration.secrets(postgres_dsn=server.dsn, redis_url=cache.url, journal=journal)
        file = folder / "advisor.yaml"
        configuration.write(file, metrics.url, permission)
        daemon = _start(stack, folder, "advisor", ["advisor.cli.main", "run", "--config", str(file)], secrets)
        say("advisor run: one look every 2 seconds")
        yield World(
            application_url=url,
            prometheus_url=metrics.url,
            journal_url=SecretStr(f"sqlite:///{journal}"),
            results=results,
            started_at=datetime.now(UTC),
            processes=(server.process, cache.process, metrics.process, application, load, daemon),
        )


def _folder(stack: ExitStack) -> Path:
    folder = RunFolder.open("demo")
    stack.callback(folder.close)
    return folder.path


def _start_application(stack: ExitStack, folder: Path, port: int, dsn: str, redis_url: str) -> ChildProcess:
    settings = badly_set(dsn.replace("postgresql://", "postgresql+psycopg://"), redis_url)
    arguments = ["advisor.demo.voiceassist", str(port)]
    process = _start(stack, folder, "voiceassist", arguments, settings.to_environment())
    process.wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    return process


def _start(stack: ExitStack, folder: Path, name: str, arguments: list[str], variables: dict[str, str]) -> ChildProcess:
    command = [sys.executable, "-m", *arguments]
    process = ChildProcess(Program(name=name, command=command, folder=folder, environment=variables))
    stack.callback(process.stop)
    return process


def answers(url: str) -> bool:
    """Whether the page is there."""
    try:
        return requests.get(url, timeout=1).status_code == 200
    except requests.RequestException:
        return False
