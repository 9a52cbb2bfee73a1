"""Both halves together: what is pressed under a message of ours decides, and the message says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.model.change import State
from advisor.surfaces.slack.actions import APPROVE, REJECT, ROLL_BACK, SNOOZE, WITHDRAW
from advisor.surfaces.slack.state import Place
from tests.fakes.slack_api import CHANNEL
from tests.fakes.slack_desk import Desk, a_desk
from tests.fakes.slack_http import Fault
from tests.fakes.slack_people import Person
from tests.fakes.slack_talk import Talk
from tests.unit.surfaces.slack.test_threads import action_ids, said


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as made:
        yield made


@pytest.fixture
def talk(desk: Desk) -> Talk:
    """On the same journal, notebook, clock and Slack."""
    return Talk(
        slack=desk.slack,
        token_file=desk.token_file,
        clock=desk.clock,
        journal=desk.journal,
        notebook=desk.notebook,
    )


def test_from_approval_to_the_verdict(desk: Desk, talk: Talk) -> None:
    conversation, mara = talk.conversation(), Person(slack=desk.slack, address="")
    talk.run(conversation)
    (head,) = talk.heads()
    assert action_ids(head) == [APPROVE, REJECT, SNOOZE]
    for _ in range(2):  # twice, as people do
        assert desk.send(mara.pressed(head, APPROVE)).status == 200
    assert desk.now().state is State.APPROVED
    talk.run(conversation)
    (head,) = talk.heads()
    assert action_ids(head) == [WITHDRAW]
    assert "*Approved* by mara (slack T0HARBOUR/U0APPROVER)" in said(head)

    trial = talk.move(desk.now(), State.TRIAL, "in force", trial_since=desk.clock.now())
    talk.run(conversation)
    desk.send(mara.pressed(talk.heads()[0], ROLL_BACK))
    talk.run(conversation)
    assert (talk.heads()[0].buttons(), desk.now().version) == ([], trial.version + 1)
    talk.move(desk.now(), State.ROLLED_BACK, "rolled back by mara")
    talk.run(conversation)
    assert "Rolled back" in talk.heads()[0].text
    assert len(talk.heads()) == 1


def test_a_rejection_with_its_reason_stands_in_the_thread(desk: Desk, talk: Talk) -> None:
    conversation, mara = talk.conversation(), Person(slack=desk.slack, address="")
    talk.run(conversation)
    desk.send(mara.pressed(talk.heads()[0], REJECT))
    desk.slack.wait_for(lambda slack: bool(slack.views))
    desk.send(mara.submitted(desk.slack.views[-1], "  not during the <!channel> sale  "))
    assert desk.now().state is State.REJECTED
    talk.run(conversation)
    (reply,) = talk.replies()
    assert "not during the &lt;!channel&gt; sale" in said(reply)
    assert talk.heads()[0].buttons() == []


def test_a_press_on_a_second_copy_counts_once_and_the_copy_loses_its_buttons(desk: Desk, talk: Talk) -> None:
    conversation, mara = talk.conversation(), Person(slack=desk.slack, address="")
    talk.run(conversation)
    head = talk.heads()[0]
    copy = replace(head, ts="1600000000.000100")
    desk.slack.messages.append(copy)
    desk.send(mara.pressed(copy, APPROVE))
    assert desk.now().state is State.APPROVED
    talk.run(conversation)
    assert desk.slack.message(copy.ts).buttons() == []
    assert action_ids(desk.slack.message(head.ts)) == [WITHDRAW]
    assert desk.memory.place_of(desk.record.id) == Place(channel=CHANNEL, ts=head.ts)


def test_the_decision_stands_when_the_message_is_gone_and_one_new_one_tells_it(desk: Desk, talk: Talk) -> None:
    conversation, mara = talk.conversation(), Person(slack=desk.slack, address="")
    talk.run(conversation)
    payload = mara.pressed(talk.heads()[0], APPROVE)
    desk.slack.delete(talk.heads()[0].ts)
    desk.send(payload)
    talk.run(conversation, 60)
    (head,) = talk.heads()
    assert (desk.now().state, "*Approved* by mara" in said(head)) == (State.APPROVED, True)


def test_a_press_while_slack_is_down_is_told_when_it_is_back_by_the_next_process(desk: Desk, talk: Talk) -> None:
    mara = Person(slack=desk.slack, address="")
    talk.run(talk.conversation())
    payload = mara.pressed(talk.heads()[0], APPROVE)
    desk.slack.fail(Fault.DOWN)
    desk.send(payload)
    talk.run(talk.conversation(), 600)
    desk.slack.heal()
    talk.run(talk.conversation(), 150)
    assert action_ids(talk.heads()[0]) == [WITHDRAW]
