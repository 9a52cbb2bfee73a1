"""Socket Mode: a press is decided, then acknowledged; a session that ends is followed by another."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from advisor.clients.slack import SlackClient
from advisor.model.change import State
from advisor.surfaces.slack.actions import APPROVE, REJECT
from advisor.surfaces.slack.blocks import actions as actions_block
from advisor.surfaces.slack.blocks import button
from advisor.surfaces.slack.hearing.modal import REASON_BLOCK
from advisor.surfaces.slack.hearing.socket_mode import Backoff, SocketMode
from advisor.surfaces.slack.hearing.socket_session import SocketSession
from advisor.testing.clock import FakeClock
from tests.fakes.slack_api import APP_TOKEN, CHANNEL, Fault
from tests.fakes.slack_desk import Desk
from tests.fakes.slack_people import Person
from tests.fakes.slack_socket import SocketSlack


class Impatient(FakeClock):
    """Time runs on by itself whenever somebody looks, so that nobody waits for a minute."""

    def monotonic(self) -> float:
        self.advance(61)
        return super().monotonic()


@pytest.fixture
def far_end(desk: Desk) -> Iterator[SocketSlack]:
    desk.slack.paced = False
    with SocketSlack().running() as running:
        desk.slack.socket_url = running.url
        yield running


@contextmanager
def connected(desk: Desk, folder: Path) -> Iterator[SocketMode]:
    file = folder / "app-token"
    file.write_text(APP_TOKEN)
    api = SlackClient(base_url=desk.slack.api_url, token_file=str(file))
    mode = SocketMode(api, SocketSession, desk.interactions.handle, Backoff(clock=Impatient(), spread=lambda: 0.0))
    mode.start()
    try:
        yield mode
    finally:
        mode.stop()


def pressed(desk: Desk, action: str) -> dict[str, Any]:
    ts = desk.slack.post(CHANNEL, "shown", [actions_block("b", [button("Press", action, desk.value)])])
    return Person(slack=desk.slack, address="").pressed(desk.slack.message(ts), action)


def test_a_press_is_decided_before_it_is_acknowledged(desk: Desk, far_end: SocketSlack, tmp_path: Path) -> None:
    with connected(desk, tmp_path):
        far_end.wait_for_sessions(1)
        assert far_end.push(pressed(desk, APPROVE)) == {}
        assert desk.now().state is State.APPROVED


def test_the_answer_to_a_form_goes_with_the_acknowledgement(desk: Desk, far_end: SocketSlack, tmp_path: Path) -> None:
    with connected(desk, tmp_path):
        far_end.wait_for_sessions(1)
        far_end.push(pressed(desk, REJECT))
        desk.slack.wait_for(lambda slack: bool(slack.views))
        sent = Person(slack=desk.slack, address="").submitted(desk.slack.views[0], "  ")
        assert list(far_end.push(sent)["errors"]) == [REASON_BLOCK]


@pytest.mark.parametrize("payload", [{}, {"type": "block_actions", "actions": 1}, {"type": "hello"}], ids=str)
def test_what_cannot_be_read_is_acknowledged_too(
    desk: Desk, far_end: SocketSlack, tmp_path: Path, payload: dict[str, Any]
) -> None:
    with connected(desk, tmp_path):
        far_end.wait_for_sessions(1)
        assert far_end.push(payload) == {}
        assert far_end.push(payload, "events_api") == {}


@pytest.mark.parametrize("end", ["ask_to_reconnect", "say_goodbye", "hang_up"])
def test_a_session_that_ends_is_followed_by_another(desk: Desk, far_end: SocketSlack, tmp_path: Path, end: str) -> None:
    with connected(desk, tmp_path):
        far_end.wait_for_sessions(1)
        getattr(far_end, end)()
        far_end.wait_for_sessions(2)
        assert far_end.push(pressed(desk, APPROVE)) == {}
        assert desk.now().state is State.APPROVED
    assert len(desk.slack.calls_of("apps.connections.open")) == 2


def test_slack_that_is_down_is_asked_again(desk: Desk, far_end: SocketSlack, tmp_path: Path) -> None:
    desk.slack.fail(Fault.DOWN, "apps.connections.open", times=2)
    with connected(desk, tmp_path):
        far_end.wait_for_sessions(1)
    assert len(desk.slack.calls_of("apps.connections.open")) == 3


def test_no_thread_is_left_after_the_end(desk: Desk, far_end: SocketSlack, tmp_path: Path) -> None:
    with connected(desk, tmp_path) as mode:
        far_end.wait_for_sessions(1)
        far_end.push(pressed(desk, APPROVE))
    assert not any(one.name == mode.name for one in threading.enumerate())


def test_addresses_are_asked_for_once_a_minute_and_ever_less_often_where_that_fails() -> None:
    """60 s after one that worked; then 60, 120, 240, 480, 600, 600 s."""
    backoff = Backoff(clock=FakeClock(), spread=lambda: 0.0)
    assert backoff.seconds() == 0
    backoff.opened()
    assert backoff.seconds() == 60
    waits = []
    for _ in range(6):
        backoff.failed()
        waits.append(backoff.seconds())
    assert waits == [60, 120, 240, 480, 600, 600]
    backoff.failed(at_least_seconds=900)
    assert backoff.seconds() == 900
    backoff.worked()
    backoff.failed()
    assert backoff.seconds() == 60
