"""What a demo runs on, and how its processes are started."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from advisor.servers.folders import RunFolder
from advisor.servers.process import ChildProcess, Program


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """addresses: of what a person may look at, in words; they hold no password. The journal's URL is a file.

    results: what callers saw, a line for each second and route.
    """

    addresses: str
    journal_url: SecretStr
    results: Path
    started_at: datetime
    processes: tuple[ChildProcess, ...]

    def fallen(self) -> ChildProcess | None:
        """The first process that ended though it should run; None when all are well."""
        return next((process for process in self.processes if not process.is_alive()), None)


def folder_for(stack: ExitStack) -> Path:
    """Of the demo's own files, gone with `stack`."""
    folder = RunFolder.open("demo")
    stack.callback(folder.close)
    return folder.path


def start_module(
    stack: ExitStack, folder: Path, name: str, arguments: list[str], variables: dict[str, str]
) -> ChildProcess:
    """A Python module as a process, ended with `stack`. variables: of its environment."""
    command = [sys.executable, "-m", *arguments]
    process = ChildProcess(Program(name=name, command=command, folder=folder, environment=variables))
    stack.callback(process.stop)
    return process
