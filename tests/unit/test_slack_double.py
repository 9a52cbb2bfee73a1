"""The double of Slack is as strict as the documentation: what passes here would pass there."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from advisor.testing.clock import FakeClock
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, CHANNEL, GROUP, Fault, SlackApi

TEXT = {"type": "mrkdwn", "text": "pool 20 -> 35"}
BLOCKS = [{"type": "section", "text": TEXT}]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def slack(clock: FakeClock) -> Iterator[SlackApi]:
    with SlackApi(clock.monotonic).running() as running:
        yield running


def client(slack: SlackApi, token: str = BOT_TOKEN) -> WebClient:
    return WebClient(token=token, base_url=slack.api_url, timeout=5, retry_handlers=[])


def error_of(call: object, *args: object, **given: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **given)  # type: ignore[operator]
    return str(caught.value.response["error"])


def test_a_message_is_posted_edited_and_linked_to(slack: SlackApi) -> None:
    web = client(slack)
    ts = web.chat_postMessage(channel=CHANNEL, text="a pool", blocks=BLOCKS)["ts"]
    web.chat_update(channel=CHANNEL, ts=ts, text="kept", blocks=[])
    assert (slack.message(ts).text, slack.message(ts).blocks, slack.message(ts).edits) == ("kept", (), 1)
    assert CHANNEL in web.chat_getPermalink(channel=CHANNEL, message_ts=ts)["permalink"]


def test_an_unknown_or_deleted_message_cannot_be_edited(slack: SlackApi) -> None:
    web = client(slack)
    ts = web.chat_postMessage(channel=CHANNEL, text="a pool")["ts"]
    slack.delete(ts)
    assert error_of(web.chat_update, channel=CHANNEL, ts=ts, text="kept") == "message_not_found"


def test_tokens_and_scopes_are_asked_for(slack: SlackApi) -> None:
    assert error_of(client(slack, "xoxb-other").chat_postMessage, channel=CHANNEL, text="x") == "invalid_auth"
    assert error_of(client(slack).conversations_history, channel=CHANNEL) == "missing_scope"
    assert error_of(client(slack).apps_connections_open, app_token=BOT_TOKEN) == "invalid_auth"
    slack.socket_url = "ws://127.0.0.1:1/"
    assert client(slack).apps_connections_open(app_token=APP_TOKEN)["url"] == slack.socket_url


def test_the_sixth_message_within_a_second_is_told_to_wait(slack: SlackApi, clock: FakeClock) -> None:
    web = client(slack)
    for _ in range(5):
        web.chat_postMessage(channel=CHANNEL, text="x")
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel=CHANNEL, text="x")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    clock.advance(1)
    web.chat_postMessage(channel=CHANNEL, text="x")


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "invalid_blocks"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "invalid_blocks"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([{"type": "image", "alt_text": "chart", "slack_file": {"id": "F1"}}], "invalid_blocks"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2800}}] * 5, "msg_blocks_too_long"),
    ],
    ids=["empty", "long", "no-plain-text", "many", "unready-file", "all-together"],
)
def test_blocks_beyond_the_limits_are_refused(slack: SlackApi, blocks: object, error: str) -> None:
    assert error_of(client(slack).chat_postMessage, channel=CHANNEL, text="x", blocks=blocks) == error


def test_a_modal_wants_a_trigger_that_is_fresh_and_unused(slack: SlackApi, clock: FakeClock) -> None:
    web = client(slack)
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Reject"}, "blocks": BLOCKS}
    trigger = slack.new_trigger()
    web.views_open(trigger_id=trigger, view=view)
    assert error_of(web.views_open, trigger_id=trigger, view=view) == "exchanged_trigger_id"
    late = slack.new_trigger()
    clock.advance(3.5)
    assert error_of(web.views_open, trigger_id=late, view=view) == "expired_trigger_id"


def test_a_response_url_is_good_five_times(slack: SlackApi) -> None:
    address = WebhookClient(slack.new_response_url(), retry_handlers=[])
    answers = [address.send(text="hello").status_code for _ in range(6)]
    assert answers == [200] * 5 + [404]
    assert [one["text"] for one in slack.responses] == ["hello"] * 5


def test_a_file_goes_up_in_three_steps(slack: SlackApi) -> None:
    client(slack).files_upload_v2(channel=CHANNEL, filename="chart.png", content=b"\x89PNG")
    assert list(slack.files.values()) == [b"\x89PNG"]


def test_members_of_a_group_are_read(slack: SlackApi) -> None:
    slack.groups[GROUP] = ["U0APPROVER"]
    assert client(slack).usergroups_users_list(usergroup=GROUP)["users"] == ["U0APPROVER"]
    assert error_of(client(slack).usergroups_users_list, usergroup="S0") == "no_such_subteam"


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SERVER_ERROR, Fault.HTML, Fault.EMPTY, Fault.TOO_FAST])
def test_it_can_be_made_to_fail_without_having_done_anything(slack: SlackApi, fault: Fault) -> None:
    slack.fail(fault, "chat.postMessage", times=1)
    with pytest.raises((SlackApiError, OSError)):
        client(slack).chat_postMessage(channel=CHANNEL, text="x")
    assert slack.messages == []
    client(slack).chat_postMessage(channel=CHANNEL, text="x")


def test_a_connection_may_be_reset_after_the_message_was_posted(slack: SlackApi) -> None:
    slack.fail(Fault.RESET_AFTER, times=1)
    with pytest.raises(OSError, match=r"reset|closed"):
        client(slack).chat_postMessage(channel=CHANNEL, text="x")
    assert len(slack.messages) == 1
