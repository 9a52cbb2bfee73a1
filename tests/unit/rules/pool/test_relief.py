"""A pool that waits because of slow scans is worth no more than the index that ends them."""

from dataclasses import replace

import pytest

from advisor.engine.propose import propose
from advisor.testing.planner import FakeIndexPlanner, a_forecast
from advisor.testing.snapshots import (
    a_checkout,
    a_context,
    a_database_state,
    a_snapshot,
    a_statement,
    a_table,
    an_exhausted_pool,
    signals,
)
from advisor_rules.indexes.missing_index import MISSING_INDEX
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION
from advisor_rules.pool.relief import wait_saved

# 100/s x 0.1 s = 10 connections wanted of 8; 60 callers wait.
STARVED = a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state()])


def test_half_the_hold_ends_nearly_all_of_the_waiting() -> None:
    """5 connections busy in two pools of 4: Erlang's wait is a few milliseconds of 600."""
    assert wait_saved("shop", 5.0, STARVED, a_context()) == pytest.approx(60, rel=0.05)


def test_a_tenth_of_the_hold_leaves_the_pool_overloaded_and_saves_nothing() -> None:
    assert wait_saved("shop", 1.0, STARVED, a_context()) == 0.0  # 9 of 8


def test_statements_quicker_by_all_that_is_held_end_the_waiting() -> None:
    assert wait_saved("shop", 10.0, STARVED, a_context()) == 60


def test_of_an_unknown_application_nothing_is_said() -> None:
    assert wait_saved("", 5.0, STARVED, a_context()) == 0.0


def test_where_holds_are_not_measured_nothing_is_said() -> None:
    blind = a_snapshot(an_exhausted_pool(hold_mean_seconds=None))
    assert wait_saved("shop", 5.0, blind, a_context()) == 0.0


def test_the_index_that_ends_the_scans_comes_before_the_pool_that_waits_for_them() -> None:
    """100 calls/s of 60 ms hold 6 of 10 connections; an index takes 95% off, and the 60 s/s of waiting."""
    scan = a_statement("SELECT body FROM messages WHERE conversation_id = $1", calls=30_000, mean_seconds=0.06)
    database = a_database_state(statements=(scan,), tables=(a_table(),))
    snapshot = a_snapshot(
        an_exhausted_pool(),
        a_checkout(0.3),
        signals({"http.requests_per_second": 90}, app="shop"),
        databases=[database],
    )
    planner = FakeIndexPlanner(a_forecast("conversation_id", before=10_000, after=500))
    context = replace(a_context(planners={"main": planner}), relief=wait_saved)
    rules = (POOL_EXHAUSTION, MISSING_INDEX)
    findings = [finding for rule in rules for finding in rule.diagnose(snapshot, context)]
    first, *others = propose(findings, snapshot, rules, context).proposals
    assert first.rule == "missing-index"
    assert "of waiting for one" in first.rationale
    assert [one.rule for one in others] == ["pool-exhaustion"]
