"""The doctor on the repository that a cluster is made from. Nothing is written, fetched or published."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from advisor.clients.git import Git
from advisor.knobs.gitops.branches import Branches
from advisor.knobs.gitops.tree import git_folder
from advisor.model.check import CheckLine, guarded, ok, warning
from advisor.model.errors import KnobError
from advisor.settings.kubernetes.gitops import GitOpsSettings

_NAME = "gitops"


def check_gitops(settings: GitOpsSettings) -> tuple[CheckLine, ...]:
    """Whether there is such a branch and folder, commits can be made, and the publishing command is there."""
    if settings.repository is None:
        return ()
    git = Git(Path(settings.repository), settings.git_timeout_seconds)
    return guarded(_NAME, lambda: _look(git, settings))


def _look(git: Git, settings: GitOpsSettings) -> Iterator[CheckLine]:
    git_folder(git)
    followed = Branches(git, settings).followed()
    there = git.tried("cat-file", "-e", f"{followed.ref}:{'' if settings.path == '.' else settings.path}")
    if there.code != 0:
        what = f"{followed.name} has no folder {settings.path}"
        raise KnobError(what, where=settings.repository or "", fix="see kubernetes.gitops.path")
    whose = f" of {followed.remote}" if followed.remote else ""
    yield ok(_NAME, f"{git('--version')}; a change is a commit on {followed.name}{whose}, below {settings.path}")
    if not settings.publish:
        yield warning(_NAME, "nothing publishes a commit", "name kubernetes.gitops.publish, or publish by hand")
    elif shutil.which(settings.publish[0], path=None) is None:
        fix = "install it, or give its whole path"
        yield warning(_NAME, f"kubernetes.gitops.publish: there is no program {settings.publish[0]}", fix)
    if git.setting("commit.gpgSign").lower() == "true" and not git.setting("user.signingKey"):
        yield warning(_NAME, "commits must be signed, and no user.signingKey is set", "git config user.signingKey KEY")
