"""What is told beside changes: recommendations, answers to alerts, digests and reports. Noise has a budget."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from advisor.model.alert import Alert, AlertAnswer, AlertStatus, AnswerOutcome
from advisor.model.calendar import parse_change_window
from advisor.model.change import State
from advisor.model.proposal import Proposal
from advisor.model.report import Choice, Diagnosis
from advisor.settings.policy import Mode
from advisor.surfaces.slack.actions import SNOOZE_RULE
from advisor.surfaces.slack.telling.digest import daily_digest, review, spans
from advisor.testing.words import NOON, a_change, a_finding, a_proposal
from tests.fakes.diagnoses import a_diagnosis, a_large_diagnosis, a_quiet_diagnosis
from tests.fakes.slack_api import CHANNEL
from tests.fakes.slack_http import Fault
from tests.fakes.slack_limits import faults_of_blocks
from tests.fakes.slack_talk import Talk, a_talk
from tests.unit.surfaces.slack.test_threads import action_ids, kept_verdict, said


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with a_talk(tmp_path, mode=Mode.PROPOSE) as made:
        yield made


def choosing(*proposals: Proposal) -> Diagnosis:
    """A cycle that found these and would begin with the first."""
    chosen = proposals[0] if proposals else None
    choice = Choice(proposal=chosen, reason="saves the most", needs_approval=True)
    return replace(a_quiet_diagnosis(), proposals=proposals, choice=choice)


def an_answer(outcome: AnswerOutcome = AnswerOutcome.NO_KNOB, **changes: object) -> AlertAnswer:
    alert = Alert(
        key="k", status=AlertStatus.FIRING, name="PoolWait", labels=(("app", "<!channel>"), ("alertname", "PoolWait"))
    )
    answer = AlertAnswer(
        at=NOON, outcome=outcome, alerts=(alert,), count=3, application="shop", why="the queries are slow, not the pool"
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def test_the_same_recommendation_is_told_once_over_cycles_and_restarts(talk: Talk) -> None:
    conversation = talk.conversation()
    for _ in range(20):
        conversation.diagnosed(choosing(a_proposal()))
        talk.run(conversation, 15)
    again = talk.conversation()
    again.diagnosed(choosing(a_proposal()))
    talk.run(again, 15)
    (head,) = talk.heads()
    assert "Recommended: db.pool_size" in head.text
    assert action_ids(head) == [SNOOZE_RULE]


def test_one_recommendation_for_an_application_at_a_time(talk: Talk) -> None:
    conversation = talk.conversation()
    first, second, other = a_proposal(), a_proposal(proposed=30), a_proposal(app="till", proposed=8)
    conversation.diagnosed(choosing(first))
    talk.run(conversation, 15)
    conversation.diagnosed(choosing(second, first))
    talk.run(conversation, 15)
    assert len(talk.heads()) == 1, "the second one of shop has to wait for the digest"
    conversation.diagnosed(choosing(other, first))
    talk.run(conversation, 15)
    assert len(talk.heads()) == 2, "another application's has not"


def test_what_is_no_longer_recommended_says_so_and_makes_room(talk: Talk) -> None:
    conversation = talk.conversation()
    conversation.diagnosed(choosing(a_proposal()))
    talk.run(conversation, 15)
    conversation.diagnosed(choosing(a_proposal(proposed=30)))
    talk.clock.advance(2 * 3600)
    talk.run(conversation, 30)
    first, second = talk.heads()
    assert first.text.startswith("No longer recommended")
    assert "30 connections" in second.text


LONG = "\n".join(f"CREATE INDEX adv_{number} ON big (column_{number});" for number in range(200))


@pytest.mark.parametrize("fault", ["message_not_found", "cant_update_message", "invalid_blocks"])
def test_what_is_no_longer_recommended_is_edited_once_whatever_slack_says(talk: Talk, fault: str) -> None:
    conversation = talk.conversation()
    conversation.diagnosed(choosing(a_proposal()))
    talk.run(conversation, 15)
    talk.slack.fail(fault, "chat.update")
    conversation.diagnosed(choosing(a_proposal(app="till", proposed=8)))
    talk.clock.advance(2 * 3600)
    talk.run(conversation, 60)
    conversation.diagnosed(choosing(a_proposal(app="till", proposed=8)))
    talk.run(conversation, 60)
    assert len(talk.slack.calls_of("chat.update")) == (2 if fault == "invalid_blocks" else 1), "whole and plain"
    assert len(talk.heads()) == 2


@pytest.mark.parametrize("fault", ["message_not_found", "thread_not_found", "invalid_blocks"])
def test_the_rest_of_a_recommendation_is_tried_once_whatever_slack_says(talk: Talk, fault: str) -> None:
    conversation = talk.conversation()
    conversation.diagnosed(choosing(a_proposal(apply=LONG)))
    conversation.round()
    talk.slack.fail(fault, "chat.postMessage")
    talk.run(conversation, 120)
    tried = len(talk.slack.calls_of("chat.postMessage"))
    for one in (conversation, talk.conversation()):
        one.diagnosed(choosing(a_proposal(apply=LONG)))
        talk.run(one, 120)
    assert len(talk.slack.calls_of("chat.postMessage")) == tried
    talk.slack.heal()
    conversation.diagnosed(choosing(a_proposal(app="till", proposed=8)))
    talk.run(conversation, 60)
    assert len(talk.heads()) == 2, "another one is told all the same"


def test_another_channel_in_the_settings_leaves_behind_what_stands_in_the_old_one(talk: Talk) -> None:
    conversation = talk.conversation()
    conversation.diagnosed(choosing(a_proposal()))
    record = talk.add()
    talk.run(conversation, 15)
    talk.slack.channels["C0OTHER"] = talk.slack.channels.pop(CHANNEL)
    moved = talk.conversation(channel="C0OTHER")
    talk.clock.advance(2 * 3600)
    moved.diagnosed(choosing(a_proposal(app="till", proposed=8)))
    talk.move(record, State.REJECTED, "rejected by mara")
    talk.run(moved, 120)
    assert moved.problem == "", "the present channel is all right"
    there = [head.text for head in talk.heads() if head.channel == "C0OTHER"]
    assert sorted(text.split(":")[0] for text in there) == ["Recommended", "Rejected"]
    calls = len(talk.slack.calls)
    talk.run(moved, 600)
    assert len(talk.slack.calls) == calls


def test_nothing_is_recommended_in_mode_apply_where_a_change_is_told(tmp_path: Path) -> None:
    with a_talk(tmp_path, mode=Mode.APPLY) as talk:
        conversation = talk.conversation()
        conversation.diagnosed(choosing(a_proposal()))
        talk.run(conversation, 30)
        assert talk.slack.calls == []


def test_a_recommendation_waits_for_quiet_hours_to_end(tmp_path: Path) -> None:
    with a_talk(tmp_path, mode=Mode.PROPOSE, windows=(parse_change_window("daily 11:00-13:00"),)) as talk:
        conversation = talk.conversation()
        conversation.diagnosed(choosing(a_proposal()))
        talk.run(conversation, 30)
        assert talk.heads() == []
        talk.clock.advance(3600)
        talk.run(conversation, 30)
        assert len(talk.heads()) == 1


def test_an_alert_is_answered_also_when_no_knob_will_help_and_once(talk: Talk) -> None:
    conversation = talk.conversation()
    conversation.answered(an_answer())
    conversation.answered(an_answer())
    talk.run(conversation, 30)
    (head,) = talk.heads()
    assert "no knob will help" in said(head)
    assert "the queries are slow, not the pool" in said(head)
    assert "<!channel>" not in said(head)


def test_an_answer_about_a_change_goes_into_its_thread(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation)
    conversation.answered(an_answer(AnswerOutcome.RESOLVED, change_id=record.id, why="it ended after 12 minutes"))
    talk.run(conversation)
    (reply,) = talk.replies()
    assert reply.thread_ts == talk.heads()[0].ts
    assert "it ended after 12 minutes" in said(reply)


def test_what_the_advisor_itself_made_and_an_end_without_a_change_are_not_told(talk: Talk) -> None:
    conversation = talk.conversation()
    conversation.answered(an_answer(AnswerOutcome.OWN))
    conversation.answered(an_answer(AnswerOutcome.RESOLVED))
    talk.run(conversation, 30)
    assert talk.heads() == []


def test_an_answer_survives_an_outage_and_a_restart(talk: Talk) -> None:
    talk.slack.fail(Fault.DOWN)
    conversation = talk.conversation()
    conversation.answered(an_answer(AnswerOutcome.PROPOSED, findings=(a_finding(),), proposals=(a_proposal(),)))
    talk.run(conversation, 600)
    talk.slack.heal()
    talk.run(talk.conversation(), 150)
    (head,) = talk.heads()
    assert "the pool of shop is exhausted" in said(head)


def test_the_digest_is_sent_once_a_day_whoever_leads(talk: Talk) -> None:
    conversation, restarted = talk.conversation(), talk.conversation()
    talk.add()
    for one in (conversation, restarted):
        one.diagnosed(a_diagnosis())
        one.day_begins()
    talk.run(restarted, 60)
    digests = [head for head in talk.heads() if head.text.startswith("Digest")]
    assert len(digests) == 1
    for wanted in ("db.pool_size 5 connections", "one change at a time", "the pool of shop is exhausted"):
        assert wanted in said(digests[0])


def test_a_follower_makes_no_digest(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.is_leader = False
    conversation.day_begins()
    assert talk.notebook.entries("slack") == []


def test_a_day_on_which_nothing_happened_and_nothing_is_wrong_is_not_told() -> None:
    (span,) = spans(NOON, date(2026, 1, 2), ())
    assert daily_digest(span, a_quiet_diagnosis(), [], "propose") is None


def test_the_week_is_told_on_mondays_and_the_month_on_the_first() -> None:
    now = datetime(2026, 6, 1, 9, tzinfo=UTC)  # a Monday
    names = [span.name for span in spans(now, now.date(), ("weekly", "monthly"))]
    assert names == ["daily-2026-06-01", "weekly-2026-06-01", "monthly-2026-06-01"]
    month = spans(now, now.date(), ("monthly",))[1]
    assert (month.heading, month.end - month.start) == ("May 2026", timedelta(days=31))
    assert [span.name for span in spans(now, date(2026, 6, 2), ("weekly", "monthly"))] == ["daily-2026-06-02"]


def test_a_report_sets_predicted_beside_measured() -> None:
    (_, span) = spans(NOON + timedelta(hours=1), date(2026, 1, 5), ("weekly",))
    kept = a_change(State.KEPT, verdict=kept_verdict())
    told = said_of(review(span, [kept, a_change(State.EXPIRED)]))
    assert "1 kept, 1 expired" in told
    assert "Forecasts: 1 of 1 came true" in told
    assert "*Predicted* 4ms (1ms to 20ms), *measured* 5ms" in told


def test_a_large_digest_and_report_are_within_the_limits() -> None:
    _, week = spans(NOON + timedelta(hours=1), date(2026, 1, 5), ("weekly",))
    records = [a_change(State.KEPT, id=f"chg_{number}", verdict=kept_verdict()) for number in range(300)]
    digest = daily_digest(spans(NOON, date(2026, 1, 2), ())[0], a_large_diagnosis(), records, "propose")
    for message in (digest, review(week, records)):
        assert message is not None
        assert faults_of_blocks([dict(block) for block in message.blocks], most=50, ready_files=()) == []


def said_of(message: object) -> str:
    return str(message)
