"""Tokens and the signing secret stand in no log, metric, message, answer, journal row or error, whatever fails."""

import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from advisor.clients.slack import SlackClient
from advisor.model.errors import AdvisorError
from advisor.surfaces.choices import LogFormat, LogLevel
from advisor.surfaces.log_setup import configure_logging
from advisor.surfaces.slack.actions import APPROVE, REJECT
from advisor.surfaces.slack.hearing.socket_mode import Backoff, SocketMode
from advisor.surfaces.slack.hearing.socket_session import SocketSession
from advisor.testing.clock import FakeClock
from advisor.wiring.slack_in import House, open_hearing
from tests.fakes.canaries import Canaries
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, Fault, SlackApi
from tests.fakes.slack_house import KIM, Replica, SlackHouse, a_house
from tests.fakes.slack_people import SIGNING_SECRET, deliver, signed
from tests.fakes.slack_socket import SocketSlack

CANARIES = Canaries(Path())
CANARIES.secrets |= {"response url": "secret-of-a-response-url", "ticket": "secret-of-a-ticket"}


@pytest.fixture
def logged(capfd: pytest.CaptureFixture[str]) -> Iterator[io.StringIO]:
    """Everything that is logged, down to debug, by our own loggers and by the libraries'."""
    out = io.StringIO()
    configure_logging(LogFormat.JSON, LogLevel.DEBUG, out=out)
    yield out
    structlog.reset_defaults()
    out.write("".join(capfd.readouterr()))


def are_hidden(*texts: str) -> None:
    CANARIES.are_hidden({f"text {number}": text for number, text in enumerate(texts)})


def stored(folder: Path) -> str:
    """Every row of the journal."""
    with sqlite3.connect(folder / "journal.db") as database:
        return "\n".join(database.iterdump())


def shown(house: SlackHouse) -> str:
    """What stands in Slack, and what was sent there beside the tokens that open it."""
    sent = [json.dumps(dict(call.arguments)) for call in house.slack.calls]
    return "\n".join([*sent, *map(str, house.slack.messages), *map(str, house.slack.responses)])


@pytest.mark.parametrize(
    "fault", ["", Fault.DOWN, Fault.RESET_AFTER, Fault.SERVER_ERROR, Fault.HTML, Fault.TOO_FAST, "invalid_auth"]
)
def test_whatever_slack_answers_nothing_is_given_away(tmp_path: Path, logged: io.StringIO, fault: str) -> None:
    with a_house(tmp_path) as house:
        house.propose()
        house.talk(10)
        message = house.shown()
        if fault:
            house.slack.fail(fault)
        answers = [
            house.person(KIM).press(message, APPROVE),
            house.person(secret="another").press(message, APPROVE),
            house.person().press(message, REJECT),
            house.person().press(message, APPROVE),
            deliver(house.replicas[0].address, signed(b"\xff", house.slack.now())),
        ]
        house.talk(10)
        house.replicas[0].hearing.surfaces[0].stop()
        are_hidden(*map(str, answers), shown(house), stored(tmp_path))
        are_hidden(house.replicas[0].metrics.text().decode(), house.replicas[0].conversation.problem)
    are_hidden(logged.getvalue())
    assert "slack_" in logged.getvalue()


def test_a_secrets_file_that_does_not_do_is_told_without_what_is_in_it(tmp_path: Path, logged: io.StringIO) -> None:
    with a_house(tmp_path) as house:
        (tmp_path / "signing_secret_file").write_text(f"{SIGNING_SECRET} {SIGNING_SECRET}")
        message_of = house.propose()
        house.talk(10)
        answer = house.person().press(house.shown(), APPROVE)
        assert (answer.status, house.record().id) == (401, message_of.id)
        (tmp_path / "bot_token_file").write_text(f"{BOT_TOKEN}\n{BOT_TOKEN}")
        with pytest.raises(AdvisorError) as refused:
            Replica(house.settings, house.clock)
        are_hidden(str(refused.value), repr(refused.value), str(answer))
    are_hidden(logged.getvalue())


def test_a_new_signing_secret_is_in_force_without_a_restart(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        house.propose()
        house.talk(10)
        (tmp_path / "signing_secret_file").write_text("rotated-secret")
        assert house.person().press(house.shown(), APPROVE).status == 401
        assert house.person(secret="rotated-secret").press(house.shown(), APPROVE).status == 200


def test_a_socket_gives_neither_its_token_nor_its_ticket_away(tmp_path: Path, logged: io.StringIO) -> None:
    (tmp_path / "app").write_text(APP_TOKEN)
    with SlackApi().running() as slack, SocketSlack().running() as far_end:
        slack.socket_url, slack.paced = far_end.url, False
        api = SlackClient(base_url=slack.api_url, token_file=str(tmp_path / "app"), setting="slack.app_token_file")
        clock = FakeClock()
        mode = SocketMode(api, SocketSession, lambda _: None, Backoff(clock=clock))
        mode.start()
        far_end.wait_for_sessions(1)
        far_end.push({"type": "block_actions"})
        far_end.hang_up()
        mode.stop()
        slack.socket_url = "ws://127.0.0.1:1/link/?ticket=secret-of-a-ticket"
        refused = SocketMode(api, SocketSession, lambda _: None, Backoff(clock=clock))
        refused.start()
        slack.wait_for(lambda one: len(one.calls_of("apps.connections.open")) == 2)
        refused.stop()
    are_hidden(logged.getvalue())
    assert "slack_socket_opened" in logged.getvalue()


def test_nothing_that_is_wired_shows_a_secret_when_it_is_printed(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        replica = house.replicas[0]
        parts = House(
            current=lambda: house.settings,
            journal=replica.journal,
            listeners=(),
            clock=house.clock,
            count=lambda _: None,
        )
        are_hidden(repr(parts), repr(open_hearing(parts)), repr(house.settings), repr(replica.conversation))
