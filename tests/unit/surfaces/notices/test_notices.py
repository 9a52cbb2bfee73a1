"""Notices in Microsoft Teams and by a signed webhook: verified, none lost, nothing that acts."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from advisor.model.alert import AlertAnswer, AnswerOutcome
from advisor.model.change import ChangeRecord, Phase, State
from advisor.model.report import Choice
from advisor.settings.policy import Mode
from advisor.settings.secret_file import SecretFile
from advisor.surfaces.notices.board import NoticeBoard
from advisor.surfaces.notices.destinations import Destination, SignedWebhook, Teams, card
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.notebook import InMemoryNotebook
from advisor.testing.words import NOON, a_change, a_proposal
from tests.fakes.diagnoses import a_quiet_diagnosis

SECRET = "canary-of-a-webhook-secret"
PATH = "canary-of-a-webhook-path"


@dataclass(slots=True)
class Receiver:
    """Another program. statuses: what it answers, the last one from then on."""

    statuses: list[int] = field(default_factory=lambda: [200])
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.statuses.pop(0) if len(receiver.statuses) > 1 else receiver.statuses[0]
            if status < 300:
                receiver.bodies.append(body)
                receiver.headers.append(dict(self.headers.items()))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Not to the test's stderr."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.address = f"http://127.0.0.1:{server.server_address[1]}/{PATH}?sig={SECRET}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as made:
        yield made


@dataclass(slots=True)
class Office:
    """What outlives a process."""

    receiver: Receiver
    secret_file: Path
    clock: FakeClock = field(default_factory=FakeClock)
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    notebook: InMemoryNotebook = field(default_factory=InMemoryNotebook)
    is_leader: bool = True
    counted: list[tuple[str, str]] = field(default_factory=list)

    def board(self, destination: Destination | None = None) -> NoticeBoard:
        url = SecretStr(self.receiver.address)
        webhook = SignedWebhook(
            url=url, secret=SecretFile(str(self.secret_file), "notify.webhook_secret_file"), clock=self.clock
        )
        return NoticeBoard(
            destinations=[destination or webhook],
            journal=self.journal,
            notebook=self.notebook,
            clock=self.clock,
            environment="default",
            mode=Mode.PROPOSE,
            leads=lambda: self.is_leader,
            count=lambda name, reason: self.counted.append((name, reason)),
        )

    def add(self) -> ChangeRecord:
        now = self.clock.now()
        return self.journal.add(a_change(created_at=now, phases=(Phase(state=State.PROPOSED, at=now, reason="best"),)))

    def move(self, record: ChangeRecord, state: State, reason: str) -> ChangeRecord:
        phase = Phase(state=state, at=self.clock.now(), reason=reason)
        return self.journal.advance(replace(record, state=state, phases=(*record.phases, phase)))

    def run(self, board: NoticeBoard, seconds: int = 60) -> None:
        for _ in range(seconds // 5):
            board.round()
            self.clock.advance(5)


@pytest.fixture
def office(receiver: Receiver, tmp_path: Path) -> Office:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    return Office(receiver=receiver, secret_file=file)


def test_every_step_arrives_once_in_order_and_can_be_verified(office: Office) -> None:
    board = office.board()
    record = office.add()
    office.run(board)
    record = office.move(record, State.APPROVED, "approved by ada (cli)")
    office.move(record, State.REJECTED, "rejected by ada (cli)")
    office.run(board)
    office.run(office.board())

    documents = office.receiver.documents()
    assert [one["id"] for one in documents] == [f"{record.id}-{number}" for number in (1, 2, 3)]
    assert [one["schema"] for one in documents] == ["advisor/notice/v1"] * 3
    assert documents[2]["title"] == "rejected: db.pool_size (app shop) 5 connections -> 12 connections"
    assert documents[2]["data"]["schema"] == "advisor/change/v1"
    headers, body = office.receiver.headers[0], office.receiver.bodies[0]
    signed = f"{headers['Advisor-Timestamp']}.".encode() + body
    wanted = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["Advisor-Signature"] == wanted
    assert headers["Advisor-Notice"] == documents[0]["id"]


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_what_cannot_be_taken_now_is_sent_again_and_the_order_holds(office: Office, status: int) -> None:
    office.receiver.statuses = [status, status, 200]
    board = office.board()
    record = office.add()
    office.move(record, State.APPROVED, "approved")
    board.round()
    assert f"answered {status}" in board.problem
    office.run(board, 120)
    assert [one["id"][-1] for one in office.receiver.documents()] == ["1", "2"]
    assert (board.problem, office.counted) == ("", [("webhook", "failed")] * 2)


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_what_is_refused_for_good_is_said_and_never_ends_the_rest(office: Office, status: int) -> None:
    office.receiver.statuses = [status, 200]
    record = office.add()
    office.move(record, State.APPROVED, "approved")
    board = office.board()
    office.run(board)
    assert [one["id"][-1] for one in office.receiver.documents()] == ["2"]
    assert office.counted == [("webhook", "refused")]


def test_a_follower_sends_nothing_and_the_next_leader_all(office: Office) -> None:
    office.is_leader = False
    board = office.board()
    office.add()
    office.run(board)
    assert office.receiver.bodies == []
    office.is_leader = True
    office.run(office.board())
    assert len(office.receiver.bodies) == 1


def test_a_recommendation_is_news_once_and_an_answer_to_an_alert_is_sent(office: Office) -> None:
    board = office.board()
    chosen = replace(a_quiet_diagnosis(), choice=Choice(proposal=a_proposal(), reason="saves the most"))
    for _ in range(3):
        board.diagnosed(chosen)
    board.answered(AlertAnswer(at=NOON, outcome=AnswerOutcome.NO_KNOB, alerts=(), count=0, why="the queries are slow"))
    board.answered(AlertAnswer(at=NOON, outcome=AnswerOutcome.OWN, alerts=(), count=0))
    office.run(board)
    assert [one["event"] for one in office.receiver.documents()] == ["recommendation", "alert_answer"]
    assert office.receiver.documents()[1]["data"]["why"] == "the queries are slow"


def test_while_nothing_changes_the_notebook_is_left_alone_and_no_look_is_planned(office: Office) -> None:
    board = office.board()
    record = office.add()
    office.run(board)
    office.notebook.down = True  # whoever touches it is told
    board.diagnosed(a_quiet_diagnosis())
    assert board.round() is None
    office.notebook.down = False
    office.move(record, State.REJECTED, "rejected by ada (cli)")
    assert board.round() is None
    assert [one["id"][-1] for one in office.receiver.documents()] == ["1", "2"]


def test_what_cannot_be_sent_is_tried_again_by_itself_and_not_before_its_time(office: Office) -> None:
    office.receiver.statuses = [503, 200]
    board = office.board()
    office.add()
    assert board.round() == 5.0
    office.clock.advance(2)
    assert board.round() == 3.0
    office.clock.advance(3)
    assert board.round() is None
    assert len(office.receiver.bodies) == 1


def test_killed_between_storing_and_sending_a_notice_is_neither_lost_nor_doubled(office: Office) -> None:
    chosen = replace(a_quiet_diagnosis(), choice=Choice(proposal=a_proposal(), reason="saves the most"))
    office.board().diagnosed(chosen)  # and killed
    second = office.board()
    second.diagnosed(chosen)
    office.run(second)
    third = office.board()
    third.diagnosed(chosen)
    office.run(third)
    assert [one["event"] for one in office.receiver.documents()] == ["recommendation"]


def test_a_leader_that_comes_back_goes_on_behind_what_another_one_sent(office: Office) -> None:
    first, second = office.board(), office.board()
    record = office.add()
    first.round()
    office.is_leader = False
    first.round()
    office.is_leader = True
    record = office.move(record, State.APPROVED, "approved")
    second.round()
    office.move(record, State.REJECTED, "rejected")
    first.round()
    assert [one["id"][-1] for one in office.receiver.documents()] == ["1", "2", "3"]


def test_what_was_sent_long_ago_is_forgotten(office: Office) -> None:
    board = office.board()
    board.answered(AlertAnswer(at=NOON, outcome=AnswerOutcome.NO_KNOB, alerts=(), count=0))
    office.run(board)
    assert len(office.notebook.entries("notices", "sent/")) == 1
    office.clock.advance(61 * 86_400)
    board.day_begins()
    assert office.notebook.entries("notices", "sent/") == []


def test_teams_gets_a_card_of_plain_text_without_anything_to_press(office: Office) -> None:
    office.run(office.board(Teams(url=SecretStr(office.receiver.address))))
    board = office.board(Teams(url=SecretStr(office.receiver.address)))
    office.add()
    office.run(board)
    (message,) = office.receiver.documents()
    content = message["attachments"][0]["content"]
    assert message["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert "actions" not in content
    assert {line["type"] for line in content["body"]} == {"RichTextBlock"}, "a TextBlock would read Markdown"
    assert "proposed: db.pool_size (app shop)" in content["body"][0]["inlines"][0]["text"]


def test_a_card_stays_under_what_teams_takes(office: Office) -> None:
    facts = [("Apply", "x" * 5000)] * 3
    assert len(card("t" * 200, facts)) < 28_000


def test_no_secret_is_in_a_log_an_error_a_notice_or_the_notebook(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.receiver.statuses = [500, 400, 200]
    board = office.board()
    record = office.add()
    office.move(record, State.APPROVED, "approved")
    office.run(board, 60)
    office.receiver.address = f"http://127.0.0.1:1/{PATH}?sig={SECRET}"
    unreachable = office.board()
    unreachable.answered(AlertAnswer(at=NOON, outcome=AnswerOutcome.NO_KNOB, alerts=(), count=0))
    office.run(unreachable, 60)
    assert "did not answer" in unreachable.problem
    office.secret_file.unlink()
    office.clock.advance(600)
    office.run(office.board(), 60)
    written = capsys.readouterr()
    kept = str(office.notebook.entries("notices"))
    for text in (written.out, written.err, kept, unreachable.problem, *map(str, office.receiver.bodies)):
        assert SECRET not in text
        assert PATH not in text
