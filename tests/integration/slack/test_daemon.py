"""Two real daemons on one journal, and people who press in Slack: one leads and speaks, either one listens."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from advisor.journal.repository import open_journal
from advisor.model.change import ChangeRecord, State
from advisor.servers.listening import free_port
from advisor.surfaces.slack.actions import APPROVE, WITHDRAW
from advisor.surfaces.slack.hearing.route import PATH
from advisor.testing.words import a_change
from tests.fakes.slack_api import APP_TOKEN, SlackApi
from tests.fakes.slack_house import settings_of
from tests.fakes.slack_people import Person
from tests.fakes.slack_socket import SocketSlack

ROOT = Path(__file__).resolve().parents[3]


class Daemons:
    """`advisor run`, as often as asked for, on one journal and one double of Slack."""

    def __init__(self, folder: Path, slack: SlackApi, valkey_url: str) -> None:
        self.folder, self.slack, self._valkey_url = folder, slack, valkey_url
        self.journal_url = f"sqlite:///{folder / 'journal.db'}"
        (folder / "app_token_file").write_text(APP_TOKEN)

    @contextmanager
    def run(self) -> Iterator[str]:
        """The address of one that is ready."""
        port = free_port()
        slack = settings_of(self.folder, self.slack).slack.model_dump(mode="json", exclude={"digest", "quiet_hours"})
        settings = {
            "mode": "apply",
            "redis": {"url": self._valkey_url},
            "journal": {"url": self.journal_url},
            "daemon": {"interval_seconds": "1s", "lease_seconds": "3s"},
            "web": {"listen_address": f"127.0.0.1:{port}"},
            "slack": {**slack, "app_token_file": str(self.folder / "app_token_file")},
        }
        file = self.folder / f"advisor-{port}.json"
        file.write_text(json.dumps(settings))
        log = (self.folder / f"advisor-{port}.log").open("w")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
        command = [sys.executable, "-m", "advisor.cli.main", "run", "--config", str(file)]
        environ = {**clean, "PYTHONPATH": str(ROOT)}
        with log, subprocess.Popen(command, cwd=self.folder, env=environ, stdout=log, stderr=log) as process:
            try:
                self._until_ready(port, process)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.kill()

    def add(self) -> None:
        """A change that waits for a person, as the leader would have opened it; nothing is begun meanwhile."""
        with closing(open_journal(self.journal_url)) as journal:
            term = journal.term()
            assert term is not None
            waiting = replace(a_change(), version=0, epoch=term.epoch)
            journal.pause("a test", waiting.created_at, freeze=True)
            year = replace(waiting, expires_at=waiting.expires_at.replace(year=2126))
            journal.add(year)

    def record(self) -> ChangeRecord:
        with closing(open_journal(self.journal_url, read_only=True)) as journal:
            found = journal.find(a_change().id)
            assert found is not None
            return found

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("advisor-*.log"))

    def _until_ready(self, port: int, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert process.poll() is None, self.logs()
            try:
                if requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.1)
        raise AssertionError(self.logs())


@pytest.fixture
def slack() -> Iterator[SlackApi]:
    with SlackApi().running() as running:
        running.paced = False
        yield running


@pytest.mark.timeout(300)
def test_either_daemon_takes_a_press_and_a_new_one_goes_on_where_the_old_one_was_killed(
    tmp_path: Path, slack: SlackApi, valkey_url: str
) -> None:
    daemons = Daemons(tmp_path, slack, valkey_url)
    with SocketSlack().running() as far_end, daemons.run() as first:
        slack.socket_url = far_end.url
        with daemons.run() as second:
            daemons.add()
            slack.wait_for(lambda one: any(APPROVE in str(m.blocks) for m in one.messages), 60)
            (shown,) = (one for one in slack.messages if APPROVE in str(one.blocks))
            answer = Person(slack=slack, address=second + PATH).press(shown, APPROVE)
            assert (answer.status, answer.body) == (200, "")
            assert (daemons.record().state, daemons.record().approved_by) == (
                State.APPROVED,
                "mara (slack T0HARBOUR/U0APPROVER)",
            )
            slack.wait_for(lambda one: APPROVE not in str(one.message(shown.ts).blocks), 60)
            counted = 'advisor_slack_interactions_total{outcome="done"} 1.0'
            pages = [requests.get(f"{one}/metrics", timeout=5).text for one in (first, second)]
            assert [counted in page for page in pages] == [False, True]
    with daemons.run() as third:
        now = slack.message(shown.ts)
        assert WITHDRAW in str(now.blocks)
        answer = Person(slack=slack, address=third + PATH).press(now, WITHDRAW)
        assert answer.status == 200
        slack.wait_for(lambda one: bool(one.views), 20)
        Person(slack=slack, address=third + PATH).submit(slack.views[0], "the sale begins")
        assert daemons.record().phases[-1].reason.endswith(": the sale begins")
        slack.wait_for(lambda one: one.message(shown.ts).buttons() == [], 60)
    assert "Traceback" not in daemons.logs()
