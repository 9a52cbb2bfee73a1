"""Settings of a repository of manifests: what is refused before anything is done."""

from pathlib import Path

import pytest

from advisor.model.errors import ConfigurationError
from advisor.settings.load import load_settings


def refusal(folder: Path, text: str) -> str:
    file = folder / "advisor.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(file, {}, {})
    return str(refused.value)


def test_without_a_cluster_that_would_show_a_commit_it_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, "kubernetes: {gitops: {repository: shop}}\n")
    assert "no cluster is read that would show a commit" in said


def test_beside_live_writes_it_is_refused(tmp_path: Path) -> None:
    text = "kubernetes: {enabled: true, writing: {enabled: true}, gitops: {repository: shop}}\n"
    assert "one or the other" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("branch: --upload-pack=x", "is no name of a branch"),
        ("branch: a..b", "is no name of a branch"),
        ("path: ../elsewhere", "must be a folder within the repository"),
        ("path: /etc", "must be a folder within the repository"),
    ],
)
def test_what_could_be_taken_for_something_else_is_refused(tmp_path: Path, setting: str, said: str) -> None:
    text = f"kubernetes: {{enabled: true, gitops: {{repository: shop, {setting}}}}}\n"
    assert said in refusal(tmp_path, text)


def test_a_repository_is_looked_for_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "advisor.yaml"
    file.write_text("kubernetes: {enabled: true, gitops: {repository: shop}}\n")
    assert load_settings(file, {}, {}).kubernetes.gitops.repository == str(tmp_path / "shop")


def test_a_rollout_may_take_as_long_as_a_review_where_a_change_is_a_commit(tmp_path: Path) -> None:
    file = tmp_path / "advisor.yaml"
    file.write_text("kubernetes: {enabled: true, gitops: {repository: shop, merge_seconds: 2d}}\n")
    settings = load_settings(file, {}, {})
    assert (settings.trial.rollout_seconds, settings.trial_in_force.rollout_seconds) == (900, 172_800)
