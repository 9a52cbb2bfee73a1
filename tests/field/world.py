"""The servers, and what is begun anew for each trial on them: metrics, the application and its load."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from advisor.demo.environment import answers
from advisor.servers import postgres, prometheus, valkey
from advisor.servers.folders import RunFolder
from advisor.servers.listening import listening
from advisor.servers.process import ChildProcess, Program
from advisor.servers.valkey import ValkeyServer
from tests.field import database
from tests.field.application import APP
from tests.field.database import Database
from tests.field.load import ROUTES
from tests.field.troubles import Trouble, variables

_ROOT = Path(__file__).resolve().parents[2]
_SERVER_SETTINGS = {"max_connections": "60", "shared_buffers": "128MB", "max_parallel_workers_per_gather": "0"}
_SETTLE_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """What all trials share."""

    database: Database
    cache: ValkeyServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An application under load, in trouble or not. folder: a fresh one, for the advisor."""

    folder: Path
    servers: Servers
    prometheus_url: str
    application: ChildProcess
    load: ChildProcess

    def fallen(self) -> ChildProcess | None:
        """A process that should run and does not."""
        return next((process for process in (self.application, self.load) if not process.is_alive()), None)


@contextmanager
def servers() -> Iterator[Servers]:
    """Postgres with a filled database, and a Redis-compatible server."""
    with postgres.start(settings=_SERVER_SETTINGS) as server, valkey.start() as cache:
        yield Servers(database=database.create(server), cache=cache)


@contextmanager
def site(shared: Servers, troubles: Sequence[Trouble]) -> Iterator[Site]:
    """As if the application had been set up just now: nothing is left of a former trial, and the load has come in."""
    database.prepare(shared.database, with_index=all(trouble.with_index for trouble in troubles))
    with redis.Redis.from_url(shared.cache.url) as client:
        client.flushall()
    with ExitStack() as stack:
        folder = RunFolder.open("field")
        stack.callback(folder.close)
        application = stack.enter_context(
            listening(
                lambda port: _application(folder.path, port, shared, troubles),
                lambda port: answers(f"http://127.0.0.1:{port}/metrics"),
            )
        )
        metrics = stack.enter_context(prometheus.start({APP: [f"127.0.0.1:{application.port}"]}))
        url = f"http://127.0.0.1:{application.port}"
        _warm(url)
        load = stack.enter_context(_load(folder.path, url))
        time.sleep(_SETTLE_SECONDS)
        yield Site(
            folder=folder.path,
            servers=shared,
            prometheus_url=metrics.url,
            application=application.process,
            load=load,
        )


def _application(folder: Path, port: int, shared: Servers, troubles: Sequence[Trouble]) -> Program:
    measures = folder / "measures"
    measures.mkdir(exist_ok=True)
    owner = shared.database.owner_dsn.replace("postgresql://", "postgresql+psycopg://")
    environment = {
        **variables(troubles),
        "TRACKING_DATABASE_URL": owner,
        "TRACKING_REDIS_URL": shared.cache.url,
        "PROMETHEUS_MULTIPROC_DIR": str(measures),
        "PYTHONPATH": str(_ROOT),
    }
    settings = Path(__file__).with_name("gunicorn.conf.py")
    command = [sys.executable, "-m", "gunicorn", "--config", str(settings), "--bind", f"127.0.0.1:{port}"]
    command += ["--log-level", "warning", "tests.field.application:create_app()"]
    return Program(name="tracking", command=command, folder=folder, environment=environment)


def _load(folder: Path, url: str) -> ChildProcess:
    results = folder / "load.jsonl"
    results.touch()
    command = [sys.executable, "-m", "tests.field.load", url, str(results)]
    return ChildProcess(Program(name="load", command=command, folder=folder, environment={"PYTHONPATH": str(_ROOT)}))


def _warm(url: str) -> None:
    """Every parcel once: a cache that was never asked before would look like one whose entries live too briefly."""
    parcels = next(route for route in ROUTES if route.name == "parcels")
    for number in range(1, parcels.subjects + 1):
        answers(url + parcels.path.format(number))
