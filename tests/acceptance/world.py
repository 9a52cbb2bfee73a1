"""A shop, what watches it, and the advisor as the process that a user starts."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import yaml

from advisor.engine.judge.plan.trial_plan import plan_trial
from advisor.engine.rollout.lifecycle import transition
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import ChangeRecord, Event, Phase, State
from advisor.model.proposal import Proposal
from advisor.servers.listening import free_port
from advisor.servers.process import ChildProcess, Program
from advisor.settings.trial import TrialSettings
from tests.integration.servers.processes import comes_true

SHOP_PROGRAM = Path(__file__).with_name("shop.py")
TRIAL: dict[str, Any] = {
    "warm_up_seconds": "1s",
    "baseline_seconds": "8s",
    "history_seconds": "60s",
    "earlier_days": [],
    "trial_seconds": "8s",
    "longest_seconds": "12s",
    "no_gain_seconds": "0s",
    "hold_seconds": "8s",
    "apply_seconds": "10s",
    "build_seconds": "30s",
    "smallest_effective_samples": 3,
}
"""Everything as short as scrapes of one second allow."""


def settings(**parts: Mapping[str, Any]) -> dict[str, Any]:
    """The advisor's settings file for a test; `parts` replace single settings of a group."""
    document: dict[str, Any] = {
        "mode": "apply",
        "prometheus": {
            "presets": ["agents", "guide"],
            "step_seconds": "2s",
            "rate_window_seconds": "2s",
            "stale_after_seconds": "5s",
        },
        "daemon": {"interval_seconds": "500ms", "window_seconds": "3s"},
        "policy": {"settle_seconds": "1s"},
        "trial": dict(TRIAL),
    }
    for group, changed in parts.items():
        document[group] = {**document.get(group, {}), **changed}
    return document


@dataclass(slots=True, kw_only=True)
class World:
    """Where the advisor is started, and what it is told. secrets: environment variables."""

    folder: Path
    document: dict[str, Any]
    secrets: dict[str, str]
    _started: list[ChildProcess] = field(default_factory=list)

    @property
    def journal_url(self) -> str:
        return self.secrets["ADVISOR_JOURNAL__URL"]

    @contextmanager
    def journal(self) -> Iterator[SqlJournal]:
        with closing(open_journal(self.journal_url)) as journal:
            yield journal

    def start_advisor(self, name: str = "advisor", **secrets: str) -> "Daemon":
        """`advisor run`, once it serves. It is killed with the test at the latest."""
        daemon = self.launch(name, **secrets)
        daemon.process.wait_until(lambda: daemon.status("/-/healthy") == 200)
        return daemon

    def launch(self, name: str, **secrets: str) -> "Daemon":
        """`advisor run`, without waiting for anything."""
        port = free_port()
        document = {**self.document, "web": {"listen_address": f"127.0.0.1:{port}"}}
        config = self.folder / f"{name}-{port}.yaml"
        config.write_text(yaml.safe_dump(document))
        command = [sys.executable, "-m", "advisor.cli.main", "run", "--config", str(config), "--log-format", "json"]
        program = Program(name=name, command=command, folder=self.folder, environment={**self.secrets, **secrets})
        daemon = Daemon(process=ChildProcess(program), url=f"http://127.0.0.1:{port}")
        self._started.append(daemon.process)
        return daemon

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command of `advisor` to its end."""
        config = self.folder / "advisor.yaml"
        config.write_text(yaml.safe_dump(self.document))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
        return subprocess.run(
            [sys.executable, "-m", "advisor.cli.main", *arguments, "--config", str(config)],
            cwd=self.folder,
            env={**clean, **self.secrets},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def order(self, proposal: Proposal) -> str:
        """Journal `proposal` as a change that a person has approved; its id."""
        now = datetime.now(UTC)
        with self.journal() as journal:
            record = journal.add(
                ChangeRecord(
                    id=f"chg_{now:%H%M%S%f}",
                    environment="default",
                    version=0,
                    epoch=journal.current_epoch(),
                    state=State.PROPOSED,
                    proposal=proposal,
                    plan=plan_trial(proposal, TrialSettings.model_validate(self.document["trial"])),
                    created_at=now,
                    expires_at=now + timedelta(minutes=5),
                    phases=(Phase(state=State.PROPOSED, at=now, reason="ordered by a test"),),
                )
            )
            approved = transition(record, Event.APPROVED, now, "approved by a test")
            return journal.advance(replace(approved, approved_by="test")).id

    def change(self, change_id: str) -> ChangeRecord:
        with self.journal() as journal:
            found = journal.find(change_id)
        assert found is not None
        return found

    def wait_for(self, change_id: str, *states: State, within_seconds: float = 120.0) -> ChangeRecord:
        """The change once it is in one of `states`; a failure shows its life and the advisor's log."""
        if not comes_true(lambda: self.change(change_id).state in states, within_seconds):
            log = self._started[-1].log_tail(15) if self._started else ""
            raise AssertionError("\n".join([f"never {states}:", life(self.change(change_id)), log]))
        return self.change(change_id)

    def stop(self) -> None:
        for process in self._started:
            process.stop(timeout_seconds=1.0)


def life(record: ChangeRecord) -> str:
    """Every step of a change and why, a line each."""
    return "\n".join(f"{phase.at:%H:%M:%S} {phase.state}: {phase.reason}" for phase in record.phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A running `advisor run`."""

    process: ChildProcess
    url: str

    def status(self, path: str) -> int:
        """The HTTP status of a page; 0 when nobody answers."""
        try:
            return requests.get(self.url + path, timeout=2).status_code
        except requests.RequestException:
            return 0

    def text(self, path: str) -> str:
        return requests.get(self.url + path, timeout=2).text

    def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        line = next(line for line in self.text("/metrics").splitlines() if line.startswith(f"{name} "))
        return float(line.split()[1])

    def kill(self) -> None:
        """kill -9: nothing of it runs any more."""
        os.kill(self.process.pid, signal.SIGKILL)
        assert comes_true(lambda: not self.process.is_alive())

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log's events of this name, oldest first."""
        lines = (line for line in self.process.log_tail(100_000).splitlines() if line.startswith("{"))
        return [event for line in lines if (event := json.loads(line)).get("event") == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A running shop, seen from its own metrics."""

    process: ChildProcess
    target: str

    def pool_size(self) -> float:
        """What its agent shows now; 0 before it answers."""
        try:
            page = requests.get(f"http://{self.target}/metrics", timeout=2).text
        except requests.RequestException:
            return 0.0
        shown = (line for line in page.splitlines() if line.startswith("advisor_agent_knob_value{"))
        return next((float(line.split()[-1]) for line in shown), 0.0)

    def becomes(self, size: float, within_seconds: float = 15.0) -> bool:
        return comes_true(lambda: self.pool_size() == size, within_seconds)


@contextmanager
def start_shop(folder: Path, board: str, *, largest: int = 100) -> Iterator[Shop]:
    """A shop that answers. `board` is a Redis URL or a file."""
    port = free_port()
    command = [sys.executable, str(SHOP_PROGRAM), str(port), str(largest)]
    program = Program(name=f"shop-{port}", command=command, folder=folder, environment={"SHOP_BOARD": board})
    with ChildProcess(program) as process:
        shop = Shop(process=process, target=f"127.0.0.1:{port}")
        process.wait_until(lambda: shop.pool_size() > 0)
        yield shop
