"""Slack's side of the house, wired to doubles: the journal in memory, a clock that stands, and Slack over loopback."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from advisor.clients.slack import SlackClient
from advisor.engine.approvals import Approvals
from advisor.model.change import ChangeRecord
from advisor.model.proposal import Risk
from advisor.surfaces.slack.actions import Decision
from advisor.surfaces.slack.hearing.approvers import Approvers
from advisor.surfaces.slack.hearing.decisions import Decisions
from advisor.surfaces.slack.hearing.interactions import Interactions
from advisor.surfaces.slack.hearing.receiver import Delivery, Receiver, Response
from advisor.surfaces.slack.hearing.replies import Replies
from advisor.surfaces.slack.hearing.rule_snoozes import RuleSnoozes
from advisor.surfaces.slack.hearing.signature import SignatureCheck
from advisor.surfaces.slack.state import Memory, Place, Told
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.notebook import InMemoryNotebook
from advisor.testing.words import a_change
from tests.fakes import slack_people
from tests.fakes.slack_api import APP, BOT_TOKEN, CHANNEL, TEAM, SlackApi
from tests.fakes.slack_people import FORM, SIGNING_SECRET

APPROVERS = ("U0APPROVER", "W0APPROVER")


@dataclass(kw_only=True)
class Desk:
    """Everything between Slack and the journal; `record` is a change that waits for a decision."""

    slack: SlackApi
    clock: FakeClock
    journal: InMemoryJournal
    notebook: InMemoryNotebook
    token_file: Path
    approvers: Sequence[str] = APPROVERS
    team: str | None = TEAM
    app: str | None = APP
    two_people: Risk | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.secret = SIGNING_SECRET
        self.memory = Memory(self.notebook)
        self._stack = ExitStack()
        self.record = self.journal.add(replace(a_change(), version=0, epoch=0, expires_at=self._tomorrow()))
        ts = self.slack.post(CHANNEL, "crane: pool 20 -> 35")
        self.memory.tell(self.record.id, Told(channel=CHANNEL, ts=ts))
        self.place = Place(channel=CHANNEL, ts=ts)
        self.start()

    def start(self) -> None:
        """Anew, as after a restart: what only the process knew is gone."""
        api = SlackClient(base_url=self.slack.api_url, token_file=str(self.token_file))
        self.replies = Replies(api, self.slack.api_url)
        self._stack.callback(self.replies.stop)
        word = Approvals(journal=self.journal, listeners=(), clock=self.clock, two_people=self.two_people)
        interactions = Interactions(
            app=self.app,
            approvers=Approvers(self.approvers, self.team, api, self.clock, patience_seconds=20),
            decisions=Decisions(self.journal, lambda: word, self.clock),
            rules=RuleSnoozes(self.memory, lambda: word, self.clock, "default"),
            replies=self.replies,
            api=api,
            memory=self.memory,
            count=self._count,
        )
        check = SignatureCheck(lambda: self.secret, self.notebook, self.clock)
        self.interactions = interactions
        self.receiver = Receiver(check, interactions, self._count)

    def close(self) -> None:
        self._stack.close()

    @property
    def value(self) -> str:
        """What the buttons of the present message carry."""
        return Decision(change_id=self.record.id, plan_hash=self.now().plan_hash).value

    def now(self) -> ChangeRecord:
        """The change as the journal has it."""
        found = self.journal.find(self.record.id)
        assert found is not None
        return found

    def send(self, payload: Mapping[str, Any]) -> Response:
        """Signed now by Slack."""
        return self.deliver(self.signed(payload))

    def signed(self, payload: Mapping[str, Any]) -> slack_people.Delivery:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return slack_people.signed(body, self.clock.now().timestamp(), self.secret, FORM)

    def deliver(self, sent: slack_people.Delivery) -> Response:
        headers = sent.headers
        moment, signature = headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")
        kind = headers.get("Content-Type", "")
        return self.receiver.receive(Delivery(body=sent.body, content_type=kind, moment=moment, signature=signature))

    def told(self, part: str) -> None:
        """Wait until somebody was told this."""
        self.slack.wait_for(lambda slack: any(part in text for text in self.sentences()))

    def sentences(self) -> list[str]:
        """What single people were told, by whichever way."""
        return [str(one.get("text")) for one in self.slack.responses] + [
            one.text for one in self.slack.messages if one.to
        ]

    def _count(self, outcome: str) -> None:
        self.counts[outcome] += 1

    def _tomorrow(self) -> Any:
        return a_change().expires_at


@contextmanager
def a_desk(folder: Path, **changes: Any) -> Iterator[Desk]:
    """One at noon of 2026-01-01, with a change that waits."""
    clock = FakeClock()
    token_file = folder / "bot-token"
    token_file.write_text(BOT_TOKEN)
    with SlackApi(lambda: clock.now().timestamp()).running() as slack:
        desk = Desk(
            slack=slack,
            clock=clock,
            journal=InMemoryJournal(),
            notebook=InMemoryNotebook(),
            token_file=token_file,
            **changes,
        )
        try:
            yield desk
        finally:
            desk.close()
