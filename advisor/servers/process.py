"""Child processes that end when we end, whatever ends us."""

import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from advisor.servers.errors import ServerUnavailableError

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start. user: run as this user (only root may ask). death_signal: what it gets when we are killed."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL


class ChildProcess:
    """A running program with its log in `<folder>/<name>.log`; stopped on leaving its `with` block.

    Start it from a thread that lives as long as the program: the kernel ties the death signal to the thread.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._log_path = program.folder / f"{program.name}.log"
        with self._log_path.open("ab") as log:
            self._process = _spawn(program, log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def folder(self) -> Path:
        """Where its log is."""
        return self._program.folder

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def log_tail(self, lines: int = 20) -> str:
        """The last lines the program wrote."""
        return "\n".join(self._log_path.read_text(errors="replace").splitlines()[-lines:])

    def wait_until(self, ready: Callable[[], bool], timeout_seconds: float = 30.0) -> None:
        """Return once `ready` holds. Raises ServerUnavailableError with the log's tail, the program stopped."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline and self.is_alive():
            if ready():
                return
            time.sleep(0.05)
        how = "did not become ready in time" if self.is_alive() else f"ended with code {self._process.returncode}"
        self.stop()
        raise ServerUnavailableError(f"{self._program.name} {how}; its log ends with:\n{self.log_tail()}")

    def stop(self, timeout_seconds: float = 8.0) -> None:
        """Ask it to end, and after `timeout_seconds` kill it with all that it started."""
        if self.is_alive():
            self._process.send_signal(self._program.stop_signal)
            try:
                self._process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _spawn(program: Program, log: IO[bytes]) -> subprocess.Popen[bytes]:
    parent = os.getpid()
    death_signal = int(program.death_signal)

    def die_with_parent() -> None:
        # CPython calls this after the change of user, which would have cleared the request.
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, death_signal)
        if os.getppid() != parent:
            os._exit(1)

    account = pwd.getpwnam(program.user) if program.user else None
    return subprocess.Popen(
        list(program.command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=program.folder if account is None else "/",
        env={**_environment(), **program.environment},
        start_new_session=True,
        preexec_fn=die_with_parent,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def _environment() -> dict[str, str]:
    """Nothing of ours that could steer a server: only the path and the language."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def run_tool(
    command: Sequence[str],
    *,
    what: str,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    text: str = "",
    source: IO[bytes] | None = None,
) -> str:
    """Run a short-lived tool to its end; returns what it printed. text: what it reads, or source: the file it reads.

    Raises ServerUnavailableError with what it printed.
    """
    account = pwd.getpwnam(user) if user else None
    given: dict[str, Any] = {"stdin": source} if source is not None else {"input": text.encode()}
    try:
        result: subprocess.CompletedProcess[bytes] = subprocess.run(
            list(command),
            capture_output=True,
            timeout=120,
            cwd="/",
            env={**_environment(), **(environment or {})},
            check=False,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            **given,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerUnavailableError(f"{what} failed: {error}") from error
    if result.returncode != 0:
        said = (result.stderr or result.stdout).decode(errors="replace").strip()[-2000:]
        raise ServerUnavailableError(f"{what} failed: {said}")
    return result.stdout.decode(errors="replace")
