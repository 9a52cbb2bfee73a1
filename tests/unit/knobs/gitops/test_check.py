"""What the doctor says of a repository of manifests."""

from pathlib import Path

from advisor.knobs.gitops.check import check_gitops
from advisor.model.check import CheckStatus
from advisor.settings.kubernetes.gitops import GitOpsSettings
from tests.fakes.gitops import Repositories, git


def test_a_repository_that_does_is_told_with_its_branch(tmp_path: Path) -> None:
    (line,) = check_gitops(Repositories(tmp_path).settings())
    assert line.status is CheckStatus.OK
    assert line.detail.endswith("a change is a commit on main of origin, below .")


def test_what_is_missing_is_named_each_with_its_fix(tmp_path: Path) -> None:
    repositories = Repositories(tmp_path)
    assert check_gitops(GitOpsSettings()) == ()
    (missing,) = check_gitops(repositories.settings(path="deploy"))
    assert (missing.status, "main has no folder deploy" in missing.detail) == (CheckStatus.FAILED, True)
    git(repositories.ours, "config", "commit.gpgSign", "true")
    lines = check_gitops(repositories.settings(publish=["no-such-program"]))
    assert [line.status for line in lines] == [CheckStatus.OK, CheckStatus.WARNING, CheckStatus.WARNING]
    assert "there is no program no-such-program" in lines[1].detail
    assert lines[2].fix == "git config user.signingKey KEY"
    assert "nothing publishes" in check_gitops(repositories.settings(publish=()))[1].detail


def test_a_folder_that_is_none_is_a_failure_and_no_traceback(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        (line,) = check_gitops(GitOpsSettings(repository=str(folder)))
        assert line.status is CheckStatus.FAILED
