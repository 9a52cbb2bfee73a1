"""Runs a program that is not ours: by its arguments, never by a shell, and never for longer than it was given."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from advisor.model.errors import PermanentError, TransientError

_GRACE_SECONDS = 2.0
_MOST_BYTES = 16 * 1024 * 1024


class CommandTimeoutError(TransientError):
    """It had not ended in time, and was ended together with all that it had started."""


class CommandMissingError(PermanentError):
    """There is no such program, or it may not be run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """code: 0 where it went well, below 0 a signal. out, err: what it printed, at most 16 MiB each."""

    code: int
    out: str
    err: str


def run_command(
    arguments: Sequence[str],
    *,
    folder: Path,
    timeout_seconds: float,
    environment: Mapping[str, str],
    given: str = "",
) -> Ended:
    """given: its standard input. Raises CommandTimeoutError, CommandMissingError."""
    if not folder.is_dir():
        raise CommandMissingError("is no folder", where=str(folder), fix="is it spelt as it is on disk?")
    try:
        process = subprocess.Popen(
            list(arguments),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a group of its own, so that its children can be ended with it
        )
    except OSError as error:
        what = f"cannot be run: {error.strerror}"
        raise CommandMissingError(what, where=arguments[0], fix="install it, or give its whole path") from error
    try:
        out, err = process.communicate(given.encode(), timeout=timeout_seconds)
    except subprocess.TimeoutExpired as error:
        _end(process)
        what = f"had not ended after {timeout_seconds:g} s"
        raise CommandTimeoutError(what, where=arguments[0], fix="does it wait for a password or a prompt?") from error
    return Ended(code=process.returncode, out=_text(out), err=_text(err))


def _end(process: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_GRACE_SECONDS)
            return


def _text(output: bytes) -> str:
    return output[:_MOST_BYTES].decode(errors="replace")
