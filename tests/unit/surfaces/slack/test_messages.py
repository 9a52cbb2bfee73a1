"""What a message says of a change, and that Slack takes it whatever stands in it."""

import math
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.model.approval import Approval
from advisor.model.change import NamedSeries, Phase, State
from advisor.model.finding import Evidence
from advisor.model.knob import knob_target
from advisor.model.proposal import Risk
from advisor.model.signal import Sample, Series
from advisor.surfaces.slack.actions import APPROVE, SNOOZE_RULE, Decision, read_snooze, read_value
from advisor.surfaces.slack.blocks import Message, characters, in_messages
from advisor.surfaces.slack.messages import change_message, plain_message, recommendation
from advisor.surfaces.slack.telling.steps import steps_message
from advisor.testing.words import ERRORS, LATENCY, LOAD, NOON, WAIT, a_change, a_proposal
from tests.fakes.slack_limits import faults_of_blocks

MENTION = re.compile(r"<[!@#](?!date\^)|<https?:|<mailto:")
HOSTILE = "<!channel> <@U0X> <https://evil.example|here> ```end \u202e \x00 & &lt;"


def faults(message: Message) -> list[str]:
    found = faults_of_blocks([dict(block) for block in message.blocks], most=50, ready_files=())
    too_long = [] if characters(message.blocks) <= 10_000 else ["over 10,000 characters in sum"]
    return [*found, *too_long, *([] if 0 < len(message.text) <= 4000 else ["text"])]


def texts(message: Message) -> str:
    return " ".join([message.text, str(message.blocks), *message.detail])


def mrkdwn(value: object) -> list[str]:
    """Every text in which markup acts; that of a header and a button is plain_text, where none does."""
    match value:
        case {"type": "mrkdwn", "text": str(text), "verbatim": True}:
            return [text]
        case {"type": "mrkdwn"}:
            raise AssertionError("a text of which Slack would make links by itself")
        case dict():
            return [text for inner in value.values() for text in mrkdwn(inner)]
        case list() | tuple():
            return [text for inner in value for text in mrkdwn(inner)]
        case _:
            return []


def a_hostile_change(text: str, state: State = State.PROPOSED, times: int = 20) -> Message:
    proposal = a_proposal(
        rule=text,
        target=knob_target("db.pool_size", app=text or "a"),
        unit=text,
        rationale=text * times,
        apply=text * times,
        undo=text * times,
        app=text,
        alternatives=(text * times,) * 6,
        doubts=(text * times,) * 6,
        evidence=tuple(Evidence(signal=text, value=text, unit=text, threshold=text) for _ in range(20)),
    )
    phases = (Phase(state=state, at=NOON, reason=text * times),) * 30
    record = a_change(state, proposal=proposal, phases=phases, approved_by=text, environment=text or "e")
    return change_message(record, {WAIT: [math.nan, 1.0]}, text)


@pytest.mark.parametrize("state", State)
def test_whatever_others_wrote_slack_takes_it_and_nobody_is_mentioned(state: State) -> None:
    message = a_hostile_change(HOSTILE, state, times=200)
    assert faults(message) == []
    assert not [text for text in (message.text, *mrkdwn(message.blocks), *message.detail) if MENTION.search(text)]
    assert "\u202e" not in texts(message)
    assert "\x00" not in texts(message)
    for piece in in_messages(message.detail, "more"):
        assert faults(piece) == []


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(list(State)), st.integers(min_value=0, max_value=60))
def test_no_text_makes_a_message_that_slack_refuses(text: str, state: State, times: int) -> None:
    message = a_hostile_change(text, state, times)
    assert faults(message) == []
    for piece in in_messages(message.detail, "more"):
        assert faults(piece) == []
    message.text.encode()


def test_the_buttons_stay_whatever_else_has_no_room() -> None:
    proposal = a_proposal(
        rationale="r" * 3000,
        apply="a" * 9000,
        undo="u" * 9000,
        evidence=tuple(Evidence(signal="s" * 200, value="v" * 300, unit="x") for _ in range(40)),
        doubts=("d" * 500,) * 10,
        alternatives=("o" * 500,) * 10,
    )
    message = change_message(a_change(proposal=proposal))
    assert message.blocks[-2]["type"] == "actions"
    detail = "".join(message.detail)
    assert (detail.count("a" * 1500), detail.count("u" * 1500)) >= (4, 4), "what has no room stands in the thread"
    assert faults(message) == []


