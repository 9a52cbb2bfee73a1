"""What `advisor check` says of Slack: the scope that is missing, the channel that the app is not in."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.clients.slack import SlackClient
from advisor.model.check import CheckLine, CheckStatus
from advisor.model.errors import ConfigurationError
from advisor.settings.surfaces.slack import SlackSettings
from advisor.surfaces.slack.telling.check import check_slack
from tests.fakes.slack_api import BOT_TOKEN, CHANNEL, SlackApi
from tests.fakes.slack_http import Fault


@pytest.fixture
def slack() -> Iterator[SlackApi]:
    with SlackApi().running() as api:
        yield api


def lines(slack: SlackApi, folder: Path, **settings: object) -> list[CheckLine]:
    file = folder / "token"
    file.write_text(BOT_TOKEN)
    client = SlackClient(base_url=slack.api_url, token_file=str(file))
    given = {"channel": CHANNEL, "bot_token_file": str(file), **settings}
    return list(check_slack(SlackSettings.model_validate(given), client))


def bad(found: list[CheckLine]) -> list[tuple[str, CheckStatus, str]]:
    return [(line.name, line.status, line.fix) for line in found if line.status is not CheckStatus.OK]


def test_all_is_well_and_nothing_was_posted(slack: SlackApi, tmp_path: Path) -> None:
    found = lines(slack, tmp_path)
    assert bad(found) == []
    assert [line.detail for line in found][::2] == ["advisor in Harbour (T0HARBOUR)", "#tuning"]
    assert slack.messages == []


def test_every_missing_scope_is_named_with_what_it_is_for(slack: SlackApi, tmp_path: Path) -> None:
    slack.scopes.clear()
    found = lines(slack, tmp_path, approvers=["S0ONCALL"])
    details = " ".join(line.detail for line in found)
    for scope in ("chat:write", "usergroups:read", "files:write"):
        assert f"{scope} is missing" in details
    assert "channels:read, groups:read" in found[-1].fix


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"is_member": False}, "/invite @advisor"),
        ({"is_archived": True}, "unarchive it"),
        ({"is_ext_shared": True}, "a channel of your own"),
    ],
)
def test_a_channel_that_will_not_do_is_told_with_the_fix(
    slack: SlackApi, tmp_path: Path, setting: dict[str, bool], said: str
) -> None:
    for name, value in setting.items():
        setattr(slack.channels[CHANNEL], name, value)
    ((_, _, fix),) = bad(lines(slack, tmp_path))
    assert said in fix


def test_a_private_channel_that_the_app_is_not_in_looks_like_none(slack: SlackApi, tmp_path: Path) -> None:
    ((name, status, fix),) = bad(lines(slack, tmp_path, channel="C0OTHER"))
    assert (name, status) == ("slack:C0OTHER", CheckStatus.FAILED)
    assert "invite the app" in fix


def test_a_name_in_place_of_an_id_is_no_failure(slack: SlackApi, tmp_path: Path) -> None:
    ((_, status, fix),) = bad(lines(slack, tmp_path, channel="#tuning"))
    assert (status, "write its id" in fix) == (CheckStatus.WARNING, True)


@pytest.mark.parametrize("fault", ["invalid_auth", "token_revoked", Fault.HTML, Fault.DOWN])
def test_a_token_that_is_refused_and_a_slack_that_does_not_answer_are_failures(
    slack: SlackApi, tmp_path: Path, fault: str
) -> None:
    slack.fail(fault)
    (line,) = lines(slack, tmp_path)
    assert (line.status, BOT_TOKEN in line.detail) == (CheckStatus.FAILED, False)


def test_a_token_of_another_team_and_people_whom_nobody_hears_are_told(slack: SlackApi, tmp_path: Path) -> None:
    assert "slack:team" in [name for name, _, _ in bad(lines(slack, tmp_path, team="T0OTHER"))]
    assert "slack.app_token_file" in bad(lines(slack, tmp_path, approvers=["U0ADA"]))[0][2]
    assert "slack.approvers" in bad(lines(slack, tmp_path, signing_secret_file="secret"))[0][2]


def test_a_missing_extra_is_told_with_the_command(
    slack: SlackApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ((name, status, fix),) = bad(lines(slack, tmp_path))
    assert (name, status, fix) == ("slack:pictures", CheckStatus.WARNING, "pip install 'tuning-advisor[charts]'")
    monkeypatch.setitem(sys.modules, "slack_sdk", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'tuning-advisor\[slack\]'"):
        lines(slack, tmp_path)
