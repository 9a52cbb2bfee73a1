"""What the demo shows while it runs."""

import io
from datetime import timedelta

from rich.console import Console

from advisor.demo.view import DemoView, describe_step, sparkline
from advisor.model.change import Phase, State
from advisor.model.knob import knob_target
from advisor.testing.words import NOON, a_change, a_proposal

INDEX = knob_target("postgres.index", database="main", schema="public", table="messages", index="adv_messages_id")
DDL = 'CREATE INDEX CONCURRENTLY "adv_messages_id" ON "public"."messages" USING btree ("id")'


def test_the_first_step_says_what_is_changed_and_the_later_ones_name_the_knob_only() -> None:
    change = a_change()
    first = Phase(state=State.PROPOSED, at=NOON + timedelta(seconds=24), reason="saves most")
    later = Phase(state=State.KEPT, at=NOON + timedelta(seconds=92), reason="gain proven")
    assert describe_step(change, first, NOON) == (
        "[   24s] proposed     db.pool_size 5 connections -> 12 connections: saves most"
    )
    assert describe_step(change, later, NOON) == "[ 1m32s] kept         db.pool_size: gain proven"


def test_an_index_goes_by_its_name() -> None:
    change = a_change(proposal=a_proposal(target=INDEX, current=None, proposed=DDL, unit="index"))
    phase = Phase(state=State.PROPOSED, at=NOON, reason="saves most")
    assert "postgres.index none -> adv_messages_id: saves most" in describe_step(change, phase, NOON)


def test_the_largest_value_has_the_full_height() -> None:
    # Seven steps above the lowest bar: 0.5 of the largest is step 3 (int(0.5 * 7)).
    assert sparkline([0.0, 5.0, 10.0]) == "▁▄█"
    assert sparkline([]) == ""
    assert sparkline([0.0]) == "▁"


def test_a_pipe_gets_one_whole_line_for_each_step_and_no_escape_code() -> None:
    out = io.StringIO()
    with DemoView(Console(file=out, highlight=False, width=40)) as view:
        view.say("db.pool_size[app=shop] " + "x" * 80)
        view.follow(None, {"replies": 0.1})
    assert out.getvalue() == "db.pool_size[app=shop] " + "x" * 80 + "\n"


def test_on_a_small_terminal_steps_stay_and_the_numbers_are_still_seen() -> None:
    out = io.StringIO()
    console = Console(file=out, highlight=False, width=60, height=10, force_terminal=True, color_system=None)
    with DemoView(console) as view:
        for number in range(30):
            view.say(f"step {number}")
        view.follow(a_change(State.TRIAL), {"replies": 0.25})
    shown = out.getvalue()
    assert all(f"step {number}\n" in shown for number in range(30))
    assert "trial: db.pool_size 5 connections -> 12 connections" in shown
    assert "250ms" in shown
