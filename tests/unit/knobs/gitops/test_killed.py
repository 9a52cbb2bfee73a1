"""Killed before each effect of git and after the last one, the next start tracks the change or restores it.

A program `git` of the test's own stands before the real one: it counts what writes, and at one of them it ends the
process that called it, as kill -9 does. After an effect is before the next one.
"""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.model.errors import KnobError
from advisor.model.knob import KnobState, Order
from tests.fakes.gitops import MANIFEST, NEW, OLD, TARGET, GitOpsBench, git

BRANCH = "tuning-advisor/chg_a"
APPLYING = ["hash-object", "update-ref", "fetch", "worktree", "add", "commit", "update-ref", "worktree"]
PUBLISHING = ["hash-object", "update-ref", "worktree", "checkout", "push", "worktree", "hash-object", "update-ref"]
RESTORING = ["fetch", "hash-object", "update-ref", "worktree", "revert", "commit", "update-ref", "worktree"]
SHIM = """\
#!/bin/sh
for word in "$@"; do case $word in
    hash-object|update-ref|fetch|worktree|add|commit|checkout|push|revert|merge) effect=$word; break;;
    *[=/]*|-*) ;;
    *) break;;
esac; done
if [ "$effect" = worktree ]; then case "$*" in *porcelain*) effect=;; esac; fi
if [ -n "$effect" ]; then
    echo "$effect" >> "FOLDER/met"
    if [ "$(wc -l < "FOLDER/met")" -gt "$(cat "FOLDER/fatal")" ]; then kill -9 $PPID; exit 1; fi
fi
exec REAL "$@"
"""


class Fate:
    """Lets a child of this process do its work until it has had so many effects."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shim = folder / "git"
        shim.write_text(SHIM.replace("REAL", shutil.which("git") or "").replace("FOLDER", str(folder)))
        shim.chmod(0o755)
        self.met: list[str] = []

    def live(self, work: Callable[[], object], effects: int) -> int:
        """The exit code of a process that does `work`: -9 where it was killed."""
        (self._folder / "fatal").write_text(str(effects))
        (self._folder / "met").write_text("")
        pid = os.fork()
        if pid == 0:
            os.environ["PATH"] = f"{self._folder}:{os.environ['PATH']}"
            try:
                work()
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        self.met = (self._folder / "met").read_text().split()
        return os.waitstatus_to_exitcode(status)


def order(epoch: int = 1) -> Order:
    return Order(change_id="chg_a", target=TARGET, old=OLD, new=NEW, epoch=epoch)


def commits(bench: GitOpsBench) -> list[str]:
    """All of this change that anybody can reach, by their subjects."""
    subjects = set[str]()
    for folder in (bench.repositories.ours, bench.repositories.origin):
        options = ["--branches", "--remotes", "--no-merges", "--grep=Tuning-Advisor-Change"]
        subjects |= set(git(folder, "log", *options, "--format=%H %s").splitlines())
    return sorted(subject.partition(" ")[2] for subject in subjects)


@pytest.fixture
def fate(tmp_path: Path) -> Fate:
    folder = tmp_path / "shim"
    folder.mkdir()
    return Fate(folder)


def test_the_effects_are_the_ones_below_and_no_other(tmp_path: Path, fate: Fate) -> None:
    """What the tests kill at is complete: an effect that is added shows up here."""
    bench = GitOpsBench(tmp_path / "git")
    assert fate.live(lambda: bench.knob.apply(order()), 100) == 0
    assert fate.met == [*APPLYING, *PUBLISHING]
    bench.show()
    assert fate.live(lambda: bench.knob.restore(order()), 100) == 0
    assert fate.met == [*RESTORING, *PUBLISHING[2:]]


@pytest.mark.parametrize("effects", range(len(APPLYING) + len(PUBLISHING)))
def test_killed_while_applying_it_is_tracked_or_was_never_begun(tmp_path: Path, fate: Fate, effects: int) -> None:
    bench = GitOpsBench(tmp_path / "git")
    assert fate.live(lambda: bench.knob.apply(order()), effects) == -signal.SIGKILL
    knob = bench.restarted()
    bench.show()
    found = knob.inspect(order(epoch=2)).kind
    if effects <= APPLYING.index("commit") + 1:  # before the branch is there
        assert found is KnobState.OLD
        assert commits(bench) == []
        return
    assert found in (KnobState.PENDING, KnobState.NEW)
    knob.renew(order(epoch=2))
    bench.show()
    assert knob.inspect(order(epoch=2)).kind is KnobState.NEW
    assert commits(bench) == ["Tune k8s.resources of Deployment shop/web"]
    knob.restore(order(epoch=2))
    bench.show()
    assert knob.inspect(order(epoch=2)).kind is KnobState.OLD
    assert bench.repositories.at_origin() == MANIFEST.strip()


@pytest.mark.parametrize("effects", range(len(RESTORING) + len(PUBLISHING) - 2))
def test_killed_while_restoring_the_next_one_restores_it(tmp_path: Path, fate: Fate, effects: int) -> None:
    bench = GitOpsBench(tmp_path / "git")
    bench.knob.apply(order())
    bench.show()
    assert fate.live(lambda: bench.knob.restore(order()), effects) == -signal.SIGKILL
    knob = bench.restarted()
    knob.restore(order(epoch=2))
    bench.show()
    assert knob.inspect(order(epoch=2)).kind is KnobState.OLD
    assert bench.repositories.at_origin() == MANIFEST.strip()
    subjects = [
        "Take back the tuning of k8s.resources of Deployment shop/web",
        "Tune k8s.resources of Deployment shop/web",
    ]
    assert commits(bench) == subjects
    assert git(bench.repositories.ours, "worktree", "list").count("\n") == 0


def test_what_nobody_was_told_of_is_taken_away_without_a_trace(tmp_path: Path, fate: Fate) -> None:
    bench = GitOpsBench(tmp_path / "git")
    assert fate.live(lambda: bench.knob.apply(order()), len(APPLYING)) == -signal.SIGKILL
    assert git(bench.repositories.ours, "branch", "--list", BRANCH)
    knob = bench.restarted()
    knob.restore(order(epoch=2))
    assert not git(bench.repositories.ours, "branch", "--list", BRANCH)
    assert knob.inspect(order(epoch=2)).kind is KnobState.OLD
    with pytest.raises(KnobError, match="no value of ours"):
        knob.renew(order(epoch=2))
