"""The recipes of docs/agents-in-workers.md, as they stand there, in real forked processes."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.servers.listening import free_port

PAGE = Path(__file__).resolve().parents[2] / "docs" / "agents-in-workers.md"

GUNICORN = """
# What gunicorn does with its file: read it, import the application, fork, call the hooks.
import os, runpy, sys, time
from types import SimpleNamespace
settings = runpy.run_path("gunicorn.conf.py")
import shop
workers = []
for _ in range(settings["workers"]):
    pid = os.fork()
    if pid == 0:
        settings["post_fork"](None, SimpleNamespace(pid=os.getpid()))
        time.sleep(60)
        os._exit(0)
    workers.append(pid)
def page():
    return b"".join(shop.app({}, lambda *_: None)).decode()
deadline = time.monotonic() + 20
while page().count("} 12.0") < 2 * 2 and time.monotonic() < deadline:  # size and knob of two workers
    time.sleep(0.1)
shown = page()
os.kill(workers[0], 9)
os.waitpid(workers[0], 0)
settings["child_exit"](None, SimpleNamespace(pid=workers[0]))
import prometheus_client, prometheus_client.multiprocess
registry = prometheus_client.CollectorRegistry()
prometheus_client.multiprocess.MultiProcessCollector(registry)
after = prometheus_client.generate_latest(registry).decode()
os.kill(workers[1], 9)
os.waitpid(workers[1], 0)
print(repr((os.getpid(), workers, shown, after)))
"""

CELERY_SIGNALS = """
class Signal:
    def __init__(self):
        self.receivers = []
    def connect(self, receiver):
        self.receivers.append(receiver)
        return receiver
    def send(self, **facts):
        for receiver in self.receivers:
            receiver(sender=None, signal=self, **facts)
worker_init, worker_process_init, worker_process_shutdown = Signal(), Signal(), Signal()
"""

CELERY = """
# What Celery's prefork pool does: import, tell, fork, tell in the child, tell it again before it ends.
import os, sys, time, urllib.request
import tasks
from celery import signals
signals.worker_init.send()
go_read, go_write = os.pipe()
pid = os.fork()
if pid == 0:
    signals.worker_process_init.send()
    os.read(go_read, 1)
    signals.worker_process_shutdown.send(pid=os.getpid(), exitcode=0)
    os._exit(0)
def page():
    return urllib.request.urlopen(f"http://127.0.0.1:{os.environ['METRICS_PORT']}/metrics", timeout=5).read().decode()
while f'knob="db.pool_size",pid="{pid}"}} 12.0' not in page():
    time.sleep(0.1)
shown = page()
os.write(go_write, b"x")
os.waitpid(pid, 0)
print(repr((os.getpid(), [pid], shown, page())))
"""


@pytest.fixture
def application(tmp_path: Path) -> dict[str, str]:
    """The files of the page in a folder, an order on its board, and the environment of its servers."""
    for code in re.findall(r"^```python\n(# ([\w.]+\.py)\n.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S):
        (tmp_path / code[1]).write_text(code[0], "utf-8")
    soon = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    order = {"v": 1, "value": 12, "previous": 4, "change": "chg_1", "epoch": 1, "expires_at": soon}
    (tmp_path / "board.json").write_text(json.dumps({"db.pool_size": order}))
    (tmp_path / "metrics").mkdir()
    return {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "SHOP_DB": f"sqlite:///{tmp_path}/shop.db",
        "SHOP_BOARD": str(tmp_path / "board.json"),
        "TMPDIR": str(tmp_path),
        "METRICS_PORT": str(free_port()),
    }


def ran(script: str, environment: dict[str, str], folder: Path) -> tuple[int, list[int], str, str]:
    """(the master's pid, its workers', the page with them, the page after one has ended)."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    master, workers, shown, after = eval(done.stdout)
    return master, workers, shown, after


def test_preloaded_gunicorn_workers_follow_the_board_and_a_dead_one_is_forgotten(
    application: dict[str, str], tmp_path: Path
) -> None:
    master, workers, shown, after = ran(GUNICORN, application, tmp_path)
    assert f'pid="{master}"' not in shown  # it serves nothing, and shares no load
    for pid in workers:
        assert f'advisor_agent_knob_value{{app="shop",knob="db.pool_size",pid="{pid}"}} 12.0' in shown
        assert re.search(rf'advisor_agent_info{{app="shop",name="[^"]*:{pid}",pid="{pid}"}} 1.0', shown)
    assert f'pid="{workers[0]}"' not in after
    assert f'pid="{workers[1]}"' in after


def test_a_celery_child_follows_the_board_until_it_ends(application: dict[str, str], tmp_path: Path) -> None:
    package = tmp_path / "celery"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "signals.py").write_text(CELERY_SIGNALS)
    application["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path / "metrics")
    _, workers, shown, after = ran(CELERY, application, tmp_path)
    assert f'pid="{workers[0]}"' in shown
    assert f'pid="{workers[0]}"' not in after
