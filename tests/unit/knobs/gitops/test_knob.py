"""A change as a commit, in real repositories; what every knob promises stands in tests/contract/knobs."""

import fcntl
import stat
from pathlib import Path

import pytest

from advisor.knobs.gitops.knob import GitOpsKnob
from advisor.model.errors import KnobBusyError, KnobError, StaleEpochError
from advisor.model.finding import Evidence
from advisor.model.knob import KnobState, Order
from advisor.testing.words import a_change, a_proposal
from tests.fakes.gitops import MANIFEST, NEW, OLD, PUSH_BRANCH, TARGET, GitOpsBench, git

BRANCH = "tuning-advisor/chg_a"


def order(change: str = "chg_a", epoch: int = 1) -> Order:
    return Order(change_id=change, target=TARGET, old=OLD, new=NEW, epoch=epoch)


@pytest.fixture
def bench(tmp_path: Path) -> GitOpsBench:
    """Whose command pushes to the branch that the cluster follows."""
    return GitOpsBench(tmp_path / "git")


@pytest.fixture
def reviewed(tmp_path: Path) -> GitOpsBench:
    """Whose command pushes the change's own branch, for a pull request."""
    return GitOpsBench(tmp_path / "git", publish=PUSH_BRANCH)


def script(folder: Path, text: str) -> list[str]:
    path = folder / "publish.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return [str(path)]


def test_a_change_is_one_commit_that_says_why_what_is_expected_and_how_to_undo_it(bench: GitOpsBench) -> None:
    evidence = (Evidence(signal="kubernetes.throttled_ratio", value=0.4, unit="", threshold=0.25),)
    record = a_change(proposal=a_proposal(target=TARGET, current=OLD, proposed=NEW, evidence=evidence))
    knob = GitOpsKnob(bench.repositories.settings(), bench.cluster, lambda _: record)
    knob.apply(order(epoch=7))
    assert bench.repositories.at_origin() == MANIFEST.strip().replace("cpu: 100m", "cpu: 250m")
    assert bench.repositories.log() == ["Tune k8s.resources of Deployment shop/web", "Deploy the shop"]
    assert git(bench.repositories.origin, "log", "-1", "--format=%b", "main").splitlines() == [
        "web cpu request 100m -> web cpu request 250m",
        "",
        "40/s x 0.1 s = 4 busy connections on average",
        "",
        "Evidence:",
        "- kubernetes.throttled_ratio 0.4, threshold 0.25",
        "",
        "Prediction:",
        "- pool.wait_mean_seconds{app=shop}: 0.004 s (0.001 to 0.02), by erlang-c",
        "",
        "To undo: advisor changes rollback chg_a, or revert this commit.",
        "",
        "Tuning-Advisor-Change: chg_a",
        "Tuning-Advisor-Epoch: 7",
        "Tuning-Advisor-Action: apply",
    ]


def test_nobodys_checkout_is_touched_and_no_hook_is_run(bench: GitOpsBench, tmp_path: Path) -> None:
    ours = bench.repositories.ours
    for hook in ("pre-commit", "post-commit", "post-checkout", "post-merge", "post-rewrite"):
        path = ours / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{hook}\n")
        path.chmod(0o755)
    (ours / "notes.txt").write_text("a person's, not committed")
    before = git(ours, "rev-parse", "HEAD"), git(ours, "status", "--porcelain")
    bench.knob.apply(order())
    bench.show()
    bench.knob.restore(order())
    assert (git(ours, "rev-parse", "HEAD"), git(ours, "status", "--porcelain")) == before
    assert (ours / "web.yaml").read_text() == MANIFEST
    assert not list(tmp_path.glob("ran-*"))
    assert git(ours, "worktree", "list").count("\n") == 0


def test_a_change_that_is_reviewed_is_in_force_once_the_cluster_shows_it_and_goes_back_the_same_way(
    reviewed: GitOpsBench,
) -> None:
    repositories = reviewed.repositories
    reviewed.knob.apply(order())
    reviewed.show()
    pending = reviewed.knob.inspect(order())
    assert (pending.kind, "published; the cluster does not show it yet" in pending.detail) == (KnobState.PENDING, True)
    repositories.they_merge(BRANCH)
    assert reviewed.knob.inspect(order()).kind is KnobState.PENDING
    reviewed.show()
    assert reviewed.knob.inspect(order()).kind is KnobState.NEW
    reviewed.knob.restore(order())
    assert reviewed.knob.inspect(order()).kind is KnobState.PENDING
    repositories.they_merge(BRANCH)
    reviewed.show()
    assert reviewed.knob.inspect(order()).kind is KnobState.OLD
    assert repositories.at_origin() == MANIFEST.strip()


