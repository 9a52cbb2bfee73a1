"""Requests as Slack documents them, and as they went wrong elsewhere, each with the right answer (cases/)."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from advisor.model.change import State
from advisor.surfaces.slack.actions import APPROVE, REJECT, Decision
from advisor.surfaces.slack.hearing.modal import REASON_ACTION, REASON_BLOCK, errors
from advisor.surfaces.slack.hearing.receiver import Response
from advisor.surfaces.slack.state import Place
from tests.fakes import slack_people
from tests.fakes.slack_desk import Desk
from tests.fakes.slack_people import Delivery

CASES = Path(__file__).parent / "cases"
OLD_HASH = "0" * 16
BY_MARA = "mara (slack T0HARBOUR/U0APPROVER)"


def request(desk: Desk, name: str) -> Delivery:
    """The case's request with our own names and this desk's change in it, signed as the case says."""
    case: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text())
    kind = case["headers"]["Content-Type"]
    if "json" in case:
        body = json.dumps(case["json"]).encode()
    elif "form" in case:
        body = case["form"].encode()
    else:
        text = json.dumps(case["payload"])
        for place, ours in _names(desk).items():
            text = text.replace(place, ours)
        body = urlencode({"payload": text}).encode()
    if case["sign"] == "none":
        return Delivery(body=body, headers=case["headers"])
    made = slack_people.signed(body, desk.clock.now().timestamp(), kind=kind)
    return replace(made, headers={**made.headers, **case["headers"]})


def _names(desk: Desk) -> dict[str, str]:
    return {
        "__OLD_VALUE__": Decision(change_id=desk.record.id, plan_hash=OLD_HASH).value,
        "__VALUE__": desk.value,
        "__PRIVATE_METADATA__": desk.value,
        "__MESSAGE_TS__": desk.place.ts,
        "__APPROVE_ACTION__": APPROVE,
        "__REJECT_ACTION__": REJECT,
        "__REJECT_CALLBACK__": REJECT,
        "__REASON_BLOCK__": REASON_BLOCK,
        "__REASON_ACTION__": REASON_ACTION,
    }


def answered(desk: Desk, name: str) -> Response:
    """The answer, which waits for nobody: Slack's limit of three seconds is far."""
    began = time.monotonic()
    response = desk.deliver(request(desk, name))
    assert time.monotonic() - began < 3
    return response


def is_undecided(desk: Desk) -> bool:
    return desk.now().version == desk.record.version and desk.now().state is State.PROPOSED


EMPTY = Response()


def test_one_press_approves_before_it_is_answered(desk: Desk) -> None:
    assert answered(desk, "approve") == EMPTY
    assert (desk.now().state, desk.now().approved_by) == (State.APPROVED, BY_MARA)
    assert desk.now().approvals[0].plan == desk.record.plan_hash


def test_the_same_press_delivered_again_is_told_who_has_decided(desk: Desk) -> None:
    answered(desk, "approve")
    desk.clock.advance(1)
    assert answered(desk, "approve-delivered-again") == EMPTY
    desk.told(f"Nothing was decided: it is approved already: approved by {BY_MARA}.")
    assert len(desk.now().phases) == 2


def test_a_replayed_request_changes_nothing(desk: Desk) -> None:
    sent = request(desk, "approve")
    desk.deliver(sent)
    assert desk.deliver(sent).status == 409
    assert desk.counts["replayed"] == 1
    assert len(desk.now().phases) == 2


def test_the_form_rejects_with_its_reason_trimmed(desk: Desk) -> None:
    assert answered(desk, "reject-with-reason") == EMPTY
    assert desk.now().state is State.REJECTED
    assert desk.now().phases[-1].reason == f"rejected by {BY_MARA}: the sale ends on Sunday"


def test_a_form_with_blanks_alone_stays_open_by_the_id_of_its_block(desk: Desk) -> None:
    answer = answered(desk, "reject-without-reason").answer
    assert answer is not None
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [REASON_BLOCK]
    assert is_undecided(desk)


def test_a_form_about_another_plan_is_refused_where_it_stands(desk: Desk) -> None:
    sent = request(desk, "reject-with-reason")
    desk.journal.advance(replace(desk.now(), proposal=replace(desk.now().proposal, proposed=14)))
    answer = desk.deliver(sent).answer
    assert answer == errors("Nothing was decided: the plan has changed since this was shown.")
    assert desk.now().state is State.PROPOSED


def test_the_challenge_is_echoed_signed_only(desk: Desk) -> None:
    sent = request(desk, "url-verification")
    assert desk.deliver(sent).text == "3eZbrw1aB10cH"
    unsigned = replace(sent, headers={"Content-Type": "application/json"})
    refused = desk.deliver(unsigned)
    assert (refused.status, "3eZbrw1aB10cH" in refused.text) == (401, False)


