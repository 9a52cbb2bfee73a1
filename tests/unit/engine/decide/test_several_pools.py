"""Changes of one of several pools: what they touch, what watches them, and what a former journal says of them."""

from dataclasses import replace
from datetime import timedelta

from advisor.engine.decide.blast_radius import extent_of
from advisor.engine.decide.choose import DecisionContext
from advisor.engine.decide.manual_clear import uncleared
from advisor.engine.judge.contamination import contaminations
from advisor.engine.judge.plan.trial_plan import plan_trial
from advisor.model.change import State
from advisor.model.knob import knob_target
from advisor.model.signal import signal
from advisor.settings.policy import PolicySettings
from advisor.settings.trial import TrialSettings
from advisor.testing.snapshots import a_snapshot, signals
from advisor.testing.words import NOON, a_change, a_proposal

MAIN = knob_target("db.pool_size", app="shop", pool="main")
REPORTS = knob_target("db.pool_size", app="shop", pool="reports")


def test_a_change_touches_the_processes_that_have_the_pool() -> None:
    shown = a_snapshot(
        *(signals({"knob.value": 2}, app="shop", instance=f"web:80/{pid}", knob="db.pool_size") for pid in (1, 2, 3)),
        signals({"knob.value": 20}, app="shop", instance="web:80/1", knob="reports/db.pool_size"),
    )
    assert extent_of(MAIN, shown).instances == 3
    assert extent_of(REPORTS, shown).instances == 1


def test_where_no_knob_is_shown_the_processes_of_the_pool_are_counted() -> None:
    counted = a_snapshot(
        signals({"pool.instances": 3}, app="shop"),
        signals({"pool.instances": 3}, app="shop", pool="main"),
        signals({"pool.instances": 1}, app="shop", pool="reports"),
    )
    assert extent_of(REPORTS, counted).instances == 1
    assert extent_of(knob_target("db.pool_size", app="shop"), counted).instances == 3


def test_the_processes_of_the_pool_are_watched_in_its_trial() -> None:
    [of_pool] = plan_trial(a_proposal(target=REPORTS), TrialSettings()).tripwires
    assert of_pool.signal == signal("pool.instances", app="shop", pool="reports")
    [of_app] = plan_trial(a_proposal(), TrialSettings()).tripwires
    assert of_app.signal == signal("pool.instances", app="shop")


def test_a_fight_over_the_knob_before_it_had_pools_holds_for_each_of_them() -> None:
    fight = a_change(State.SUPERSEDED)  # db.pool_size[app=shop]
    context = DecisionContext(policy=PolicySettings(), history=(fight,), fights=(fight,), pause=None, now=NOON)
    assert "has another owner" in uncleared(MAIN, context)
    assert "has another owner" in uncleared(REPORTS, context)


def test_a_fight_over_one_pool_leaves_the_other_free() -> None:
    fight = a_change(State.SUPERSEDED, proposal=a_proposal(target=REPORTS))
    context = DecisionContext(policy=PolicySettings(), history=(fight,), fights=(fight,), pause=None, now=NOON)
    assert "has another owner" in uncleared(REPORTS, context)
    assert uncleared(MAIN, context) == ""


def test_a_kept_change_of_the_same_pool_bounds_its_past_and_one_of_another_pool_only_its_trial() -> None:
    earlier = NOON - timedelta(hours=5)
    kept = replace(
        a_change(State.KEPT), id="chg_kept", applying_since=earlier, trial_since=earlier + timedelta(minutes=1)
    )
    record = a_change(proposal=a_proposal(target=MAIN))
    same, other = (
        contaminations(record, [replace(kept, proposal=a_proposal(target=target))])[0].start
        for target in (MAIN, REPORTS)
    )
    assert same < earlier == other
