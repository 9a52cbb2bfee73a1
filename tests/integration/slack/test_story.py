"""The whole story of a change in Slack, from first message to verdict, and everything that can go wrong in it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.model.change import State
from advisor.model.proposal import Risk
from advisor.surfaces.slack.actions import APPROVE, REJECT, ROLL_BACK, SNOOZE
from tests.fakes.slack_api import GROUP, Fault
from tests.fakes.slack_house import KIM, SlackHouse, a_house, with_policy
from tests.fakes.slack_people import Answer, deliver, signed

BY_MARA = "mara (slack T0HARBOUR/U0APPROVER)"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SlackHouse]:
    with a_house(tmp_path) as house:
        yield house


@pytest.fixture
def proposed(house: SlackHouse) -> SlackHouse:
    """A change waits, and is shown."""
    house.propose()
    house.talk()
    return house


def is_taken(answer: Answer) -> bool:
    return (answer.status, answer.body) == (200, "") and answer.seconds < 3


def test_from_the_first_message_to_the_verdict(proposed: SlackHouse) -> None:
    house = proposed
    assert set(house.buttons()) == {APPROVE, REJECT, SNOOZE}
    assert is_taken(house.person().press(house.shown(), APPROVE))
    assert (house.record().state, house.record().approved_by) == (State.APPROVED, BY_MARA)
    house.talk(10)
    assert APPROVE not in house.buttons()
    while house.record().is_open:
        house.walk.cycle()
        house.replicas[0].round()
    house.talk()
    assert house.record().state is State.KEPT
    assert house.buttons() == [ROLL_BACK]
    assert house.shown().edits >= 3  # approved, on trial, kept
    assert house.whispers() == []


def test_approve_pressed_twice_counts_once(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    house.person().press(shown, APPROVE)
    house.clock.advance(1)
    assert is_taken(house.person().press(shown, APPROVE))
    house.told(f"Nothing was decided: it is approved already: approved by {BY_MARA}.")
    assert [one.state for one in house.record().phases].count(State.APPROVED) == 1


def test_of_approve_and_reject_at_once_one_wins_and_the_other_is_told(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    house.slack.groups[GROUP] = [KIM]
    house.person(KIM).press(shown, REJECT)
    house.slack.wait_for(lambda slack: bool(slack.views))
    mara, kim = house.person(), house.person(KIM)
    approve = mara.delivery(mara.pressed(shown, APPROVE))
    reject = kim.delivery(kim.submitted(house.slack.views[0], "not now"))
    barrier, answers = threading.Barrier(2), dict[str, Answer]()

    def send(name: str, delivery: object) -> None:
        barrier.wait()
        answers[name] = deliver(house.replicas[0].address, delivery)  # type: ignore[arg-type]

    threads = [threading.Thread(target=send, args=one) for one in (("approve", approve), ("reject", reject))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    decided = [one for one in house.record().phases if one.state in (State.APPROVED, State.REJECTED)]
    assert len(decided) == 1
    if house.record().state is State.APPROVED:
        assert "it is approved already" in answers["reject"].body
    else:
        assert answers["reject"].body == ""
        house.told("it is rejected already")


def test_rejected_with_a_reason_that_is_shown_and_calls_nobody(proposed: SlackHouse) -> None:
    house = proposed
    house.person().press(house.shown(), REJECT)
    house.slack.wait_for(lambda slack: bool(slack.views))
    assert is_taken(house.person().submit(house.slack.views[0], "<!channel> not <https://evil.example|now>"))
    assert house.record().state is State.REJECTED
    house.talk()
    texts = [one.text + str(one.blocks) for one in house.slack.messages]
    assert any("&lt;!channel&gt; not &lt;https://evil.example|now&gt;" in text for text in texts)
    assert not any("<!channel>" in text or "<https://evil" in text for text in texts)


def test_an_expired_change_is_not_approved(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    house.clock.advance(86_400)
    assert is_taken(house.person().press(shown, APPROVE))
    house.told("Nothing was decided: approved is not possible while it is proposed: it expired at 2026-01-02")
    assert house.record().state is State.PROPOSED


def test_content_that_has_changed_since_it_was_shown_is_not_approved(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    record = house.record()
    house.walk.journal.advance(replace(record, proposal=replace(record.proposal, proposed=14)))
    assert is_taken(house.person().press(shown, APPROVE))
    house.told("the plan has changed since this was shown. See <https://harbour.slack.example/archives/")
    assert house.record().state is State.PROPOSED
    house.talk()
    assert is_taken(house.person().press(house.shown(), APPROVE))
    assert house.record().state is State.APPROVED


def test_somebody_not_on_the_list_moves_nothing(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    before = house.record()
    for person in (house.person(KIM), house.person(team="T0STRANGER")):
        assert is_taken(person.press(shown, APPROVE))
        house.clock.advance(20)
    house.slack.wait_for(lambda _: len(house.whispers()) == 2)
    assert all("who may is set in slack.approvers" in one for one in house.whispers())
    assert house.record() == before


@pytest.mark.parametrize("harm", ["missing", "bad", "six minutes old", "six minutes early", "of another body"])
def test_a_signature_that_does_not_do_moves_nothing(proposed: SlackHouse, harm: str) -> None:
    house = proposed
    before, person = house.record(), house.person()
    sent = person.delivery(person.pressed(house.shown(), APPROVE))
    harmed = {
        "missing": replace(sent, headers={"Content-Type": sent.headers["Content-Type"]}),
        "bad": signed(sent.body, house.slack.now(), secret="another"),
        "six minutes old": signed(sent.body, house.slack.now() - 360),
        "six minutes early": signed(sent.body, house.slack.now() + 360),
        "of another body": replace(sent, body=sent.body.replace(b"advisor_approve", b"advisor_roll_back")),
    }
    assert deliver(person.address, harmed[harm]).status == 401
    assert house.record() == before
    assert deliver(person.address, sent).status == 200, "the same press, signed well"


def test_a_replayed_request_moves_nothing(proposed: SlackHouse) -> None:
    house, person = proposed, proposed.person()
    sent = person.delivery(person.pressed(house.shown(), APPROVE))
    assert deliver(person.address, sent).status == 200
    after = house.record()
    assert [deliver(person.address, sent).status, house.record()] == [409, after]


def test_slack_down_for_an_hour_loses_no_decision_and_no_word(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    house.slack.fail(Fault.DOWN)
    assert is_taken(house.person().press(shown, APPROVE))
    assert house.record().state is State.APPROVED
    for _ in range(60):
        house.clock.advance(50)
        house.talk(10)
    assert APPROVE in house.buttons()
    house.slack.heal()
    house.talk(180)
    assert APPROVE not in house.buttons()


def test_a_slack_that_is_too_fast_for_is_waited_for(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    house.slack.fail(Fault.TOO_FAST, "chat.update", times=3)
    house.person().press(shown, APPROVE)
    house.talk(60)
    assert APPROVE not in house.buttons()


def test_the_daemon_is_started_anew_between_the_message_and_the_click(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    used = house.person().delivery({"type": "view_closed"})
    assert deliver(house.replicas[0].address, used).status == 200
    house.restart()
    assert deliver(house.replicas[0].address, used).status == 409
    assert is_taken(house.person().press(shown, APPROVE))
    house.talk()
    assert house.record().state is State.APPROVED
    assert APPROVE not in house.buttons()


def test_of_two_replicas_either_takes_the_press_and_the_leader_speaks(house: SlackHouse) -> None:
    follower = house.start()
    follower.is_leader = False
    house.propose()
    house.talk()
    person = house.person(replica=1)
    sent = person.delivery(person.pressed(house.shown(), APPROVE))
    assert is_taken(deliver(follower.address, sent))
    assert deliver(house.replicas[0].address, sent).status == 409
    assert house.record().approved_by == BY_MARA
    house.walk.cycle()
    house.talk()
    assert house.record().state is not State.APPROVED
    assert APPROVE not in house.buttons()


def test_a_message_that_was_deleted_is_told_once_more_and_the_decision_stands(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    person = house.person()
    payload = person.pressed(shown, APPROVE)
    house.slack.delete(shown.ts)
    assert is_taken(person.send(payload))
    house.talk(60)
    assert house.record().state is State.APPROVED
    assert house.shown().ts != shown.ts
    assert len(house.slack.calls_of("chat.postMessage")) < 6


def test_a_high_risk_wants_two_people_by_the_policy_in_force(house: SlackHouse) -> None:
    house.slack.groups[GROUP] = [KIM]
    house.propose(risk=Risk.HIGH)
    house.talk()
    with_policy(house, two_people=Risk.HIGH)
    house.person().press(house.shown(), APPROVE)
    house.told("Noted. Its risk is high: a second person must approve it too.")
    assert house.record().state is State.PROPOSED
    house.talk()
    assert is_taken(house.person(KIM).press(house.shown(), APPROVE))
    assert house.record().approved_by == f"{BY_MARA} and kim (slack T0HARBOUR/{KIM})"


def test_a_change_on_trial_is_rolled_back(proposed: SlackHouse) -> None:
    house = proposed
    house.person().press(house.shown(), APPROVE)
    while house.record().state is not State.TRIAL:
        house.walk.cycle()
    house.talk()
    assert is_taken(house.person().press(house.shown(), ROLL_BACK))
    house.told("To be rolled back, in the next cycle.")
    while house.record().is_open:
        house.walk.cycle()
    assert (house.record().state, house.walk.size()) == (State.ROLLED_BACK, 5)


def test_the_rule_is_snoozed_from_its_message(proposed: SlackHouse) -> None:
    house, shown = proposed, proposed.shown()
    (menu,) = (one for one in shown.buttons() if one["action_id"] == SNOOZE)
    assert is_taken(house.person().press(shown, SNOOZE, option=menu["options"][1]["value"]))
    (snooze,) = house.walk.journal.snoozes("default")
    assert (snooze.rule, f"{snooze.until:%d %H}", snooze.who) == ("pool-exhaustion", "02 12", BY_MARA)
    assert house.record().state is State.REJECTED
