"""What the doctor says of the files that secrets lie in."""

from pathlib import Path

import pytest

from advisor.model.check import CheckStatus
from advisor.settings.schema import Settings
from advisor.wiring.secrets import check_secrets

TOKEN = "canary-0123456789abcdef"


def a_file(folder: Path, name: str, content: str = TOKEN, mode: int = 0o600) -> str:
    path = folder / name
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def settings(folder: Path, **slack: str) -> Settings:
    return Settings.model_validate(
        {
            "web": {"token_files": [a_file(folder, "ci"), a_file(folder, "open", mode=0o644), str(folder / "none")]},
            "slack": {"channel": "C0TUNING", "bot_token_file": a_file(folder, "bot"), **slack},
            "notify": {"webhook_url": "https://h/", "webhook_secret_file": a_file(folder, "hook", "two words")},
        }
    )


def test_every_file_is_looked_at_and_one_that_does_not_do_is_told_with_its_fix(tmp_path: Path) -> None:
    found = settings(
        tmp_path, signing_secret_file=a_file(tmp_path, "signing", ""), app_token_file=str(tmp_path / "gone")
    )
    lines = {line.name: line for line in check_secrets(found)}
    assert {name: line.status for name, line in lines.items()} == {
        "web.token_files.0": CheckStatus.OK,
        "web.token_files.1": CheckStatus.FAILED,
        "web.token_files.2": CheckStatus.FAILED,
        "slack.app_token_file": CheckStatus.FAILED,
        "slack.signing_secret_file": CheckStatus.FAILED,
        "notify.webhook_secret_file": CheckStatus.FAILED,
    }
    told = {name: (line.detail, line.fix) for name, line in lines.items()}
    assert told["web.token_files.1"] == (f"{tmp_path}/open is open to everybody", f"chmod 600 {tmp_path}/open")
    assert told["slack.signing_secret_file"][0] == f"{tmp_path}/signing is empty"
    assert told["slack.app_token_file"][0] == f"{tmp_path}/gone cannot be read: No such file or directory"
    assert f"openssl rand -hex 32 > {tmp_path}/none" in told["web.token_files.2"][1]
    assert TOKEN not in str(told)


def test_what_is_not_configured_is_not_looked_at() -> None:
    assert list(check_secrets(Settings())) == []


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_mounted_secret_of_slacks_may_be_readable_by_others(tmp_path: Path, mode: int) -> None:
    found = settings(tmp_path, signing_secret_file=a_file(tmp_path, "signing", mode=mode))
    (line,) = [one for one in check_secrets(found) if one.name == "slack.signing_secret_file"]
    assert line.status is CheckStatus.OK
