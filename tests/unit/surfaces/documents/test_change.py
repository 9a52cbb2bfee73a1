"""A change's whole life, as programs and people read it."""

import json
import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

from advisor.model.change import ChangeRecord, NamedSeries, Pause, Phase, Stage, State
from advisor.model.course import Mark, MarkKind, Move, Probation, SwitchBack
from advisor.model.knob import knob_target
from advisor.model.signal import Series, series_of
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason
from advisor.surfaces.documents.change import change_document, changes_document
from advisor.surfaces.formats.render import to_json
from advisor.surfaces.formats.text import to_text
from advisor.surfaces.slack.parts import outcome
from advisor.surfaces.views.change import change_view, changes_view
from advisor.testing.words import ERRORS, NOON, WAIT, a_change, a_proposal
from tests.fakes.past import a_comparison, a_verdict


def a_kept_change() -> ChangeRecord:
    comparison = MetricComparison(
        signal=str(WAIT), role="goal", before=0.4, after=0.1, ratio=0.25, ratio_low=0.2, ratio_high=0.31,
        confidence=0.98, samples_before=40, samples_after=41, effective_before=12.5, effective_after=13.0,
    )  # fmt: skip
    return a_change(
        State.KEPT,
        approved_by="ada",
        baseline=(NamedSeries(signal=WAIT, series=series_of([(NOON, 0.4), (NOON + timedelta(seconds=15), 0.5)])),),
        trial=(NamedSeries(signal=ERRORS, series=Series(problem="no such series")),),
        verdict=Verdict(
            outcome=Outcome.KEEP,
            reason=VerdictReason.GAIN_PROVEN,
            explanation="four times faster",
            evidence=(comparison,),
        ),
        phases=(
            Phase(state=State.TRIAL, at=NOON, reason="applied everywhere"),
            Phase(state=State.KEPT, at=NOON + timedelta(minutes=20), reason="four times faster"),
        ),
    )


def test_json_holds_every_phase_sample_and_statistic_the_verdict_and_who_approved() -> None:
    change = json.loads(to_json(change_document(change_view(a_kept_change()))))
    assert change["schema"] == "advisor/change/v1"
    assert (change["state"], change["open"], change["approved_by"]) == ("kept", False, "ada")
    assert (change["old"], change["new"], change["unit"]) == (5, 12, "connections")
    assert change["settled_at"] == "2026-01-01T12:20:00Z"
    assert change["phases"] == [
        {"state": "trial", "at": "2026-01-01T12:00:00Z", "reason": "applied everywhere"},
        {"state": "kept", "at": "2026-01-01T12:20:00Z", "reason": "four times faster"},
    ]
    assert change["baseline"][0]["samples"] == [
        {"at": "2026-01-01T12:00:00Z", "value": 0.4},
        {"at": "2026-01-01T12:00:15Z", "value": 0.5},
    ]
    assert change["trial"] == [{"signal": str(ERRORS), "problem": "no such series", "samples": []}]
    assert (change["verdict"]["outcome"], change["verdict"]["reason"]) == ("keep", "gain_proven")
    assert change["verdict"]["metrics"][0]["ratio_low"] == 0.2
    assert change["proposal"]["undo"] == "create_engine(..., pool_size=5)"


def test_text_tells_verdict_numbers_and_undo() -> None:
    text = to_text(change_document(change_view(a_kept_change())), wide=False)
    assert "5 connections -> 12 connections" in text
    assert "Verdict: keep (gain_proven)" in text
    assert "0.2 to 0.31 at 98%" in text
    assert "create_engine(..., pool_size=5)" in text
    assert "ada" in text


def test_a_change_on_trial_has_no_verdict_and_no_end_yet() -> None:
    change = json.loads(to_json(change_document(change_view(a_change(State.TRIAL)))))
    assert (change["verdict"], change["settled_at"], change["open"]) == (None, None, True)


