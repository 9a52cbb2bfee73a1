"""Drives the program `git` on one repository: no shell, no prompt, no hook, never a forced push."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from advisor.clients.command import Ended, run_command
from advisor.model.errors import PermanentError

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_KEPT = (
    *("HOME", "PATH", "TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "GNUPGHOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE"),
    *_PROXIES,
    *(name.lower() for name in _PROXIES),
)
"""Of our own environment: what finds programs, keys and servers. No GIT_*, which would point elsewhere."""
_OPTIONS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "core.quotePath=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "protocol.ext.allow=never",
)
_LONGEST = 600
_USER_INFO = re.compile(r"(?<=://)[^/\s@]*@")


class GitError(PermanentError):
    """git refused, and would again."""


class Git:
    """Of the repository at `folder`, or of a work tree of it."""

    def __init__(self, folder: Path, timeout_seconds: float) -> None:
        self.folder = folder
        self._seconds = timeout_seconds

    def beside(self, folder: Path) -> "Git":
        """For another work tree."""
        return Git(folder, self._seconds)

    def __call__(self, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None) -> str:
        """What it prints, without the line's end. Raises GitError, CommandTimeoutError, CommandMissingError."""
        ended = self.tried(*arguments, given=given, environment=environment)
        if ended.code != 0:
            verb = next(one for one in arguments if not one.startswith("-"))
            raise GitError(f"git {verb}: {told(ended)}", where=str(self.folder))
        return ended.out.rstrip("\n")

    def tried(self, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None) -> Ended:
        """However it ends. Raises CommandTimeoutError, CommandMissingError."""
        return run_command(
            ["git", *options(), *arguments],
            folder=self.folder,
            timeout_seconds=self._seconds,
            environment={**clean_environment(), **(environment or {})},
            given=given,
        )

    def commit_at(self, ref: str) -> str | None:
        """Its commit; None where there is no such ref."""
        ended = self.tried("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return ended.out.strip() if ended.code == 0 else None

    def setting(self, name: str) -> str:
        """As git is configured; "" where it is not."""
        return self.tried("config", "--get", name).out.strip()

    def is_within(self, commit: str, other: str) -> bool:
        """Whether `other` holds `commit` in its history."""
        return self.tried("merge-base", "--is-ancestor", commit, other).code == 0


def options() -> Sequence[str]:
    return [part for option in _OPTIONS for part in ("-c", option)]


def clean_environment() -> dict[str, str]:
    """In which nothing asks a person."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_LFS_SKIP_SMUDGE": "1"}


def told(ended: Ended) -> str:
    """The end of what a program said, on one line, without users and passwords of addresses."""
    said = " ".join(_USER_INFO.sub("", f"{ended.err}\n{ended.out}").split())
    return (said[-_LONGEST:] if said else "") or f"ended with {ended.code}, and said nothing"
