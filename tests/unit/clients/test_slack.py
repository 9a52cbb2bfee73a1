"""The client of Slack's Web API: what it says of every way in which a call fails, and that no secret leaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.clients.slack import SlackCallError, SlackClient
from advisor.model.errors import ConfigurationError
from tests.fakes.slack_api import BOT_TOKEN, CHANNEL, SlackApi
from tests.fakes.slack_http import Call, Fault, Reply, served


@pytest.fixture
def slack() -> Iterator[SlackApi]:
    with SlackApi().running() as api:
        yield api


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "bot-token"
    file.write_text(f"{BOT_TOKEN}\n")
    return file


def client_at(url: str, token_file: Path) -> SlackClient:
    return SlackClient(base_url=url, token_file=str(token_file), timeout_seconds=2)


def refusal(client: SlackClient, method: str = "chat.postMessage") -> SlackCallError:
    with pytest.raises(SlackCallError) as caught:
        client.call(method, {"channel": CHANNEL, "text": "hello"})
    assert BOT_TOKEN not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.DOWN, "no_answer"),
        (Fault.RESET_AFTER, "no_answer"),
        (Fault.SERVER_ERROR, "http_503"),
        (Fault.HTML, "not_json"),
        (Fault.EMPTY, "not_json"),
        ("channel_not_found", "channel_not_found"),
    ],
)
def test_every_failure_has_one_word(slack: SlackApi, token_file: Path, fault: str, code: str) -> None:
    slack.fail(fault)
    assert refusal(client_at(slack.api_url, token_file)).code == code


def test_nothing_is_sent_twice_by_itself(slack: SlackApi, token_file: Path) -> None:
    slack.fail(Fault.RESET_AFTER, times=1)
    refusal(client_at(slack.api_url, token_file))
    assert (len(slack.calls), len(slack.messages)) == (1, 1)


def test_too_fast_says_how_long_to_wait(slack: SlackApi, token_file: Path) -> None:
    slack.fail(Fault.TOO_FAST)
    error = refusal(client_at(slack.api_url, token_file))
    assert (error.code, error.retry_after_seconds) == ("ratelimited", 1.0)


@pytest.mark.parametrize(
    ("header", "seconds"), [("soon", 30.0), ("", 30.0), ("nan", 30.0), ("1e9", 3600.0), ("0", 1.0)]
)
def test_a_wait_that_makes_no_sense_is_bounded(token_file: Path, header: str, seconds: float) -> None:
    reply = Reply(status=429, body=b"slow down", headers={"Retry-After": header} if header else {})
    with served(lambda call: reply) as address:
        assert refusal(client_at(address, token_file)).retry_after_seconds == seconds


@pytest.mark.parametrize(
    "body", [b"[]", b'"ok"', b"null", b"1", b"\xff\xfe", b"{", b'{"ok": false, "error": {"a": 1}}']
)
def test_an_answer_that_is_no_answer_is_an_error_and_no_crash(token_file: Path, body: bytes) -> None:
    with served(lambda call: Reply(body=body)) as address:
        assert refusal(client_at(address, token_file)).code in ("not_json", "no_answer")


def test_a_redirect_is_not_followed_and_the_token_goes_to_nobody_else(token_file: Path) -> None:
    visits: list[Call] = []

    def elsewhere(call: Call) -> Reply:
        visits.append(call)
        return Reply(body={"ok": True})

    with served(elsewhere) as other:
        moved = Reply(status=302, headers={"Location": f"{other}chat.postMessage"})
        with served(lambda call: moved) as address:
            assert refusal(client_at(address, token_file)).code == "http_302"
    assert visits == []


def test_a_server_that_is_not_there_was_never_reached(token_file: Path) -> None:
    with served(lambda call: Reply()) as address:
        pass
    assert refusal(client_at(address, token_file)).code == "not_connected"


def test_the_missing_scope_and_the_place_in_the_blocks_are_told(slack: SlackApi, token_file: Path) -> None:
    slack.scopes.clear()
    error = refusal(client_at(slack.api_url, token_file))
    assert (error.code, error.needed) == ("missing_scope", "chat:write")
    slack.scopes.add("chat:write")
    with pytest.raises(SlackCallError) as caught:
        client_at(slack.api_url, token_file).call(
            "chat.postMessage", {"channel": CHANNEL, "text": "t", "blocks": [{"type": "header"}]}
        )
    assert "/blocks/0" in caught.value.messages[0]


def test_the_scopes_of_the_token_come_with_auth_test(slack: SlackApi, token_file: Path) -> None:
    body, scopes = client_at(slack.api_url, token_file).scopes()
    assert body["team_id"] == "T0HARBOUR"
    assert "chat:write" in scopes


def test_another_token_in_the_file_is_noticed_once(slack: SlackApi, token_file: Path) -> None:
    client = client_at(slack.api_url, token_file)
    assert not client.reread_token()
    token_file.write_text("xoxb-other")
    assert (client.reread_token(), client.reread_token()) == (True, False)
    token_file.unlink()
    assert not client.reread_token()


@pytest.mark.parametrize("content", ["", "\n", "two words", "xoxb-ü", "a\nb"])
def test_a_file_without_one_secret_is_refused_and_not_shown(slack: SlackApi, tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"slack\.bot_token_file") as caught:
        client_at(slack.api_url, file)
    assert "words" not in str(caught.value)