def test_a_squashed_commit_is_found_by_its_trailer_in_a_new_clone_and_reverted(reviewed: GitOpsBench) -> None:
    repositories = reviewed.repositories
    reviewed.knob.apply(order())
    repositories.they_merge(BRANCH, squash=True)
    git(repositories.origin, "branch", "-D", BRANCH)
    repositories.cloned_anew()
    reviewed.show()
    knob = reviewed.restarted()
    assert knob.inspect(order(epoch=2)).kind is KnobState.NEW
    knob.apply(order(epoch=2))
    assert repositories.log() == ["Tune k8s.resources of Deployment shop/web", "Deploy the shop"]
    knob.restore(order(epoch=2))
    repositories.they_merge(BRANCH)
    reviewed.show()
    assert knob.inspect(order(epoch=2)).kind is KnobState.OLD
    assert repositories.at_origin() == MANIFEST.strip()


def test_what_others_commit_meanwhile_is_merged_in_and_nothing_is_forced(bench: GitOpsBench, tmp_path: Path) -> None:
    repositories = bench.repositories
    moved = tmp_path / "moved"
    failing = script(tmp_path, f"[ -e {moved} ] && exec git push --quiet origin HEAD:main; echo refused >&2; exit 1")
    knob = GitOpsKnob(repositories.settings(publish=failing), bench.cluster, lambda _: None)
    with pytest.raises(KnobBusyError, match="ended with 1: refused"):
        knob.apply(order())
    repositories.they_commit("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n", "other.yaml")
    moved.touch()
    knob.renew(order())
    bench.show()
    assert knob.inspect(order()).kind is KnobState.NEW
    log = repositories.log()
    assert sorted(log) == sorted(
        [
            f"Merge main into {BRANCH}",
            "Tune k8s.resources of Deployment shop/web",
            "Work of others",
            "Deploy the shop",
        ]
    )


def test_a_value_that_others_changed_in_the_repository_is_not_overwritten_by_the_revert(bench: GitOpsBench) -> None:
    bench.knob.apply(order())
    bench.show()
    bench.repositories.they_commit(MANIFEST.replace("cpu: 100m", "cpu: 300m"))
    with pytest.raises(KnobError, match=r"the revert conflicts.*by hand on main"):
        bench.knob.restore(order())
    assert "cpu: 300m" in bench.repositories.at_origin()


def test_a_branch_with_others_edit_of_the_same_line_is_told_as_a_conflict(bench: GitOpsBench, tmp_path: Path) -> None:
    knob = GitOpsKnob(bench.repositories.settings(publish=script(tmp_path, "exit 1")), bench.cluster, lambda _: None)
    with pytest.raises(KnobBusyError):
        knob.apply(order())
    bench.repositories.they_commit(MANIFEST.replace("cpu: 100m", "cpu: 300m"))
    with pytest.raises(KnobError, match="main has moved, and conflicts"):
        knob.renew(order())


