"""Which branch the cluster follows, which one holds a change, and what both say of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.clients.git import Git, GitError
from advisor.knobs.gitops.message import CHANGE, Action, trailers_in
from advisor.model.errors import KnobBusyError, KnobError
from advisor.settings.kubernetes.gitops import GitOpsSettings

PREFIX = "tuning-advisor/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The branch that the cluster follows. remote: "" where it is nobody else's.

    ref: of what is known of it here: the remote's branch as it was fetched last, else the local one.
    """

    name: str
    remote: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """done, undone: the commits that made the change and took it back; None where there is none.

    tip: of the change's own branch. is_outside: whether a remote has the commit that made it. epoch: their highest.
    """

    done: str | None
    undone: str | None
    tip: str | None
    is_outside: bool
    epoch: int


class Branches:
    def __init__(self, git: Git, settings: GitOpsSettings) -> None:
        self._git = git
        self._settings = settings
        self._known: dict[tuple[str, ...], Standing] = {}

    def followed(self) -> Followed:
        """Raises KnobError where there is no such branch, or none is checked out."""
        name = self._settings.branch or self._checked_out()
        remotes = self._git("remote").split()
        configured = self._git.setting(f"branch.{name}.remote")
        remote = configured if configured in remotes else ""
        for one in [remote] if remote else remotes:
            ref = f"refs/remotes/{one}/{name}"
            if self._git.commit_at(ref):
                return Followed(name=name, remote=one, ref=ref)
        if self._git.commit_at(f"refs/heads/{name}"):
            return Followed(name=name, remote=remote, ref=f"refs/heads/{name}")
        there = self._git("for-each-ref", "--format=%(refname:short)", "--count=5", "refs/heads").split()
        fix = f"kubernetes.gitops.branch; there are: {', '.join(there) or 'none'}"
        raise KnobError(f"there is no branch {name}, or it has no commit", where=str(self._git.folder), fix=fix)

    def refresh(self, followed: Followed) -> None:
        """Fetch it, and the branches of our changes. Raises KnobBusyError where the remote does not answer."""
        if not followed.remote:
            return
        wanted = [f"+refs/heads/{name}:refs/remotes/{followed.remote}/{name}" for name in (followed.name, f"{PREFIX}*")]
        options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        try:
            self._git("fetch", *options, followed.remote, *wanted)
        except GitError as error:
            raise KnobBusyError(error.what, where=error.where, fix="can the remote be reached from here?") from error

    def standing(self, change_id: str, followed: Followed) -> Standing:
        own = f"refs/heads/{PREFIX}{change_id}"
        theirs = f"refs/remotes/{followed.remote}/{PREFIX}{change_id}" if followed.remote else ""
        tips = {ref: self._git.commit_at(ref) for ref in (own, theirs, followed.ref) if ref}
        known = tuple(f"{change_id} {ref} {tip}" for ref, tip in tips.items())
        if known not in self._known:
            self._known.clear()
            self._known[known] = self._look(change_id, tips, own)
        return self._known[known]

    def _look(self, change_id: str, tips: dict[str, str | None], own: str) -> Standing:
        done = undone = None
        epoch = 0
        there = [tip for tip in tips.values() if tip]
        for commit, text in self._commits(change_id, there):
            told = trailers_in(text)
            if told is None or told.change != change_id:
                continue
            epoch = max(epoch, told.epoch)
            done = done or (commit if Action.APPLY in told.actions else None)
            undone = undone or (commit if Action.UNDO in told.actions else None)
        remote = [tip for ref, tip in tips.items() if tip and ref.startswith("refs/remotes/")]
        is_outside = done is not None and any(self._git.is_within(done, tip) for tip in remote)
        tip = next((tip for ref, tip in tips.items() if tip and PREFIX in ref), None)
        return Standing(done=done, undone=undone, tip=tips[own] or tip, is_outside=is_outside, epoch=epoch)

    def _commits(self, change_id: str, tips: list[str]) -> Iterator[tuple[str, str]]:
        options = ["--no-merges", "--fixed-strings", f"--grep={CHANGE}: {change_id}", "--format=%H%x00%B%x01"]
        for part in self._git("log", *options, *tips, "--").split("\x01"):
            commit, _, text = part.strip("\n").partition("\0")
            if commit:
                yield commit, text

    def _checked_out(self) -> str:
        ended = self._git.tried("symbolic-ref", "--quiet", "--short", "HEAD")
        if ended.code != 0:
            what = "HEAD is detached, so no branch is checked out"
            raise KnobError(what, where=str(self._git.folder), fix="name kubernetes.gitops.branch")
        return ended.out.strip()
