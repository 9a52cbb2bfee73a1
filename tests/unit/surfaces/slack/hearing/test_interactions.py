"""From a press to a form and back; what is malformed or refused, and a Slack or a journal that is ill."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.model.change import State
from advisor.surfaces.slack.actions import APPROVE, PUT_BACK, REJECT, SNOOZE, Decision
from advisor.surfaces.slack.blocks import actions as actions_block
from advisor.surfaces.slack.blocks import button, menu
from advisor.surfaces.slack.hearing.modal import errors, reason_modal
from advisor.surfaces.slack.hearing.receiver import Delivery, Response
from tests.fakes.slack_api import CHANNEL, GROUP, Fault, Message
from tests.fakes.slack_desk import Desk, a_desk
from tests.fakes.slack_limits import faults_of_view
from tests.fakes.slack_people import Person, signed

EMPTY = Response()


def person(desk: Desk, **changes: Any) -> Person:
    return Person(slack=desk.slack, address="", **changes)


def message(desk: Desk, *elements: Any) -> Message:
    ts = desk.slack.post(CHANNEL, "shown", [actions_block("b", elements)])
    return desk.slack.message(ts)


def press(desk: Desk, action: str, text: str = "Press") -> Response:
    return desk.send(person(desk).pressed(message(desk, button(text, action, desk.value)), action))


def opened(desk: Desk) -> Any:
    """The form that stands open, once it does."""
    desk.slack.wait_for(lambda slack: bool(slack.views))
    return desk.slack.views[-1]


def test_reject_opens_a_form_and_decides_nothing_before_it_is_sent(desk: Desk) -> None:
    assert press(desk, REJECT) == EMPTY
    view = opened(desk)
    assert desk.now().state is State.PROPOSED
    assert desk.send(person(desk).submitted(view, " not on a Friday ")) == EMPTY
    assert desk.now().phases[-1].reason.endswith(": not on a Friday")


@pytest.mark.parametrize("action", [REJECT, PUT_BACK])
def test_a_form_is_within_slacks_limits(action: str) -> None:
    assert faults_of_view(reason_modal(action, Decision(change_id="chg_" + "0" * 12, plan_hash="f" * 16).value)) == []


def test_a_form_that_slack_does_not_open_rejects_all_the_same(desk: Desk) -> None:
    payload = person(desk).pressed(message(desk, button("Reject", REJECT, desk.value)), REJECT)
    desk.clock.advance(4)
    assert desk.send(payload) == EMPTY
    desk.told("Slack could not open the form, so no reason was asked for.")
    assert desk.now().state is State.REJECTED


def test_a_press_that_comes_twice_opens_one_form_and_decides_nothing(desk: Desk) -> None:
    payload = person(desk).pressed(message(desk, button("Reject", REJECT, desk.value)), REJECT)
    desk.send(payload)
    opened(desk)
    desk.clock.advance(1)
    desk.send(payload)
    desk.slack.wait_for(lambda slack: len(slack.calls_of("views.open")) == 2)
    desk.replies.stop()
    assert (len(desk.slack.views), desk.now().state) == (1, State.PROPOSED)


def crowd(desk: Desk) -> threading.Event:
    """So many answers wait that no other is taken; set it to let them go."""
    gate = threading.Event()
    while desk.replies.soon(lambda: bool(gate.wait(60)) or None):
        pass
    return gate


def test_a_reject_for_which_no_form_can_be_opened_is_stored_before_it_is_acknowledged(desk: Desk) -> None:
    gate = crowd(desk)
    assert press(desk, REJECT) == EMPTY
    assert desk.now().state is State.REJECTED
    assert desk.slack.calls == []
    gate.set()


def test_a_reject_whose_form_waits_when_the_advisor_stops_is_stored_all_the_same(desk: Desk) -> None:
    gate = threading.Event()
    for _ in range(4):  # as many as answer at a time
        desk.replies.soon(lambda: bool(gate.wait(60)) or None)
    assert press(desk, REJECT) == EMPTY
    assert desk.now().state is State.PROPOSED
    desk.replies.stop()
    assert desk.now().state is State.REJECTED
    gate.set()


def test_while_the_advisor_stops_a_reject_is_stored_without_a_form(desk: Desk) -> None:
    desk.replies.stop()
    assert press(desk, REJECT) == EMPTY
    assert desk.now().state is State.REJECTED


@pytest.mark.parametrize("who", ["U0APPROVER", "U0COLLEAGUE"])
def test_a_press_that_decides_nothing_and_cannot_be_answered_is_not_acknowledged(desk: Desk, who: str) -> None:
    press(desk, APPROVE)
    version = desk.now().version
    gate = crowd(desk)
    payload = person(desk, id=who).pressed(message(desk, button("Press", APPROVE, desk.value)), APPROVE)
    desk.clock.advance(1)
    assert desk.send(payload).status == 503, "Slack shows a warning sign"
    assert desk.now().version == version
    gate.set()


def test_what_is_stored_is_acknowledged_whether_it_can_be_answered_or_not(desk: Desk) -> None:
    gate = crowd(desk)
    assert press(desk, APPROVE) == EMPTY
    assert desk.now().state is State.APPROVED
    gate.set()


@pytest.mark.parametrize("action", [APPROVE, REJECT, "snooze", "submit", "stranger"])
def test_a_press_is_stored_and_acknowledged_before_slack_has_answered_any_call(desk: Desk, action: str) -> None:
    view = None
    if action == "submit":
        press(desk, REJECT)
        view = opened(desk)
    option = replace_duration(desk, "1d")
    shown = message(desk, button("Press", APPROVE, desk.value), menu("Snooze the rule", SNOOZE, [("1 day", option)]))
    rejected = message(desk, button("Press", REJECT, desk.value))
    mara, kim = person(desk), person(desk, id="U0COLLEAGUE")
    payloads = {
        APPROVE: lambda: mara.pressed(shown, APPROVE),
        REJECT: lambda: mara.pressed(rejected, REJECT),
        "snooze": lambda: mara.pressed(shown, SNOOZE, option=option),
        "submit": lambda: mara.submitted(view, "not now"),  # type: ignore[arg-type]
        "stranger": lambda: kim.pressed(shown, APPROVE),
    }
    desk.clock.advance(1)
    answered = len(desk.slack.calls)
    desk.slack.hold()
    assert desk.send(payloads[action]()) == EMPTY
    assert len(desk.slack.calls) == answered
    decided = {APPROVE: State.APPROVED, "snooze": State.REJECTED, "submit": State.REJECTED}
    assert desk.now().state is decided.get(action, State.PROPOSED)
    desk.slack.heal()


def test_reject_of_what_is_decided_opens_no_form(desk: Desk) -> None:
    press(desk, APPROVE)
    press(desk, REJECT)
    desk.told("Nothing was decided: it is approved already")
    assert desk.slack.views == []


def test_a_form_that_is_sent_too_late_says_so_in_the_form(desk: Desk) -> None:
    press(desk, REJECT)
    view = opened(desk)
    press(desk, APPROVE)
    answer = desk.send(person(desk).submitted(view, "no")).answer
    assert answer == errors(
        "Nothing was decided: it is approved already: approved by mara (slack T0HARBOUR/U0APPROVER)."
    )


def test_a_form_is_checked_for_the_person_again(desk: Desk) -> None:
    press(desk, REJECT)
    answer = desk.send(person(desk, id="U0COLLEAGUE").submitted(opened(desk), "no")).answer
    assert answer == errors("Nothing was decided: who may is set in slack.approvers, and is 2 people.")
    assert desk.now().state is State.PROPOSED


def test_a_reason_loses_what_no_journal_can_hold(desk: Desk) -> None:
    press(desk, REJECT)
    desk.send(person(desk).submitted(opened(desk), "no\x00 \x1b[31mred\u202e"))
    assert desk.now().phases[-1].reason.endswith(": no [31mred")


def test_the_rule_is_snoozed_by_a_menu(desk: Desk) -> None:
    option = replace_duration(desk, "1d")
    shown = message(desk, menu("Snooze the rule", SNOOZE, [("1 day", option)]))
    assert desk.send(person(desk).pressed(shown, SNOOZE, option=option)) == EMPTY
    desk.told("pool-exhaustion proposes nothing until 2026-01-02 12:00 UTC.")


def replace_duration(desk: Desk, duration: str) -> str:
    return Decision(change_id=desk.record.id, plan_hash=desk.now().plan_hash, duration=duration).value


def test_members_of_a_group_may_decide(tmp_path: Path) -> None:
    with a_desk(tmp_path, approvers=(GROUP,)) as desk:
        desk.slack.groups[GROUP] = ["U0APPROVER"]
        press(desk, APPROVE)
        assert desk.now().state is State.APPROVED


def test_a_group_that_cannot_be_read_lets_nobody_decide_and_that_is_told(tmp_path: Path) -> None:
    with a_desk(tmp_path, approvers=(GROUP,)) as desk:
        desk.slack.groups[GROUP] = ["U0APPROVER"]
        desk.slack.fail("missing_scope", "usergroups.users.list")
        press(desk, APPROVE)
        desk.told("Slack did not tell in time who the approvers are")
        assert desk.now().state is State.PROPOSED


def test_a_journal_that_is_down_is_told_to_whoever_pressed(desk: Desk) -> None:
    desk.journal.down = desk.notebook.down = True
    assert press_sent(desk, desk.record.plan_hash) == EMPTY
    desk.told("Nothing was decided: the journal cannot be reached.")
    desk.journal.down = desk.notebook.down = False
    assert desk.now().version == desk.record.version


def press_sent(desk: Desk, plan_hash: str) -> Response:
    value = Decision(change_id=desk.record.id, plan_hash=plan_hash).value
    return desk.send(person(desk).pressed(message(desk, button("Approve", APPROVE, value)), APPROVE))


def test_a_slack_that_is_down_takes_no_decision_away(desk: Desk) -> None:
    desk.slack.fail(Fault.DOWN)
    press(desk, APPROVE)
    assert desk.now().state is State.APPROVED


def test_answers_go_nowhere_but_to_slack(desk: Desk) -> None:
    payload = person(desk, id="U0COLLEAGUE").pressed(message(desk, button("Approve", APPROVE, desk.value)), APPROVE)
    for address in ("http://127.0.0.1.evil.example/x", "http://u@127.0.0.1:1/x", "file:///etc/passwd", "http://[", ""):
        desk.send({**payload, "response_url": address})
        desk.clock.advance(1)
    desk.slack.wait_for(lambda slack: sum(bool(one.to) for one in slack.messages) == 5)


@pytest.mark.parametrize(
    "body",
    [b"", b"payload=", b"payload=%7B", b"payload=[]", b"payload=%00", b"\xff\xfe", b"a=1&" * 1000, b"payload=%ff"],
)
def test_what_is_signed_and_cannot_be_read_is_the_senders_fault(desk: Desk, body: bytes) -> None:
    assert desk.deliver(signed(body, desk.clock.now().timestamp())).status == 400


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": [{}], "user": {}, "team": None},
        {"type": "view_submission"},
        {"type": "view_submission", "view": {"callback_id": REJECT}},
        {"type": "view_submission", "view": {"callback_id": "other", "state": {"values": {}}}},
        {"type": "view_closed", "view": {}},
        {"type": "shortcut", "callback_id": "x"},
        {
            "type": "block_actions",
            "user": {"id": "../../etc", "team_id": "T" * 5000},
            "actions": [{"action_id": APPROVE}],
        },
    ],
    ids=str,
)
def test_a_payload_in_which_anything_is_missing_is_answered(desk: Desk, payload: dict[str, Any]) -> None:
    assert desk.send({"api_app_id": "A0ADVISOR", "team": {"id": "T0HARBOUR"}, **payload}).status == 200
    assert desk.now().version == desk.record.version


def test_a_payload_of_the_wrong_shape_is_refused(desk: Desk) -> None:
    assert desk.send({"type": "block_actions", "actions": "all"}).status == 400


def test_what_comes_unsigned_is_not_read(desk: Desk) -> None:
    payload = json.dumps(person(desk).pressed(message(desk, button("Approve", APPROVE, desk.value)), APPROVE))
    delivery = Delivery(
        body=f"payload={payload}".encode(),
        content_type="application/x-www-form-urlencoded",
        moment=None,
        signature=None,
    )
    assert desk.receiver.receive(delivery).status == 401
    assert desk.now().version == desk.record.version


def test_a_press_after_a_restart_is_decided_and_one_from_before_is_remembered(desk: Desk) -> None:
    shown = message(desk, button("Approve", APPROVE, desk.value))
    sent = desk.signed(person(desk).pressed(shown, APPROVE))
    desk.start()
    assert desk.deliver(sent) == EMPTY
    assert desk.now().state is State.APPROVED
    desk.start()
    assert desk.deliver(sent).status == 409


def test_a_changed_plan_is_not_approved_by_its_present_message_either(desk: Desk) -> None:
    shown = message(desk, button("Approve", APPROVE, desk.value))
    desk.journal.advance(replace(desk.now(), proposal=replace(desk.now().proposal, proposed=14)))
    desk.send(person(desk).pressed(shown, APPROVE))
    desk.told("the plan has changed since this was shown")
    assert desk.now().state is State.PROPOSED
