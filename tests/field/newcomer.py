"""What a new user does, with the command line alone: check, report, let it propose, let it act."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.journal.repository import open_journal
from advisor.model.change import ChangeRecord
from advisor.model.errors import JournalError
from advisor.servers.process import ChildProcess, Program
from tests.field import settings
from tests.field.world import Site

_COMMAND = [sys.executable, "-m", "advisor.cli.main"]
_COMMAND_SECONDS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """One who has the agents in the application, and the advisor beside it."""

    site: Site
    with_defaults: bool = False

    def check(self) -> dict[str, Any]:
        """`advisor check`, which must not fail."""
        return self._command("check")

    def report(self) -> dict[str, Any]:
        """`advisor report`."""
        return self._command("report")

    def proposed(self, within_seconds: float) -> list[dict[str, Any]]:
        """`advisor run` in mode propose, until it has told what it would do, or the time is over: what it told."""
        with self._daemon("propose") as daemon:
            _until(lambda: bool(_events(daemon, "proposal_chosen")), within_seconds, self._raise_for_fallen)
            return _events(daemon, "proposal_chosen")

    def applied(self, rules: Collection[str], within_seconds: float) -> Sequence[ChangeRecord]:
        """`advisor run` in mode apply, until a change of each of `rules` is settled, or the time is over: all changes.

        Without rules it is left alone for the whole time. A change that the judge leaves to a person is approved.
        """
        asked: set[str] = set()
        with self._daemon("apply") as daemon:

            def is_done() -> bool:
                if not daemon.is_alive():
                    raise AssertionError(f"the advisor has ended:\n{daemon.log_tail()}")
                changes = self.changes()
                for held in (record.id for record in changes if rules and record.is_held and record.id not in asked):
                    asked.add(held)
                    self._command("changes", "approve", held)
                settled = {record.proposal.rule for record in changes if not record.is_open}
                return bool(rules) and settled >= set(rules)

            _until(is_done, within_seconds, self._raise_for_fallen)
        return self.changes()

    def changes(self) -> Sequence[ChangeRecord]:
        """Newest first; none before there is a journal."""
        url = settings.secrets(self.site)["ADVISOR_JOURNAL__URL"]
        try:
            with closing(open_journal(url, read_only=True)) as journal:
                return [journal.find(record.id) or record for record in journal.history("default")]
        except JournalError:
            return ()

    def _command(self, *words: str) -> dict[str, Any]:
        file = settings.write(self.site, "propose", with_defaults=self.with_defaults)
        clean = {key: value for key, value in os.environ.items() if not key.startswith("ADVISOR_")}
        done = subprocess.run(
            [*_COMMAND, *words, "--config", str(file), "-o", "json"],
            cwd=self.site.folder,
            env={**clean, **settings.secrets(self.site)},
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (
            f"advisor {' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    @contextmanager
    def _daemon(self, mode: str) -> Iterator[ChildProcess]:
        file: Path = settings.write(self.site, mode, with_defaults=self.with_defaults)
        command = [*_COMMAND, "run", "--config", str(file), "--log-format", "json"]
        environment = settings.secrets(self.site)
        program = Program(name=f"advisor-{mode}", command=command, folder=self.site.folder, environment=environment)
        with ChildProcess(program) as daemon:
            yield daemon

    def _raise_for_fallen(self) -> None:
        fallen = self.site.fallen()
        if fallen is not None:
            raise AssertionError(f"a process of the site has ended:\n{fallen.log_tail()}")


def _until(is_done: Callable[[], bool], within_seconds: float, watch: Callable[[], None]) -> None:
    deadline = time.monotonic() + within_seconds
    while not is_done() and time.monotonic() < deadline:
        watch()
        time.sleep(1)


def _events(daemon: ChildProcess, name: str) -> list[dict[str, Any]]:
    lines = (line for line in daemon.log_tail(100_000).splitlines() if line.startswith("{"))
    return [event for line in lines if (event := json.loads(line)).get("event") == name]
