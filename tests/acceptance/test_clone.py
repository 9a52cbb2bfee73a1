"""The planner clone in `report` and `run`, without HypoPG: where it lives, how long, and what it leaves."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from advisor.servers.folders import cache_folder
from tests.acceptance.test_report import Reporter, parsed, report, slow_database
from tests.acceptance.world import Daemon, World
from tests.integration.servers.processes import comes_true

__all__ = ["report", "slow_database"]


def clones_of(pid: int) -> list[Path]:
    """The folders of the servers that process `pid` started and that run."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    commands = [Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0") for child in children]
    return [Path(words[words.index("-D") + 1]) for words in commands if "-D" in words]


def locks() -> set[str]:
    return {path.name for path in (cache_folder() / "run").glob("advisor-postgres-*.lock")}


@pytest.fixture
def busy(world: World, slow_database: str) -> Iterator[World]:
    """The table is read whole again and again, and the advisor watches."""
    world.secrets["ADVISOR_POSTGRES__DSN"] = slow_database
    done = threading.Event()

    def read_whole() -> None:
        with psycopg.connect(slow_database, autocommit=True) as connection:
            while not done.wait(0.02):
                connection.execute("SELECT * FROM orders WHERE customer = %s", (7,))

    reader = threading.Thread(target=read_whole)
    reader.start()
    yield world
    done.set()
    reader.join()


def advises(daemon: Daemon) -> bool:
    return any(event["rule_id"] == "missing-index" for event in daemon.events("proposal_chosen"))


def cycles(daemon: Daemon) -> float:
    lines = daemon.text("/metrics").splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("advisor_cycles_total{"))


def test_a_report_without_hypopg_prices_on_a_clone_and_leaves_nothing(report: Reporter, slow_database: str) -> None:
    before = locks()
    document = parsed(report("--postgres-dsn", slow_database))
    (proposal,) = [one for one in document["proposals"] if one["rule"] == "missing-index"]
    assert proposal["prediction"]["model"] == "index-clone"
    assert locks() == before


def test_a_report_may_be_told_to_start_no_server(report: Reporter, slow_database: str) -> None:
    (report.folder / "advisor.yaml").write_text("postgres:\n  planner_clone: false\n")
    document = parsed(report("--postgres-dsn", slow_database, "--config", "advisor.yaml"))
    (proposal,) = [one for one in document["proposals"] if one["rule"] == "missing-index"]
    assert proposal["prediction"]["model"] == "index-heuristic"


def test_the_daemon_keeps_one_clone_and_ends_it_with_itself(busy: World) -> None:
    daemon = busy.start_advisor()
    assert comes_true(lambda: advises(daemon), within_seconds=30)
    (data,) = clones_of(daemon.process.pid)
    assert data.stat().st_mode & 0o077 == 0
    seen = cycles(daemon)
    assert comes_true(lambda: cycles(daemon) >= seen + 4, within_seconds=30)
    assert clones_of(daemon.process.pid) == [data]
    os.kill(daemon.process.pid, signal.SIGTERM)
    assert comes_true(lambda: not daemon.process.is_alive(), within_seconds=15)
    assert not data.parent.exists()


def test_what_a_killed_daemon_leaves_is_wiped_by_the_next(busy: World) -> None:
    other_journal = f"sqlite:///{busy.folder}/other.db"
    daemon, other = busy.start_advisor("killed"), busy.start_advisor("alive", ADVISOR_JOURNAL__URL=other_journal)
    assert comes_true(lambda: advises(daemon) and advises(other), within_seconds=45)
    ((remains,), (alive,)) = clones_of(daemon.process.pid), clones_of(other.process.pid)
    daemon.kill()
    assert comes_true(lambda: not (remains / "postmaster.pid").exists())  # it ended by itself
    busy.start_advisor("next")
    assert comes_true(lambda: not remains.parent.exists())
    assert clones_of(other.process.pid) == [alive]
