"""A work tree of our own, in the repository's own folder of git: nobody's checkout is touched."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from advisor.clients.git import Git
from advisor.model.errors import KnobBusyError, KnobError

_NAME = "tuning-advisor"


def git_folder(git: Git) -> Path:
    """That all work trees share. Raises KnobError where `git` is in no repository."""
    ended = git.tried("rev-parse", "--git-common-dir")
    if ended.code != 0:
        said = ended.err.strip().removeprefix("fatal: ")
        raise KnobError(f"is no git repository: {said}", where=str(git.folder), fix="kubernetes.gitops.repository")
    return (git.folder / ended.out.strip()).resolve()


@contextmanager
def own_tree(git: Git, commit: str) -> Iterator[Git]:
    """Of `commit`, and of no branch. One at a time; what a killed process has left is taken away first.

    Raises KnobBusyError while another process has it.
    """
    folder = git_folder(git) / _NAME
    with _alone(folder.with_name(f"{_NAME}.lock")):
        _remove(git, folder)
        # Forced where git still knows of one at this place that is gone.
        git("worktree", "add", "--quiet", "--force", "--detach", str(folder), commit)
        try:
            yield git.beside(folder)
        finally:
            _remove(git, folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        fix = "let the advisor's user write there"
        raise KnobError(f"cannot be written: {error.strerror}", where=str(lock), fix=fix) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise KnobBusyError("another advisor works in it", where=str(lock.parent)) from error
    finally:
        os.close(descriptor)


def _remove(git: Git, folder: Path) -> None:
    if folder.exists():
        git.tried("worktree", "remove", "--force", "--force", str(folder))
        shutil.rmtree(folder, ignore_errors=True)
