"""Sessions that queue for a processor, and what to do first."""

from dataclasses import replace
from typing import Any

import pytest

from advisor.model.finding import Severity
from advisor.testing.database_states import a_database_state, a_snapshot, a_statement, ask
from advisor_rules.statements.db_cpu_bound import DB_CPU_BOUND

READS = [a_statement(f"SELECT * FROM t{i} WHERE id = $1", mean_seconds=0.5) for i in range(4)]
WRITES = [a_statement(f"UPDATE t{i} SET n = $1 WHERE id = $2", mean_seconds=0.5) for i in range(4)]
BUSY: dict[str, Any] = {"cpu_cores": 4, "on_cpu_mean": 6.0, "activity_looks": 20}


def test_more_sessions_than_processors_are_found() -> None:
    findings, _ = ask(DB_CPU_BOUND, a_database_state(*READS, **BUSY))
    assert findings[0].waste_seconds_per_second == 2.0  # 6 want one of 4
    assert findings[0].severity is Severity.WARNING
    critical = ask(DB_CPU_BOUND, a_database_state(*READS, **{**BUSY, "on_cpu_mean": 9.0}))[0]
    assert critical[0].severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("statements", "what"),
    [
        (READS, "read replica"),
        (WRITES, "more processors"),
        ([replace(READS[0], total_seconds=9000.0), *WRITES], "make one statement cheaper"),
    ],
)
def test_the_advice_follows_from_what_the_time_is_spent_on(statements: list[Any], what: str) -> None:
    _, (proposal,) = ask(DB_CPU_BOUND, a_database_state(*statements, **BUSY))
    assert what in str(proposal.proposed)
    assert not proposal.automatic


@pytest.mark.parametrize("changes", [{"on_cpu_mean": 3.5}, {"activity_looks": 4}])
def test_room_to_spare_and_a_single_moment_are_left_alone(changes: dict[str, Any]) -> None:
    assert ask(DB_CPU_BOUND, a_database_state(*READS, **{**BUSY, **changes}))[0] == []


def test_without_the_number_of_processors_the_rule_is_skipped_and_says_why() -> None:
    snapshot = a_snapshot(a_database_state(*READS, on_cpu_mean=6.0, activity_looks=20))
    unmet = [reason for need in DB_CPU_BOUND.needs if (reason := need.missing(snapshot))]
    assert unmet == ["the server's processors are not known: set postgres.cpu_cores"]
