"""How the demo's end is told, in every form."""

import json
from dataclasses import replace

from advisor.demo.outcome import DemoOutcome, ScenarioOutcome, Seen
from advisor.demo.outcome_document import outcome_document
from advisor.model.change import State
from advisor.surfaces.formats.render import to_csv, to_json
from advisor.surfaces.formats.text import to_text

BEFORE = Seen(requests=200, error_ratio=0.05, mean_seconds=1.0, p95_seconds=2.0)
AFTER = Seen(requests=220, error_ratio=0.0, mean_seconds=0.2, p95_seconds=0.4)
POOL = ScenarioOutcome(
    name="pool-too-small",
    found=True,
    change="db.pool_size[app=voiceassist]: 4 -> 9",
    step="db.pool_size 4 connections -> 9 connections",
    outcome="kept",
    reason="the wait fell",
    metric="mean latency of replies",
    before=BEFORE,
    after=AFTER,
    expected=State.KEPT,
)


def test_the_table_is_short_and_the_change_stands_in_full_below_it() -> None:
    text = to_text(outcome_document(DemoOutcome(scenarios=(POOL,), seconds=220)), wide=False)
    assert "db.pool_size 4 connections -> 9 connections  kept" in text
    assert "db.pool_size[app=voiceassist]: 4 -> 9" in text
    assert "mean 200ms, p95 400ms, 0.0% failed of 220 requests" in text
    assert "the demo ended as it should after 3m40s" in text


def test_a_change_that_callers_did_not_feel_is_no_success() -> None:
    unfelt = replace(POOL, after=replace(AFTER, mean_seconds=1.1))
    outcome = DemoOutcome(scenarios=(POOL, unfelt), seconds=1)
    assert not outcome.ended_as_it_should
    assert "the demo ended NOT as it should" in to_text(outcome_document(outcome), wide=False)


def test_programs_read_the_contract() -> None:
    document = outcome_document(DemoOutcome(scenarios=(POOL,), seconds=220.04))
    found = json.loads(to_json(document))
    assert (found["schema"], found["seconds"]) == ("advisor/demo/v1", 220.0)
    scenario = found["scenarios"][0]
    wanted = {"name": "pool-too-small", "found": True, "outcome": "kept", "unit": "s", "before": 1.0, "after": 0.2}
    assert wanted.items() <= scenario.items()
    assert to_csv(document).startswith("Scenario,Change,Outcome,Metric,Before,After,")


def test_what_was_never_found_is_said_to_be_so() -> None:
    lost = replace(POOL, found=False, change="", step="", outcome="", reason="", before=None, after=None)
    text = to_text(outcome_document(DemoOutcome(scenarios=(lost,), seconds=400)), wide=False)
    assert "not found" in text
    assert "not measured" in text
