"""Killed between a post and the note of it: neither lost nor doubled, whatever kind of message it was."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.model.alert import AlertAnswer, AnswerOutcome
from advisor.model.change import State
from advisor.model.errors import JournalError
from advisor.model.report import Choice
from advisor.settings.policy import Mode
from advisor.surfaces.slack.telling.conversation import Conversation
from advisor.testing.notebook import InMemoryNotebook
from advisor.testing.words import NOON, a_proposal
from tests.fakes.diagnoses import a_quiet_diagnosis
from tests.fakes.slack_http import Fault
from tests.fakes.slack_talk import Talk, a_talk


class DyingNotebook(InMemoryNotebook):
    """Fails from the moment on at which `is_dead` holds: as if the process had been killed then."""

    def __init__(self) -> None:
        super().__init__()
        self.is_dead: Callable[[], bool] = lambda: False

    def _check_up(self) -> None:
        super()._check_up()
        if self.is_dead():
            raise JournalError("killed", where="journal")


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with a_talk(tmp_path, mode=Mode.PROPOSE, notebook=DyingNotebook()) as made:
        made.slack.scopes.add("channels:history")
        yield made


def a_change(talk: Talk, conversation: Conversation) -> None:
    talk.add()


def a_step(talk: Talk, conversation: Conversation) -> None:
    record = talk.add()
    talk.run(conversation, 15)
    talk.move(record, State.REJECTED, "rejected by mara")


def a_detail(talk: Talk, conversation: Conversation) -> None:
    long = "\n".join(f"CREATE INDEX adv_{number} ON big (column_{number});" for number in range(60))
    talk.add(proposal=a_proposal(apply=long))
    conversation.round()


def a_recommendation(talk: Talk, conversation: Conversation) -> None:
    choice = Choice(proposal=a_proposal(), reason="saves the most", needs_approval=True)
    conversation.diagnosed(replace(a_quiet_diagnosis(), proposals=(a_proposal(),), choice=choice))


def an_answer(talk: Talk, conversation: Conversation) -> None:
    conversation.answered(AlertAnswer(at=NOON, outcome=AnswerOutcome.NO_KNOB, alerts=(), count=1, why="slow queries"))


KINDS = [a_change, a_step, a_detail, a_recommendation, an_answer]


@pytest.mark.parametrize("begin", KINDS)
def test_killed_after_a_post_and_before_its_note_the_next_process_finds_it(
    talk: Talk, begin: Callable[[Talk, Conversation], None]
) -> None:
    conversation = talk.conversation()
    begin(talk, conversation)
    before = len(talk.slack.messages)
    assert isinstance(talk.notebook, DyingNotebook)
    talk.notebook.is_dead = lambda: len(talk.slack.messages) > before
    talk.run(conversation, 15)
    assert len(talk.slack.messages) == before + 1
    talk.notebook.is_dead = lambda: False
    restarted = talk.conversation()
    if begin is a_recommendation:
        begin(talk, restarted)  # the next cycle makes it again
    talk.run(restarted, 60)
    assert len(talk.slack.messages) == before + 1
    assert talk.notebook.entries("slack", "begun/") == [], "and it is noted"


@pytest.mark.parametrize("begin", KINDS)
def test_killed_before_a_post_it_is_made_by_the_next_process(
    talk: Talk, begin: Callable[[Talk, Conversation], None]
) -> None:
    conversation = talk.conversation()
    begin(talk, conversation)
    before = len(talk.slack.messages)
    talk.slack.fail(Fault.DOWN, "chat.postMessage")
    talk.run(conversation, 10)
    assert len(talk.slack.messages) == before
    talk.slack.heal()
    restarted = talk.conversation()
    if begin is a_recommendation:
        begin(talk, restarted)
    talk.run(restarted, 60)
    assert len(talk.slack.messages) == before + 1


def test_killed_between_sending_an_answer_and_forgetting_it_it_is_not_sent_again(talk: Talk) -> None:
    conversation = talk.conversation()
    an_answer(talk, conversation)
    assert isinstance(talk.notebook, DyingNotebook)
    notebook = talk.notebook
    talk.notebook.is_dead = lambda: any(key.startswith("mailed/") for _, key in notebook._texts)
    talk.run(conversation, 15)
    talk.notebook.is_dead = lambda: False
    restarted = talk.conversation()
    an_answer(talk, restarted)
    talk.run(restarted, 60)
    assert len(talk.heads()) == 1
    assert notebook.entries("slack", "mail/") == []


def test_a_head_that_is_found_shows_the_present_state_soon(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    assert isinstance(talk.notebook, DyingNotebook)
    talk.notebook.is_dead = lambda: bool(talk.slack.messages)
    talk.run(conversation, 5)
    talk.notebook.is_dead = lambda: False
    talk.move(record, State.REJECTED, "rejected by mara")
    talk.run(talk.conversation(), 60)
    (head,) = talk.heads()
    assert head.buttons() == []
