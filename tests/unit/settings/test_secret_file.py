"""A secret in a file: read again when the file changes, out of force while it does not do, and shown nowhere."""

from pathlib import Path

import pytest

from advisor.model.errors import ConfigurationError
from advisor.settings.secret_file import SecretFile, SecretShape

SECRET = "canary-of-a-secret"


def a_file(path: Path, content: str) -> SecretFile:
    path.write_text(content)
    return SecretFile(str(path), "slack.bot_token_file")


def test_what_a_file_holds_counts_from_the_moment_it_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    file = a_file(path, f"{SECRET}\n")
    assert (file.read(), file.current(), file.name) == (SECRET, SECRET, "secret")
    path.write_text("second")
    assert (file.read(), file.current()) == ("second", "second")
    (tmp_path / "new").write_text("third")
    (tmp_path / "new").replace(path)  # as a mounted secret changes: another file in its place
    assert file.current() == "third"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"two words", "does not hold one secret"),
        (b"first\nsecond\n", "does not hold one secret"),
        ("tökén".encode(), "does not hold one secret"),
        (b"\xff\xfe", "does not hold one secret"),
        (b"x" * 5000, "is too long"),
    ],
)
def test_what_does_not_do_is_out_of_force_and_told_with_file_setting_and_fix_but_not_with_what_is_in_it(
    tmp_path: Path, content: bytes, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secret"
    file = a_file(path, SECRET)
    assert file.current() == SECRET
    path.write_bytes(content)
    assert file.current() is None
    assert file.current() is None
    with pytest.raises(ConfigurationError, match=told) as caught:
        file.read()
    assert str(caught.value).startswith(f"slack.bot_token_file: {path}")
    assert "write the secret" in caught.value.fix
    written = capsys.readouterr().out
    assert written.count("secret_refused") == 1, "each state is told once"
    for shown in (str(caught.value), written, repr(file)):
        assert SECRET not in shown
        assert "second" not in shown
    path.write_text(SECRET)
    assert file.current() == SECRET


def test_a_file_that_is_gone_or_no_file_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    file = a_file(path, SECRET)
    assert file.current() == SECRET
    path.unlink()
    assert file.current() is None
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        file.read()
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        SecretFile(str(tmp_path), "web.token_files.0").read()


def test_a_private_file_that_others_may_read_is_out_of_force_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(SECRET)
    path.chmod(0o644)
    file = SecretFile(str(path), "web.token_files.0", SecretShape(is_private=True))
    with pytest.raises(ConfigurationError, match=f"open to everybody.*chmod 600 {path}"):
        file.read()
    path.chmod(0o600)
    assert file.current() == SECRET
