"""Everything the demo runs on: three servers, the application, its load, and the advisor as a daemon."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests
from pydantic import SecretStr

from advisor.demo import configuration
from advisor.demo.scenarios import badly_set
from advisor.demo.voiceassist import database
from advisor.demo.world import World, folder_for, start_module
from advisor.servers import postgres, prometheus, valkey
from advisor.servers.listening import free_port
from advisor.servers.process import ChildProcess

_SERVER_SETTINGS = {
    "max_connections": "60",
    "shared_buffers": "256MB",
    "max_parallel_workers_per_gather": "0",  # two processors are shared by everything
}

_SETTLE_SECONDS = 15


@contextmanager
def environment(say: Callable[[str], None], permission: str = "automatic") -> Iterator[World]:
    """Start it all; end it all on leaving, however that happens. Raises ServerUnavailableError."""
    with ExitStack() as stack:
        folder = folder_for(stack)
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
        load = start_module(stack, folder, "load", ["advisor.demo.load", "--url", url, "--out", str(results)], {})
        say(f"load: 73 requests a second, sent when due; {_SETTLE_SECONDS} s for its queues to fill")
        time.sleep(_SETTLE_SECONDS)  # what a start looks like must not be taken for the usual state
        journal = folder / "journal.db"
        secrets = configuration.secrets(postgres_dsn=server.dsn, redis_url=cache.url, journal=journal)
        file = folder / "advisor.yaml"
        configuration.write(file, metrics.url, permission)
        daemon = start_module(stack, folder, "advisor", ["advisor.cli.main", "run", "--config", str(file)], secrets)
        say("advisor run: one look every 2 seconds")
        yield World(
            addresses=f"application {url}, Prometheus {metrics.url}",
            journal_url=SecretStr(f"sqlite:///{journal}"),
            results=results,
            started_at=datetime.now(UTC),
            processes=(server.process, cache.process, metrics.process, application, load, daemon),
        )


def _start_application(stack: ExitStack, folder: Path, port: int, dsn: str, redis_url: str) -> ChildProcess:
    settings = badly_set(dsn.replace("postgresql://", "postgresql+psycopg://"), redis_url)
    arguments = ["advisor.demo.voiceassist", str(port)]
    process = start_module(stack, folder, "voiceassist", arguments, settings.to_environment())
    process.wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    return process


def answers(url: str) -> bool:
    """Whether the page is there."""
    try:
        return requests.get(url, timeout=1).status_code == 200
    except requests.RequestException:
        return False
