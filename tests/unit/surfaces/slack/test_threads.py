"""A change in Slack, from its proposal to its end, whatever happens to Slack and to the daemon meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from advisor.model.calendar import parse_change_window
from advisor.model.change import State
from advisor.model.verdict import Outcome, PredictionCheck, Verdict, VerdictReason
from advisor.surfaces.slack.actions import APPROVE, DECIDE_BLOCK, KEEP, PUT_BACK, REJECT, ROLL_BACK, SNOOZE, read_value
from advisor.surfaces.slack.state import Memory, Place
from advisor.testing.words import a_proposal
from tests.fakes.slack_api import BOT_TOKEN, CHANNEL, Message
from tests.fakes.slack_http import Fault
from tests.fakes.slack_talk import Talk, a_talk


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with a_talk(tmp_path) as made:
        yield made


def action_ids(message: Message) -> list[str]:
    return [str(one["action_id"]) for one in message.buttons()]


def said(message: Message) -> str:
    """All its text."""
    return " ".join([message.text, str(message.blocks)])


def kept_verdict() -> Verdict:
    check = PredictionCheck(
        signal="pool.wait_mean_seconds{app=shop}",
        unit="s",
        model="erlang-c",
        predicted_low=0.001,
        predicted=0.004,
        predicted_high=0.02,
        measured_low=0.002,
        measured=0.005,
        measured_high=0.009,
    )
    return Verdict(outcome=Outcome.KEEP, reason=VerdictReason.GAIN_PROVEN, explanation="proven", prediction=check)


def test_the_whole_story_is_one_message_and_its_thread(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation)

    (head,) = talk.heads()
    assert action_ids(head) == [APPROVE, REJECT, SNOOZE]
    assert "db.pool_size (app shop) 5 connections -&gt; 12 connections" in head.text
    for wanted in ("40/s x 0.1 s", "between 1ms and 20ms", "*Risk* low", "pool_size=12", "pool_size=5"):
        assert wanted in said(head)
    assert head.metadata["event_payload"] == {"change": record.id, "plan": record.plan_hash}
    decision = read_value(str(head.buttons()[0]["value"]))
    assert decision is not None
    assert (decision.change_id, decision.plan_hash) == (record.id, record.plan_hash)

    record = talk.move(record, State.APPROVED, "approved by ada (slack U0ADA)", approved_by="ada (slack U0ADA)")
    talk.run(conversation)
    record = talk.move(record, State.APPLYING, "begun", applying_since=talk.clock.now())
    record = talk.move(record, State.TRIAL, "in force", trial_since=talk.clock.now())
    talk.run(conversation)
    (head,) = talk.heads()
    assert action_ids(head) == [ROLL_BACK]
    talk.move(record, State.KEPT, "gain proven", verdict=kept_verdict())
    talk.run(conversation)

    (head,) = talk.heads()
    assert "*Predicted* 4ms (1ms to 20ms), *measured* 5ms (2ms to 9ms), within the forecast" in said(head)
    assert action_ids(head) == [ROLL_BACK], "a kept change can still be put back"
    steps = " ".join(said(reply) for reply in talk.replies())
    assert [word in steps for word in ("*approved*", "*applying*", "*trial*", "*kept*")] == [True] * 4
    assert "@" not in steps
    assert len(talk.replies()) == 3, "steps that come together are one reply"


def test_nothing_is_sent_again_when_nothing_has_changed(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.add()
    talk.run(conversation)
    calls = len(talk.slack.calls)
    talk.run(conversation, 300)
    talk.run(talk.conversation(), 300)
    assert len(talk.slack.calls) == calls, "neither in the same process nor in the next"


def test_a_held_trial_asks_loudly_for_a_word(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    hold = Verdict(outcome=Outcome.HOLD, reason=VerdictReason.UNDECIDED, explanation="neither is proven")
    talk.run(conversation)
    talk.move(record, State.TRIAL, "waits", trial_since=talk.clock.now(), verdict=hold)
    talk.run(conversation)
    (head,) = talk.heads()
    assert action_ids(head) == [KEEP, PUT_BACK]
    assert talk.slack.calls_of("chat.postMessage")[-1].arguments["reply_broadcast"] is True


@pytest.mark.parametrize("state", [State.EXPIRED, State.REJECTED, State.FAILED, State.ROLLED_BACK, State.SUPERSEDED])
def test_what_is_over_has_no_buttons(talk: Talk, state: State) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation)
    talk.move(record, state, "it is over")
    talk.run(conversation)
    (head,) = talk.heads()
    assert head.buttons() == []


def test_an_hour_without_slack_costs_nothing_and_the_newest_state_is_told(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.slack.fail(Fault.DOWN)
    record = talk.add()
    talk.run(conversation, 1800)
    record = talk.move(record, State.APPROVED, "approved by ada (cli)")
    record = talk.move(record, State.REJECTED, "rejected by ada (cli): not today")
    talk.run(conversation, 1800)
    tried = len(talk.slack.calls)
    assert tried < 60, "it waits longer and longer: 2, 4, 8 ... 120 s"
    assert "Slack answered no_answer" in conversation.problem
    talk.slack.heal()
    talk.run(talk.conversation(), 300)  # restarted meanwhile
    (head,) = talk.heads()
    assert head.buttons() == []
    (reply,) = talk.replies()
    assert "not today" in said(reply)


def test_a_post_of_which_nobody_knows_whether_it_arrived_is_found_by_its_metadata(talk: Talk) -> None:
    talk.slack.scopes.add("channels:history")
    conversation = talk.conversation()
    talk.slack.fail(Fault.RESET_AFTER, "chat.postMessage", times=1)
    talk.add()
    talk.run(conversation, 60)
    (head,) = talk.heads()
    assert Memory(talk.notebook).place_of("chg_0123456789ab") == Place(channel=CHANNEL, ts=head.ts)


def test_without_the_scope_a_second_copy_is_posted_that_loses_its_buttons_once_pressed(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.slack.fail(Fault.RESET_AFTER, "chat.postMessage", times=1)
    talk.add()
    talk.run(conversation, 60)
    first, second = talk.heads()
    assert [one["value"] for one in first.buttons()[:2]] == [one["value"] for one in second.buttons()[:2]]

    Memory(talk.notebook).remember_copy("chg_0123456789ab", Place(channel=CHANNEL, ts=first.ts))
    talk.run(conversation)
    first, second = talk.heads()
    assert (first.buttons(), len(second.buttons())) == ([], 3)


def test_too_fast_is_waited_for_and_every_change_is_told(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.slack.fail(Fault.TOO_FAST, "chat.postMessage", times=1)
    for number in range(8):
        record = talk.add(id=f"chg_{number:012d}")
        talk.move(record, State.REJECTED, "no")
    talk.run(conversation, 60)
    assert len(talk.heads()) == 8
    assert talk.counted == ["pace"], "once told, the pace is kept"


def test_live_numbers_are_edited_in_at_most_every_ten_seconds(talk: Talk) -> None:
    from advisor.model.signal import Measured
    from advisor.testing.words import WAIT
    from tests.fakes.diagnoses import a_quiet_diagnosis

    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation)
    talk.move(record, State.TRIAL, "in force", trial_since=talk.clock.now())
    talk.run(conversation)
    before = len(talk.slack.calls_of("chat.update"))
    quiet = a_quiet_diagnosis()
    for number in range(60):
        reading = Measured(value=0.1 + number / 1000, at=talk.clock.now())
        conversation.diagnosed(replace(quiet, snapshot=replace(quiet.snapshot, signals={WAIT: reading})))
        talk.run(conversation, 1.0)
    assert 5 <= len(talk.slack.calls_of("chat.update")) - before <= 7  # 60 s / 10 s
    assert "15" in said(talk.heads()[0])


def test_a_deleted_message_makes_room_for_one_new_one(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation)
    talk.slack.delete(talk.heads()[0].ts)
    record = talk.move(record, State.REJECTED, "rejected by mara")
    talk.run(conversation, 120)
    (head,) = talk.heads()
    assert "rejected by mara" in said(head)
    calls = len(talk.slack.calls)
    talk.run(conversation, 300)
    assert len(talk.slack.calls) == calls


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"])
def test_refused_blocks_go_as_plain_text_with_buttons_and_never_again_as_they_were(talk: Talk, error: str) -> None:
    conversation = talk.conversation()
    talk.slack.fail(error, "chat.postMessage", times=1)
    talk.add()
    talk.run(conversation, 300)
    (head,) = talk.heads()
    assert action_ids(head) == [APPROVE, REJECT, SNOOZE]
    assert "advisor changes show chg_0123456789ab" in said(head)
    assert (talk.counted, len(talk.slack.calls_of("chat.postMessage"))) == (["ours"], 2)


def test_a_reply_that_is_refused_is_left_out_and_holds_up_nothing(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation)
    talk.slack.fail("invalid_blocks", "chat.postMessage", times=2)
    record = talk.move(record, State.APPROVED, "approved")
    talk.run(conversation, 30)
    talk.move(record, State.REJECTED, "rejected")
    talk.run(conversation, 30)
    (reply,) = talk.replies()
    assert "*rejected*" in said(reply)


def test_a_thread_without_a_beginning_is_left_for_a_new_message(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation)
    talk.slack.fail("thread_not_found", "chat.postMessage", times=1)
    talk.move(record, State.REJECTED, "rejected")
    talk.run(conversation, 60)
    assert len(talk.heads()) == 2
    assert [reply.thread_ts for reply in talk.replies()] == [talk.heads()[1].ts]


def test_what_is_refused_even_so_is_not_tried_for_ever(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.slack.fail("invalid_blocks", "chat.postMessage")
    talk.add()
    talk.run(conversation, 600)
    assert len(talk.slack.calls_of("chat.postMessage")) == 2


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action"])
def test_a_wrong_channel_is_tried_every_few_minutes_and_said(talk: Talk, error: str) -> None:
    conversation = talk.conversation()
    talk.slack.fail(error)
    talk.add()
    talk.run(conversation, 1200)
    assert 4 <= len(talk.slack.calls) <= 7  # 1,200 s / 240 s
    assert error in conversation.problem
    talk.slack.heal()
    talk.run(conversation, 300)
    assert (len(talk.heads()), conversation.problem) == (1, "")


def test_a_revoked_token_is_read_again_once_and_its_successor_is_taken_up_at_once(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.slack.bot_tokens = {"xoxb-next"}
    talk.add()
    talk.run(conversation, 30)
    assert "invalid_auth" in conversation.problem
    tries = len(talk.slack.calls)
    assert tries <= 2
    talk.token_file.write_text("xoxb-next")
    talk.run(conversation, 30)
    assert (len(talk.heads()), conversation.problem) == (1, "")


def test_a_missing_scope_is_named(talk: Talk) -> None:
    talk.slack.scopes.discard("chat:write")
    conversation = talk.conversation()
    talk.add()
    talk.run(conversation, 30)
    assert "needs the scope chat:write" in conversation.problem


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.EMPTY, Fault.SERVER_ERROR, "fatal_error", "some_new_error"])
def test_what_is_no_answer_of_slacks_is_a_failure_and_tried_again(talk: Talk, fault: str) -> None:
    conversation = talk.conversation()
    talk.slack.fail(fault, "chat.postMessage", times=1)
    talk.add()
    talk.run(conversation, 60)
    assert len(talk.heads()) == 1


def test_a_follower_says_nothing_and_the_next_leader_goes_on_where_the_last_one_was(talk: Talk) -> None:
    first = talk.conversation()
    record = talk.add()
    talk.run(first)
    talk.is_leader = False
    record = talk.move(record, State.APPROVED, "approved by ada")
    talk.run(first, 60)
    assert talk.replies() == []
    talk.is_leader = True
    talk.run(talk.conversation(), 60)
    assert (len(talk.heads()), len(talk.replies())) == (1, 1)


def test_what_ended_before_slack_was_set_up_is_no_news(talk: Talk) -> None:
    old = talk.add(id="chg_000000000001")
    talk.move(old, State.REJECTED, "long ago")
    talk.clock.advance(3600)
    talk.run(talk.conversation(), 60)
    assert talk.slack.calls == []


def test_quiet_hours_hold_back_what_is_new_but_not_what_went_wrong(tmp_path: Path) -> None:
    night = parse_change_window("daily 22:00-06:00")
    with a_talk(tmp_path, windows=(night,)) as talk:
        talk.clock.advance(timedelta(hours=11).total_seconds())  # 23:00
        conversation = talk.conversation()
        record = talk.add()
        talk.run(conversation, 60)
        assert talk.heads() == []
        talk.move(record, State.STUCK, "the old value could not be put back")
        talk.run(conversation, 60)
        (head,) = talk.heads()
        assert action_ids(head) == [ROLL_BACK]


def test_quiet_hours_end_and_what_was_held_back_follows(tmp_path: Path) -> None:
    night = parse_change_window("daily 22:00-06:00")
    with a_talk(tmp_path, windows=(night,)) as talk:
        talk.clock.advance(timedelta(hours=11).total_seconds())
        conversation = talk.conversation()
        talk.add()
        talk.run(conversation, 60)
        talk.clock.advance(timedelta(hours=7).total_seconds())
        talk.run(conversation, 60)
        assert len(talk.heads()) == 1


def test_a_long_command_stands_whole_in_the_thread_and_once(talk: Talk) -> None:
    sql = "\n".join(f"CREATE INDEX adv_{number} ON big (column_{number});" for number in range(300))
    conversation = talk.conversation()
    talk.add(proposal=a_proposal(apply=sql))
    talk.run(conversation, 15)
    talk.run(talk.conversation(), 15)
    (head,) = talk.heads()
    assert "cut here; whole in the thread" in said(head)
    assert action_ids(head) == [APPROVE, REJECT, SNOOZE]
    whole = " ".join(str(block["text"]["text"]) for reply in talk.replies() for block in reply.blocks)
    assert [whole.count(f"adv_{number} ") for number in range(300)] == [1] * 300


def test_the_journal_being_down_ends_no_conversation(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.journal.down = True
    talk.run(conversation, 30)
    talk.journal.down = False
    talk.add()
    talk.run(conversation, 30)
    assert len(talk.heads()) == 1


def test_buttons_stand_in_a_block_of_their_own(talk: Talk) -> None:
    conversation = talk.conversation()
    talk.add()
    talk.run(conversation)
    (row,) = [block for block in talk.heads()[0].blocks if block["type"] == "actions"]
    assert row["block_id"] == DECIDE_BLOCK


FAULTS = [*Fault, "invalid_auth", "channel_not_found", "missing_scope", "invalid_blocks", "message_not_found", "odd"]


def test_the_token_is_in_no_log_message_error_or_notebook_whatever_fails(
    talk: Talk, capsys: pytest.CaptureFixture[str]
) -> None:
    conversation = talk.conversation()
    record = talk.add()
    problems = []
    for number, fault in enumerate(FAULTS):
        talk.slack.fail(fault, times=3)
        record = talk.move(record, State.PROPOSED, f"step {number}")
        talk.run(conversation, 5)
        problems.append(conversation.problem)
        talk.slack.heal()
        talk.clock.advance(240)
        talk.run(conversation, 10)
    written = capsys.readouterr()
    kept = str(talk.notebook.entries("slack"))
    shown = " ".join(said(message) for message in talk.slack.messages)
    assert "slack_unreachable" in written.out
    assert shown
    for text in (written.out, written.err, kept, shown, *problems):
        assert BOT_TOKEN not in text
