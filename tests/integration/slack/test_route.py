"""POST /slack/interactions over HTTP: what is too large, of the wrong kind or garbled is answered, and quickly."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from advisor.model.change import State
from advisor.surfaces.slack.actions import APPROVE, REJECT
from tests.fakes.slack_api import BOT_TOKEN
from tests.fakes.slack_house import GROUP, KIM, SlackHouse, a_house
from tests.fakes.slack_people import deliver, signed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SlackHouse]:
    with a_house(tmp_path) as house:
        house.propose()
        house.talk(10)
        yield house


def test_more_than_slack_ever_sends_is_refused(house: SlackHouse) -> None:
    body = b"payload=" + b"x" * (1 << 20)
    assert deliver(house.replicas[0].address, signed(body, house.slack.now())).status == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_not_there(house: SlackHouse, method: str) -> None:
    assert requests.request(method, house.replicas[0].address, timeout=5).status_code == 405


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=x", "application/json"])
def test_a_body_of_another_kind_is_refused_even_when_it_is_signed(house: SlackHouse, kind: str) -> None:
    sent = signed(b'{"type": "event_callback"}', house.slack.now(), kind=kind)
    assert deliver(house.replicas[0].address, sent).status == 400


@pytest.mark.parametrize("headers", [{"X-Slack-Signature": "v0=\xff"}, {"X-Slack-Request-Timestamp": "\xb2"}], ids=str)
def test_bytes_that_are_no_text_in_a_header_are_refused(house: SlackHouse, headers: dict[str, str]) -> None:
    sent = signed(b"payload=%7B%7D", house.slack.now())
    answer = requests.post(
        house.replicas[0].address,
        data=sent.body,
        headers={**sent.headers, **{name: value.encode("latin-1") for name, value in headers.items()}},
        timeout=5,
    )
    assert answer.status_code == 401


def test_the_challenge_comes_back_as_text(house: SlackHouse) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB10cH"}).encode()
    answer = deliver(house.replicas[0].address, signed(body, house.slack.now(), kind="application/json"))
    assert (answer.status, answer.body) == (200, "3eZbrw1aB10cH")


def test_twenty_people_press_at_once_and_one_has_decided(house: SlackHouse) -> None:
    people = [f"U0PERSON{number}" for number in range(20)]
    house.slack.groups[GROUP] = people
    house.clock.advance(20)
    shown = house.shown()
    sent = [house.person(user).delivery(house.person(user).pressed(shown, APPROVE)) for user in people]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda one: deliver(house.replicas[0].address, one), sent))
    assert {answer.status for answer in answers} == {200}
    assert [one.state for one in house.record().phases].count(State.APPROVED) == 1
    house.slack.wait_for(lambda _: len(house.whispers()) == 19)


def test_a_new_bot_token_opens_the_form_without_a_restart(house: SlackHouse, tmp_path: Path) -> None:
    house.slack.bot_tokens = {"xoxb-rotated"}
    house.slack.groups[GROUP] = [KIM]
    house.clock.advance(20)
    (tmp_path / "bot_token_file").write_text("xoxb-rotated")
    assert house.person(KIM).press(house.shown(), REJECT).status == 200
    house.slack.wait_for(lambda slack: bool(slack.views))
    assert BOT_TOKEN not in house.slack.calls[-1].token
