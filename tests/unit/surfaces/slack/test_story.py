"""Both halves together: what is pressed under a message of ours decides, and the message says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.model.change import State
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Diagnosis
from advisor.model.units import parse_duration_seconds
from advisor.settings.policy import Mode
from advisor.surfaces.slack.actions import APPROVE, REJECT, ROLL_BACK, SNOOZE, SNOOZE_RULE, WITHDRAW, RuleSnooze
from advisor.surfaces.slack.blocks import actions, menu
from advisor.surfaces.slack.state import Place
from advisor.testing.words import a_proposal
from tests.fakes.diagnoses import a_quiet_diagnosis
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


def recommending(talk: Talk, *proposals: Proposal) -> Diagnosis:
    choice = Choice(proposal=proposals[0] if proposals else None, reason="saves the most", needs_approval=True)
    return replace(a_quiet_diagnosis(), proposals=proposals, choice=choice)


@pytest.mark.parametrize(("duration", "until"), [("1d", "2026-01-02 12:0"), ("7d", "2026-01-08 12:0")])
def test_the_rule_of_a_recommendation_is_snoozed_and_its_message_says_so(
    desk: Desk, talk: Talk, duration: str, until: str
) -> None:
    talk.mode = Mode.PROPOSE
    conversation, mara, proposal = talk.conversation(), Person(slack=desk.slack, address=""), a_proposal()
    conversation.diagnosed(recommending(talk, proposal))
    talk.run(conversation)
    head = next(one for one in talk.heads() if one.text.startswith("Recommended"))
    option = RuleSnooze(proposal_id=proposal.id, duration=duration).value
    assert desk.send(mara.pressed(head, SNOOZE_RULE, option=option)).status == 200
    (snooze,) = desk.journal.snoozes("default")
    assert (snooze.rule, snooze.who) == (proposal.rule, "mara (slack T0HARBOUR/U0APPROVER)")
    desk.told(f"{proposal.rule} proposes nothing until {until}")

    conversation.diagnosed(recommending(talk, proposal))  # of a cycle that began before
    talk.run(conversation)
    shown = desk.slack.message(head.ts)
    assert shown.text.startswith(f"Snoozed until {until}")
    assert (shown.buttons(), "by mara" in shown.text) == ([], True)
    assert sum(one.text.startswith("Recommended") for one in talk.heads()) == 0

    desk.clock.advance(parse_duration_seconds(duration) + 60)
    for _ in range(2):
        conversation.diagnosed(recommending(talk, proposal))
        talk.run(conversation)
    assert sum(one.text.startswith("Recommended") for one in talk.heads()) == 1, "then it is news again, once"


@pytest.mark.parametrize(("value", "told"), [("prp_other|1d", "is not known here"), ("prp_other|9d", "older version")])
def test_a_menu_of_no_recommendation_of_ours_snoozes_nothing(desk: Desk, value: str, told: str) -> None:
    ts = desk.slack.post(CHANNEL, "shown", [actions("b", [menu("Snooze", SNOOZE_RULE, [("x", value)])])])
    mara = Person(slack=desk.slack, address="")
    assert desk.send(mara.pressed(desk.slack.message(ts), SNOOZE_RULE, option=value)).status == 200
    desk.told(told)
    assert desk.journal.snoozes("default") == []


def test_somebody_not_on_the_list_snoozes_no_rule(desk: Desk, talk: Talk) -> None:
    talk.mode = Mode.PROPOSE
    conversation, proposal = talk.conversation(), a_proposal()
    conversation.diagnosed(recommending(talk, proposal))
    talk.run(conversation)
    head = next(one for one in talk.heads() if one.text.startswith("Recommended"))
    kim = Person(slack=desk.slack, address="", id="U0COLLEAGUE", name="kim")
    option = RuleSnooze(proposal_id=proposal.id, duration="1d").value
    assert desk.send(kim.pressed(head, SNOOZE_RULE, option=option)).status == 200
    desk.told("who may is set in slack.approvers")
    assert desk.journal.snoozes("default") == []