def test_publishing_is_told_what_it_is_about_and_gets_no_settings(
    bench: GitOpsBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_POSTGRES__DSN", "postgresql://x:hunter2@db/shop")
    monkeypatch.setenv("FORGE_TOKEN", "for the script")
    told = script(tmp_path, f"env > {tmp_path}/told; git symbolic-ref --short HEAD >> {tmp_path}/told")
    GitOpsKnob(bench.repositories.settings(publish=told), bench.cluster, lambda _: None).apply(order())
    lines = (tmp_path / "told").read_text().splitlines()
    assert {
        "ADVISOR_GITOPS_ACTION=apply",
        "ADVISOR_GITOPS_CHANGE=chg_a",
        f"ADVISOR_GITOPS_BRANCH={BRANCH}",
        "ADVISOR_GITOPS_BASE=main",
        "ADVISOR_GITOPS_TITLE=Tune k8s.resources of Deployment shop/web",
        "FORGE_TOKEN=for the script",
        "GIT_TERMINAL_PROMPT=0",
    } <= set(lines)
    assert lines[-1] == BRANCH
    assert not any("hunter2" in line for line in lines)


def test_a_command_that_hangs_is_ended_with_all_that_it_started(bench: GitOpsBench, tmp_path: Path) -> None:
    hanging = script(tmp_path, "sleep 1000 & sleep 1000")
    settings = bench.repositories.settings(publish=hanging, publish_timeout_seconds="300ms")
    with pytest.raises(KnobBusyError, match=r"publish.*had not ended after 0\.3 s"):
        GitOpsKnob(settings, bench.cluster, lambda _: None).apply(order())


def test_a_command_that_is_not_there_is_named_and_what_was_committed_is_published_later(bench: GitOpsBench) -> None:
    settings = bench.repositories.settings(publish=["no-such-program"])
    with pytest.raises(KnobError, match="no-such-program: cannot be run"):
        GitOpsKnob(settings, bench.cluster, lambda _: None).apply(order())
    assert "not published yet" in bench.knob.inspect(order()).detail
    bench.knob.renew(order())
    bench.show()
    assert bench.knob.inspect(order()).kind is KnobState.NEW
    assert bench.repositories.log() == ["Tune k8s.resources of Deployment shop/web", "Deploy the shop"]


def test_a_value_that_went_back_after_it_was_shown_was_put_back_by_somebody(bench: GitOpsBench) -> None:
    bench.knob.apply(order())
    bench.show()
    bench.knob.renew(order())
    bench.cluster.shown = "100m"
    status = bench.knob.inspect(order())
    assert (status.kind, "shows the old value again" in status.detail) == (KnobState.OLD, True)


def test_without_a_command_a_person_publishes(bench: GitOpsBench) -> None:
    knob = GitOpsKnob(bench.repositories.settings(publish=()), bench.cluster, lambda _: None)
    knob.apply(order())
    assert knob.inspect(order()).kind is KnobState.PENDING
    git(bench.repositories.ours, "push", "--quiet", "origin", f"{BRANCH}:main")
    bench.show()
    assert knob.inspect(order()).kind is KnobState.NEW


def test_a_repository_of_ones_own_needs_no_remote(tmp_path: Path) -> None:
    bench = GitOpsBench(tmp_path / "git", publish=["git", "push", "--quiet", ".", "HEAD:refs/heads/deployed"])
    ours = bench.repositories.ours
    git(ours, "remote", "remove", "origin")
    bench.knob.apply(order())
    assert "cpu: 250m" in git(ours, "show", "deployed:web.yaml")
    assert "cpu: 100m" in git(ours, "show", "main:web.yaml")


def test_a_file_that_a_person_is_editing_is_waited_for(bench: GitOpsBench) -> None:
    (bench.repositories.ours / "web.yaml").write_text(MANIFEST + "# a note\n")
    with pytest.raises(KnobBusyError, match=r"web\.yaml has changes that are not committed .commit or stash them"):
        bench.knob.apply(order())
    assert bench.knob.inspect(order()).kind is KnobState.OLD


def test_a_detached_head_asks_for_the_branch_and_a_missing_one_is_named(bench: GitOpsBench) -> None:
    ours = bench.repositories.ours
    git(ours, "checkout", "--quiet", "--detach")
    settings = bench.repositories.settings(branch=None)
    with pytest.raises(KnobError, match=r"HEAD is detached.*name kubernetes\.gitops\.branch"):
        GitOpsKnob(settings, bench.cluster, lambda _: None).apply(order())
    with pytest.raises(KnobError, match=r"no branch production.*there are: main"):
        GitOpsKnob(bench.repositories.settings(branch="production"), bench.cluster, lambda _: None).apply(order())
    bench.knob.apply(order())  # a named branch needs no checkout


def test_a_folder_that_is_no_repository_is_named(bench: GitOpsBench, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    settings = bench.repositories.settings(repository=str(tmp_path / "plain"))
    with pytest.raises(KnobError, match=r"plain: .*not a git repository"):
        GitOpsKnob(settings, bench.cluster, lambda _: None).apply(order())


def test_a_remote_that_does_not_answer_is_tried_again_and_shows_no_password(bench: GitOpsBench) -> None:
    git(bench.repositories.ours, "remote", "set-url", "origin", "https://ada:hunter2@127.0.0.1:1/shop.git")
    with pytest.raises(KnobBusyError, match="git fetch") as refused:
        bench.knob.apply(order())
    assert "hunter2" not in str(refused.value)
    assert bench.knob.inspect(order()).kind is KnobState.OLD


def test_commits_that_must_be_signed_without_a_key_are_refused_with_the_fix(bench: GitOpsBench) -> None:
    ours = bench.repositories.ours
    git(ours, "config", "commit.gpgSign", "true")
    git(ours, "config", "gpg.format", "ssh")
    git(ours, "config", "user.signingKey", str(ours / "no-such-key"))
    with pytest.raises(KnobError, match=r"commits must be signed.*passphrase"):
        bench.knob.apply(order())
    assert bench.knob.inspect(order()).kind is KnobState.OLD


def test_a_file_of_sops_is_refused(tmp_path: Path) -> None:
    bench = GitOpsBench(tmp_path / "git")
    sealed = MANIFEST.replace("memory: 128Mi", "memory: ENC[AES256_GCM,data:x]") + "sops: {version: 3.9.0}\n"
    bench.repositories.they_commit(sealed)
    with pytest.raises(KnobError, match="encrypted by sops"):
        bench.knob.apply(order())
    assert bench.knob.inspect(order()).kind is KnobState.OLD


def test_a_branch_that_already_says_it_is_told(bench: GitOpsBench) -> None:
    bench.repositories.they_commit(MANIFEST.replace("cpu: 100m", "cpu: 250m"))
    with pytest.raises(KnobError, match="main holds the new values already"):
        bench.knob.apply(order())


def test_a_term_that_another_clone_has_committed_in_is_respected(bench: GitOpsBench) -> None:
    """The refs of one clone are not in the next: what is published says by its trailer whose term it was."""
    bench.knob.apply(order(epoch=5))
    bench.repositories.cloned_anew()
    with pytest.raises(StaleEpochError, match="5 has committed"):
        bench.restarted().restore(order(epoch=4))


def test_one_advisor_at_a_time_works_in_a_repository(bench: GitOpsBench, tmp_path: Path) -> None:
    nested = script(tmp_path, "exit 0")
    knob = GitOpsKnob(bench.repositories.settings(publish=nested), bench.cluster, lambda _: None)
    lock = (bench.repositories.ours / ".git" / "tuning-advisor.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    with lock, pytest.raises(KnobBusyError, match="another advisor works in it"):
        knob.apply(order())
    knob.apply(order())
