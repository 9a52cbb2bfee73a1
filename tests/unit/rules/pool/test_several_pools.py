"""Several pools of one application: each is judged by its own numbers, and none hides another."""

from collections.abc import Mapping

from advisor.model.finding import Finding, Severity
from advisor.model.knob import knob_target
from advisor.model.proposal import Proposal
from advisor.model.signal import Reading, SignalKey, signal
from advisor.model.snapshot import Snapshot
from advisor.testing.snapshots import (
    a_calm_pool,
    a_checkout,
    a_context,
    a_database_state,
    a_snapshot,
    a_statement,
    an_exhausted_pool,
    signals,
)
from advisor_rules.pool.connections_budget import CONNECTIONS_BUDGET
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION

Signals = Mapping[SignalKey, Reading]


def named(pool: str, part: Signals) -> dict[SignalKey, Reading]:
    """The same, of one of several pools."""
    return {signal(key.name, **dict(key.labels), pool=pool): reading for key, reading in part.items()}


STARVED = {**named("main", an_exhausted_pool()), **named("main", a_checkout(0.3))}
# 20 connections, 0.1 of them in use, nobody waits.
IDLE_NUMBERS = a_calm_pool(size=20, checked_out=0.1, in_use=0.2, checkouts_per_second=2, hold_mean_seconds=0.05)
IDLE = {**named("reports", IDLE_NUMBERS), **named("reports", a_checkout(0.1))}
BOTH = a_snapshot(STARVED, IDLE, databases=[a_database_state()])


def found(snapshot: Snapshot) -> dict[str, Finding]:
    return {one.key: one for one in POOL_EXHAUSTION.diagnose(snapshot, a_context())}


def proposed(snapshot: Snapshot, key: str) -> list[Proposal]:
    return list(POOL_EXHAUSTION.propose(found(snapshot)[key], snapshot, a_context()))


def test_each_pool_has_a_finding_of_its_own_with_its_own_numbers() -> None:
    both = found(BOTH)
    assert set(both) == {"shop/main", "shop/reports"}
    assert both["shop/main"].severity is Severity.WARNING
    assert both["shop/main"].summary == "the connection pool main of shop: too small"
    assert both["shop/main"].cause.startswith("4.0 of 4 connections")
    assert both["shop/reports"].summary == "the connection pool reports of shop: oversized"
    assert both["shop/reports"].cause.startswith("0.1 of 20 connections")
    waits = {one.signal: one.value for one in both["shop/main"].evidence}
    assert waits["pool.wait_p95_seconds"] == 1.0


def test_the_proposal_names_the_pool_and_starts_from_its_own_live_value() -> None:
    [larger], [smaller] = proposed(BOTH, "shop/main"), proposed(BOTH, "shop/reports")
    assert larger.target == knob_target("db.pool_size", app="shop", pool="main")
    assert (larger.current, larger.proposed) == (4, 8)
    assert str(larger.goal.signal) == "pool.wait_mean_seconds{app=shop,pool=main}"
    assert larger.apply == "create_engine(..., pool_size=8, max_overflow=0)  # the pool main"
    assert smaller.target == knob_target("db.pool_size", app="shop", pool="reports")
    assert smaller.current == 20


def test_what_max_connections_leaves_is_shared_with_the_sibling() -> None:
    # 80 - 3 reserved - 10 kept free - 2 x 20 of reports - (28 - 8 - 0.2) of others = 7.2: 2 for each of 3 processes.
    tight = a_snapshot(STARVED, IDLE, databases=[a_database_state(max_connections=80)])
    assert "2 for each of 3 processes" in found(tight)["shop/main"].cause
    assert not proposed(tight, "shop/main")


def test_the_budget_of_the_server_names_every_pool() -> None:
    [finding] = CONNECTIONS_BUDGET.diagnose(
        a_snapshot(STARVED, IDLE, databases=[a_database_state(max_connections=60)]), a_context()
    )
    # Two processes on two hosts, a third in a release: 3 x 4 and 3 x 20.
    assert "shop/main: (2 replicas + 1 surge) x 1 process x (4 + 0) = 12" in finding.cause
    assert "shop/reports: (2 replicas + 1 surge) x 1 process x (20 + 0) = 60" in finding.cause


def test_threads_that_wait_for_the_starved_pool_do_not_make_the_idle_one_look_starved_of_threads() -> None:
    busy = signals({"app.thread_limit": 40, "app.threads_busy": 40}, app="shop")
    both = found(a_snapshot(STARVED, IDLE, busy, databases=[a_database_state()]))
    assert set(both) == {"shop/main"}  # and the idle one is not made smaller while its callers are kept elsewhere
    assert both["shop/main"].summary.endswith("too small")


def test_threads_that_are_the_limit_are_told_once_at_the_pool_used_most() -> None:
    busy = signals({"app.thread_limit": 40, "app.threads_busy": 40}, app="shop")
    calm = a_snapshot(named("main", a_calm_pool()), IDLE, busy, databases=[a_database_state()])
    assert {key: one.summary.split(": ")[1] for key, one in found(calm).items()} == {"shop/main": "starved thread pool"}


def test_slow_statements_that_the_sibling_may_have_run_are_a_doubt_and_no_cause() -> None:
    """9 s/s of the starved pool are holds (90/s x 0.1 s). The slow statement takes 0.05/s x 120 s = 6 s/s, which the
    reports (0.1/s x 80 s = 8 s/s) had time for.
    """
    slow = a_database_state(statements=[a_statement("SELECT report()", calls=15, mean_seconds=120)])
    reporting = named("reports", a_calm_pool(size=20, checkouts_per_second=0.1, hold_mean_seconds=80))
    snapshot = a_snapshot(STARVED, reporting, databases=[slow])
    assert found(snapshot)["shop/main"].summary.endswith("too small")
    [larger] = proposed(snapshot, "shop/main")
    assert larger.doubts == ("slow statements are not ruled out: they may be its own or those of the pools reports",)
    alone = a_snapshot(STARVED, IDLE, databases=[slow])  # reports: 2/s x 0.05 s = 0.1 s/s, so 5.9 of 9 are its own
    assert found(alone)["shop/main"].summary.endswith("slow statement")