def test_high_risk_asks_once_more_and_the_second_person_is_told_of_the_first() -> None:
    record = a_change(proposal=a_proposal(risk=Risk.HIGH))
    first = Approval(who="ada (slack U0ADA)", at=NOON, plan=record.plan_hash)
    message = change_message(replace(record, approvals=(first,)))
    assert "Approved by ada (slack U0ADA); a second person must approve it too" in texts(message)
    (approve,) = [one for one in message.blocks[-2]["elements"] if one["action_id"] == APPROVE]  # type: ignore[attr-defined]
    assert "confirm" in approve


def test_a_trial_shows_the_goal_and_its_guardrails_beside_the_baseline() -> None:
    samples = tuple(Sample(at=NOON + timedelta(seconds=at), value=0.5) for at in range(5))
    baseline = (NamedSeries(signal=WAIT, series=Series(samples=samples)),)
    record = a_change(State.TRIAL, trial_since=NOON, baseline=baseline)
    live = {WAIT: [0.1, 0.2, 0.05], ERRORS: [0.01], LATENCY: [0.2], LOAD: [40.0]}
    told = texts(change_message(record, live))
    assert "50ms (before 500ms)" in told
    for wanted in ("1%", "200ms", "40/s", "▅█▃"):
        assert wanted in told


def test_what_is_not_measured_is_not_called_a_number() -> None:
    told = texts(change_message(a_change(State.TRIAL, trial_since=NOON), {}))
    assert "So far" not in told
    assert "nan" not in told.lower().replace("tuning", "")


def test_the_plain_message_has_the_buttons_and_the_way_to_the_rest() -> None:
    message = plain_message(a_change())
    assert "advisor changes show chg_0123456789ab" in texts(message)
    assert message.blocks[-1]["type"] == "actions"
    assert faults(message) == []


def test_a_recommendation_shows_everything_and_only_its_rule_can_be_snoozed() -> None:
    message = recommendation(a_proposal(), "saves the most", "propose")
    (row,) = [block for block in message.blocks if block["type"] == "actions"]
    (menu,) = row["elements"]  # type: ignore[attr-defined]
    assert menu["action_id"] == SNOOZE_RULE
    snoozes = [read_snooze(option["value"]) for option in menu["options"]]
    assert [one.duration if one else "" for one in snoozes] == ["4h", "1d", "7d", "30d"]
    assert faults(message) == []
    for wanted in ("pool_size=12", "pool_size=5", "saves the most", "between 1ms and 20ms", "Nothing is changed"):
        assert wanted in texts(message)


def test_an_index_goes_by_its_name_and_its_whole_ddl_is_the_command() -> None:
    target = knob_target("postgres.index", database="main", schema="public", table="orders", index="adv_orders_1")
    ddl = "CREATE INDEX CONCURRENTLY adv_orders_1 ON public.orders USING btree (customer_id)"
    told = texts(
        change_message(
            a_change(proposal=a_proposal(target=target, current=None, proposed=ddl, unit="index", apply=ddl))
        )
    )
    assert "index adv_orders_1 on public.orders" in told
    assert ddl in told


def test_after_a_long_outage_the_steps_in_the_middle_are_left_out() -> None:
    phases = tuple(Phase(state=State.TRIAL, at=NOON, reason=f"look {number}") for number in range(40))
    message = steps_message(a_change(State.TRIAL, phases=phases), told=1)
    assert message is not None
    told = texts(message)
    assert "look 1" in told
    assert "look 20" not in told
    assert "look 39" in told
    assert "27 more steps" in told  # 39 fresh ones less 12
    assert steps_message(a_change(State.TRIAL, phases=phases), told=40) is None


def test_a_value_is_two_ids_and_with_a_snooze_its_duration() -> None:
    decision = Decision(change_id="chg_1", plan_hash="abc", duration="4h")
    assert read_value(decision.value) == decision
    assert read_value("chg_1|abc") == Decision(change_id="chg_1", plan_hash="abc")
    for other in ("", "chg_1", "a|b|c|d", "a||b", "x" * 200 + "|y"):
        assert read_value(other) is None
