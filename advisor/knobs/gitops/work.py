"""The effects on a repository: a commit, its revert, and publishing. Each may be repeated."""

from collections.abc import Callable
from pathlib import Path

from advisor.clients.git import Git, GitError, told
from advisor.knobs.gitops.branches import PREFIX, Branches, Followed, Standing
from advisor.knobs.gitops.ledger import REF, Entry, Ledger, Phase
from advisor.knobs.gitops.message import Action
from advisor.knobs.gitops.publish import publish
from advisor.knobs.gitops.tree import own_tree
from advisor.model.errors import KnobBusyError, KnobError
from advisor.settings.kubernetes.gitops import GitOpsSettings

_AUTHOR = {"NAME": "tuning-advisor", "EMAIL": "tuning-advisor@localhost"}


class Work:
    """On the branch of one change. Raises KnobBusyError where a branch was moved in between, KnobError for good."""

    def __init__(self, git: Git, settings: GitOpsSettings, change_id: str) -> None:
        self._git = git
        self._settings = settings
        self._change = change_id
        self.branches = Branches(git, settings)
        self.ledger = Ledger(git)
        self.branch = f"{PREFIX}{change_id}"

    def commit(self, entry: Entry, followed: Followed, edit: Callable[[Path], list[Path]], text: str) -> None:
        """A branch of its own, at what the cluster follows, with one commit more. edit: gives the files it changed."""
        start = self._git.commit_at(followed.ref)
        if start is None:
            raise KnobBusyError(f"{followed.name} is gone", where=str(self._git.folder))
        with own_tree(self._git, start) as tree:
            changed = [str(path) for path in edit(tree.folder)]
            if not changed:
                fix = "the cluster does not show what its branch says: let it catch up"
                raise KnobError(f"{followed.name} holds the new values already", where=str(self._git.folder), fix=fix)
            self._refuse_uncommitted(followed, changed)
            tree("add", "--", *changed)
            made = self._committed(tree, text)
            self._move(entry, None, made)

    def revert(self, entry: Entry, followed: Followed, standing: Standing, text: str) -> None:
        """The change's commit taken back on its own branch; empty where somebody has done so by hand."""
        if standing.done is None:
            return
        with own_tree(self._git, standing.tip or self._tip(followed)) as tree:
            self._merge(tree, followed)
            ended = tree.tried("revert", "--no-commit", standing.done)
            if ended.code != 0:
                fix = f"somebody has changed it since: put the old value back by hand on {followed.name}"
                raise KnobError(f"the revert conflicts: {told(ended)}", where=str(self._git.folder), fix=fix)
            made = self._committed(tree, text, "--allow-empty")
            self._move(entry, self._git.commit_at(f"refs/heads/{self.branch}"), made)

    def drop(self, entry: Entry, standing: Standing) -> None:
        """Take the branch away that nobody was told of."""
        self._updated(entry, f"delete refs/heads/{self.branch} {standing.tip}\n")

    def publish(self, entry: Entry, followed: Followed, action: Action) -> Entry:
        """On the change's own branch, with what others have committed meanwhile merged in. Journalled before."""
        begun, ended = (
            (Phase.PUBLISHING, Phase.PUBLISHED) if action is Action.APPLY else (Phase.WITHDRAWING, Phase.WITHDRAWN)
        )
        entry = self.ledger.advance(entry, begun)
        former = self._git.commit_at(f"refs/heads/{self.branch}")
        standing = self.branches.standing(self._change, followed)
        with own_tree(self._git, former or standing.tip or self._tip(followed)) as tree:
            self._merge(tree, followed)
            head = tree("rev-parse", "HEAD")
            if head != former:
                self._move(entry, former, head)
            tree("checkout", "--quiet", "--ignore-other-worktrees", self.branch)
            publish(self._settings, tree.folder, self._about(followed, action, head))
        return self.ledger.advance(entry, ended)

    def _about(self, followed: Followed, action: Action, head: str) -> dict[str, str]:
        return {
            "ACTION": action.value,
            "CHANGE": self._change,
            "BRANCH": self.branch,
            "BASE": followed.name,
            "COMMIT": head,
            "REMOTE": followed.remote,
            "TITLE": self._git("log", "-1", "--no-merges", "--format=%s", head),
        }

    def _merge(self, tree: Git, followed: Followed) -> None:
        base = self._tip(followed)
        if self._git.is_within(base, tree("rev-parse", "HEAD")):
            return
        text = f"Merge {followed.name} into {self.branch}"
        ended = tree.tried("merge", "--quiet", "--no-edit", "-m", text, base, environment=self._author())
        if ended.code != 0:
            fix = f"resolve it on {self.branch}, or change {followed.name} back"
            raise KnobError(f"{followed.name} has moved, and conflicts: {told(ended)}", where=self.branch, fix=fix)

    def _committed(self, tree: Git, text: str, *options: str) -> str:
        """Signed where git is configured to."""
        try:
            tree("commit", "--quiet", "--no-verify", "-F", "-", *options, given=text, environment=self._author())
        except GitError as error:
            if self._git.setting("commit.gpgSign").lower() not in ("true", "yes", "on", "1"):
                raise KnobError(error.what, where=str(self._git.folder)) from error
            fix = "give the advisor's user a key that asks for no passphrase, or set commit.gpgSign false here"
            raise KnobError(f"commits must be signed: {error.what}", where=str(self._git.folder), fix=fix) from error
        return tree("rev-parse", "HEAD")

    def _move(self, entry: Entry, former: str | None, commit: str) -> None:
        ref = f"refs/heads/{self.branch}"
        self._updated(entry, f"update {ref} {commit} {former}\n" if former else f"create {ref} {commit}\n")

    def _updated(self, entry: Entry, orders: str) -> None:
        """All or nothing, and only while no other term has written."""
        ended = self._git.tried("update-ref", "--stdin", given=f"verify {REF} {entry.id}\n{orders}")
        if ended.code != 0:
            raise KnobBusyError(f"{self.branch} was moved by others: {told(ended)}", where=str(self._git.folder))

    def _refuse_uncommitted(self, followed: Followed, changed: list[str]) -> None:
        """A person who is about to commit the same file to the same branch."""
        for part in self._git("worktree", "list", "--porcelain").split("\n\n"):
            lines = part.splitlines()
            if f"branch refs/heads/{followed.name}" not in lines:
                continue
            folder = Path(lines[0].removeprefix("worktree "))
            dirty = self._git.beside(folder)("status", "--porcelain", "--", *changed)
            if dirty:
                files = ", ".join(line[3:] for line in dirty.splitlines())
                what = f"{files} has changes that are not committed"
                raise KnobBusyError(what, where=str(folder), fix="commit or stash them")

    def _tip(self, followed: Followed) -> str:
        return self._git("rev-parse", "--verify", f"{followed.ref}^{{commit}}")

    def _author(self) -> dict[str, str]:
        """As git is configured; ours where it is not."""
        if self._git.setting("user.email") and self._git.setting("user.name"):
            return {}
        return {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in _AUTHOR.items()}
