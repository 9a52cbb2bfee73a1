"""Token files: what is wrong with one is told with its fix, and one that changes is read again."""

import os
from pathlib import Path

import pytest

from advisor.model.errors import ConfigurationError
from advisor.surfaces.web.tokens import TokenFiles

FIRST, SECOND, THIRD = "first-0123456789abcdef", "second-0123456789abcdef", "third-0123456789abcdef"


def a_file(folder: Path, name: str, content: str, mode: int = 0o600) -> str:
    path = folder / name
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def test_two_tokens_are_valid_at_once_each_known_by_its_files_name(tmp_path: Path) -> None:
    tokens = TokenFiles([a_file(tmp_path, "ci", FIRST + "\n"), a_file(tmp_path, "ada", SECOND)])
    assert (tokens.holder(FIRST), tokens.holder(SECOND)) == ("ci", "ada")
    for wrong in (THIRD, FIRST[:-1], FIRST + "x", "", "ci", FIRST.upper(), "\udcff", "é" * 20):
        assert tokens.holder(wrong) is None


def test_a_token_is_replaced_without_a_restart_and_the_old_one_is_valid_no_more(tmp_path: Path) -> None:
    path = a_file(tmp_path, "ci", FIRST)
    tokens = TokenFiles([path])
    assert tokens.holder(FIRST) == "ci"
    a_file(tmp_path, "new", SECOND)
    (tmp_path / "new").replace(path)  # as a mounted secret changes: another file in its place
    assert (tokens.holder(FIRST), tokens.holder(SECOND)) == (None, "ci")
    a_file(tmp_path, "ci", THIRD)  # and in place
    assert (tokens.holder(SECOND), tokens.holder(THIRD)) == (None, "ci")


@pytest.mark.parametrize("harm", ["emptied", "deleted", "opened", "half written"])
def test_a_token_whose_file_no_longer_does_is_revoked_until_it_does_again(tmp_path: Path, harm: str) -> None:
    path = Path(a_file(tmp_path, "ci", FIRST))
    tokens = TokenFiles([str(path), a_file(tmp_path, "other", SECOND)])
    match harm:
        case "emptied":
            path.write_text("")
        case "deleted":
            path.unlink()
        case "opened":
            path.chmod(0o644)
        case _:
            path.write_text(FIRST[:5])
    assert (tokens.holder(FIRST), tokens.holder(""), tokens.holder(SECOND)) == (None, None, "other")
    a_file(tmp_path, "ci", FIRST)
    assert tokens.holder(FIRST) == "ci"


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("", 0o600, "is empty"),
        (" \n", 0o600, "is empty"),
        ("short", 0o600, "could be guessed"),
        ("x" * 513, 0o600, "too long"),
        (f"{FIRST}\n{SECOND}\n", 0o600, "does not hold one token"),
        (f"token: {FIRST}", 0o600, "does not hold one token"),
        ("ünïcödé-0123456789", 0o600, "does not hold one token"),
        (FIRST, 0o644, "is open to everybody"),
        (FIRST, 0o602, "is open to everybody"),
        (FIRST, 0o640, "is open to its group"),
        (FIRST, 0o660, "is open to its group"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place_and_fix_and_never_with_the_token(
    tmp_path: Path, content: str, mode: int, said: str
) -> None:
    right, wrong = a_file(tmp_path, "right", THIRD), a_file(tmp_path, "wrong", content, mode)
    with pytest.raises(ConfigurationError) as caught:
        TokenFiles([right, wrong])
    told = str(caught.value)
    assert said in told
    assert f"web.token_files.1: {wrong}" in told
    assert "openssl rand -hex 32" in told or f"chmod 600 {wrong}" in told
    assert FIRST not in told


def test_a_missing_file_is_told_and_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TokenFiles([str(tmp_path / "missing"), str(tmp_path), a_file(tmp_path, "empty", "")])
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"web.token_files.{number}" for number in range(3)]
    assert "No such file or directory" in lines[0]
    assert "Is a directory" in lines[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to root")
def test_as_root_a_file_that_roots_group_may_read_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="open to its group"):
        TokenFiles([a_file(tmp_path, "ci", FIRST, 0o440)])
