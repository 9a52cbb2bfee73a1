"""The pool rule: which cause it names, and what it proposes."""

from collections.abc import Sequence

import pytest

from advisor.model.finding import Finding, Severity
from advisor.model.proposal import Better, Proposal
from advisor.model.signal import NotANumber
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.applications import ApplicationSettings
from advisor.testing.asking import finding_of, proposals_of, the_proposal_of
from advisor.testing.snapshots import (
    Signals,
    a_calm_pool,
    a_checkout,
    a_context,
    a_database_state,
    a_snapshot,
    a_statement,
    an_exhausted_pool,
    signals,
)
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION

CALLERS_WAIT = a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state()])


def found(snapshot: Snapshot, context: RuleContext | None = None) -> Finding | None:
    return finding_of(POOL_EXHAUSTION, snapshot, context or a_context())


def proposed(snapshot: Snapshot, context: RuleContext | None = None) -> Sequence[Proposal]:
    return proposals_of(POOL_EXHAUSTION, snapshot, context or a_context())


def the_proposal(snapshot: Snapshot, context: RuleContext | None = None) -> Proposal:
    return the_proposal_of(POOL_EXHAUSTION, snapshot, context or a_context())


def an_app(name: str, **settings: object) -> ApplicationSettings:
    return ApplicationSettings.model_validate({"name": name, "database": "main", **settings})


def test_the_finding_shows_the_evidence_and_what_the_waiting_costs() -> None:
    finding = found(CALLERS_WAIT)
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert finding.id == "pool-exhaustion/shop"
    assert finding.waste_seconds_per_second == 60  # 100/s x 0.6 s: so many callers wait at any moment
    evidence = {one.signal: (one.value, one.threshold) for one in finding.evidence}
    assert evidence["pool.wait_p95_seconds"] == (1.0, 0.1)
    assert evidence["pool.longest_checkout_seconds"] == (0.3, 60.0)
    assert evidence["app.threads_busy / app.thread_limit"] == ("not known", 0.95)


def test_the_prediction_is_the_wait_of_the_larger_pool() -> None:
    prediction = the_proposal(CALLERS_WAIT).prediction
    assert str(prediction.signal) == "pool.wait_mean_seconds{app=shop}"
    # Erlang C 0.167 / 30 per second = 5.6 ms. A fifth more work, 6 busy: C = 0.357, rate 20/s, 17.8 ms.
    assert prediction.expected == pytest.approx(0.0056, rel=0.01)
    assert prediction.high == pytest.approx(0.0178, rel=0.01)
    assert prediction.low <= prediction.expected <= prediction.high


def test_the_goal_is_a_shorter_wait_and_the_gain_is_the_waiting_saved() -> None:
    proposal = the_proposal(CALLERS_WAIT)
    assert (proposal.goal.signal, proposal.goal.better) == (proposal.prediction.signal, Better.LOWER)
    # 60 callers wait; the wait falls from 0.6 s to 5.6 ms, by 99.1%.
    assert proposal.gain_seconds_per_second == pytest.approx(60 * (1 - 0.0056 / 0.6), rel=0.001)


def test_apply_and_undo_are_what_a_person_would_write() -> None:
    proposal = the_proposal(CALLERS_WAIT)
    assert proposal.apply == "create_engine(..., pool_size=8, max_overflow=0)"
    assert proposal.undo == "create_engine(..., pool_size=4, max_overflow=0)"


def test_a_slow_statement_of_another_database_is_no_excuse() -> None:
    slow = a_database_state("archive", statements=(a_statement("SELECT 1", mean_seconds=5.0),))
    snapshot = a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state("orders"), slow])
    finding = found(snapshot, a_context(applications=[an_app("shop", database="orders")]))
    assert finding is not None
    assert "too small" in finding.summary


def test_at_a_moment_when_nothing_is_out_a_leak_is_ruled_out_and_nobody_is_asked() -> None:
    """The agents show 0 for every place that has held a connection: that is measured, and no old check-out."""
    proposal = the_proposal(a_snapshot(an_exhausted_pool(), a_checkout(0.0), databases=[a_database_state()]))
    assert (proposal.doubts, proposal.automatic) == ((), True)


def test_a_leaking_pool_is_never_enlarged_and_the_one_who_leaks_is_named() -> None:
    snapshot = a_snapshot(
        an_exhausted_pool(),
        a_checkout(12, "orders.py:10 in pay"),
        a_checkout(900, "export.py:88 in export"),
        databases=[a_database_state()],
    )
    finding = found(snapshot)
    assert finding is not None
    assert finding.severity is Severity.CRITICAL
    assert "taken at export.py:88 in export has been out for 900 s, where 0.1 s is usual" in finding.cause
    assert not proposed(snapshot)


def test_a_leak_is_seen_before_callers_wait() -> None:
    finding = found(a_snapshot(a_calm_pool(checked_out=5), a_checkout(300), databases=[a_database_state()]))
    assert finding is not None
    assert "leak" in finding.summary


def test_one_old_checkout_in_a_calm_pool_is_not_cried_wolf_over_and_the_pool_is_not_made_smaller() -> None:
    assert (
        found(a_snapshot(a_calm_pool(size=40, checked_out=2), a_checkout(3000), databases=[a_database_state()])) is None
    )


