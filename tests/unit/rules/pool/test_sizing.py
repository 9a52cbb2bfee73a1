"""How large a pool is made."""

import pytest

from advisor.model.finding import Finding, Severity
from advisor.model.proposal import Proposal, Risk
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.guide import GuideSettings, PoolGuide
from advisor.testing.asking import finding_of, the_proposal_of
from advisor.testing.snapshots import (
    a_calm_pool,
    a_checkout,
    a_context,
    a_database_state,
    a_snapshot,
    an_exhausted_pool,
    signals,
)
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION

CALLERS_WAIT = a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state()])


def found(snapshot: Snapshot, context: RuleContext | None = None) -> Finding | None:
    return finding_of(POOL_EXHAUSTION, snapshot, context or a_context())


def the_proposal(snapshot: Snapshot, context: RuleContext | None = None) -> Proposal:
    return the_proposal_of(POOL_EXHAUSTION, snapshot, context or a_context())


def test_a_pool_that_is_too_small_is_enlarged_to_what_the_queue_needs() -> None:
    # (90 + 10)/s / 2 processes x 0.1 s = 5 busy. At most 70% busy: 5 / 0.7 = 7.1, so 8. Erlang C for 8 servers and 5
    # busy is 0.167; they wait with rate (8 - 5) / 0.1 s = 30/s: p95 = ln(0.167 / 0.05) / 30 = 40 ms, below half of 100.
    proposal = the_proposal(CALLERS_WAIT)
    assert (proposal.target.knob, proposal.current, proposal.proposed) == ("db.pool_size", 4, 8)
    assert proposal.target.as_dict() == {"app": "shop"}
    assert "50.0/s x 0.1 s = 5.0 connections busy on average in each of 2 processes (Little)" in proposal.rationale
    assert "the guide's table says 20 + 10 for this load" in proposal.rationale
    assert (proposal.risk, proposal.automatic, proposal.doubts) == (Risk.LOW, True, ())


def test_a_pool_that_queues_in_bursts_only_gets_overflow_and_no_more_kept_connections() -> None:
    # 40/s x 0.1 s = 4 busy in each process, 4 / 0.7 = 5.7: the 6 that are kept open suffice most of the time. Callers
    # at random would wait C(6, 4) = 0.285 / (2 / 0.1 s) = 14 ms; they wait 100 ms, so they come 7 times as bursty.
    # Seven times Erlang's p95 is below 50 ms with 8: C = 0.059, ln(0.059 / 0.05) x 7 / 40 = 29 ms; with 7 it is
    # ln(0.135 / 0.05) x 7 / 30 = 232 ms.
    pool = a_calm_pool(size=6, waiting=8, wait_mean_seconds=0.1, wait_p95_seconds=0.5)
    proposal = the_proposal(a_snapshot(pool, a_checkout(0.3), databases=[a_database_state()]))
    assert (proposal.target.knob, proposal.current, proposal.proposed) == ("db.max_overflow", 0, 2)
    assert proposal.apply == "create_engine(..., pool_size=6, max_overflow=2)"
    assert proposal.undo == "create_engine(..., pool_size=6, max_overflow=0)"


def test_where_the_queue_sees_enough_and_callers_wait_the_guides_table_says_how_much_overflow() -> None:
    # 4 busy of 10: even ten times as bursty the queue is short. 80/s stand for 80 users: the row up to 100, 20 + 10.
    pool = a_calm_pool(waiting=8, wait_mean_seconds=0.1, wait_p95_seconds=0.5)
    proposal = the_proposal(a_snapshot(pool, a_checkout(0.3), databases=[a_database_state()]))
    assert (proposal.target.knob, proposal.current, proposal.proposed) == ("db.max_overflow", 0, 12)
    assert "callers wait in bursts; the guide's table says 20 + 10" in proposal.rationale


