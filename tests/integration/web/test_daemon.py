"""A real daemon seen from outside: it gets ready, shows its metrics, and goes when it is told to."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from advisor.servers.listening import free_port

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def daemon(folder: Path, valkey_url: str, port: int, **web: Any) -> Iterator[subprocess.Popen[str]]:
    """`advisor run` on one Redis, a cycle a second. web: its further settings."""
    configuration = folder / f"advisor-{port}.json"
    configuration.write_text(
        json.dumps(
            {
                "redis": {"url": valkey_url},
                "journal": {"url": f"sqlite:///{folder}/journal.db"},
                "daemon": {"interval_seconds": "1s"},
                "web": {"listen_address": f"127.0.0.1:{port}", **web},
            }
        )
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "advisor.cli.main", "run", "--config", str(configuration)],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def until_ready(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        try:
            if requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise AssertionError("never ready")


def metrics(port: int) -> list[str]:
    return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text.splitlines()


def until_shown(port: int, line: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if line in metrics(port):
            return
        time.sleep(0.1)
    raise AssertionError(f"never shown: {line}")


def test_a_daemon_gets_ready_shows_what_it_does_and_ends_within_ten_seconds(tmp_path: Path, valkey_url: str) -> None:
    port = free_port()
    with daemon(tmp_path, valkey_url, port) as process:
        until_ready(port, process)
        assert requests.get(f"http://127.0.0.1:{port}/-/healthy", timeout=5).text == "healthy\n"
        shown = metrics(port)
        for line in (
            'advisor_source_up{source="redis:main"} 1.0',
            "advisor_leader 1.0",
            "advisor_paused 0.0",
            "advisor_change_in_flight 0.0",
        ):
            assert line in shown
        assert any(line.startswith('advisor_cycles_total{outcome="ok"}') for line in shown)
        password = valkey_url.partition(":")[2].partition("@")[0].strip("/:")
        assert not any(password in line for line in shown)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0
        assert time.monotonic() - started < 10
        assert password not in errors


def test_a_changed_settings_file_comes_into_force_and_a_wrong_one_is_refused(tmp_path: Path, valkey_url: str) -> None:
    port = free_port()
    with daemon(tmp_path, valkey_url, port) as process:
        until_ready(port, process)
        file = tmp_path / f"advisor-{port}.json"
        right = json.loads(file.read_text())
        file.write_text(json.dumps({**right, "mode": "obsrve"}))
        until_shown(port, "advisor_settings_last_reload_successful 0.0")
        file.write_text(json.dumps({**right, "mode": "observe", "redis": {"url": "redis://127.0.0.1:1"}}))
        until_shown(port, "advisor_settings_last_reload_successful 1.0")
        assert 'advisor_source_up{source="redis:main"} 1.0' in metrics(port)  # the former address, until a restart
        # While one signal is pending, the next one goes to another thread, which does not handle it.
        for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM):
            process.send_signal(number)
        log = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert "settings_refused" in log
    assert "settings_need_restart" in log
    assert "keys=redis.url" in log
    assert "mode=observe" in log


def test_a_daemon_with_a_token_is_asked_and_told_over_http_and_shows_the_token_nowhere(
    tmp_path: Path, valkey_url: str
) -> None:
    port, token = free_port(), "canary-0123456789abcdef"
    (tmp_path / "ada").write_text(token)
    (tmp_path / "ada").chmod(0o600)
    web = {"listen_address": f"0.0.0.0:{port}", "token_files": ["ada"]}
    with daemon(tmp_path, valkey_url, port, **web) as process:
        until_ready(port, process)
        url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{url}/api/v1/report", timeout=5).status_code == 401
        answers = [requests.get(url + path, headers=headers, timeout=20) for path in ("/api/v1/report", "/", "/docs")]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert "redis:main" in {source["name"] for source in answers[0].json()["sources"]}
        paused = requests.post(f"{url}/api/v1/pause", json={"reason": "test"}, headers=headers, timeout=5)
        assert paused.json()["reason"] == "test, by token ada (http)"
        until_shown(port, "advisor_paused 1.0")
        (tmp_path / "ada").write_text("")
        assert requests.get(url, headers=headers, timeout=5).status_code == 401
        shown = "".join([*metrics(port), *(answer.text for answer in answers)])
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert "secret_refused" in log
    assert token not in shown + log
    assert token.encode() not in (tmp_path / "journal.db").read_bytes()


def test_a_token_file_that_others_can_read_stops_the_start_with_the_fix(tmp_path: Path, valkey_url: str) -> None:
    (tmp_path / "ada").write_text("canary-0123456789abcdef")
    (tmp_path / "ada").chmod(0o644)
    with daemon(tmp_path, valkey_url, free_port(), token_files=["ada"]) as process:
        _, log = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"web.token_files.0: {tmp_path}/ada is open to everybody (chmod 600 {tmp_path}/ada)" in log
    assert "canary" not in log