def test_the_list_shows_each_change_with_its_last_reason_and_the_pause_in_force() -> None:
    pause = Pause(reason="release", since=NOON, freeze=True)
    document = changes_document(changes_view("default", [a_kept_change(), a_change(State.TRIAL)], pause))
    listed = json.loads(to_json(document))
    assert [(one["state"], one["reason"]) for one in listed["changes"]] == [
        ("kept", "four times faster"),
        ("trial", "test"),
    ]
    assert listed["paused"] == {"reason": "release", "since": "2026-01-01T12:00:00Z", "freeze": True}
    assert "held back too (freeze)" in to_text(document, wide=False)


def test_an_empty_journal_is_said_to_be_empty() -> None:
    assert "No change was ever made." in to_text(changes_document(changes_view("default", [], None)), wide=False)


def in_a_canary(stage: Stage, state: State = State.TRIAL) -> ChangeRecord:
    return a_change(state, stage=stage, applying_since=NOON, trial_since=NOON + timedelta(seconds=20))


FIRST = Stage(cohorts=(0.3,), taking=("a:80",), keeping=("b:80", "c:80"))


def test_a_canary_says_who_has_the_value_since_when_and_who_does_not() -> None:
    text = to_text(change_document(change_view(in_a_canary(FIRST))), wide=False)
    assert "stage 1 since 2026-01-01T12:00:20Z: 1 of 3 instances takes the value first, 2 keep the old one" in text
    assert "b:80, c:80" in text
    change = json.loads(to_json(change_document(change_view(in_a_canary(FIRST)))))
    assert change["canary"]["taking"] == ["a:80"]
    assert (change["canary"]["number"], change["canary"]["last"]) == (1, False)


def test_a_canary_left_behind_says_that_all_have_the_value() -> None:
    last = Stage(cohorts=(0.3, 1.0), taking=("b:80", "c:80"))
    text = to_text(change_document(change_view(in_a_canary(last, State.KEPT))), wide=False)
    assert "stage 2: all instances take the value" in text


def test_a_change_without_a_canary_does_not_speak_of_one() -> None:
    assert "Canary" not in to_text(change_document(change_view(a_kept_change())), wide=False)
    assert json.loads(to_json(change_document(change_view(a_kept_change()))))["canary"] is None


def test_whoever_waits_for_a_canary_is_told_where_it_is() -> None:
    assert in_a_canary(FIRST).whereabouts == (
        "trial: canary, 1 of 3 instances takes the value first, 2 keep the old one, since 2026-01-01 12:00:20Z"
    )
    wider = Stage(cohorts=(0.3, 0.6), taking=("b:80",), keeping=("c:80",))
    assert in_a_canary(wider, State.APPLYING).whereabouts == (
        "applying: canary, 1 more takes the value, 1 keeps the old one, since 2026-01-01 12:00:00Z"
    )
    assert in_a_canary(FIRST, State.ROLLING_BACK).whereabouts == "rolling_back"
    assert a_change(State.TRIAL).whereabouts == "trial"


def test_the_list_tells_which_of_several_pools_was_changed_and_is_as_short_as_ever_for_one() -> None:
    def listed(*changes: ChangeRecord) -> str:
        return to_text(changes_document(changes_view("default", list(changes), None)), wide=False)

    of_pool = a_change(proposal=a_proposal(target=knob_target("db.pool_size", app="shop", pool="reports")))
    assert "db.pool_size[app=shop, pool=reports]" in listed(a_change(), of_pool)
    assert "app=shop" not in listed(a_change())


def test_a_share_of_errors_that_was_nothing_and_is_nothing_has_no_ratio() -> None:
    """0 / 0: it is said in words, and no reader meets a "nan"."""
    errors = replace(a_comparison(1, 1), signal=str(ERRORS), before=0, after=0, mean_before=0, mean_after=0)
    errors = replace(errors, ratio=math.nan, ratio_low=math.nan, ratio_high=math.nan, deviations=math.nan)
    verdict = replace(a_verdict(0.4, 0.1), evidence=(errors,))
    kept = replace(a_kept_change(), verdict=verdict)
    told = to_text(change_document(change_view(kept)), wide=True)
    assert "nan" not in told
    assert "nan" not in repr(outcome(kept))


