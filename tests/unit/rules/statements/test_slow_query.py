"""Slow statements, by mean, with what the counters and the plan say."""

import json

import pytest

from advisor.model.database.workload import LoggedStatement
from advisor.model.errors import BadDataError
from advisor.model.finding import Severity
from advisor.model.query_plan import PlanNode, plan_of
from advisor.testing.database_states import NOON, a_context, a_database_state, a_statement, ask
from advisor.testing.planner import FakeStatementPlanner
from advisor_rules.statements.plan_reading import outline, remarks, trouble
from advisor_rules.statements.slow_query import SLOW_QUERY

TEXT = "SELECT * FROM orders WHERE customer = $1"
SCAN = PlanNode(kind="Seq Scan", cost=900, rows=10, schema="public", table="orders", condition="(customer = $1)")


def test_a_mean_over_100_ms_is_found_and_one_below_is_not() -> None:
    slow, quick = a_statement(TEXT, mean_seconds=0.2, calls=500), a_statement("SELECT 1", mean_seconds=0.099)
    findings, _ = ask(SLOW_QUERY, a_database_state(slow, quick))
    (finding,) = findings
    assert finding.id == f"slow-query/main/{slow.queryid}"
    assert finding.waste_seconds_per_second == pytest.approx(0.1)  # 500 x 0.2 s in 1,000 s
    assert finding.severity is Severity.WARNING


def test_a_whole_processor_spent_on_one_statement_is_critical() -> None:
    findings, _ = ask(SLOW_QUERY, a_database_state(a_statement(TEXT, mean_seconds=0.5, calls=4000)))
    assert findings[0].severity is Severity.CRITICAL  # 4,000 x 0.5 s in 1,000 s: 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temp_blocks": 256_000}, "spill 2.0 MiB a call"),  # 256,000 blocks of 8 kB over 1,000 calls
        ({"shared_blocks_hit": 10, "shared_blocks_read": 90}, "90% of its blocks are not in the buffer cache"),
        ({"plan_seconds": 150.0}, "planning"),
        # 1,000 calls of 0.2 s on average; squares for a deviation of 0.6 s: 1,000 x (0.04 + 0.36)
        ({"squared_seconds": 400.0}, "now and then very slow"),
    ],
)
def test_the_counters_say_why(changes: dict[str, float], said: str) -> None:
    findings, _ = ask(SLOW_QUERY, a_database_state(a_statement(TEXT, mean_seconds=0.2, **changes)))
    assert said in findings[0].cause


def test_the_plan_says_which_step_it_is() -> None:
    plan = PlanNode(kind="Sort", cost=1000, rows=10, sorted_by=("created",), children=(SCAN,))
    look = a_database_state(a_statement(TEXT, mean_seconds=0.2))
    _, (proposal,) = ask(SLOW_QUERY, look, a_context(statement_planners={"main": FakeStatementPlanner(plan)}))
    assert str(proposal.proposed).startswith("90% of the cost: public.orders is read whole and filtered by (customer")
    assert "10% of the cost: 10 rows are sorted by created" in str(proposal.proposed)
    assert not proposal.automatic
    assert proposal.rationale.endswith("Sort (cost 1000, 10 rows)\n  " + outline(SCAN))


def test_a_planner_that_may_not_plan_says_so_and_the_finding_stands() -> None:
    look = a_database_state(a_statement(TEXT, mean_seconds=0.2))
    assert ask(SLOW_QUERY, look)[0]
    with pytest.raises(BadDataError, match="permission denied"):
        ask(SLOW_QUERY, look, a_context(statement_planners={"main": FakeStatementPlanner(None)}))


def test_what_a_nested_loop_repeats_is_charged_to_its_inner_side() -> None:
    outer = PlanNode(kind="Seq Scan", cost=10, rows=100, table="customers")
    loop = PlanNode(kind="Nested Loop", cost=90_020, rows=1000, children=(outer, SCAN))
    first = remarks(loop)[0]
    # The loop's own 90,020 - 10 - 900 is less than 99 more scans of 900 each, so all of it is the inner scan's.
    assert "public.orders is read whole" in first.what
    assert first.share == pytest.approx(0.99, abs=0.01)


def test_explains_json_is_read() -> None:
    document = [{"Plan": {"Node Type": "Index Scan", "Total Cost": 8.3, "Plan Rows": 1, "Index Cond": "(id = $1)"}}]
    assert plan_of(document) == plan_of(json.dumps(document))
    assert plan_of(document).condition == "(id = $1)"
    with pytest.raises(BadDataError):
        plan_of("[]")


def test_what_only_the_slow_query_log_shows_is_found_once() -> None:
    logged = LoggedStatement(
        fingerprint="f1", text="SELECT 5 FROM t", count=2, total_seconds=3.0, longest_seconds=2.0, last_at=NOON
    )
    findings, _ = ask(SLOW_QUERY, a_database_state(logged=(logged,)))
    assert "holds 2 executions" in findings[0].cause


def test_a_logged_statement_that_is_known_anyway_is_not_found_again() -> None:
    from advisor.sql.statement_facts import fingerprint

    text = "SELECT * FROM orders WHERE customer = 5"
    logged = LoggedStatement(
        fingerprint=fingerprint(text), text=text, count=2, total_seconds=3, longest_seconds=2, last_at=NOON
    )
    findings, _ = ask(SLOW_QUERY, a_database_state(a_statement(TEXT, mean_seconds=0.2), logged=(logged,)))
    assert len(findings) == 1


def test_a_utility_statement_is_not_judged() -> None:
    assert ask(SLOW_QUERY, a_database_state(a_statement("VACUUM orders", mean_seconds=90)))[0] == []


def test_below_a_limit_no_step_takes_more_than_the_whole() -> None:
    """The first rows of a scan that would cost 400 in full: the LIMIT stops it at 100, and EXPLAIN prices both so."""
    scan = PlanNode(kind="Seq Scan", cost=400.0, rows=4000.0, table="orders", condition="note = 'x'")
    (only,) = remarks(PlanNode(kind="Limit", cost=100.0, rows=10.0, children=(scan,)))
    assert only.share == 1.0


def test_the_trouble_of_a_plan_is_its_dearest_step_that_could_be_spared() -> None:
    assert trouble(SCAN) == "reads orders whole (100%)"
    assert trouble(PlanNode(kind="Sort", cost=2000, rows=50_000, children=(SCAN,))) == "sorts 50000 rows (55%)"
    looked_up = PlanNode(kind="Index Scan", cost=8, rows=1, table="orders", index="orders_customer")
    assert trouble(looked_up) == ""