def test_a_look_at_the_certificate_is_answered_and_nothing_of_it_read(desk: Desk) -> None:
    assert answered(desk, "ssl-check") == EMPTY
    body = request(desk, "ssl-check").body + b"&" + request(desk, "approve").body
    assert desk.deliver(slack_people.signed(body, desk.clock.now().timestamp())) == EMPTY
    assert is_undecided(desk)


def test_an_installation_for_an_organisation_has_no_team(desk: Desk) -> None:
    assert answered(desk, "enterprise-install") == EMPTY
    assert desk.now().approved_by == "mara (slack T0HARBOUR/W0APPROVER)"


def test_the_same_id_of_another_company_in_a_shared_channel_is_a_stranger(desk: Desk) -> None:
    assert answered(desk, "shared-channel-stranger") == EMPTY
    desk.told("Nothing was decided: who may is set in slack.approvers, and is 2 people.")
    assert is_undecided(desk)


@pytest.mark.parametrize(("name", "counted"), [("wrong-team", "other_team"), ("wrong-app", "other_app")])
def test_what_is_well_signed_and_not_for_us_does_nothing(desk: Desk, name: str, counted: str) -> None:
    assert answered(desk, name) == EMPTY
    assert desk.counts == {counted: 1}
    assert is_undecided(desk)
    assert desk.sentences() == []


def test_a_decision_stands_when_its_message_is_deleted(desk: Desk) -> None:
    desk.slack.delete(desk.place.ts)
    assert answered(desk, "message-was-deleted") == EMPTY
    assert desk.now().state is State.APPROVED


def test_an_old_message_whose_plan_has_changed_decides_nothing_and_is_to_lose_its_buttons(desk: Desk) -> None:
    assert answered(desk, "stale-message") == EMPTY
    link = f"https://harbour.slack.example/archives/C0TUNING/p{desk.place.ts.replace('.', '')}"
    desk.told(f"the plan has changed since this was shown. See <{link}|the present message>.")
    assert is_undecided(desk)
    assert desk.memory.copies(desk.record.id) == (Place(channel="C0TUNING", ts="1600000000.000100"),)


def test_without_a_trigger_it_is_rejected_without_a_reason_and_that_is_told(desk: Desk) -> None:
    assert answered(desk, "reject-without-trigger") == EMPTY
    desk.told("Rejected; nothing is changed. Slack could not open the form, so no reason was asked for.")
    assert desk.now().phases[-1].reason == f"rejected by {BY_MARA}"


def test_a_value_that_no_button_of_ours_carries_is_refused_and_not_echoed(desk: Desk) -> None:
    assert answered(desk, "oversized-value") == EMPTY
    desk.told("This button is of an older version")
    assert is_undecided(desk)
    assert all(len(one) < 200 for one in desk.sentences())


def test_a_press_on_a_message_that_only_one_sees_is_answered_by_its_address(desk: Desk) -> None:
    payload = json.loads((CASES / "ephemeral-without-message.json").read_text())["payload"]
    address = desk.slack.new_response_url()
    text = json.dumps({**payload, "response_url": address})
    for place, ours in _names(desk).items():
        text = text.replace(place, ours)
    assert desk.send(json.loads(text)) == EMPTY
    assert desk.now().state is State.APPROVED
    desk.told("Approved; the next cycle applies it.")
    assert desk.slack.responses[0]["replace_original"] is True


def test_a_button_of_an_older_version_is_told_so(desk: Desk) -> None:
    assert answered(desk, "unknown-action") == EMPTY
    desk.told("This button is of an older version of the advisor: nothing was decided.")


def test_somebody_not_on_the_list_is_told_who_may(desk: Desk) -> None:
    assert answered(desk, "somebody-not-on-the-list") == EMPTY
    desk.told("who may is set in slack.approvers, and is 2 people")
    assert is_undecided(desk)
    assert not any("APPROVER" in one for one in desk.sentences())


def test_a_reason_with_markup_is_kept_as_it_is_and_cut(desk: Desk) -> None:
    assert answered(desk, "reason-with-markup") == EMPTY
    reason = desk.now().phases[-1].reason
    assert reason.startswith(f"rejected by {BY_MARA}: <!channel> <https://evil.example|click> *bold* `zzz")
    assert len(reason) <= 3000 + len(f"rejected by {BY_MARA}: ")


def test_a_time_that_is_no_number_is_refused(desk: Desk) -> None:
    sent = request(desk, "timestamp-not-a-number")
    answer = desk.deliver(replace(sent, headers={**sent.headers, "X-Slack-Request-Timestamp": "now"}))
    assert answer.status == 401
    assert is_undecided(desk)