LATER = NOON + timedelta(hours=12)


def on_probation(**changes: Any) -> ChangeRecord:
    looked = Verdict(outcome=Outcome.EXTEND, reason=VerdictReason.GAIN_PROVEN, explanation="the gain lasts")
    probation = Probation(until=LATER, looked_at=NOON + timedelta(hours=1), verdict=looked)
    return replace(a_kept_change(), probation=replace(probation, **changes))


def test_a_change_on_probation_says_until_when_and_what_the_last_look_said() -> None:
    text = to_text(change_document(change_view(on_probation())), wide=True)
    assert "until 2026-01-02T00:00:00Z; the gain lasts" in text
    change = json.loads(to_json(change_document(change_view(on_probation()))))
    assert change["probation"]["until"] == "2026-01-02T00:00:00Z"
    assert change["probation"]["ended_at"] is None
    assert change["probation"]["verdict"]["explanation"] == "the gain lasts"
    (line,) = json.loads(to_json(changes_document(changes_view("default", [on_probation()], None))))["changes"]
    assert line["probation_until"] == "2026-01-02T00:00:00Z"
    assert "kept, on probation" in to_text(changes_document(changes_view("default", [on_probation()], None)), wide=True)


def test_what_came_of_a_probation_is_told() -> None:
    over = on_probation(ended_at=LATER, came_of="over: the gain lasts")
    assert "ended 2026-01-02T00:00:00Z, over: the gain lasts" in to_text(change_document(change_view(over)), wide=True)
    (line,) = json.loads(to_json(changes_document(changes_view("default", [over], None))))["changes"]
    assert line["probation_until"] is None


def test_slack_tells_of_probation_too() -> None:
    said = [text for part in outcome(on_probation()) for text in part.detail]
    assert any(text.startswith("*Probation* until 2026-01-02") for text in said)


def switching() -> ChangeRecord:
    """The old value was back from 12:20 to 12:40, and the new one is not in force yet."""
    moves = (
        Move(is_on=False, ordered_at=NOON + timedelta(minutes=20), in_force_at=NOON + timedelta(minutes=21)),
        Move(is_on=True, ordered_at=NOON + timedelta(minutes=40)),
    )
    times = SwitchBack(periods=5, shortest_seconds=600, longest_seconds=1800, moves=moves)
    return a_change(State.APPLYING, trial_since=NOON, switch_back=times)


def test_the_periods_of_a_trial_that_switches_back_are_told() -> None:
    change = json.loads(to_json(change_document(change_view(switching()))))
    assert change["switch_back"]["needed"] == 5
    assert [period["value"] for period in change["switch_back"]["periods"]] == [12, 5, 12]
    assert [period["ended_at"] for period in change["switch_back"]["periods"]] == [
        "2026-01-01T12:20:00Z",
        "2026-01-01T12:40:00Z",
        None,
    ]
    text = to_text(change_document(change_view(switching())), wide=True)
    assert "period 3 of 5 or more" in text
    assert "not yet" in text


def test_known_events_are_told() -> None:
    mark = Mark(kind=MarkKind.RELEASE, at=NOON, what="the median age of the processes fell from 3d to 5s")
    record = replace(a_kept_change(), marks=(mark,))
    assert json.loads(to_json(change_document(change_view(record))))["marks"] == [
        {"kind": "release", "at": "2026-01-01T12:00:00Z", "what": mark.what}
    ]
    text = to_text(change_document(change_view(record)), wide=True)
    assert "KNOWN EVENTS" in text
    assert mark.what in text