def test_long_holds_that_are_usual_here_are_no_leak() -> None:
    # Jobs hold a connection for 10 s each; one at 100 s is below 20 times that.
    pool = an_exhausted_pool(hold_mean_seconds=10, checkouts_per_second=0.9, timeouts_per_second=0.1)
    finding = found(a_snapshot(pool, a_checkout(100), databases=[a_database_state()]))
    assert finding is not None
    assert "too small" in finding.summary


def test_where_long_checkouts_are_not_measured_a_leak_is_not_ruled_out() -> None:
    proposal = the_proposal(a_snapshot(an_exhausted_pool(), databases=[a_database_state()]))
    assert "a leak is not ruled out" in proposal.rationale
    assert proposal.doubts  # so that a person must approve


def test_a_slow_statement_is_named_instead_of_the_pool() -> None:
    # Connections are held 90/s x 0.1 s = 9 s in every second. 20/s x 0.3 s = 6 of them go to one statement: 67%.
    slow = a_statement("SELECT * FROM orders WHERE note = $1", mean_seconds=0.3, calls=6000)
    snapshot = a_snapshot(an_exhausted_pool(), a_checkout(0.5), databases=[a_database_state(statements=(slow,))])
    finding = found(snapshot)
    assert finding is not None
    assert "slow statement" in finding.summary
    assert "67%" in finding.cause
    assert "SELECT * FROM orders WHERE note = $1" in finding.cause
    assert not proposed(snapshot)


def test_a_slow_statement_that_is_seldom_run_is_not_the_cause() -> None:
    rare = a_statement("SELECT report()", mean_seconds=2.0, calls=30)  # 0.1/s x 2 s = 0.2 of 9 s: 2%
    assert the_proposal(
        a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state(statements=(rare,))])
    )


def test_without_statements_a_slow_one_is_not_ruled_out() -> None:
    proposal = the_proposal(
        a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state(has_statements=False)])
    )
    assert (
        "a slow statement of database main is not ruled out: pg_stat_statements is not installed" in proposal.rationale
    )
    assert proposal.doubts  # so that a person must approve


def test_statements_that_are_hidden_from_the_reader_may_be_the_slow_ones() -> None:
    hidden = a_database_state(skipped=("12 statements of other users are hidden: GRANT pg_monitor TO CURRENT_USER",))
    proposal = the_proposal(a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[hidden]))
    assert "12 statements of other users are hidden" in proposal.rationale
    assert proposal.doubts  # so that a person must approve


def test_a_starved_thread_pool_is_named_while_connections_are_free() -> None:
    threads = signals({"app.thread_limit": 40, "app.threads_busy": 39.5}, app="shop")
    snapshot = a_snapshot(
        an_exhausted_pool(size=10, checked_out=4), threads, a_checkout(0.3), databases=[a_database_state()]
    )
    finding = found(snapshot)
    assert finding is not None
    assert "starved thread pool" in finding.summary
    assert "99% of the worker threads are busy while 4.0 of 10 connections are in use" in finding.cause
    assert not proposed(snapshot)


def test_threads_that_are_busy_waiting_for_a_connection_are_not_the_cause() -> None:
    threads = signals({"app.thread_limit": 40, "app.threads_busy": 40}, app="shop")
    assert (
        the_proposal(a_snapshot(an_exhausted_pool(), threads, a_checkout(0.3), databases=[a_database_state()])).proposed
        == 8
    )


@pytest.mark.parametrize(
    "pool",
    [
        a_calm_pool(),
        a_calm_pool(size=10, checked_out=1),
        a_calm_pool(size=40, wait_p95_seconds=NotANumber(raw="NaN")),
        a_calm_pool(size=13, checked_out=2.0),
    ],
    ids=["well used", "no larger than the smallest tier", "nobody measures whether callers wait", "12 are needed"],
)
def test_a_pool_is_left_alone(pool: Signals) -> None:
    assert found(a_snapshot(pool, a_checkout(0.3), databases=[a_database_state()])) is None


def test_the_guides_own_metrics_show_a_pool_that_is_used_up_and_a_person_decides() -> None:
    # They have the size and what is checked out, and nothing else: 19 of 20 at 60 requests a second, the row 20 + 10.
    pool = signals({"pool.size": 20, "pool.checked_out": 19}, app="shop")
    snapshot = a_snapshot(pool, signals({"http.requests_per_second": 60}, app="shop"), databases=[a_database_state()])
    finding, proposal = found(snapshot), the_proposal(snapshot)
    assert finding is not None
    assert "19.0 of 20 connections are in use on average, and waits are not measured" in finding.cause
    assert (proposal.target.knob, proposal.proposed) == ("db.max_overflow", 10)
    assert (proposal.automatic, proposal.gain_seconds_per_second) == (False, 0)


def test_measured_waits_count_for_more_than_a_pool_in_full_use() -> None:
    assert found(a_snapshot(a_calm_pool(checked_out=9.9), a_checkout(0.3), databases=[a_database_state()])) is None


def test_a_pool_without_a_limit_has_nothing_to_tune() -> None:
    assert found(a_snapshot(an_exhausted_pool(max_overflow=-1), databases=[a_database_state()])) is None
    assert found(a_snapshot(an_exhausted_pool(size=0), databases=[a_database_state()])) is None
