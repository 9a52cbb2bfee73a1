"""The program that lives lives, and for each kind of knob the thing it moves."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from advisor.journal.repository import open_journal
from advisor.knobs.agents.board import Entry, from_wire
from advisor.knobs.agents.file_board import FileBoard
from advisor.knobs.agents.redis_board import RedisBoard
from advisor.model.change import ChangeRecord, State
from advisor_agents import FileBoard as AgentsFileBoard
from advisor_agents.redis_board import RedisBoard as AgentsRedisBoard
from tests.acceptance.crashes.lives import Spec
from tests.acceptance.crashes.maintenance import MAINTENANCE, MAKE, file_of_the_key
from tests.contract.knobs.benches import Process
from tests.integration.servers.processes import comes_true

ROOT = Path(__file__).resolve().parents[3]
INSTANCES = 3
INDEXES = "SELECT indisvalid FROM pg_index WHERE indexrelid::regclass::text LIKE 'advisor%'"


class Lives:
    """Begins lives, and waits for their end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._ended: dict[int, dict[str, Any]] = {}

    def begin(self, spec: Spec) -> int:
        """The process id of a life that has begun."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(spec)) + "\n")
        self._process.stdin.flush()
        while "code" in (answer := self._read()):
            self._ended[answer["pid"]] = answer
        return int(answer["pid"])

    def end(self, pid: int) -> dict[str, Any]:
        """Its exit code (minus the signal when it was killed) and the effects it had."""
        while pid not in self._ended:
            answer = self._read()
            self._ended[answer["pid"]] = answer
        return self._ended.pop(pid)

    def run(self, spec: Spec) -> dict[str, Any]:
        return self.end(self.begin(spec))

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the program that lives lives has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


@pytest.fixture(scope="session")
def lives() -> Iterator[Lives]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.crashes.lives"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Lives(process)
        process.terminate()


@pytest.fixture(scope="session")
def empty_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "empty.db"
    open_journal(f"sqlite:///{path}").close()
    return path


@dataclass(slots=True, kw_only=True)
class Thing:
    """What the knob moves. old, new: what is live before and after. look: a query for that, for a table's maintenance.

    is_one_way: what is done stays, also when it is rolled back. order: the order's old value.
    """

    board: str
    place: str
    showcase: str
    journal: str
    old: list[object]
    new: list[object]
    instances: "Instances | None" = None
    canary: bool = False
    look: str = ""
    is_one_way: bool = False
    order: str = ""

    def spec(self, *, gain: bool, **fate: Any) -> Spec:
        where = {"journal": self.journal, "board": self.board, "place": self.place, "showcase": self.showcase}
        return Spec(**where, canary=self.canary, old=self.order, gain=gain, **fate)

    def record(self) -> ChangeRecord | None:
        """The one change, None when it was never journalled."""
        with closing(open_journal(self.journal)) as journal:
            history = journal.history("default")
        assert len(history) <= 1
        return history[0] if history else None

    def live(self) -> list[object]:
        if self.instances is not None:
            return self.instances.sizes()
        with psycopg.connect(self.place) as connection:
            return [row[0] for row in connection.execute((self.look or INDEXES).encode()).fetchall()]

    def entry(self) -> Entry | None:
        """What hangs on the board."""
        if self.instances is None:
            return None
        board = RedisBoard(self.place) if self.board == "redis" else FileBoard(Path(self.place), app="shop")
        text = board.read("shop", "db.pool_size")
        if isinstance(board, RedisBoard):
            board.close()
        return from_wire(text) if text is not None else None

    def highest_epoch(self) -> int:
        with closing(open_journal(self.journal)) as journal:
            return journal.current_epoch()

    def check_tracked_or_restored(self) -> State | None:
        """Nothing is open, and what is live is what the journal says. The state the change ended in."""
        record = self.record()
        done = (State.KEPT, State.ROLLED_BACK) if self.is_one_way else (State.KEPT,)
        wanted = self.new if record is not None and record.state in done else self.old
        life = [f"{phase.state}: {phase.reason}" for phase in record.phases] if record is not None else []
        assert record is None or not record.is_open, life
        assert comes_true(lambda: self.live() == wanted, within_seconds=5), (self.live(), life)
        entry = self.entry()
        if entry is not None and record is not None and record.state is State.KEPT:
            assert (entry.value, entry.expires_at) == (12, None), life
        return record.state if record is not None else None


class Instances:
    """Three processes' worth of real agents, polled in a thread, and a page that shows what they have."""

    def __init__(self, agents_board: Any) -> None:
        self._processes = [Process(5, agents_board, f"shop-{number}") for number in range(INSTANCES)]
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._polling = threading.Thread(target=self._poll)
        instances = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps([asdict(shown) for shown in instances.shown()]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self._serving = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Instances":
        self._polling.start()
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._polling.join()
        self._serving.join()

    def sizes(self) -> list[object]:
        with self._lock:
            return [process.size for process in self._processes]

    def shown(self) -> list[Any]:
        with self._lock:
            return [process.shown() for process in self._processes]

    def _poll(self) -> None:
        while not self._stop.wait(0.03):
            with self._lock:
                for process in self._processes:
                    process.agent.poll()


@pytest.fixture
def thing(request: pytest.FixtureRequest, tmp_path: Path, empty_journal: Path) -> Iterator[Thing]:
    """By the indirect parameter: "redis", "file", "index" or a name in MAINTENANCE; "canary" is a Redis board, with one
    instance first.
    """
    file = tmp_path / "journal.db"
    shutil.copy(empty_journal, file)
    journal = f"sqlite:///{file}"
    if request.param == "index":
        dsn = request.getfixturevalue("database")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE message (id bigint PRIMARY KEY, author text NOT NULL)")
            connection.execute("INSERT INTO message SELECT n, 'author ' || n % 97 FROM generate_series(1, 2000) n")
        yield Thing(board="index", place=dsn, showcase="", journal=journal, old=[], new=[True])
        return
    if request.param in MAINTENANCE:
        dsn, wanted = request.getfixturevalue("database"), MAINTENANCE[request.param]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(MAKE.encode())
        key = str(file_of_the_key(dsn))
        yield Thing(
            board=request.param,
            place=dsn,
            showcase="",
            journal=journal,
            old=wanted.before,
            new=wanted.after,
            look=wanted.look.replace("{file}", key),
            is_one_way=wanted.is_one_way,
            order=wanted.old.replace("{file}", key),
        )
        return
    is_redis = request.param in ("redis", "canary")
    place = request.getfixturevalue("valkey_url") if is_redis else str(tmp_path / "board.json")
    with Instances(AgentsRedisBoard(place) if is_redis else AgentsFileBoard(place)) as instances:
        yield Thing(
            board="redis" if is_redis else "file",
            canary=request.param == "canary",
            place=place,
            showcase=instances.url,
            journal=journal,
            old=[5] * INSTANCES,
            new=[12] * INSTANCES,
            instances=instances,
        )


def wake(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def is_frozen(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
