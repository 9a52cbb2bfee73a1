"""Servers end with the process that started them, whatever ends it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from advisor.servers import valkey
from advisor.servers.folders import RunFolder
from advisor.servers.listening import listening
from advisor.servers.process import Program
from tests.integration.servers.processes import children_of, comes_true, is_running

HOLDER = [sys.executable, str(Path(__file__).with_name("hold_servers.py")), "--with-prometheus"]


@contextmanager
def holder() -> Iterator[tuple[subprocess.Popen[str], dict[int, Path]]]:
    """A process that holds three servers, with the folder of each by its process id."""
    with subprocess.Popen(HOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        started = {int(pid): Path(folder) for pid, folder in json.loads(process.stdout.readline()).items()}
        try:
            yield process, started
        finally:
            process.kill()


def test_killing_the_parent_ends_every_server_and_the_next_start_removes_their_folders() -> None:
    with holder() as (parent, started):
        everyone = [*started, *(child for pid in started for child in children_of(pid))]
        assert len(everyone) > 3, "Postgres has processes of its own"
        assert all(is_running(pid) for pid in everyone)
        parent.kill()
        parent.wait()
    assert comes_true(lambda: not any(is_running(pid) for pid in everyone))
    assert all(folder.exists() for folder in started.values())
    with RunFolder.open("next") as folder:
        assert not any(left.exists() for left in started.values())
        assert folder.path.exists()


def test_ctrl_c_ends_every_server_and_leaves_no_folder() -> None:
    with holder() as (parent, started):
        everyone = [*started, *(child for pid in started for child in children_of(pid))]
        parent.send_signal(signal.SIGINT)
        parent.wait(20)
        assert not any(is_running(pid) for pid in everyone)
        assert not any(folder.exists() for folder in started.values())


def test_an_error_while_a_server_runs_ends_it_and_leaves_no_folder() -> None:
    with pytest.raises(LookupError), valkey.start() as server:
        raise LookupError
    assert not is_running(server.process.pid)
    assert not server.process.folder.exists()


def test_ctrl_c_while_a_server_starts_ends_it_too(tmp_path: Path) -> None:
    process_id = tmp_path / "pid"
    script = f"echo $$ > {process_id}; exec sleep 100"

    def interrupted(port: int) -> bool:
        if comes_true(lambda: process_id.exists() and process_id.read_text().endswith("\n")):
            raise KeyboardInterrupt
        return False

    with (
        pytest.raises(KeyboardInterrupt),
        listening(lambda port: Program(name="slow", command=["sh", "-c", script], folder=tmp_path), interrupted),
    ):
        pass
    assert not is_running(int(process_id.read_text()))


def test_a_program_that_ignores_the_request_to_end_is_killed_with_its_children(tmp_path: Path) -> None:
    script = f"trap '' TERM; sleep 100 & echo $! > {tmp_path}/child; wait"
    program = Program(name="stubborn", command=["sh", "-c", script], folder=tmp_path)
    child = tmp_path / "child"
    with listening(lambda port: program, lambda port: child.exists() and child.read_text() != "") as running:
        running.process.stop(timeout_seconds=0.2)
        assert not running.process.is_alive()
        assert comes_true(lambda: not is_running(int(child.read_text())))


def test_the_folder_of_a_server_that_still_runs_is_not_swept() -> None:
    with RunFolder.open("first") as first, RunFolder.open("second"):
        assert first.path.exists()
        assert first.path.stat().st_mode & 0o777 == 0o700
        assert first.path.stat().st_uid == os.geteuid()