def test_connections_that_are_busy_all_the_time_are_kept_open_even_where_overflow_would_do() -> None:
    # 5 busy need 8; 4 + 8 is more than enough, but connections 5 to 12 are opened and closed again for every use.
    pool = an_exhausted_pool(max_overflow=8, checked_out=5, in_use=10)
    proposal = the_proposal(a_snapshot(pool, a_checkout(0.3), databases=[a_database_state()]))
    assert (proposal.target.knob, proposal.current, proposal.proposed) == ("db.pool_size", 4, 8)


@pytest.mark.parametrize(
    ("requests_per_second", "size", "knob", "value"),
    [
        (40, 4, "db.pool_size", 10),
        (80, 4, "db.pool_size", 16),
        (150, 12, "db.pool_size", 30),
        (500, 30, "db.pool_size", 40),
    ],
    ids=["light", "normal, four times as many at most", "heavy", "peak"],
)
def test_the_guides_four_tiers_are_the_prior_where_holds_are_not_measured(
    requests_per_second: float, size: int, knob: str, value: int
) -> None:
    load = signals({"http.requests_per_second": requests_per_second}, app="shop")
    pool = an_exhausted_pool(size=size, checked_out=size, in_use=0, hold_mean_seconds=None, instances=1, replicas=1)
    look = a_database_state(max_connections=500)
    proposal = the_proposal(a_snapshot(pool, load, a_checkout(0.3), databases=[look]))
    assert (proposal.target.knob, proposal.proposed) == (knob, value)
    assert "not measured; the guide's table says" in proposal.rationale
    assert proposal.risk is Risk.MEDIUM
    assert proposal.prediction.model == "guide-table"
    assert proposal.prediction.low <= proposal.prediction.expected <= proposal.prediction.high


def test_one_step_makes_a_pool_at_most_four_times_as_large() -> None:
    # 50/s x 1 s = 50 busy need 72; 4 x 4 = 16 is as far as one change goes. It stays overloaded, and says so.
    proposal = the_proposal(
        a_snapshot(an_exhausted_pool(hold_mean_seconds=1), a_checkout(3), databases=[a_database_state()])
    )
    assert proposal.proposed == 16
    assert "at most 16 in one step" in proposal.rationale
    assert (proposal.prediction.expected, proposal.prediction.high) == (0.6, 0.6)
    assert proposal.gain_seconds_per_second == 0


def test_an_oversized_pool_is_made_smaller_but_keeps_room_for_twice_the_load() -> None:
    # 4 busy of 40. Twice the load is 8 busy, 8 / 0.7 = 11.4, so 12; p95 with 12: C(12, 8) = 0.14, rate 40/s: 26 ms.
    snapshot = a_snapshot(a_calm_pool(size=40), a_checkout(0.3), databases=[a_database_state()])
    finding, proposal = found(snapshot), the_proposal(snapshot)
    assert finding is not None
    assert finding.severity is Severity.INFO
    assert (proposal.target.knob, proposal.current, proposal.proposed) == ("db.pool_size", 40, 12)
    assert "twice the load seen now" in proposal.rationale
    assert "28 connections of the server come free for each process" in proposal.rationale
    assert (proposal.prediction.low, proposal.prediction.expected, proposal.prediction.high) == (12, 12, 12)
    assert proposal.gain_seconds_per_second == 0  # whatever saves waiting comes first
    assert (proposal.automatic, proposal.doubts) == (True, ())
    assert proposal.undo == "create_engine(..., pool_size=40, max_overflow=0)"


def test_an_idle_pool_shrinks_to_a_quarter_at_most_in_one_step() -> None:
    pool = a_calm_pool(size=100, checkouts_per_second=2, checked_out=0.1)
    assert the_proposal(a_snapshot(pool, a_checkout(0.3), databases=[a_database_state()])).proposed == 25


def test_a_pool_is_never_made_smaller_than_the_guides_smallest() -> None:
    guide = GuideSettings(pool=PoolGuide(smallest_size=9))
    pool = a_calm_pool(size=20, checkouts_per_second=2, checked_out=0.1)
    assert the_proposal(a_snapshot(pool, a_checkout(0.3)), a_context(guide=guide)).proposed == 9
